/**
 * Keys of the desk. In a list J and K (or the arrows) go to the next and previous row, Home and End to
 * the ends; Enter opens, as the browser does. On a record J and K lead to the next and previous one of
 * the results it was opened from, [ and ] to the hits in it.
 *
 * Letters work only while the list or the record has the focus (WCAG 2.2, 2.1.4), so nothing is taken
 * from a field or from assistive technology; and not at all for whoever turned them off. What is kept between two pages are addresses: ids, no words.
 */

import { t } from "../lib/words.js";

const RESULTS = "chancery.desk.results";
/** Whether letters count at all: the officer's preference, as the server rendered it. */
const singleKeys = document.documentElement.dataset.singleKeys !== "off";
const STEPS = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 };

/**
 * Where a key leads in a list of `count` rows from row `at` (-1 is before the first); null if nowhere.
 * @param {string} key
 * @param {number} at
 * @param {number} count
 * @returns {number | null}
 */
function target(key, at, count) {
  if (!count) return null;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  const step = STEPS[/** @type {keyof typeof STEPS} */ (key)];
  if (step === undefined) return null;
  return Math.min(Math.max(at + step, 0), count - 1);
}

/**
 * Call `act` with each key that no field and no browser command wants.
 * @param {Element} region
 * @param {(key: string) => boolean} act tells whether the key was taken
 */
function onKey(region, act) {
  region.addEventListener("keydown", (event) => {
    const pressed = /** @type {KeyboardEvent} */ (event);
    if (pressed.ctrlKey || pressed.altKey || pressed.metaKey) return;
    if (pressed.key.length === 1 && !singleKeys) return;
    if (/** @type {Element} */ (pressed.target).closest("input, textarea, select, summary")) return;
    if (act(pressed.key)) pressed.preventDefault();
  });
}

/** @param {Element} list */
function walk(list) {
  const rows = [...list.querySelectorAll("a[data-row]")];
  onKey(list, (key) => {
    const next = target(key, rows.indexOf(/** @type {Element} */ (document.activeElement)), rows.length);
    if (next === null) return false;
    /** @type {HTMLElement} */ (rows[next]).focus();
    return true;
  });
  if (list.hasAttribute("data-results")) {
    sessionStorage.setItem(RESULTS, JSON.stringify(rows.map((row) => row.getAttribute("href"))));
  }
}

/** @param {Element} record */
function read(record) {
  const hits = [...record.querySelectorAll("mark")];
  let at = -1;
  const steps = beside(record);
  // An address that names a version focuses that; any other the heading.
  if (document.activeElement === document.body) {
    /** @type {HTMLElement | null} */ (record.querySelector("h1"))?.focus({ preventScroll: true });
  }
  onKey(record, (key) => {
    if (key === "[" || key === "]") {
      if (!hits.length) return false;
      hits[at]?.removeAttribute("data-current");
      at = (at + (key === "]" ? 1 : -1) + hits.length) % hits.length;
      hits[at].setAttribute("data-current", "");
      hits[at].scrollIntoView({ block: "center" });
      return true;
    }
    const link = key === "j" ? steps.next : key === "k" ? steps.previous : null;
    link?.click();
    return link !== null && link !== undefined;
  });
}

/**
 * Show the links to the records before and after this one in the results it was opened from.
 * @param {Element} record
 * @returns {{previous?: HTMLAnchorElement, next?: HTMLAnchorElement}}
 */
function beside(record) {
  const nav = record.querySelector("[data-steps]");
  /** @type {string[]} */
  const rows = JSON.parse(sessionStorage.getItem(RESULTS) ?? "[]");
  const at = rows.findIndex((row) => row.split("#")[0] === location.pathname);
  if (!nav || at < 0 || rows.length < 2) return {};
  const link = (/** @type {string} */ which, /** @type {string | undefined} */ href) => {
    const found = /** @type {HTMLAnchorElement} */ (nav.querySelector(`[data-${which}]`));
    if (!href) {
      found.remove();
      return undefined;
    }
    found.href = href;
    return found;
  };
  const steps = { previous: link("previous", rows[at - 1]), next: link("next", rows[at + 1]) };
  const place = nav.querySelector("[data-place]");
  if (place) place.textContent = t("{at} of {all} on this page of results", { at: at + 1, all: rows.length });
  nav.removeAttribute("hidden");
  return steps;
}

document.querySelectorAll("[data-list]").forEach(walk);
document.querySelectorAll("[data-record]").forEach(read);
