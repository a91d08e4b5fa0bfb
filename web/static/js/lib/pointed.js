// The row that the pointer or the focus is at: when that changes two rows are drawn anew, not their list.

import { useLayoutEffect, useState } from './ui.js';

export class Pointed {
  watched = new Map();

  to(key) {
    const left = this.key;
    if (key === left) return;
    this.key = key;
    this.watched.get(left)?.({});
    this.watched.get(key)?.({});
  }
}

/**
 * @param {Pointed} [pointed] of the list; a row outside of one is never pointed at
 * @param {string} key of the row
 */
export function usePointed(pointed, key) {
  const [, draw] = useState();
  useLayoutEffect(() => {
    pointed?.watched.set(key, draw);
    return () => pointed?.watched.delete(key);
  }, [pointed, key]);
  return pointed?.key === key;
}
