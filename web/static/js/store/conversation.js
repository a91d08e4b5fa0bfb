// One conversation as this browser knows it, and how item versions change it. Pure.
//
// `cseq` is the last number up to which nothing is missing, `target` the highest that is known to
// exist. A live frame that does not follow directly waits in `early`; whoever sees the gap between
// the two asks the server for the rest.
//
// Of what was said only a span is loaded: from `span.from` to `span.to` (Infinity: to the newest)
// nothing is missing. One moves the span by pages, or puts it elsewhere by a jump; it stays small.

const EARLY_KEPT = 500;
/** More than this was missed: the newest page is read anew instead of everything since. */
const MISSED_KEPT = 500;
/** How many messages of the main line a span holds before its far end is let go, and after. */
const SPAN_MOST = 800;
const SPAN_LEFT = 600;
const TITLES = { rename: 'name', topic: 'topic' };
/** States in which a message shows no word any more. */
export const GONE = new Set(['deleted', 'expired', 'recalled']);
const MEMBERS_CHANGE = new Set(['open', 'join', 'leave', 'rename', 'topic', 'close']);

const NOTHING_LOADED = { items: {}, early: [], loaded: false, more: true, span: { from: Infinity, to: Infinity } };

/** Return a conversation as the server heads it, keeping what is known of an older one. */
export function fromHead(head, known) {
  const old = known && forgotten(known, head.cseq);
  const fresh = old ?? {
    ...NOTHING_LOADED, cseq: head.cseq, stopped: {}, told: {}, recalled: [], typing: {}, divider: null, target: head.cseq, arrived: 0, epoch: 0,
  };
  return {
    ...fresh,
    id: head.id, kind: head.kind, name: head.name, topic: head.topic, closed: head.closed,
    opener: head.opener, members: head.members, former: head.former, seesFrom: head.sees_from,
    settings: head.settings ?? fresh.settings ?? {},
    ...readOf(head, old),
    countedTo: head.cseq,
    stale: false,
    target: Math.max(fresh.target, head.cseq),
  };
}

/** How far one read: a mark of ours may still be on its way, unless it was put back by hand. */
function readOf({ mark, unread, mentions, by_hand: byHand = false }, old) {
  if (!byHand && old?.mark > mark) return { mark: old.mark, unread: old.unread, mentions: old.mentions, byHand };
  return { mark, unread, mentions, byHand };
}

/**
 * Return the conversation as somebody read it, here or elsewhere. What was read only up to a point, or was put
 * back by hand, has to be counted anew by the server.
 */
export function withMark(c, cseq, byHand, looking) {
  if (byHand) return { ...c, mark: cseq, byHand, stale: true, divider: looking ? cseq : c.divider };
  const mark = Math.max(c.mark, cseq);
  if (cseq < c.cseq) return cseq <= c.mark ? c : { ...c, mark, stale: true };
  return cseq <= c.mark && !c.unread ? c : { ...c, mark, unread: 0, mentions: 0, byHand };
}

/** What was never looked at, or of which too much was missed, is not caught up with but read anew. */
function forgotten(old, cseq) {
  if (cseq <= old.cseq || (old.loaded && cseq - old.cseq <= MISSED_KEPT)) return old;
  const target = Math.max(old.target, cseq);
  return { ...old, ...NOTHING_LOADED, cseq, target: old.early.length ? target : cseq, epoch: old.epoch + 1 };
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

/** Return the conversation with the page of history before its span, oldest first; or with its newest page. */
export function withHistory(conversation, { items, more }) {
  const from = more && items.length ? items[0].created_cseq : 0;
  return trimmed({ ...merged(conversation, items), loaded: true, more, span: { ...conversation.span, from } }, 'to');
}

/** Return the conversation with the page after its span. */
export function withNewer(conversation, { items, more_after: moreAfter, through }) {
  const to = moreAfter && items.length ? items.at(-1).created_cseq : Infinity;
  const next = { ...merged(conversation, items), span: { ...conversation.span, to } };
  return trimmed(to === Infinity ? knownTo(next, through) : next, 'from');
}

/** Return the conversation with its span put elsewhere: around a message, at a date, or at its end. */
export function withSpan(conversation, { items, more, more_after: moreAfter, through }) {
  const span = { from: more && items.length ? items[0].created_cseq : 0, to: moreAfter && items.length ? items.at(-1).created_cseq : Infinity };
  const next = merged({ ...conversation, items: outside(conversation.items) }, items);
  return knownTo({ ...next, loaded: true, more, span }, span.to === Infinity ? through : undefined);
}

/** A page reaches `through`; what came since was let go while the span did not reach it. Ask for it again. */
function knownTo(conversation, through = conversation.cseq) {
  if (through >= conversation.cseq) return conversation;
  return { ...conversation, cseq: through, target: Math.max(conversation.target, conversation.cseq) };
}

/** Tell whether a message of the main line lies in the span. */
export const inSpan = ({ span }, item) => !item.thread_root && item.created_cseq >= span.from && item.created_cseq <= span.to;

/** Tell whether the span reaches the newest message. */
export const atNewest = (conversation) => conversation.span.to === Infinity;

/** Let go of what is far from where one reads: at the end `side` of the span. */
function trimmed(conversation, side) {
  const numbers = Object.values(conversation.items).filter((item) => inSpan(conversation, item)).map((item) => item.created_cseq);
  if (numbers.length <= SPAN_MOST) return conversation;
  numbers.sort((a, b) => a - b);
  const span = side === 'to'
    ? { ...conversation.span, to: numbers[SPAN_LEFT - 1] }
    : { ...conversation.span, from: numbers.at(-SPAN_LEFT) };
  const kept = Object.entries(conversation.items).filter(([, item]) => item.thread_root || inSpan({ span }, item));
  return { ...conversation, span, more: conversation.more || side === 'from', items: Object.fromEntries(kept) };
}

/** Of what was loaded, threads stay: one may be open. */
function outside(items) {
  const roots = new Set(Object.values(items).map((item) => item.thread_root).filter(Boolean));
  return Object.fromEntries(Object.entries(items).filter(([id, item]) => item.thread_root || roots.has(id)));
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
    const shown = { ...item, replies: held?.replies ?? 0 };
    next.items = { ...conversation.items, [item.id]: stillTold(shown, held, conversation.told[item.id]) };
  }
  if (item.id in conversation.told) next.told = without(conversation.told, item.id);
  if (item.version > 1) next.items = quotesOf(next.items, item);
  if (item.id in conversation.stopped) next.stopped = without(conversation.stopped, item.id);
  if (isNew) announce(next, item, me);
  if (item.type === 'event') applyEvent(next, item);
  if (item.sender === me) next.recalled = recalledWith(next.recalled, item);
  return next;
}

/** Their own messages that were recalled, with one that was, or without one that is shown again. */
function recalledWith(recalled, { id, state }) {
  const rest = recalled.filter((each) => each !== id);
  return state === 'recalled' ? [...rest, id] : rest;
}

/**
 * What its sender alone is told of a message is in no frame, which goes to everybody: it is kept until the
 * message says something else. An answer that came before its frame waits in `told`.
 */
function stillTold(item, held, waiting) {
  const same = held && held.view.edited_at === item.view.edited_at && !GONE.has(item.state);
  const told = item.view.told ?? waiting ?? (same ? held.view.told : undefined);
  return told ? { ...item, view: { ...item.view, told } } : item;
}

/** Return the conversation after the server told its sender of a message that others see. */
export function withTold(conversation, { id, cseq, told }) {
  const held = conversation.items[id];
  if (!held || held.cseq < cseq) return { ...conversation, told: { ...conversation.told, [id]: told } };
  return { ...conversation, items: { ...conversation.items, [id]: { ...held, view: { ...held.view, told } } } };
}

/** A quote shows something for as long as what is quoted does. */
function quotesOf(items, item) {
  const empty = GONE.has(item.state);
  const quoting = Object.values(items).filter(({ view }) => view?.quote?.item === item.id && Boolean(view.quote.empty) !== empty);
  if (!quoting.length) return items;
  return { ...items, ...Object.fromEntries(quoting.map((each) => [each.id, { ...each, view: { ...each.view, quote: { ...each.view.quote, empty } } }])) };
}

function isKept(conversation, item, isNew) {
  if (!conversation.loaded) return false;
  return item.thread_root ? isNew : inSpan(conversation, item);
}

function announce(next, item, me) {
  const root = next.items[item.thread_root];
  if (root) next.items = { ...next.items, [root.id]: { ...root, replies: root.replies + 1 } };
  if (item.sender in next.typing) next.typing = without(next.typing, item.sender);
  if (item.type === 'message' && next.settings.hidden) next.settings = { ...next.settings, hidden: false };
  if (item.type === 'message' && item.sender !== me && item.created_cseq > next.countedTo) {
    next.unread += 1;
    if (!item.thread_root) next.arrived += 1;
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
