// Sends what the outbox holds: one at a time for each conversation, in order, with the same
// `client_id` until the server has answered. Nothing is sent twice, nothing is lost on the way.

import { isStopped, nextOf } from '../store/outbox.js';
import { waitAfter } from './backoff.js';

export class SendQueue {
  /**
   * @param {object} store
   * @param {import('./link.js').Link} link
   * @param {object} timers
   */
  constructor(store, link, timers) {
    this.store = store;
    this.link = link;
    this.timers = timers;
    this.attempts = new Map();
    this.resting = new Map(); // conversation → timer of its next try
  }

  /** Take a message into the outbox and send it when its turn comes. */
  add(entry) {
    this.store.dispatch({ type: 'queued', entry });
    this.pump(entry.conversation);
  }

  /** Try a failed one again, under the same id. */
  retry(clientId) {
    this.#change(clientId, { state: 'waiting', error: null });
    const entry = this.#entry(clientId);
    if (entry) this.pump(entry.conversation);
  }

  discard(clientId) {
    const entry = this.#entry(clientId);
    this.store.dispatch({ type: 'discarded', client_id: clientId });
    if (entry) this.pump(entry.conversation);
  }

  /** Go on with every conversation; called when the connection is back. */
  resume() {
    for (const timer of this.resting.values()) this.timers.cancel(timer);
    this.resting.clear();
    for (const conversation of new Set(this.store.get().outbox.map((entry) => entry.conversation))) this.pump(conversation);
  }

  /** Send the next of one conversation, unless one is on its way or it has to wait. */
  async pump(conversation) {
    if (this.resting.has(conversation) || this.store.get().link.status !== 'online') return;
    const entry = nextOf(this.store.get().outbox, conversation);
    if (!entry) return;
    this.#change(entry.client_id, { state: 'sending' });
    try {
      this.#answered(entry, await this.link.ask('send', requestOf(entry)));
    } catch (error) {
      this.#again(entry, error);
      return;
    }
    this.pump(conversation);
  }

  #answered(entry, answer) {
    if (answer.ok) {
      this.attempts.delete(entry.client_id);
      this.#change(entry.client_id, { state: 'acked', id: answer.id, cseq: answer.cseq, notice: answer.notice ?? null });
    } else if (isStopped(answer)) {
      this.attempts.delete(entry.client_id);
      this.store.dispatch({ type: 'stopped_answer', client_id: entry.client_id, answer });
    } else if (answer.retryable) {
      throw Object.assign(new Error(answer.message), { answer });
    } else {
      this.#change(entry.client_id, { state: 'failed', error: answer.message });
    }
  }

  /** Keep it, say why, and try again later: the same request, so that it is done once. */
  #again(entry, error) {
    const attempt = (this.attempts.get(entry.client_id) ?? 0) + 1;
    this.attempts.set(entry.client_id, attempt);
    this.#change(entry.client_id, { state: 'waiting', error: error.message });
    const wake = () => {
      this.resting.delete(entry.conversation);
      this.pump(entry.conversation);
    };
    const wait = waitAfter(error, attempt, this.timers.random);
    this.resting.set(entry.conversation, this.timers.later(wake, wait));
  }

  #change(clientId, change) {
    this.store.dispatch({ type: 'outbox', client_id: clientId, change });
  }

  #entry(clientId) {
    return this.store.get().outbox.find((entry) => entry.client_id === clientId);
  }
}

function requestOf({ client_id, conversation, text, thread_root, confirms }) {
  const request = { client_id, conversation, text };
  if (thread_root) request.thread_root = thread_root;
  if (confirms) request.confirms = confirms;
  return request;
}
