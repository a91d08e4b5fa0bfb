// A window onto many rows: only what is near the view is drawn. The end stays the end while rows come
// in below; what one reads stays where it is while rows come in above or change their height.

import { covers, Heights, partOf, rangeOf } from '../lib/extent.js';
import { useEffect, useLayoutEffect, useRef, useState } from '../lib/ui.js';

const OVER_PX = 600;
const SOON_PX = 150;
const AT_ONCE = 12; // rows that are drawn in one frame, if more are not in view
const NEAR_END_PX = 60;
const PASSES = 4;
const FIRST = 1; // of the rows, below its day

/**
 * @param {object[]} rows
 * @param {string} key another one is another list: it begins at its end, or at its unread divider
 * @param {boolean} newest whether the last row is the newest there is
 */
export function useWindow(rows, key, newest) {
  const box = useRef(null);
  const list = useRef(null);
  const [, draw] = useState(0);
  const held = useRef({ key: null });
  if (held.current.key !== key) held.current = begun(key, rows, held.current);
  const view = held.current;
  if (view.unbegun && rows.length) beginAt(view, rows);
  view.rows = rows;
  view.newest = newest;
  const { index, range } = view;
  view.index = indexOf(view, rows);
  const shift = view.atEnd ? 0 : view.index - index;
  const wanted = rangeOf(rows, view.heights, view, OVER_PX);
  view.range = partOf(wanted, rangeOf(rows, view.heights, view, SOON_PX), { from: range.from + shift, to: range.to + shift }, AT_ONCE);
  view.whole = covers(view.range, wanted);

  const redraw = () => draw((n) => n + 1);
  const settle = () => box.current && settled(view, box.current, list.current, redraw);
  useLayoutEffect(settle);
  useEffect(() => {
    const watch = new ResizeObserver(() => box.current && settled(held.current, box.current, list.current, redraw));
    watch.observe(box.current);
    watch.observe(list.current);
    return () => watch.disconnect();
  }, []);

  return {
    box,
    list,
    atEnd: view.atEnd,
    shown: rows.slice(view.range.from, view.range.to),
    before: view.heights.between(rows, 0, view.range.from),
    after: view.heights.between(rows, view.range.to, rows.length),
    onScroll() {
      // A window that was turned or made narrower moves what is in it: that is put right by `settled`.
      if (box.current.clientHeight !== view.height || box.current.clientWidth !== view.width) return;
      // Nobody scrolled: what is drawn grew after it had been brought to its end. The end stays the end.
      if (view.atEnd && box.current.scrollTop === view.top) return;
      const was = view.atEnd;
      look(view, box.current, list.current);
      if (was !== view.atEnd || !covers(view.range, rangeOf(rows, view.heights, view, OVER_PX / 2))) redraw();
    },
    toEnd() {
      view.atEnd = true;
      redraw();
    },
    /** Bring a row into view, and the focus to it. */
    show(rowKey, { focus = true } = {}) {
      const index = view.rows.findIndex((row) => row.key === rowKey);
      if (index < 0) return;
      Object.assign(view, { atEnd: false, anchor: rowKey, index, offset: Math.round(view.height / 3), focus: focus ? rowKey : null });
      redraw();
    },
    /** Move the focus by rows that can have it. */
    step(by) {
      const rowKey = nextKey(view, list.current, by);
      if (!rowKey) return;
      const drawn = elementOf(view, list.current, rowKey);
      if (drawn) drawn.focus();
      else this.show(rowKey);
    },
  };
}

function begun(key, rows, last) {
  return {
    key, heights: new Heights(), atEnd: true, anchor: null, index: 0, offset: 0, range: { from: 0, to: 0 }, unbegun: true, passes: 0, focus: null,
    height: last.height ?? globalThis.innerHeight,
  };
}

/** Begin where one had read to. */
function beginAt(view, rows) {
  view.unbegun = false;
  const index = rows.findIndex((row) => row.kind === 'unread');
  if (index > 0) Object.assign(view, { atEnd: false, anchor: 'unread', index, offset: Math.round(view.height / 4) });
}

/** What one reads may have gone (as what was unsent): then its neighbour is what one reads. */
function indexOf(view, rows) {
  if (view.atEnd) return rows.length;
  const found = rows.findIndex((row) => row.key === view.anchor);
  if (found >= 0) return found;
  const index = Math.min(view.index, Math.max(0, rows.length - 1));
  view.anchor = rows[index]?.key ?? null;
  return index;
}

/** A day is drawn above its first message: above another one, once more of that day has come in. */
const stays = (row) => row?.kind !== 'day';

/** Note what is on the screen: the end, or the first row of it that stays where it is. */
function look(view, box, list) {
  view.top = box.scrollTop;
  view.height = box.clientHeight;
  view.atEnd = view.newest && box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX;
  const drawn = [...list.children];
  const inView = (each, i) => each.offsetTop + each.offsetHeight > box.scrollTop && stays(view.rows[view.range.from + i]);
  let place = drawn.findIndex(inView);
  // The first that was fetched may lose its head to one that comes in before it: then the next one stays.
  if (view.range.from + place === FIRST && drawn[place + 1]?.offsetTop < box.scrollTop + box.clientHeight) place += 1;
  const first = drawn[place];
  if (first && first.offsetTop < box.scrollTop + box.clientHeight && (place > 0 || first.offsetTop <= box.scrollTop || view.range.from === 0)) {
    view.index = view.range.from + place;
    view.offset = first.offsetTop - box.scrollTop;
  } else {
    // Nothing drawn is in view: one scrolled fast. Go by what is known of the heights.
    const top = list.offsetTop - view.heights.between(view.rows, 0, view.range.from);
    Object.assign(view, view.heights.at(view.rows, box.scrollTop - top));
    const row = view.rows[view.index];
    if (!stays(row)) Object.assign(view, { index: view.index + 1, offset: view.offset + view.heights.of(row) });
  }
  view.anchor = view.rows[view.index]?.key ?? null;
}

/** After drawing: measure, put what one reads back in its place, and draw more if that was too little. */
function settled(view, box, list, redraw) {
  // One scrolled, and has not been told of it yet: where one is now is where one reads.
  const moved = view.top !== undefined && box.scrollTop !== view.top && box.scrollTop + box.clientHeight < box.scrollHeight - 1;
  if (moved && box.clientHeight === view.height && box.clientWidth === view.width) look(view, box, list);
  view.height = box.clientHeight;
  view.width = box.clientWidth;
  measure(view, list);
  if (view.atEnd) {
    box.scrollTop = box.scrollHeight;
  } else {
    const drawn = list.children[view.index - view.range.from];
    const off = drawn ? drawn.getBoundingClientRect().top - box.getBoundingClientRect().top - view.offset : 0;
    if (Math.abs(off) > 0.5) box.scrollTop += off;
    const end = view.newest && view.range.to === view.rows.length && box.scrollHeight - box.scrollTop - box.clientHeight < 1;
    if (end) {
      view.atEnd = true;
      redraw();
    }
  }
  view.top = box.scrollTop;
  if (view.focus) {
    elementOf(view, list, view.focus)?.focus({ preventScroll: true });
    view.focus = null;
  } else if (view.focused && document.activeElement === document.body && !elementOf(view, list, view.focused)) {
    // The row that had the focus is no longer drawn; whoever uses keys stays in the list.
    box.focus({ preventScroll: true });
  }
  view.focused = list.contains(document.activeElement) ? document.activeElement.closest('[data-key]')?.dataset.key : null;
  if (!covers(view.range, rangeOf(view.rows, view.heights, view, 0)) && view.passes < PASSES) {
    view.passes += 1;
    redraw();
  } else {
    view.passes = 0;
    if (!view.whole) setTimeout(redraw);
  }
}

function measure(view, list) {
  const drawn = list.children;
  for (let i = 0; i < drawn.length; i += 1) {
    const end = i + 1 < drawn.length ? drawn[i + 1].offsetTop : list.offsetTop + list.offsetHeight;
    const row = view.rows[view.range.from + i];
    if (row) view.heights.measure(row, end - drawn[i].offsetTop);
  }
}

const elementOf = (view, list, key) => list.children[view.rows.findIndex((row) => row.key === key) - view.range.from];

const hasFocus = (row) => row.kind !== 'day' && row.kind !== 'unread';

function nextKey(view, list, by) {
  const own = [...list.children].findIndex((each) => each.contains(document.activeElement));
  // From the list itself one comes in at the last row that is drawn.
  let index = own < 0 ? view.range.to : view.range.from + own;
  if (own < 0) return view.rows.slice(0, index).findLast(hasFocus)?.key;
  do index += by; while (view.rows[index] && !hasFocus(view.rows[index]));
  return view.rows[index]?.key;
}
