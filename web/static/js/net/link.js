// One websocket, kept open: connects, comes back with jitter, turns acknowledgements into promises.
//
// Everything that can fail says so: a request either has its answer, or rejects as not carried.

import { errorWords, noticeWords, t } from '../lib/words.js';
import { waitBefore } from './backoff.js';

const ANSWER_WITHIN_MS = 10_000;
const PROBED_WITHIN_MS = 3_000;

const REASONS = {
  offline: t('You are offline.'), // it was never sent
  lost: t('The connection was lost.'),
  timeout: t('The server did not answer in time.'),
};

/** A request whose answer never came; whether it was done is unknown. */
export class NotCarried extends Error {
  constructor(code) {
    super(REASONS[code]);
    this.code = code;
    this.retryable = true;
  }
}

/** A request that the server answered with a typed error. */
export class Refused extends Error {
  constructor(answer) {
    super(errorWords(answer) ?? noticeWords(answer.notice)?.title ?? t('This was not possible.'));
    this.code = answer.code;
    this.retryable = Boolean(answer.retryable);
    this.answer = answer;
  }
}

export class Link {
  /**
   * @param {object} socket a Socket.IO client that does not reconnect by itself
   * @param {object} handlers `up()`, `down(attempt)`, `refused()`, and `event(name, payload)`
   * @param {{later: Function, cancel: Function, random: Function}} timers
   */
  constructor(socket, handlers, timers) {
    this.socket = socket;
    this.handlers = handlers;
    this.timers = timers;
    this.attempt = 0;
    this.closed = false;
    this.pending = new Set();
    socket.on('connect', () => this.#up());
    socket.on('disconnect', () => this.#down());
    socket.on('connect_error', () => this.#failed());
    socket.onAny((name, payload) => this.#event(name, payload));
  }

  open() {
    this.closed = false;
    this.attempt = 0;
    this.socket.connect();
  }

  /** Stop for good: the session has ended. */
  close() {
    this.closed = true;
    this.timers.cancel(this.timer);
    this.socket.disconnect();
  }

  /** The network is gone: do not wait until silence shows it. */
  drop() {
    if (!this.closed) this.socket.disconnect();
  }

  /** Try now instead of waiting any longer. */
  hurry() {
    if (this.closed || this.socket.connected) return;
    this.timers.cancel(this.timer);
    this.socket.connect();
  }

  /** This machine may have slept: find out whether the connection still carries, and come back if not. */
  async probe(event, payload) {
    if (this.closed) return;
    if (!this.socket.connected) {
      this.hurry();
      return;
    }
    try {
      await this.ask(event, payload, PROBED_WITHIN_MS);
    } catch {
      if (this.closed) return;
      if (this.socket.connected) this.socket.disconnect();
      this.hurry();
    }
  }

  /**
   * Ask the server; return its answer.
   * @throws {Refused} the answer is a typed error
   * @throws {NotCarried} there was none
   */
  async request(event, payload = {}) {
    const answer = await this.ask(event, payload);
    if (!answer.ok) throw new Refused(answer);
    return answer;
  }

  /** Ask the server; return its answer whatever it says. */
  ask(event, payload, within = ANSWER_WITHIN_MS) {
    if (!this.socket.connected) return Promise.reject(new NotCarried('offline'));
    return new Promise((resolve, reject) => {
      const waiting = { reject };
      const timer = this.timers.later(() => this.#settle(waiting, () => reject(new NotCarried('timeout'))), within);
      waiting.timer = timer;
      this.pending.add(waiting);
      this.socket.emit(event, payload, (answer) => this.#settle(waiting, () => resolve(answer)));
    });
  }

  /** Tell the server something that nobody misses if it is lost. */
  tell(event, payload) {
    if (this.socket.connected) this.socket.emit(event, payload);
  }

  #settle(waiting, how) {
    if (!this.pending.delete(waiting)) return;
    this.timers.cancel(waiting.timer);
    how();
  }

  #up() {
    this.attempt = 0;
    this.handlers.up();
  }

  #down() {
    for (const waiting of [...this.pending]) {
      this.#settle(waiting, () => waiting.reject(new NotCarried('lost')));
    }
    this.#retry();
  }

  #failed() {
    // Without this the client is no longer trying: the server said no, and not the network.
    if (!this.socket.active) {
      this.closed = true;
      this.handlers.refused();
      return;
    }
    this.#retry();
  }

  #retry() {
    if (this.closed) return;
    this.attempt += 1;
    this.handlers.down(this.attempt);
    this.timers.cancel(this.timer);
    this.timer = this.timers.later(() => this.socket.connect(), waitBefore(this.attempt, this.timers.random));
  }

  #event(name, payload) {
    if (name === 'drain') this.#drain(payload.within_seconds);
    else this.handlers.event(name, payload);
  }

  /** The server is about to stop: come back at a moment of one's own. */
  #drain(seconds) {
    this.timers.later(() => this.socket.disconnect(), this.timers.random() * seconds * 1000);
  }
}
