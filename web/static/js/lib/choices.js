// What one folded away or opened in this browser, by name: it is so again at the next visit.

const KEY = 'chancery.choices';

/** @param {Storage} storage */
export function choicesIn(storage) {
  return {
    has: (name) => read(storage).includes(name),
    set(name, chosen) {
      const rest = read(storage).filter((each) => each !== name);
      try {
        storage.setItem(KEY, JSON.stringify(chosen ? [...rest, name] : rest));
      } catch {
        // A browser that keeps nothing shows everything as it is at first.
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
