// What the page of components shows: one of everything. Not part of the interface, and so not translated.

export const ROOM = 'c-open';
export const CLOSED = 'c-closed';
const ANA = { id: 'ana', username: 'ana', name: 'Ana Ribeiro', external: false };
const BEN = { id: 'ben', username: 'ben', name: 'Ben Okafor', external: false };
const EVE = { id: 'eve', username: 'eve', name: 'Eve Partner', external: true };
const AT = '2026-03-31T09:14:00.000Z';

const head = (id, more) => ({
  id, kind: 'public', name: 'deals', topic: '', closed: false, opener: 'ana', cseq: 9, sees_from: 0, mark: 9, unread: 0, mentions: 0,
  members: [ANA, BEN, EVE], settings: { muted: false, favourite: false, hidden: false }, ...more,
});

export const HELLO = {
  type: 'hello',
  me: { ...ANA, roles: [] },
  limits: { max_chars: 20_000 },
  retention: { public: 365 },
  preferences: {},
  conversations: [
    head(ROOM, { name: 'deals' }),
    head('c-unread', { name: 'research-desk', unread: 7, mentions: 2, mark: 2 }),
    head('c-private', { kind: 'private', name: 'compliance-questions' }),
    head(CLOSED, { name: 'old-project', closed: true }),
    head('c-direct', { kind: 'direct', name: '', members: [ANA, BEN], unread: 1, mark: 8 }),
    head('c-group', { kind: 'group', name: '', members: [ANA, BEN, EVE] }),
  ],
};

const view = (text, more) => ({ text, tokens: [{ t: 'p', c: [text] }], mentions: [], reactions: {}, at: AT, ...more });
const item = (id, sender, state, shown) => ({
  id, conversation: ROOM, sender, type: 'message', state, version: 1, thread_root: null, at: AT, cseq: 1, created_cseq: 1, replies: 0, view: shown,
});

const COVERED = {
  title: 'Covered for everybody else: payment card number (•••• 1111).',
  why: 'Rule CARD-1 keeps this out of conversations. Your message was sent without it.',
  actions: ['If somebody needs it, use a place that is meant for it.'],
};
const FLAGGED = {
  title: 'Flagged: bank account number (•••• 5432).',
  why: 'Rule BANK-1 marks this for Compliance. It is delivered all the same.',
  actions: ['If it is right, you need do nothing.', 'If it is wrong, report it; Compliance sees that.'],
};

const MARKED = [
  { t: 'p', c: ['Prices for ', { t: 'strong', c: ['Falcon'] }, ', see ', { t: 'a', href: 'https://example.com/', c: ['the sheet'] }, ' and ', { t: 'code', c: ['run()'] }, ':'] },
  { t: 'ul', c: [{ t: 'li', c: ['first'] }, { t: 'li', c: ['second'] }] },
  { t: 'quote', c: [{ t: 'p', c: ['What somebody else said'] }] },
  { t: 'pre', c: ['def run():\n    return 42'] },
];

export const ARRIVED = [
  { ...item('m1', 'ben', 'sent', view('Good morning.', { reactions: { thumbs_up: ['ana'], heart: ['ben', 'eve'] } })), replies: 3 },
  item('m2', 'eve', 'sent', { ...view('@Ana, look at this'), tokens: [{ t: 'p', c: [{ t: 'mention', person: 'ana', c: ['@Ana'] }, ', look at this'] }], mentions: ['ana'] }),
  item('m3', 'ana', 'sent', { ...view(''), tokens: MARKED }),
  item('m4', 'ana', 'edited', view('Said better the second time.', { edited_at: AT })),
  item('m5', 'ana', 'redacted', view('My card is ▮▮▮▮ [card number], call me.', { told: { notice: COVERED, decision: 'd5', excerpts: ['•••• 1111'] } })),
  item('m5b', 'ana', 'sent', view('Pay to GB82 WEST 1234 5698 7654 32', { told: { notice: FLAGGED, decision: 'd6', excerpts: ['•••• 5432'] } })),
  item('m6', 'ben', 'deleted', view('')),
  item('m7', 'ben', 'expired', view('')),
  item('m8', 'ben', 'recalled', view('')),
];

const event = (id, name, data) => ({ ...item(id, 'ben', 'sent', { event: name, data }), type: 'event' });
export const HAPPENED = [
  event('e1', 'open', {}), event('e2', 'join', { person: 'eve' }), event('e3', 'rename', { text: 'deals' }), event('e4', 'leave', {}),
];

export const UNSENT = [
  { client_id: 'u1', conversation: ROOM, text: 'On its way', state: 'sending', error: null, at: AT },
  { client_id: 'u2', conversation: ROOM, text: 'Waiting', state: 'waiting', error: 'The connection was lost.', at: AT },
  { client_id: 'u3', conversation: ROOM, text: 'Refused', state: 'failed', error: 'This conversation is closed.', at: AT },
];

export const NOTICE = {
  title: 'This looks like a payment card number (ending 1111).',
  why: 'Card numbers are kept out of chat, because whoever reads them can use them.',
  actions: ['Remove it, or send with a reason; the reason is kept with the message.'],
};

const stopped = (state, more = {}) => ({
  ...item(`s-${state}`, 'ana', state, view('CL-123456 called', { notice: NOTICE, decision: 'd1', ...more })), cseq: null,
});
export const STOPPED = [
  stopped('needs_confirmation'), stopped('needs_reason'), stopped('quarantined', { expires_at: '2026-03-31T17:30:00.000Z' }),
  stopped('blocked'), stopped('withdrawn'), stopped('rejected'), stopped('lapsed'),
];
