// What views ask of the state. Pure.

import { formats, t } from '../lib/words.js';
import { atNewest, hasGap, inSpan } from './conversation.js';

const TOGETHER_MS = 5 * 60_000;
const NEEDS_ANSWER = new Set(['needs_confirmation', 'needs_reason']);

export const isChannel = (conversation) => conversation.kind === 'public' || conversation.kind === 'private';

/** Tell whether one is left alone in a conversation that is no channel. */
export const isDeserted = (conversation) => !isChannel(conversation) && conversation.members.length < 2;

/** Return the other members, by name as the server sorted them. */
export const others = (conversation, me) => conversation.members.filter((member) => member.id !== me);

const namesOf = (people) => people.map((person) => person.name).join(', ');

/** Return what a conversation is called by whoever looks at it. */
export function titleOf(conversation, me) {
  if (isChannel(conversation)) return conversation.name;
  const names = namesOf(others(conversation, me));
  if (names) return conversation.members.length === 2 && conversation.kind === 'group' ? t('You and {name}', { name: names }) : names;
  const former = namesOf(conversation.former ?? []);
  if (!former) return t('Only you');
  return conversation.kind === 'direct' ? t('{name} (left)', { name: former }) : t('Only you ({names} left)', { names: former });
}

/** Return a person by id; whoever left may be unknown by now. */
export const personOf = (state, id) => state.people[id] ?? { id, name: t('Somebody who left'), username: '', external: false };

const titles = new Intl.Collator(formats);

/** Return all conversations by title; those that one hid only if they are wanted. */
export function titled(state, hiddenToo = false) {
  return Object.values(state.conversations)
    .filter((conversation) => hiddenToo || !conversation.settings.hidden || conversation.id === state.focus)
    .map((conversation) => ({ conversation, title: titleOf(conversation, state.me.id) }))
    .sort((a, b) => titles.compare(a.title, b.title));
}

/** Tell whether a conversation asks to be read: a muted one only where one is mentioned. */
export const asks = ({ settings, unread, mentions }) => (settings.muted ? mentions > 0 : unread > 0);

/** While one reads what was unread, it stays where one found it. */
const isUnread = (state, c) => asks(c) || (state.focus === c.id && c.divider !== null && !c.settings.muted);

const sorted = new WeakMap(); // conversations → for whom and where, and the sections

/** Return the conversations as the list shows them, each in one section. The same as long as nothing changed. */
export function listed(state) {
  const held = sorted.get(state.conversations);
  if (held && held.focus === state.focus && held.me === state.me.id) return held.sections;
  const sections = inSections(state);
  sorted.set(state.conversations, { focus: state.focus, me: state.me.id, sections });
  return sections;
}

function inSections(state) {
  const sections = { favourites: [], unread: [], channels: [], people: [] };
  for (const row of titled(state)) {
    const { conversation } = row;
    const section = conversation.settings.favourite ? 'favourites'
      : isUnread(state, conversation) ? 'unread' : isChannel(conversation) ? 'channels' : 'people';
    sections[section].push(row);
  }
  return sections;
}

/** Return the ids of the list from top to bottom. */
export const inOrder = (state) => Object.values(listed(state)).flat().map((row) => row.conversation.id);

/** Return ids of conversations of which something is missing. */
export const withGaps = (state) => Object.values(state.conversations).filter(hasGap).map((each) => each.id);

/** Return ids of conversations whose members or titles have to be read anew. */
export const staleOnes = (state) => Object.values(state.conversations).filter((each) => each.stale).map((each) => each.id);

/** Return how much is unread in all conversations; what was put back by hand only if it is wanted. */
export const totalUnread = (state, byHandToo = true) =>
  Object.values(state.conversations).reduce((sum, each) => sum + (each.byHand && !byHandToo ? 0 : each.settings.muted ? each.mentions : each.unread), 0);

/** Return how many boxes hold words; when those were to be sent is not counted. */
export const draftsIn = (drafted) => Object.keys(drafted).filter((key) => !key.startsWith('later/')).length;

/** Return the keys of boxes that hold words for conversations that one is no longer in. */
export const strayDrafts = (state) => Object.keys(state.drafted).filter((key) => !/^(later|edit)[/]/.test(key) && !(key.split('/')[0] in state.conversations));

/** Tell whether something unsent is written in a conversation, or in one of its threads. */
export const hasDraft = (state, id) => Object.keys(state.drafted).some((key) => key === id || key.startsWith(`${id}/`));

const drawn = new WeakMap(); // conversation → root → what its rows were made of, and the rows

/**
 * Return the rows of a conversation, or of one of its threads: items, the sender's own stopped and
 * unsent messages among them, with what separates them. The same rows as long as nothing changed.
 */
export function rowsOf(state, conversation, root = null) {
  const held = drawn.get(conversation)?.get(root);
  if (held && held.outbox === state.outbox && held.me === state.me.id) return held.rows;
  const rows = madeRows(state, conversation, root);
  if (!drawn.has(conversation)) drawn.set(conversation, new Map());
  drawn.get(conversation).set(root, { outbox: state.outbox, me: state.me.id, rows });
  return rows;
}

function madeRows(state, conversation, root) {
  const inPlace = (item) => (root ? item.thread_root === root || item.id === root : inSpan(conversation, item));
  const items = Object.values(conversation.items).filter(inPlace).sort((a, b) => a.created_cseq - b.created_cseq);
  const rows = items.map((item) => ({ kind: 'item', key: item.id, at: item.at, item }));
  const toNewest = root !== null || atNewest(conversation);
  placeStopped(rows, stoppedIn(conversation, items, root, toNewest));
  for (const entry of toNewest ? state.outbox : []) {
    if (entry.conversation !== conversation.id || (entry.thread_root ?? null) !== root) continue;
    if (entry.id && entry.id in conversation.items) continue;
    rows.push({ kind: 'unsent', key: entry.client_id, at: entry.at, item: { sender: state.me.id, at: entry.at }, entry });
  }
  return separated(rows, root ? null : conversation.divider, state.me.id, root);
}

function stoppedIn(conversation, items, root, toNewest) {
  const first = items.length && (root === null ? conversation.more : false) ? items[0].at : '';
  const last = toNewest || !items.length ? '9' : items.at(-1).at;
  const said = new Set(items.map((item) => item.view.text));
  return Object.values(conversation.stopped)
    .filter((item) => (item.thread_root ?? null) === root && item.at >= first && item.at <= last)
    // What was confirmed and sent since is no longer a question.
    .filter((item) => !(NEEDS_ANSWER.has(item.state) && !item.view.files && said.has(item.view.text)))
    .sort((a, b) => (a.at < b.at ? -1 : 1));
}

function placeStopped(rows, stopped) {
  for (const item of stopped) {
    let place = rows.length;
    while (place > 0 && rows[place - 1].at > item.at) place -= 1;
    rows.splice(place, 0, { kind: 'stopped', key: item.id, at: item.at, item });
  }
}

function separated(rows, divider, me, root) {
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
    // A reply is never taken for more of what it answers, not even by the same person.
    const answers = root !== null && last?.key === root;
    out.push({ ...row, continued: !newDay && !begins && !answers && continues(last, row) });
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

/**
 * Tell whether the policy still lets its sender change a message; the server decides.
 * @param {number|null|undefined} minutes how long after it was said; null is without end
 */
export const isWithin = (minutes, item, now) => minutes === null || minutes === undefined || now - new Date(item.at) < minutes * 60_000;

/** Return what waits to be said in a conversation, or in one of its threads, the next first. */
export const waitingIn = (state, id, root = null) =>
  state.scheduled.filter((entry) => entry.conversation === id && entry.thread_root === root && entry.state === 'waiting');

/** Return the last message of one's own that can still be edited. */
export function lastOwn(state, conversation, root = null, now = Date.now()) {
  return rowsOf(state, conversation, root)
    .filter((row) => row.kind === 'item' && row.item.sender === state.me.id && isChangeable(row.item) && isWithin(state.usage.edit_minutes, row.item, now))
    .at(-1)?.item;
}

/** Return the last message that one can reply to. */
export const lastOf = (state, conversation) =>
  rowsOf(state, conversation).filter((row) => row.kind === 'item' && isChangeable(row.item)).at(-1)?.item;

/** Tell whether a message is still shown as somebody wrote it. */
export const isChangeable = (item) => item.type === 'message' && ['sent', 'edited', 'redacted'].includes(item.state);
