// What is being written, for each box. Kept on this device from one key to the next, so that neither
// a crash nor the end of a session loses it; the other tabs of this browser show the same.

import { alone } from './peers.js';
import { memoryShelf } from './shelf.js';

/** Return the key of the box of a conversation or of one of its threads. */
export const boxOf = (conversation, root = null) => (root ? `${conversation}/${root}` : conversation);

/** Return the key of the time at which what is in a box was to be sent, before it was taken out to be changed. */
export const planOf = (box) => `later/${box}`;

/**
 * @param {object} shelf where drafts are kept
 * @param {object} peers the other tabs
 * @param {(key: string, held: boolean) => void} onHeld told when a box begins or ceases to hold something
 */
export async function createDrafts(shelf = memoryShelf(), peers = alone, onHeld = () => {}) {
  const texts = await shelf.drafts();
  const listeners = new Map();
  const unkept = new Set();
  let keeping = null;
  for (const key of texts.keys()) onHeld(key, true);

  const hold = (key, text) => {
    const held = texts.has(key);
    if (text) texts.set(key, text);
    else texts.delete(key);
    if (held !== Boolean(text)) onHeld(key, Boolean(text));
  };
  // One write at a time; what was typed meanwhile goes with the next one.
  const keep = async () => {
    while (unkept.size) {
      const [key] = unkept;
      unkept.delete(key);
      await shelf.putDraft(key, texts.get(key) ?? '');
    }
    keeping = null;
  };
  const set = (key, text) => {
    if ((texts.get(key) ?? '') === text) return;
    hold(key, text);
    unkept.add(key);
    keeping ??= keep();
    peers.tell({ kind: 'draft', key, text });
  };
  return {
    get: (key) => texts.get(key) ?? '',
    set,
    /** Begin at once to keep what waits for a write to end: the page goes, and takes what did not begin with it. */
    flush() {
      for (const key of unkept) shelf.putDraft(key, texts.get(key) ?? '');
      unkept.clear();
    },
    /** Resolve when everything written so far is kept. */
    kept: () => keeping ?? Promise.resolve(),
    /** Take in what another tab wrote. */
    heard({ key, text }) {
      hold(key, text);
      listeners.get(key)?.(text, { here: false });
    },
    /** Put a text where it can be changed; what stood there stays above it. */
    bringBack(key, text) {
      const held = texts.get(key)?.trim();
      set(key, held ? `${held}\n${text}` : text);
      listeners.get(key)?.(texts.get(key), { here: true });
    },
    /** Tell the box that shows `key` when its text was replaced; returns how to stop. */
    onReplaced(key, listener) {
      listeners.set(key, listener);
      return () => listeners.get(key) === listener && listeners.delete(key);
    },
  };
}
