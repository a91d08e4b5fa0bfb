// Sends what the outbox holds: one at a time for each conversation, in order, with the same
// `client_id` until the server has answered. Nothing is sent twice, nothing is lost on the way: an
// entry lies on the shelf from before the first try until the answer, and of several tabs one sends.

import { newId } from '../lib/ids.js';
import { alone } from '../lib/peers.js';
import { memoryShelf } from '../lib/shelf.js';
import { errorWords } from '../lib/words.js';
import { answers, isStopped, nextOf, onShelf } from '../store/outbox.js';
import { waitAfter } from './backoff.js';

const SIGNS_MS = 2_000;

export class SendQueue {
  /**
   * @param {object} store
   * @param {import('./link.js').Link} link
   * @param {object} timers
   * @param {object} shelf where entries lie until they are answered
   * @param {object} peers the other tabs of this browser
   */
  constructor(store, link, timers, shelf = memoryShelf(), peers = alone) {
    this.store = store;
    this.link = link;
    this.timers = timers;
    this.shelf = shelf;
    this.peers = peers;
    this.attempts = new Map();
    this.resting = new Map(); // conversation → timer of its next try
    this.shelved = new Set(); // ids that were put on the shelf, by whichever tab
    this.busy = new Set();
    this.again = new Set();
    this.count = 0;
    this.onWrong = async () => {}; // told what was found wrongly in the eyes of its sender
    this.withSigns = async (text) => text; // gives a text its emoji, once their list is there
  }

  /** Take in what an earlier page or another tab left to be sent. */
  async load() {
    const entries = await this.shelf.entries().catch(() => null);
    // A disk that cannot be read any more keeps nothing back: what is in memory is sent as it is.
    if (!entries) return;
    const held = new Set(entries.map((entry) => entry.client_id));
    const gone = [...this.shelved].filter((id) => !held.has(id));
    this.shelved = held;
    this.store.dispatch({ type: 'outbox_read', entries, gone });
  }

  /** Take a message into the outbox, keep it, and send it when its turn comes. */
  async add(written) {
    const entry = { ...written, order: this.timers.now() * 1_000 + (this.count++ % 1_000), tried: false };
    this.#do({ type: 'queued', entry });
    await this.#put(entry.client_id);
    this.pump(entry.conversation);
  }

  /** Take in what another tab did. */
  heard(action) {
    this.store.dispatch(action);
    if (action.type !== 'queued') return;
    this.shelved.add(action.entry.client_id);
    this.pump(action.entry.conversation);
  }

  /** Try a failed one again, under the same id. */
  async retry(clientId) {
    await this.#keep(clientId, { state: 'waiting', error: null });
    this.#pumpOf(this.#entry(clientId));
  }

  async discard(clientId) {
    const entry = this.#entry(clientId);
    this.#do({ type: 'discarded', client_id: clientId });
    await this.#drop(clientId);
    this.#pumpOf(entry);
  }

  /** Stop at one that is being changed: neither it nor what was written after it is sent meanwhile. */
  hold(clientId) {
    return this.#keep(clientId, { state: 'held' });
  }

  /** Go on with one that was held, as it was. */
  async release(clientId) {
    await this.#keep(clientId, { state: 'waiting' });
    this.#pumpOf(this.#entry(clientId));
  }

  /** Put another text in the place of a waiting one. It is another message, so it gets an id of its own. */
  async replace(clientId, text) {
    const entry = this.#entry(clientId);
    if (!entry) return;
    // What was answered to a tip was about other words.
    this.#pumpOf(await this.#instead(entry, { text, answers: null }));
  }

  /** Go on with every conversation; called when the connection is back. */
  resume() {
    for (const timer of this.resting.values()) this.timers.cancel(timer);
    this.resting.clear();
    for (const conversation of new Set(this.store.get().outbox.map((entry) => entry.conversation))) this.pump(conversation);
  }

  /** Send the next of one conversation, unless one is on its way or it has to wait. */
  async pump(conversation) {
    if (this.resting.has(conversation) || !this.#online()) return;
    if (this.busy.has(conversation)) {
      this.again.add(conversation);
      return;
    }
    this.busy.add(conversation);
    let more = false;
    try {
      more = await this.peers.only(`send.${conversation}`, () => this.#sendNext(conversation));
    } finally {
      this.busy.delete(conversation);
    }
    if (this.again.delete(conversation) || more) this.pump(conversation);
  }

  /** Send one while no other tab sends here; tell whether there may be another. */
  async #sendNext(conversation) {
    // Another tab may have sent it while this one waited.
    await this.load();
    const entry = this.#online() ? nextOf(this.store.get().outbox, conversation) : null;
    if (!entry) return false;
    if (entry.codes) {
      await this.#sign(entry);
      return true;
    }
    // From here on nobody can know whether it was delivered, until there is an answer.
    await this.#keep(entry.client_id, { state: 'sending', tried: true });
    try {
      await this.#answered(entry, await this.link.ask('send', requestOf(entry)));
      return true;
    } catch (error) {
      await this.#later(entry, error);
      return false;
    }
  }

  /** Return a text with signs for codes that were typed before their list was there; as it is where that does not come in time. */
  signed(text) {
    const late = new Promise((resolve) => this.timers.later(() => resolve(text), SIGNS_MS));
    return Promise.race([this.withSigns(text), late]).catch(() => text);
  }

  async #sign({ client_id, text: written }) {
    const text = await this.signed(written);
    // It may have been taken back or changed meanwhile.
    if (this.#entry(client_id)?.state === 'waiting') await this.#keep(client_id, { text, codes: false });
  }

  async #answered(entry, answer) {
    const { client_id } = entry;
    if (answer.retryable && !isStopped(answer)) throw Object.assign(new Error(errorWords(answer)), { answer });
    this.attempts.delete(client_id);
    const wrong = answer.decision ?? answer.told?.decision;
    if (entry.reports && wrong) this.onWrong({ conversation: entry.conversation, decision: wrong }).catch(() => {});
    if (answers(entry, answer)) {
      // What the tip asked for was given with the message: the question need not be shown again.
      const confirms = { decision: answer.decision, reason: entry.answers.reason };
      await this.#instead(entry, { confirms, answers: null, reports: false });
    } else if (answer.ok) {
      this.#change(client_id, { state: 'acked', id: answer.id, cseq: answer.cseq });
      if (answer.told) this.#do({ type: 'told', conversation: entry.conversation, answer });
      await this.#drop(client_id);
    } else if (isStopped(answer)) {
      this.#do({ type: 'stopped_answer', client_id, answer });
      await this.#drop(client_id);
    } else if (!(entry.conversation in this.store.get().conversations)) {
      await this.discard(client_id);
    } else {
      await this.#keep(client_id, { state: 'failed', error: errorWords(answer), tried: false });
    }
  }

  /** Keep it, say why, and try again later: the same request, so that it is done once. */
  async #later(entry, error) {
    const attempt = (this.attempts.get(entry.client_id) ?? 0) + 1;
    this.attempts.set(entry.client_id, attempt);
    const wake = () => {
      this.resting.delete(entry.conversation);
      this.pump(entry.conversation);
    };
    const wait = waitAfter(error, attempt, this.timers.random);
    this.resting.set(entry.conversation, this.timers.later(wake, wait));
    // A typed answer says that nothing was written; silence says nothing.
    const untried = error.answer || error.code === 'offline' ? { tried: Boolean(entry.tried) } : {};
    await this.#keep(entry.client_id, { state: 'waiting', error: error.message, ...untried });
  }

  #online() {
    return this.store.get().link.status === 'online';
  }

  #pumpOf(entry) {
    return entry && this.pump(entry.conversation);
  }

  async #instead(entry, change) {
    const next = { ...entry, ...change, client_id: newId(this.timers.now()), state: 'waiting', error: null, tried: false };
    this.#do({ type: 'replaced', client_id: entry.client_id, entry: next });
    this.shelved.delete(entry.client_id);
    await this.shelf.replace(entry.client_id, onShelf(next));
    this.shelved.add(next.client_id);
    return next;
  }

  async #keep(clientId, change) {
    this.#change(clientId, change);
    await this.#put(clientId);
  }

  async #put(clientId) {
    const entry = this.#entry(clientId);
    if (!entry) return;
    await this.shelf.put(onShelf(entry));
    this.shelved.add(clientId);
  }

  async #drop(clientId) {
    this.shelved.delete(clientId);
    await this.shelf.drop(clientId);
  }

  #change(clientId, change) {
    this.#do({ type: 'outbox', client_id: clientId, change });
  }

  /** Change what is shown, here and in the other tabs. */
  #do(action) {
    this.store.dispatch(action);
    this.peers.tell({ kind: 'outbox', action });
  }

  #entry(clientId) {
    return this.store.get().outbox.find((entry) => entry.client_id === clientId);
  }
}

function requestOf({ client_id, conversation, text, thread_root, confirms, quotes, files }) {
  const request = { client_id, conversation, text };
  if (thread_root) request.thread_root = thread_root;
  if (confirms) request.confirms = confirms;
  if (quotes) request.quotes = quotes;
  if (files?.length) request.files = files.map((file) => file.id);
  return request;
}
