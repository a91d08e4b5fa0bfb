// Keeps the store equal to the server: greets after every connect, asks for what is missing, and
// carries what this person does.

import { newId } from '../lib/ids.js';
import { atNewest, inSpan } from '../store/conversation.js';
import { isStopped } from '../store/outbox.js';
import { isUnknown } from '../store/scheduled.js';
import { staleOnes, withGaps } from '../store/select.js';
import { waitAfter } from './backoff.js';
import { Link } from './link.js';
import { SendQueue } from './queue.js';

const PAGE = 50;
const TRIES = 6;
const TYPING_SHOWN_MS = 6_000;
const SYNC_AGAIN_MS = 1_000;

export class Client {
  /**
   * @param {object} store
   * @param {object} socket
   * @param {{later: Function, cancel: Function, random: Function, now: () => number}} timers
   * @param {{dismissed?: {has: Function, add: Function}, shelf?: object, peers?: object, uploads?: object,
   *   pages?: Function}} kept
   *   stopped messages put away, what lies on disk, the other tabs, files on their way
   */
  constructor(store, socket, timers, { dismissed = new Set(), shelf, peers, uploads, pages } = {}) {
    this.store = store;
    this.uploads = uploads;
    this.pages = pages;
    this.dismissed = dismissed;
    this.timers = timers;
    this.syncing = false;
    this.heading = new Set();
    this.onItem = () => {}; // told of each live message, for the desktop
    const handlers = {
      up: () => this.#greet(),
      down: (attempt) => this.#status('reconnecting', attempt),
      refused: () => this.store.dispatch({ type: 'signed_out' }),
      event: (name, payload) => this.#event(name, payload),
    };
    this.link = new Link(socket, handlers, timers);
    this.queue = new SendQueue(store, this.link, timers, shelf, peers);
    this.queue.onWrong = (report) => this.command('report', report);
  }

  start() {
    this.link.open();
  }

  /** The machine may have slept, or the page was hidden for long: see whether the connection still carries. */
  woke() {
    this.link.probe('sync', { known: {} });
    this.queue.resume();
  }

  // -- what a person does ------------------------------------------------------------------------

  /** Say something; it is shown at once and kept until the server has answered. */
  send(conversation, text, { threadRoot = null, confirms = null, quotes = null, files = [], answers = null, reports = false, codes = false } = {}) {
    const now = this.timers.now();
    this.queue.add({
      client_id: newId(now), conversation, text, thread_root: threadRoot, confirms, quotes, files, answers, reports, codes,
      at: new Date(now).toISOString(),
    });
  }

  /**
   * Do something once: the request keeps its id over every retry.
   * @throws {Refused} with the typed answer
   */
  async command(event, payload) {
    const request = { client_id: newId(this.timers.now()), ...payload };
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await this.link.request(event, request);
        if (answer.told && payload.item) this.store.dispatch({ type: 'told', conversation: payload.conversation, answer });
        return answer;
      } catch (error) {
        if (!error.retryable || attempt === TRIES) throw error;
        await this.#pause(waitAfter(error, attempt, this.timers.random));
      }
    }
  }

  /** Ask; whom the answer speaks of and who left since goes by name from now on. */
  async ask(event, payload = {}) {
    const answer = await this.link.request(event, payload);
    this.store.dispatch({ type: 'people', people: answer.former });
    return answer;
  }

  /**
   * Say again what was said elsewhere. With files it waits to be checked, seen by oneself alone.
   * @throws {Refused} with the typed answer, also where it was stopped
   */
  async forward(request) {
    try {
      return await this.command('forward', request);
    } catch (error) {
      if (error.answer?.state !== 'checking') throw error;
      await this.#stopped(request.conversation);
      return error.answer;
    }
  }

  /** Say something later; it is decided when it goes. */
  async schedule(conversation, text, at, { threadRoot = null, quotes = null, files = [] } = {}) {
    const request = { conversation, text, at: at.toISOString(), files: files.map((file) => file.id) };
    if (threadRoot) request.thread_root = threadRoot;
    if (quotes) request.quotes = quotes;
    const { entry } = await this.command('schedule', request);
    this.store.dispatch({ type: 'scheduled_one', entry });
    return entry;
  }

  /** Take back what was to be said later, or put away what could not be said; with its files, or to send those otherwise. */
  async unschedule(id, { keepFiles = false } = {}) {
    await this.link.request('unschedule', keepFiles ? { id, keep_files: true } : { id });
    this.store.dispatch({ type: 'scheduled_one', entry: { id, state: 'removed' } });
  }

  async readScheduled() {
    const { entries } = await this.ask('scheduled');
    this.store.dispatch({ type: 'scheduled', entries });
    return true;
  }

  /** Put one of ones own stopped messages away; the archive keeps it. */
  dismiss(conversation, item) {
    this.dismissed.add(item);
    this.store.dispatch({ type: 'dismissed', id: conversation, item });
  }

  /** Go into a conversation that may be new to this browser. */
  async enter(id) {
    if (!(id in this.store.get().conversations)) {
      const answer = await this.link.request('head', { conversation: id });
      this.store.dispatch({ type: 'head', head: answer.conversation });
    }
    await this.look(id);
  }

  /** Look at a conversation: load its newest page if it was never looked at. */
  async look(id) {
    this.#focus(id);
    if (!id) return;
    const conversation = this.store.get().conversations[id];
    if (!conversation.loaded || !atNewest(conversation)) await this.latest(id);
  }

  /** Go to a message, a moment or a number in a conversation. */
  async goTo(id, place) {
    this.#focus(id);
    const { anchor, thread = null } = await this.jump(id, place);
    const target = { conversation: id, item: thread ? place.item : anchor, thread };
    if (anchor) this.store.dispatch({ type: 'target', target });
    return target;
  }

  #focus(id) {
    this.store.dispatch({ type: 'focus', id });
    this.link.tell('focus', { conversation: id });
  }

  /** Read the newest page, wherever one was. */
  async latest(id) {
    const answer = await this.ask('history', { conversation: id, before: null });
    this.store.dispatch({ type: 'span', id, answer });
    this.#catchUp();
    await this.#stopped(id);
  }

  /** Read the page of history before what is loaded. */
  async older(id) {
    const { span, more } = this.store.get().conversations[id];
    if (!more) return;
    const answer = await this.ask('history', { conversation: id, before: span.from });
    // One may have jumped meanwhile; then this page has no place any more.
    if (this.store.get().conversations[id]?.span.from === span.from) this.store.dispatch({ type: 'history', id, answer });
  }

  /** Read the page of history after what is loaded. */
  async newer(id) {
    const { to } = this.store.get().conversations[id].span;
    if (to === Infinity) return;
    const answer = await this.ask('history', { conversation: id, after: to });
    if (this.store.get().conversations[id]?.span.to !== to) return;
    this.store.dispatch({ type: 'newer', id, answer });
    this.#catchUp();
  }

  /**
   * Put the span around a message, a moment or a number, unless it is there.
   * @param {{item?: string, at?: string, cseq?: number}} place
   * @returns {Promise<{anchor: string|null, thread: string|null}>} the message there, and the thread it is from
   */
  async jump(id, place) {
    const conversation = this.store.get().conversations[id];
    const held = place.item && conversation.items[place.item];
    if (conversation.loaded && held && inSpan(conversation, held)) return { anchor: place.item, thread: null };
    const answer = await this.ask('around', { conversation: id, ...place });
    this.store.dispatch({ type: 'span', id, answer });
    this.#catchUp();
    if (!conversation.loaded) await this.#stopped(id);
    return answer;
  }

  /** Read a thread, page by page. */
  async thread(id, root) {
    for (let after = 0, more = true; more;) {
      const answer = await this.ask('thread', { conversation: id, root, after });
      this.store.dispatch({ type: 'merge', id, items: answer.items });
      ({ more } = answer);
      after = answer.items.at(-1).created_cseq;
    }
  }

  /** Note that a conversation was read as far as it is known; nothing, where one has left it meanwhile. */
  async read(id) {
    const { cseq, mark, unread, byHand } = this.store.get().conversations[id] ?? { byHand: true };
    if (byHand || (cseq <= mark && !unread)) return;
    this.store.dispatch({ type: 'marked', id, cseq });
    await this.link.request('mark', { conversation: id, cseq }).catch(() => {});
  }

  /** Keep a conversation as unread, from a number on or from the last message of somebody else. */
  async unread(id, from = null) {
    const { cseq } = await this.link.request('unread', { conversation: id, cseq: from });
    this.store.dispatch({ type: 'marked', id, cseq, byHand: true });
    this.#catchUp();
  }

  /** Change what one prefers. */
  async prefer(change) {
    const { preferences } = await this.link.request('prefer', change);
    this.store.dispatch({ type: 'preferences', preferences });
  }

  /** Mute, favour or hide a conversation for oneself; shown at once. */
  async arrange(id, settings) {
    const before = this.store.get().conversations[id].settings;
    this.store.dispatch({ type: 'arranged', id, settings: { ...before, ...settings } });
    try {
      const answer = await this.link.request('arrange', { conversation: id, ...settings });
      this.store.dispatch({ type: 'arranged', id, settings: answer.settings });
    } catch (error) {
      this.store.dispatch({ type: 'arranged', id, settings: before });
      throw error;
    }
  }

  typing(id) {
    this.link.tell('typing', { conversation: id });
  }

  // -- what the server says ----------------------------------------------------------------------

  async #greet() {
    try {
      const answer = await this.link.request('hello', {});
      this.store.dispatch({ ...answer, type: 'hello' });
      this.#status('online');
    } catch (error) {
      if (error.code === 'not_signed_in') this.#signedOut();
      else this.timers.later(() => this.link.socket.connected && this.#greet(), SYNC_AGAIN_MS);
      return;
    }
    const { focus } = this.store.get();
    if (focus) {
      this.#focus(focus);
      if (!this.store.get().conversations[focus].loaded) this.latest(focus).catch(() => {});
    }
    this.queue.resume();
    this.#stillWaiting();
    this.readScheduled().catch(() => {});
    this.#catchUp();
  }

  /** See what became of messages that waited when the connection was lost. */
  #stillWaiting() {
    for (const { id, stopped } of Object.values(this.store.get().conversations)) {
      const waits = Object.values(stopped).some((item) => item.state === 'checking' || item.state === 'quarantined');
      if (waits) this.#stopped(id).catch(() => {});
    }
  }

  #event(name, payload) {
    const on = {
      item: () => {
        this.store.dispatch({ type: 'frame', item: payload });
        this.onItem(payload);
      },
      conversation_added: () => this.#head(payload.conversation),
      conversation_removed: () => this.#gone(payload.conversation),
      usage: () => this.store.dispatch({ type: 'usage', usage: payload }),
      preferred: () => this.store.dispatch({ type: 'preferences', preferences: payload.preferences }),
      arranged: () => this.store.dispatch({ type: 'arranged', id: payload.conversation, settings: payload.settings }),
      marked: () => this.store.dispatch({ type: 'marked', id: payload.conversation, cseq: payload.cseq, byHand: payload.by_hand }),
      stopped_changed: () => this.#stoppedChanged(payload),
      scheduled: () => this.#scheduledChanged(payload),
      typing: () => this.#typing(payload),
      presence: () => this.store.dispatch({ type: 'presence', online: payload.online }),
      signed_out: () => this.#signedOut(),
    };
    on[name]?.();
    this.#catchUp();
  }

  /** Ask for everything that is known to be missing, until nothing is. */
  async #catchUp() {
    if (this.store.get().link.status !== 'online') return;
    for (const id of staleOnes(this.store.get())) this.#head(id);
    if (this.syncing) return;
    const missing = withGaps(this.store.get());
    if (!missing.length) return;
    this.syncing = true;
    let again = 0;
    try {
      const { conversations } = this.store.get();
      const known = Object.fromEntries(missing.map((id) => [id, conversations[id].cseq]));
      const answer = await this.ask('sync', { known });
      again = this.#synced(answer.conversations, known) ? 0 : SYNC_AGAIN_MS;
    } catch {
      again = SYNC_AGAIN_MS;
    } finally {
      this.syncing = false;
    }
    if (again) this.timers.later(() => this.#catchUp(), again);
    else this.#catchUp();
  }

  /** Take in an answer; tell whether it brought anything on. */
  #synced(answers, known) {
    let moved = false;
    for (const [id, answer] of Object.entries(answers)) {
      if (answer.gone) this.#gone(id);
      else this.store.dispatch({ type: 'synced', id, answer });
      moved ||= Boolean(answer.gone) || answer.through > known[id];
    }
    return moved;
  }

  /** Read a conversation's head anew, once at a time for each. */
  async #head(id) {
    if (this.heading.has(id)) return;
    this.heading.add(id);
    try {
      const answer = await this.link.request('head', { conversation: id });
      this.store.dispatch({ type: 'head', head: answer.conversation });
    } catch (error) {
      if (error.code === 'no_conversation') this.#gone(id);
      else this.timers.later(() => this.#catchUp(), SYNC_AGAIN_MS);
      return;
    } finally {
      this.heading.delete(id);
    }
    this.#catchUp();
  }

  /** One is no longer in a conversation: what waited to be said there cannot be said. */
  #gone(id) {
    for (const entry of this.store.get().outbox) if (entry.conversation === id) this.queue.discard(entry.client_id);
    this.store.dispatch({ type: 'gone', id });
  }

  async #stopped(id) {
    const answer = await this.ask('stopped', { conversation: id });
    const items = answer.items.filter((item) => !this.dismissed.has(item.id));
    this.store.dispatch({ type: 'stopped', id, items, usualWait: answer.usual_wait_ms });
  }

  #stoppedChanged(told) {
    this.store.dispatch({ type: 'stopped_changed', id: told.conversation, told });
    // What was checked and stopped has a reason now, which only the server knows.
    if (isStopped({ ok: false, state: told.state })) this.#stopped(told.conversation).catch(() => {});
  }

  #scheduledChanged(told) {
    if (isUnknown(this.store.get().scheduled, told)) this.readScheduled().catch(() => {});
    else this.store.dispatch({ type: 'scheduled_one', entry: told });
    // What was stopped, or is being checked now, stands in its conversation, with what can be done.
    if ((told.state === 'stopped' || told.state === 'sent') && told.conversation in this.store.get().conversations) this.#stopped(told.conversation).catch(() => {});
  }

  #typing({ conversation, people }) {
    const now = this.timers.now();
    this.store.dispatch({ type: 'typing', id: conversation, people, until: now + TYPING_SHOWN_MS });
    this.timers.later(() => this.store.dispatch({ type: 'typing_ended', now: this.timers.now() }), TYPING_SHOWN_MS + 50);
  }

  #signedOut() {
    this.link.close();
    this.store.dispatch({ type: 'signed_out' });
  }

  #status(status, attempt = 0) {
    this.store.dispatch({ type: 'link', status, attempt });
  }

  #pause(ms) {
    return new Promise((resolve) => this.timers.later(resolve, ms));
  }
}
