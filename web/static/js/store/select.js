// What views ask of the state. Pure.

import { t } from '../lib/words.js';
import { hasGap } from './conversation.js';

const TOGETHER_MS = 5 * 60_000;
const NEEDS_ANSWER = new Set(['needs_confirmation', 'needs_reason']);

export const isChannel = (conversation) => conversation.kind === 'public' || conversation.kind === 'private';

/** Return the other members, by name as the server sorted them. */
export const others = (conversation, me) => conversation.members.filter((member) => member.id !== me);

/** Return what a conversation is called by whoever looks at it. */
export function titleOf(conversation, me) {
  if (isChannel(conversation)) return conversation.name;
  const names = others(conversation, me).map((member) => member.name);
  return names.length ? names.join(', ') : t('Nobody else is left');
}

/** Return a person by id; whoever left may be unknown by now. */
export const personOf = (state, id) => state.people[id] ?? { id, name: t('Somebody who left'), username: '', external: false };

/** Return the conversations as the list shows them: channels, then people. */
export function listed(state, filter = '') {
  const wanted = filter.trim().toLocaleLowerCase();
  const rows = Object.values(state.conversations)
    .map((conversation) => ({ conversation, title: titleOf(conversation, state.me.id) }))
    .filter((row) => row.title.toLocaleLowerCase().includes(wanted))
    .sort((a, b) => a.title.localeCompare(b.title));
  return {
    channels: rows.filter((row) => isChannel(row.conversation)),
    people: rows.filter((row) => !isChannel(row.conversation)),
  };
}

/** Return ids of conversations of which something is missing. */
export const withGaps = (state) => Object.values(state.conversations).filter(hasGap).map((each) => each.id);

/** Return ids of conversations whose members or titles have to be read anew. */
export const staleOnes = (state) => Object.values(state.conversations).filter((each) => each.stale).map((each) => each.id);

/** Return how much is unread in all conversations. */
export const totalUnread = (state) => Object.values(state.conversations).reduce((sum, each) => sum + each.unread, 0);

/**
 * Return the rows of a conversation, or of one of its threads: items, the sender's own stopped and
 * unsent messages among them, with what separates them.
 */
export function rowsOf(state, conversation, root = null) {
  const inPlace = (item) => (root ? item.thread_root === root || item.id === root : !item.thread_root);
  const items = Object.values(conversation.items).filter(inPlace).sort((a, b) => a.created_cseq - b.created_cseq);
  const rows = items.map((item) => ({ kind: 'item', key: item.id, at: item.at, item }));
  placeStopped(rows, stoppedIn(conversation, items, root));
  for (const entry of state.outbox) {
    if (entry.conversation !== conversation.id || (entry.thread_root ?? null) !== root) continue;
    if (entry.id && entry.id in conversation.items) continue;
    rows.push({ kind: 'unsent', key: entry.client_id, at: entry.at, item: { sender: state.me.id, at: entry.at }, entry });
  }
  return separated(rows, root ? null : conversation.divider, state.me.id);
}

function stoppedIn(conversation, items, root) {
  const first = items.length && conversation.more ? items[0].at : '';
  const said = new Set(items.map((item) => item.view.text));
  return Object.values(conversation.stopped)
    .filter((item) => (item.thread_root ?? null) === root && item.at >= first)
    // What was confirmed and sent since is no longer a question.
    .filter((item) => !(NEEDS_ANSWER.has(item.state) && said.has(item.view.text)))
    .sort((a, b) => (a.at < b.at ? -1 : 1));
}

function placeStopped(rows, stopped) {
  for (const item of stopped) {
    let place = rows.length;
    while (place > 0 && rows[place - 1].at > item.at) place -= 1;
    rows.splice(place, 0, { kind: 'stopped', key: item.id, at: item.at, item });
  }
}

function separated(rows, divider, me) {
  const out = [];
  let last = null;
  let divided = divider === null;
  for (const row of rows) {
    const newDay = !last || dayOf(last.at) !== dayOf(row.at);
    if (newDay) out.push({ kind: 'day', key: `day-${row.key}`, at: row.at });
    const begins = !divided && row.kind === 'item' && row.item.created_cseq > divider && row.item.sender !== me;
    if (begins) {
      out.push({ kind: 'unread', key: 'unread' });
      divided = true;
    }
    out.push({ ...row, continued: !newDay && !begins && continues(last, row) });
    last = row;
  }
  return out;
}

function continues(last, row) {
  return (
    last.kind !== 'stopped' && row.kind !== 'stopped' &&
    isMessage(last) && isMessage(row) && last.item.sender === row.item.sender &&
    new Date(row.at) - new Date(last.at) < TOGETHER_MS
  );
}

const isMessage = (row) => row.kind === 'unsent' || row.item.type === 'message';

function dayOf(at) {
  return new Date(at).toDateString();
}

/** Return the last message of one's own that can still be edited. */
export function lastOwn(state, conversation, root = null) {
  return rowsOf(state, conversation, root)
    .filter((row) => row.kind === 'item' && row.item.sender === state.me.id && isChangeable(row.item))
    .at(-1)?.item;
}

/** Tell whether a message is still shown as somebody wrote it. */
export const isChangeable = (item) => item.type === 'message' && ['sent', 'edited', 'redacted'].includes(item.state);
