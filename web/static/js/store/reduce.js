// The one reducer of the chat: (state, action) → state. Pure: no DOM, no time, no network.

import * as conversation from './conversation.js';
import * as outbox from './outbox.js';
import * as scheduled from './scheduled.js';

export const initial = {
  phase: 'starting', // starting | ready | signed_out
  link: { status: 'connecting', attempt: 0 },
  me: null,
  limits: { max_chars: 20_000 },
  retention: {},
  people: {},
  online: [],
  conversations: {},
  orphans: {}, // frames of conversations whose head is on its way
  focus: null,
  target: null, // the message that a link, a search or a quote led to
  preferences: {},
  usualWait: null, // how long Compliance usually takes to decide, in ms, as far as that is known
  usage: {}, // what the policy lets people do with what was said
  outbox: [],
  scheduled: [], // what is to be said later, and what could not be said, the next first
  drafted: {}, // keys of boxes that hold something unsent
  quoting: {}, // key of a box → the message that is quoted there
};

const ACTIONS = {
  link: (state, { status, attempt = 0 }) => ({ ...state, link: { status, attempt } }),
  signed_out: (state) => ({ ...state, phase: 'signed_out' }),
  hello,
  frame: (state, { item }) => frame(withPeople(state, item.former), item),
  head: (state, { head }) => withHead(state, head),
  gone,
  synced: (state, { id, answer }) => settle(change(state, id, (c) => conversation.withSynced(c, answer, state.me.id))),
  history: (state, { id, answer }) => change(state, id, (c) => conversation.withHistory(c, answer)),
  newer: (state, { id, answer }) => change(state, id, (c) => conversation.withNewer(c, answer)),
  span: (state, { id, answer }) => change(state, id, (c) => conversation.withSpan(c, answer)),
  merge: (state, { id, items }) => change(state, id, (c) => conversation.merged(c, items)),
  people: (state, { people }) => withPeople(state, people),
  presence: (state, { online }) => ({ ...state, online }),
  typing: (state, { id, people, until }) =>
    change(state, id, (c) => ({ ...c, typing: { ...c.typing, ...Object.fromEntries(people.map((who) => [who, until])) } })),
  typing_ended: (state, { now }) => map(state, (c) => stillTyping(c, now)),
  focus,
  recalled_seen: (state, { id, item }) => change(state, id, (c) => ({ ...c, recalled: c.recalled.filter((each) => each !== item) })),
  quoting: (state, { key, item }) => ({ ...state, quoting: item ? { ...state.quoting, [key]: item } : conversation.without(state.quoting, key) }),
  target: (state, { target }) => ({ ...state, target }),
  usage: (state, { usage }) => ({ ...state, usage }),
  preferences: (state, { preferences }) => ({ ...state, preferences }),
  arranged: (state, { id, settings }) => change(state, id, (c) => ({ ...c, settings })),
  marked: (state, { id, cseq, byHand = false }) => change(state, id, (c) => conversation.withMark(c, cseq, byHand, id === state.focus)),
  // Whoever answers has read.
  queued: (state, { entry }) => change({ ...state, outbox: outbox.queued(state.outbox, entry) }, entry.conversation, released),
  outbox: (state, { client_id, change: to }) => settle({ ...state, outbox: outbox.changed(state.outbox, client_id, to) }),
  outbox_read: (state, { entries, gone: done }) => settle({ ...state, outbox: outbox.withKept(state.outbox, entries, done) }),
  replaced: (state, { client_id, entry }) => ({ ...state, outbox: outbox.replaced(state.outbox, client_id, entry) }),
  drafted: (state, { key, held }) => ({ ...state, drafted: held ? { ...state.drafted, [key]: true } : conversation.without(state.drafted, key) }),
  scheduled: (state, { entries }) => ({ ...state, scheduled: entries }),
  scheduled_one: (state, { entry }) => ({ ...state, scheduled: scheduled.withEntry(state.scheduled, entry) }),
  discarded: (state, { client_id }) => ({ ...state, outbox: outbox.removed(state.outbox, client_id) }),
  stopped_answer: stoppedAnswer,
  stopped: (state, { id, items, usualWait = null }) => change({ ...state, usualWait }, id, (c) => outbox.withStopped(c, items)),
  stopped_changed: (state, { id, told }) => change(state, id, (c) => outbox.withStoppedChange(c, told)),
  told: (state, { conversation: id, answer }) => change(state, id, (c) => conversation.withTold(c, answer)),
  dismissed: (state, { id, item }) => change(state, id, (c) => outbox.dismissed(c, item)),
};

/** Return the state after one action; an unknown one is a mistake of ours. */
export function reduce(state, action) {
  return ACTIONS[action.type](state, action);
}

function hello(state, { me, conversations, limits, retention, preferences = {}, usage = {}, recalled = {} }) {
  const known = {};
  for (const head of conversations) {
    const held = conversation.fromHead(head, state.conversations[head.id]);
    known[head.id] = { ...held, recalled: [...new Set([...held.recalled, ...(recalled[head.id] ?? [])])] };
  }
  const next = { ...state, phase: 'ready', me, limits, retention, preferences, usage, conversations: known, orphans: {} };
  const people = conversations.flatMap(peopleOf);
  return settle({ ...withPeople(next, [me, ...people]), focus: state.focus in known ? state.focus : null });
}

function frame(state, item) {
  const known = state.conversations[item.conversation];
  if (!known) {
    const waiting = [...(state.orphans[item.conversation] ?? []), item];
    return { ...state, orphans: { ...state.orphans, [item.conversation]: waiting } };
  }
  return settle(change(state, known.id, (c) => conversation.withFrame(c, item, state.me.id)));
}

function withHead(state, head) {
  let found = conversation.fromHead(head, state.conversations[head.id]);
  for (const item of state.orphans[head.id] ?? []) found = conversation.withFrame(found, item, state.me.id);
  return withPeople(
    {
      ...state,
      conversations: { ...state.conversations, [head.id]: found },
      orphans: conversation.without(state.orphans, head.id),
    },
    peopleOf(head),
  );
}

/** Whom the head of a conversation names. */
const peopleOf = ({ members, former = [] }) => [...former, ...members];

function gone(state, { id }) {
  return {
    ...state,
    conversations: conversation.without(state.conversations, id),
    outbox: state.outbox.filter((entry) => entry.conversation !== id),
    focus: state.focus === id ? null : state.focus,
  };
}

/** Look at a conversation; where one had read to is marked until one looks elsewhere. */
function focus(state, { id }) {
  const left = state.focus && state.focus !== id ? change(state, state.focus, (c) => ({ ...c, divider: null })) : state;
  const next = { ...left, focus: id };
  return id === null ? next : change(next, id, (c) => ({ ...(id === state.focus ? c : released(c)), divider: c.divider ?? (c.unread ? c.mark : null) }));
}

/** What was put back by hand stays unread for as long as one looks; whoever comes back to it reads it. */
const released = (c) => (c.byHand ? { ...c, byHand: false } : c);

function stoppedAnswer(state, { client_id, answer }) {
  const entry = state.outbox.find((each) => each.client_id === client_id);
  if (!entry) return state;
  const item = outbox.stoppedItem(entry, answer, state.me.id);
  const next = change(state, entry.conversation, (c) => outbox.withStopped(c, [item]));
  return { ...next, outbox: outbox.removed(next.outbox, client_id) };
}

function stillTyping(c, now) {
  const typing = Object.fromEntries(Object.entries(c.typing).filter(([, until]) => until > now));
  return Object.keys(typing).length === Object.keys(c.typing).length ? c : { ...c, typing };
}

function settle(state) {
  const left = outbox.settled(state.outbox, state.conversations);
  return left === state.outbox ? state : { ...state, outbox: left };
}

function withPeople(state, people) {
  if (!people?.length) return state;
  const known = { ...state.people };
  for (const person of people) known[person.id] = { ...known[person.id], ...person };
  return { ...state, people: known };
}

function change(state, id, how) {
  const held = state.conversations[id];
  if (!held) return state;
  const next = how(held);
  return next === held ? state : { ...state, conversations: { ...state.conversations, [id]: next } };
}

function map(state, how) {
  let next = state;
  for (const id of Object.keys(state.conversations)) next = change(next, id, how);
  return next;
}
