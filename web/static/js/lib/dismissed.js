// Which of one's own stopped messages were put away in this browser. Ids only, never text.

const KEY = 'chancery.dismissed';
const KEPT = 300;

/** @param {Storage} storage */
export function dismissedIn(storage) {
  let ids = read(storage);
  return {
    has: (id) => ids.includes(id),
    add(id) {
      ids = [...ids.filter((each) => each !== id), id].slice(-KEPT);
      try {
        storage.setItem(KEY, JSON.stringify(ids));
      } catch {
        // A browser that keeps nothing shows them again after loading: harmless.
      }
    },
  };
}

function read(storage) {
  try {
    const found = JSON.parse(storage.getItem(KEY) ?? '[]');
    return Array.isArray(found) ? found : [];
  } catch {
    return [];
  }
}
