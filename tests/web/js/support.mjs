// What the tests of the store and the net share: heads, items, a socket and a clock one can drive.

export const ME = 'ann';

export const head = (more = {}) => ({
  id: 'c1', kind: 'group', name: '', topic: '', closed: false, opener: 'ann', cseq: 0, sees_from: 0,
  mark: 0, unread: 0, mentions: 0,
  members: [{ id: 'ann', username: 'ann', name: 'Ann', external: false }, { id: 'ben', username: 'ben', name: 'Ben', external: false }],
  ...more,
});

export const item = (cseq, more = {}) => ({
  id: `i${cseq}`, conversation: 'c1', sender: 'ben', type: 'message', state: 'sent', version: 1,
  thread_root: null, at: `2026-01-05T09:00:${String(cseq).padStart(2, '0')}.000Z`, cseq, created_cseq: cseq,
  view: { text: `text ${cseq}`, tokens: [], mentions: [], reactions: {} },
  ...more,
});

export const bare = (cseq) => ({ id: `i${cseq}`, conversation: 'c1', cseq, bare: true });

export const helloWith = (...heads) => ({
  ok: true, me: { id: ME, username: 'ann', name: 'Ann', roles: [] }, conversations: heads,
  limits: { max_chars: 100 }, retention: { group: 365 },
});

/** Time that stands still until a test moves it. */
export class Timers {
  constructor() {
    this.at = Date.UTC(2026, 0, 5, 10);
    this.waiting = new Set();
    this.later = (work, ms) => {
      const timer = { work, due: this.at + ms };
      this.waiting.add(timer);
      return timer;
    };
    this.cancel = (timer) => this.waiting.delete(timer);
    this.random = () => 0.5;
    this.now = () => this.at;
  }

  async advance(ms) {
    this.at += ms;
    for (const timer of [...this.waiting].sort((a, b) => a.due - b.due)) {
      if (timer.due <= this.at && this.waiting.delete(timer)) timer.work();
    }
    await calm();
  }
}

/** Let everything that is already decided happen. */
export const calm = () => new Promise((resolve) => setImmediate(resolve));

/** A Socket.IO client whose server is the test. */
export class FakeSocket {
  constructor(answers = {}) {
    this.answers = { scheduled: { ok: true, entries: [] }, ...answers };
    this.connected = false;
    this.active = false;
    this.reachable = true;
    this.sent = [];
    this.held = [];
    this.handlers = {};
  }

  on(name, handler) { this.handlers[name] = handler; }

  onAny(handler) { this.any = handler; }

  connect() {
    if (this.connected) return this;
    this.active = true;
    this.connected = this.reachable;
    this.handlers[this.reachable ? 'connect' : 'connect_error']();
    return this;
  }

  disconnect() {
    this.connected = false;
    this.handlers.disconnect('io client disconnect');
    return this;
  }

  emit(name, payload, ack) {
    this.sent.push({ name, payload });
    const answer = this.answers[name];
    const given = typeof answer === 'function' ? answer(payload) : answer;
    if (given === undefined) this.held.push({ name, payload, ack });
    else queueMicrotask(() => ack?.(given));
  }

  push(name, payload) { this.any(name, payload); }

  /** Return the payloads that were sent under one name. */
  of(name) { return this.sent.filter((each) => each.name === name).map((each) => each.payload); }

  lose() {
    this.held = [];
    this.connected = false;
    this.handlers.disconnect('transport close');
  }

  refuse() {
    this.active = false;
    this.handlers.connect_error(new Error('refused'));
  }
}
