// Which sections of the list are folded away in this browser.

const KEY = 'chancery.folded';

/** @param {Storage} storage */
export function foldedIn(storage) {
  const names = new Set(read(storage));
  return {
    has: (name) => names.has(name),
    set(name, folded) {
      if (folded) names.add(name);
      else names.delete(name);
      try {
        storage.setItem(KEY, JSON.stringify([...names]));
      } catch {
        // A browser that keeps nothing unfolds them at the next visit.
      }
    },
  };
}

function read(storage) {
  try {
    return JSON.parse(storage.getItem(KEY) ?? '[]');
  } catch {
    return [];
  }
}
