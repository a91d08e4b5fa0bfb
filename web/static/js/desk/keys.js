/**
 * Keys of the desk's lists: J and K (or the arrows) go to the next and previous row, Home and End to
 * the ends; Enter opens, as the browser does. Letters work only while a row has the focus (WCAG 2.2,
 * 2.1.4), so nothing is taken from a field or from assistive technology.
 */

const STEPS = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 };

/**
 * Where a key leads in a list of `count` rows from row `at`; null if it leads nowhere.
 * @param {string} key
 * @param {number} at
 * @param {number} count
 * @returns {number | null}
 */
function target(key, at, count) {
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  const step = STEPS[/** @type {keyof typeof STEPS} */ (key)];
  if (step === undefined) return null;
  return Math.min(Math.max(at + step, 0), count - 1);
}

for (const list of document.querySelectorAll("[data-list]")) {
  list.addEventListener("keydown", (event) => {
    const pressed = /** @type {KeyboardEvent} */ (event);
    if (pressed.ctrlKey || pressed.altKey || pressed.metaKey) return;
    const rows = [...list.querySelectorAll("a[href]")];
    const at = rows.indexOf(/** @type {Element} */ (document.activeElement));
    const next = at < 0 ? null : target(pressed.key, at, rows.length);
    if (next === null) return;
    pressed.preventDefault();
    /** @type {HTMLElement} */ (rows[next]).focus();
  });
}
