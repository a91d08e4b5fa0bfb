// What this person wrote and the server has not answered yet; and what it answered. Pure.
//
// An entry keeps its `client_id` over every retry, so that the server answers a retry as it
// answered the first try. States: `waiting`, `held` (being changed), `sending`, `acked` (the frame is
// on its way), `failed`. `tried` says that it may have been delivered although no answer came.

import { without } from './conversation.js';

const STOPPED = new Set(['needs_confirmation', 'needs_reason', 'quarantined', 'blocked', 'checking']);

/** Tell whether an answer says that a policy stopped a message. */
export const isStopped = (answer) => !answer.ok && STOPPED.has(answer.state ?? answer.code);

const ASKS = new Set(['needs_confirmation', 'needs_reason']);

/** Tell whether an entry carries the answer to what the server asks: to this very question, and once. */
export const answers = (entry, answer) =>
  Boolean(entry.answers) && !entry.confirms && ASKS.has(answer.state) && answer.notice?.title === entry.answers.about
  && (answer.state !== 'needs_reason' || Boolean(entry.answers.reason));

export function queued(outbox, entry) {
  return [...outbox, { ...entry, state: 'waiting', error: null }];
}

/** Return an entry as it is kept on disk: whoever finds it there is not sending it. */
export const onShelf = (entry) => (entry.state === 'sending' ? { ...entry, state: 'waiting' } : entry);

/** Return the outbox with what an earlier page or another tab left, without what was answered elsewhere. */
export function withKept(outbox, entries, gone) {
  const known = new Set(outbox.map((entry) => entry.client_id));
  const found = entries.filter((entry) => !known.has(entry.client_id)).map(revived);
  const left = outbox.filter((entry) => !gone.includes(entry.client_id));
  if (!found.length && left.length === outbox.length) return outbox;
  return [...left, ...found].sort((a, b) => a.order - b.order);
}

/** Who was changing it when the page closed decides anew whether it is sent. */
function revived(entry) {
  return entry.state === 'held' ? { ...entry, state: 'failed', error: null, interrupted: true } : entry;
}

/** Return the outbox with another message in the place of one. */
export const replaced = (outbox, clientId, next) => outbox.map((entry) => (entry.client_id === clientId ? next : entry));

/** Tell whether a message can still be changed or discarded: nobody can have it yet. */
export const isOpen = (entry) => entry.state === 'failed' || entry.state === 'held' || (entry.state === 'waiting' && !entry.tried);

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
      text: entry.text, tokens: entry.text ? [{ t: 'p', c: [entry.text] }] : [], mentions: [], reactions: {}, at: answer.at,
      notice: answer.notice, decision: answer.decision, expires_at: answer.expires_at,
      ...(entry.quotes ? { quotes: entry.quotes } : {}),
      ...(entry.files?.length ? { files: answer.files ?? entry.files } : {}),
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
