// One conversation as this browser knows it, and how item versions change it. Pure.
//
// `cseq` is the last number up to which nothing is missing, `target` the highest that is known to
// exist. A live frame that does not follow directly waits in `early`; whoever sees the gap between
// the two asks the server for the rest.

const EARLY_KEPT = 500;
const TITLES = { rename: 'name', topic: 'topic' };
const MEMBERS_CHANGE = new Set(['open', 'join', 'leave', 'rename', 'topic', 'close']);

/** Return a conversation as the server heads it, keeping what is known of an older one. */
export function fromHead(head, old) {
  const fresh = old ?? {
    cseq: head.cseq, items: {}, stopped: {}, early: [], typing: {},
    loaded: false, more: true, divider: null, target: head.cseq,
  };
  return {
    ...fresh,
    id: head.id, kind: head.kind, name: head.name, topic: head.topic, closed: head.closed,
    opener: head.opener, members: head.members, seesFrom: head.sees_from,
    // A mark of ours may still be on its way.
    mark: Math.max(head.mark, old?.mark ?? 0),
    unread: (old?.mark ?? 0) > head.mark ? old.unread : head.unread,
    mentions: (old?.mark ?? 0) > head.mark ? old.mentions : head.mentions,
    countedTo: head.cseq,
    stale: false,
    target: Math.max(fresh.target, head.cseq),
  };
}

/** Tell whether something is missing that is known to exist. */
export const hasGap = (conversation) => conversation.cseq < conversation.target;

/** Return the conversation after one live frame. */
export function withFrame(conversation, item, me) {
  if (item.cseq > conversation.cseq + 1) {
    if (conversation.early.some((each) => each.cseq === item.cseq)) return conversation;
    const early = [...conversation.early, item].slice(-EARLY_KEPT);
    return { ...conversation, early, target: Math.max(conversation.target, item.cseq) };
  }
  return withEarly(counted(applied(conversation, item, me, conversation.cseq)), me);
}

/** Return the conversation after an answer to "everything since"; it reaches `through`. */
export function withSynced(conversation, { items, through, more }, me) {
  const base = conversation.cseq;
  let next = conversation;
  for (const item of items) next = applied(next, item, me, base);
  const reached = Math.max(next.cseq, through);
  const target = Math.max(next.target, more ? reached + 1 : reached);
  return withEarly(counted({ ...next, cseq: reached, target }), me);
}

/** Return the conversation with a page of history, oldest first. */
export function withHistory(conversation, { items, more }) {
  return { ...merged(conversation, items), loaded: true, more };
}

/** Return the conversation with items that were read for another reason (a thread). */
export function merged(conversation, items) {
  const known = { ...conversation.items };
  for (const item of items) {
    const held = known[item.id];
    if (item.bare || (held && held.version > item.version)) continue;
    known[item.id] = { ...item, replies: item.replies ?? held?.replies ?? 0 };
  }
  return { ...conversation, items: known };
}

function withEarly(conversation, me) {
  let next = conversation;
  for (const item of [...conversation.early].sort((a, b) => a.cseq - b.cseq)) {
    if (item.cseq <= next.cseq + 1) next = counted(applied(next, item, me, next.cseq));
  }
  return { ...next, early: next.early.filter((item) => item.cseq > next.cseq) };
}

/** Apply one version. `base` is the number up to which everything was known before. */
function applied(conversation, item, me, base) {
  const cseq = Math.max(conversation.cseq, item.cseq);
  const next = { ...conversation, cseq, target: Math.max(conversation.target, cseq) };
  const held = conversation.items[item.id];
  if (item.bare || (held && held.version >= item.version)) return next;
  const isNew = !held && item.created_cseq > base;
  if (held || isKept(conversation, item, isNew)) {
    next.items = { ...conversation.items, [item.id]: { ...item, replies: held?.replies ?? 0 } };
  }
  if (item.id in conversation.stopped) next.stopped = without(conversation.stopped, item.id);
  if (isNew) announce(next, item, me);
  if (item.type === 'event') applyEvent(next, item);
  return next;
}

function isKept(conversation, item, isNew) {
  if (!conversation.loaded) return false;
  if (isNew || !conversation.more) return true;
  const first = Object.values(conversation.items).reduce((low, each) => Math.min(low, each.created_cseq), Infinity);
  return !item.thread_root && item.created_cseq >= first;
}

function announce(next, item, me) {
  const root = next.items[item.thread_root];
  if (root) next.items = { ...next.items, [root.id]: { ...root, replies: root.replies + 1 } };
  if (item.sender in next.typing) next.typing = without(next.typing, item.sender);
  if (item.type === 'message' && item.sender !== me && item.created_cseq > next.countedTo) {
    next.unread += 1;
    if (item.view.mentions?.includes(me)) next.mentions += 1;
  }
}

/** Everything up to `cseq` has been counted as unread or not. */
const counted = (conversation) => ({ ...conversation, countedTo: Math.max(conversation.countedTo, conversation.cseq) });

function applyEvent(next, item) {
  const { event, data } = item.view;
  if (TITLES[event]) next[TITLES[event]] = data.text;
  if (event === 'close') next.closed = true;
  // Who is a member, and what everybody is called, is the server's to say.
  if (MEMBERS_CHANGE.has(event)) next.stale = true;
}

/** Return an object without one key. */
export function without(object, key) {
  const { [key]: _, ...rest } = object;
  return rest;
}
