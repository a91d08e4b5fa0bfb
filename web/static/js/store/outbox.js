// What this person wrote and the server has not answered yet; and what it answered. Pure.
//
// An entry keeps its `client_id` over every retry, so that the server answers a retry as it
// answered the first try. States: `waiting`, `sending`, `acked` (the frame is on its way), `failed`.

import { without } from './conversation.js';

const STOPPED = new Set(['needs_confirmation', 'needs_reason', 'quarantined', 'blocked']);

/** Tell whether an answer says that a policy stopped a message. */
export const isStopped = (answer) => !answer.ok && STOPPED.has(answer.state ?? answer.code);

export function queued(outbox, entry) {
  return [...outbox, { ...entry, state: 'waiting', error: null }];
}

export function changed(outbox, clientId, change) {
  return outbox.map((entry) => (entry.client_id === clientId ? { ...entry, ...change } : entry));
}

export const removed = (outbox, clientId) => outbox.filter((entry) => entry.client_id !== clientId);

/** Drop what is answered and has come back as a frame. */
export function settled(outbox, conversations) {
  const rest = outbox.filter((entry) => {
    const conversation = conversations[entry.conversation];
    return entry.state !== 'acked' || (conversation && conversation.cseq < entry.cseq);
  });
  return rest.length === outbox.length ? outbox : rest;
}

/** Return the first entry of a conversation that is to be sent; order within one is kept. */
export function nextOf(outbox, conversation) {
  const first = outbox.find((entry) => entry.conversation === conversation && entry.state !== 'acked' && entry.state !== 'failed');
  return first?.state === 'waiting' ? first : null;
}

/** Return a stopped message as its sender sees it, from the answer to the attempt. */
export function stoppedItem(entry, answer, me) {
  return {
    id: answer.id, conversation: entry.conversation, sender: me, type: 'message', state: answer.state,
    version: 1, thread_root: entry.thread_root ?? null, at: answer.at, cseq: null, created_cseq: null,
    view: {
      text: entry.text, tokens: [{ t: 'p', c: [entry.text] }], mentions: [], reactions: {}, at: answer.at,
      notice: answer.notice, decision: answer.decision, expires_at: answer.expires_at,
    },
    findings: answer.findings ?? [],
  };
}

/** Return the person's own stopped messages of a conversation with those that were read anew. */
export function withStopped(conversation, items) {
  const stopped = { ...conversation.stopped };
  for (const item of items) {
    if (item.id in conversation.items) continue;
    stopped[item.id] = { ...stopped[item.id], ...item };
  }
  return { ...conversation, stopped };
}

/** Return a conversation after the server said what became of a stopped message. */
export function withStoppedChange(conversation, { id, state, at }) {
  const held = conversation.stopped[id];
  if (!held) return conversation;
  const view = { ...held.view, ended_at: at };
  return { ...conversation, stopped: { ...conversation.stopped, [id]: { ...held, state, view } } };
}

/** Return a conversation without one of the sender's own stopped messages: it is no longer shown. */
export const dismissed = (conversation, id) => ({ ...conversation, stopped: without(conversation.stopped, id) });
