// Uploads files in pieces, one file at a time, and goes on where it stopped: after an error, after the
// network came back, after the page was loaded again. What waits in a box lies on the device until it
// is sent; nothing of it is shown to anybody before.

import { newId } from '../lib/ids.js';
import { waitAfter } from './backoff.js';

const NAME = 'chancery-files';
const MOST = 10;

export class Uploads {
  /**
   * @param {string} person
   * @param {{call: (method: string, path: string, body?: any) => Promise<object>, later: Function, now: () => number,
   *   random: () => number, factory?: IDBFactory, tell?: (clientId: string) => void}} given `tell`: the other tabs
   */
  constructor(person, { call, later, now, random, factory, tell = () => {} }) {
    this.person = person;
    this.call = call;
    this.later = later;
    this.now = now;
    this.random = random;
    this.factory = factory;
    this.tell = tell;
    this.entries = [];
    this.gone = new Map(); // id → the file itself, as long as its message waits to be seen by others
    this.listeners = new Set();
    this.shelf = null;
    this.busy = false;
  }

  /** Take in what an earlier page left. */
  async load() {
    this.shelf = await opened(this.factory, this.person).catch(() => null);
    const kept = this.shelf ? await all(this.shelf).catch(() => []) : [];
    this.entries = kept.map((entry) => ({ ...entry, state: entry.state === 'done' ? 'done' : 'waiting', error: null }));
    this.#changed();
    this.#pump();
  }

  /** Return what waits in one box, in the order in which it was added. */
  in(box) {
    return this.entries.filter((entry) => entry.box === box);
  }

  /** Tell how many more files a box takes. */
  room(box) {
    return MOST - this.in(box).length;
  }

  /** Hear of every change; returns what ends it. */
  listen(hear) {
    this.listeners.add(hear);
    return () => this.listeners.delete(hear);
  }

  /** Add files to a box and begin to upload them. */
  add(box, conversation, files) {
    for (const file of [...files].slice(0, this.room(box))) {
      const entry = {
        client_id: newId(this.now()), box, conversation, file, name: file.name || 'image.png', size: file.size,
        id: null, received: 0, state: 'waiting', error: null, tries: 0,
      };
      this.entries = [...this.entries, entry];
      this.#keep(entry);
    }
    this.#changed();
    this.#pump();
  }

  /** Take a file out of its box, and from the server. */
  remove(clientId) {
    const entry = this.#entry(clientId);
    if (!entry) return;
    this.#forget(entry);
    this.tell(clientId);
    if (entry.id) this.call('DELETE', `/api/files/${entry.id}`).catch(() => {});
  }

  /** Another tab sent a file or took it out. */
  heard(clientId) {
    this.entries = this.entries.filter((entry) => entry.client_id !== clientId);
    this.#changed();
  }

  retry(clientId) {
    this.#set(clientId, { state: 'waiting', error: null, tries: 0 });
    this.#pump();
  }

  /** Return the files of a box that are uploaded. */
  done(box) {
    return this.in(box).filter((entry) => entry.state === 'done').map(({ id, name, size }) => ({ id, name, size }));
  }

  /** Return the files of a box that are uploaded, and take them out: they go with a message now. */
  take(box) {
    const taken = this.done(box);
    for (const entry of this.in(box).filter((each) => each.state === 'done')) {
      this.gone.set(entry.id, entry.file);
      this.#forget(entry);
      this.tell(entry.client_id);
    }
    return taken;
  }

  /** Let go of files that others see now, or that nobody will see. */
  settled(files = []) {
    for (const { id } of files) this.gone.delete(id);
  }

  /** Put files back that went with a message which was taken back; the server has them. */
  giveBack(box, conversation, files) {
    for (const { id, name, size } of files) {
      const entry = { client_id: newId(this.now()), box, conversation, file: this.gone.get(id) ?? null, name, size, id, received: size, state: 'done', error: null, tries: 0 };
      this.entries = [...this.entries, entry];
      this.#keep(entry);
    }
    this.#changed();
  }

  /** Leave nothing on this device: the person signs out. */
  async wipe() {
    this.entries = [];
    this.gone.clear();
    if (this.shelf) await within(this.shelf, 'readwrite', (store) => store.clear()).catch(() => {});
    this.shelf = null;
  }

  async #pump() {
    if (this.busy) return;
    const entry = this.entries.find((each) => each.state === 'waiting');
    if (!entry) return;
    this.busy = true;
    this.#set(entry.client_id, { state: 'uploading' });
    try {
      await this.#upload(entry.client_id);
    } catch (error) {
      this.#failed(entry.client_id, error);
    } finally {
      this.busy = false;
    }
    this.#pump();
  }

  async #upload(clientId) {
    const { conversation, name, size, file } = this.#entry(clientId);
    let told = await this.call('POST', '/api/files', { client_id: clientId, conversation, name, size });
    this.#told(clientId, told);
    while (this.#entry(clientId) && told.received < size) {
      const piece = file.slice(told.received, told.received + told.chunk);
      told = await this.call('PUT', `/api/files/${told.id}/${told.received}`, piece);
      this.#told(clientId, told);
    }
    // Taken out while it was on its way: the server forgets it too.
    if (!this.#entry(clientId)) await this.call('DELETE', `/api/files/${told.id}`).catch(() => {});
  }

  #told(clientId, { id, received, size, name }) {
    this.#set(clientId, { id, received, name, tries: 0, ...(received === size ? { state: 'done' } : {}) });
    const entry = this.#entry(clientId);
    if (entry && (received === size || received === 0)) this.#keep(entry);
  }

  /** Try again by itself what may pass; say what does not. */
  #failed(clientId, error) {
    const entry = this.#entry(clientId);
    if (!entry) return;
    if (error.answer && !error.retryable) {
      this.#set(clientId, { state: 'failed', error });
      return;
    }
    const tries = entry.tries + 1;
    this.#set(clientId, { state: 'resting', tries });
    this.later(() => {
      if (this.#entry(clientId)?.state !== 'resting') return;
      this.#set(clientId, { state: 'waiting' });
      this.#pump();
    }, waitAfter(error, tries, this.random));
  }

  #set(clientId, change) {
    this.entries = this.entries.map((entry) => (entry.client_id === clientId ? { ...entry, ...change } : entry));
    this.#changed();
  }

  #entry(clientId) {
    return this.entries.find((entry) => entry.client_id === clientId);
  }

  #forget(entry) {
    this.entries = this.entries.filter((each) => each.client_id !== entry.client_id);
    if (this.shelf) within(this.shelf, 'readwrite', (store) => store.delete(entry.client_id)).catch(() => {});
    this.#changed();
  }

  #keep(entry) {
    const { client_id, box, conversation, file, name, size, id, received, state } = entry;
    const kept = { client_id, box, conversation, file, name, size, id, received, state, error: null, tries: 0, person: this.person };
    if (this.shelf) within(this.shelf, 'readwrite', (store) => store.put(kept)).catch(() => {});
  }

  #changed() {
    for (const hear of this.listeners) hear();
  }
}

function opened(factory, person) {
  return new Promise((resolve, reject) => {
    const asked = factory.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore('files', { keyPath: 'client_id' });
    asked.onerror = () => reject(asked.error);
    asked.onblocked = () => reject(new Error('blocked'));
    asked.onsuccess = () => resolve(cleared(asked.result, person));
  });
}

/** What another person left on this device is theirs to lose. */
async function cleared(database, person) {
  database.onversionchange = () => database.close();
  const foreign = (await all(database)).filter((entry) => entry.person !== person);
  if (foreign.length) await within(database, 'readwrite', (store) => foreign.forEach((entry) => store.delete(entry.client_id)));
  return database;
}

async function all(database) {
  let asked;
  await within(database, 'readonly', (store) => {
    asked = store.getAll();
  });
  return asked.result;
}

function within(database, mode, work) {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction('files', mode);
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
    transaction.onerror = () => reject(transaction.error);
    work(transaction.objectStore('files'));
  });
}
