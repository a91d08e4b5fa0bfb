// Which rows of a long list are to be drawn, and how high those are that are not. Pure.

const GUESS_PX = { day: 44, unread: 40, item: 44, stopped: 160, unsent: 44 };

/** Heights of rows: measured where they were drawn, else what such rows measured so far. */
export class Heights {
  constructor() {
    this.measured = new Map();
    this.sums = new Map(); // kind → [sum, count]
  }

  measure(row, px) {
    const before = this.measured.get(row.key);
    if (before === px) return;
    this.measured.set(row.key, px);
    const [sum, count] = this.sums.get(row.kind) ?? [0, 0];
    this.sums.set(row.kind, [sum + px - (before ?? 0), before === undefined ? count + 1 : count]);
  }

  of(row) {
    const found = this.measured.get(row.key);
    if (found !== undefined) return found;
    const [sum, count] = this.sums.get(row.kind) ?? [0, 0];
    return count ? sum / count : GUESS_PX[row.kind];
  }

  /** Return how high rows `from` to `to` are together. */
  between(rows, from, to) {
    let sum = 0;
    for (let i = from; i < to; i += 1) sum += this.of(rows[i]);
    return sum;
  }

  /** Return the row at a distance from the first one, and how far above that distance it begins. */
  at(rows, distance) {
    let top = 0;
    for (let i = 0; i < rows.length; i += 1) {
      const px = this.of(rows[i]);
      if (top + px > distance) return { index: i, offset: top - distance };
      top += px;
    }
    return { index: Math.max(0, rows.length - 1), offset: 0 };
  }
}

/**
 * Return the range of rows that cover the view and `over` pixels on each side of it.
 * @param {object[]} rows
 * @param {Heights} heights
 * @param {{atEnd: boolean, index: number, offset: number, height: number}} place the end, or a row and how
 *   far below the upper edge of the view it begins
 */
export function rangeOf(rows, heights, { atEnd, index, offset, height }, over) {
  const first = atEnd ? rows.length : Math.min(Math.max(0, index), Math.max(0, rows.length - 1));
  let from = first;
  for (let above = (atEnd ? height : offset) + over; from > 0 && above > 0; from -= 1) above -= heights.of(rows[from - 1]);
  let to = first;
  for (let below = height - offset + over; to < rows.length && below > 0; to += 1) below -= heights.of(rows[to]);
  return { from, to };
}

/**
 * Return what of a wanted range to draw at once: what is near and what is drawn already, and of the rest so
 * much that at most `most` rows are new. Drawing all of it may take longer than a frame.
 */
export function partOf(wanted, near, drawn, most) {
  const from = Math.max(wanted.from, drawn.from);
  const to = Math.min(wanted.to, drawn.to);
  const kept = from <= near.to && to >= near.from ? { from, to } : { from: near.from, to: near.from };
  const part = { from: Math.min(near.from, kept.from), to: Math.max(near.to, kept.to) };
  const left = () => Math.max(0, most - (part.to - part.from) + (kept.to - kept.from));
  part.from -= Math.min(left(), part.from - wanted.from);
  part.to += Math.min(left(), wanted.to - part.to);
  return part;
}

/** Tell whether everything of one range is in another. */
export const covers = (range, wanted) => range.from <= wanted.from && range.to >= wanted.to;
