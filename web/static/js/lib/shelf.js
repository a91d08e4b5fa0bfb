// What this browser keeps on its disk for one person: drafts, and what waits to be sent. Wiped when
// they sign out and when somebody else signs in. Nothing else of what people write is kept here.

const NAME = 'chancery';
const VERSION = 1;
const PERSON = 'person';

/**
 * Return what is kept for `person`; what another person left is wiped first. Where a browser keeps
 * nothing (as some private windows), the same is held in memory only, and `lasting` is false.
 * @param {IDBFactory|undefined} factory
 * @param {string} person
 */
export async function openShelf(factory, person) {
  try {
    const shelf = new Shelf(await opened(factory));
    await shelf.belongTo(person);
    return shelf;
  } catch {
    return memoryShelf();
  }
}

class Shelf {
  constructor(database) {
    this.database = database;
    this.lasting = true;
    this.writable = true;
    // Another tab wipes, or the browser does: do not stand in its way.
    database.onversionchange = () => database.close();
  }

  /** Make everything here one person's own. */
  async belongTo(person) {
    await this.#within('readwrite', (stores) => {
      const asked = stores.owner.get(PERSON);
      asked.onsuccess = () => {
        if (asked.result === person) return;
        for (const store of Object.values(stores)) store.clear();
        stores.owner.put(person, PERSON);
      };
    });
  }

  /** Return every draft, by its key. */
  async drafts() {
    const [keys, texts] = await this.#all((stores) => [stores.drafts.getAllKeys(), stores.drafts.getAll()]);
    return new Map(keys.map((key, i) => [key, texts[i]]));
  }

  /** Keep a draft; an empty one is forgotten. */
  putDraft(key, text) {
    return this.#write((stores) => (text ? stores.drafts.put(text, key) : stores.drafts.delete(key)));
  }

  /** Return what waits to be sent, in the order it was written. */
  async entries() {
    const [found] = await this.#all((stores) => [stores.outbox.getAll()]);
    return found.sort((a, b) => a.order - b.order);
  }

  put(entry) {
    return this.#write((stores) => stores.outbox.put(entry));
  }

  drop(clientId) {
    return this.#write((stores) => stores.outbox.delete(clientId));
  }

  /** Put one entry in the place of another, at once. */
  replace(clientId, entry) {
    return this.#write((stores) => {
      stores.outbox.delete(clientId);
      stores.outbox.put(entry);
    });
  }

  /** Forget everything and keep nothing from now on: the person signs out. */
  async wipe() {
    this.writable = false;
    await this.#within('readwrite', (stores) => Object.values(stores).forEach((store) => store.clear())).catch(() => {});
  }

  /** Write, unless the shelf was wiped. What cannot be kept (a full disk) stays in memory as before. */
  async #write(work) {
    if (this.writable) await this.#within('readwrite', work, true).catch(() => {});
  }

  async #all(ask) {
    let asked = [];
    await this.#within('readonly', (stores) => {
      asked = ask(stores);
    });
    return asked.map((each) => each.result);
  }

  #within(mode, work, whole = false) {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction(['owner', 'drafts', 'outbox'], mode);
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
      transaction.onerror = () => reject(transaction.error);
      work({
        owner: transaction.objectStore('owner'),
        drafts: transaction.objectStore('drafts'),
        outbox: transaction.objectStore('outbox'),
      });
      // All of it is asked for: it is done without this page, which may be about to go.
      if (whole) transaction.commit?.();
    });
  }
}

function opened(factory) {
  return new Promise((resolve, reject) => {
    const asked = factory.open(NAME, VERSION);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore('owner');
      asked.result.createObjectStore('drafts');
      asked.result.createObjectStore('outbox', { keyPath: 'client_id' });
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
    asked.onblocked = () => reject(new Error('blocked'));
  });
}

/** The same, kept only while the page is open. */
export function memoryShelf() {
  const texts = new Map();
  const outbox = new Map();
  return {
    lasting: false,
    async drafts() { return new Map(texts); },
    async putDraft(key, text) { if (text) texts.set(key, text); else texts.delete(key); },
    async entries() { return [...outbox.values()].sort((a, b) => a.order - b.order); },
    async put(entry) { outbox.set(entry.client_id, entry); },
    async drop(clientId) { outbox.delete(clientId); },
    async replace(clientId, entry) {
      outbox.delete(clientId);
      outbox.set(entry.client_id, entry);
    },
    async wipe() {
      texts.clear();
      outbox.clear();
    },
  };
}
