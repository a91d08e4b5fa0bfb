// What is being written, for each conversation, while the page is open. Never kept anywhere else.

export function createDrafts() {
  const texts = new Map();
  const listeners = new Map();
  return {
    get: (key) => texts.get(key) ?? '',
    set: (key, text) => void texts.set(key, text),
    has: () => [...texts.values()].some((text) => text.trim()),
    /** Put a text where it can be changed; what stood there stays above it. */
    bringBack(key, text) {
      const held = texts.get(key)?.trim();
      texts.set(key, held ? `${held}\n${text}` : text);
      listeners.get(key)?.(texts.get(key));
    },
    /** Tell the box that shows `key` when its text was replaced; returns how to stop. */
    onReplaced(key, listener) {
      listeners.set(key, listener);
      return () => listeners.delete(key);
    },
  };
}
