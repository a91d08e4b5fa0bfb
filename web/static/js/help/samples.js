// What the page of components shows: one of everything. Not part of the interface, and so not translated.

export const ROOM = 'c-open';
export const CLOSED = 'c-closed';
export const ANA = { id: 'ana', username: 'ana', name: 'Ana Ribeiro', external: false };
export const BEN = { id: 'ben', username: 'ben', name: 'Ben Okafor', external: false };
export const EVE = { id: 'eve', username: 'eve', name: 'Eve Partner', external: true };
export const TOM = { id: 'tom', username: 'tom', name: 'Tom Fischer', external: false };
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
    head('c-left', { kind: 'group', name: '', members: [ANA], former: [BEN, EVE] }),
  ],
};

const view = (text, more) => ({ text, tokens: [{ t: 'p', c: [text] }], mentions: [], reactions: {}, at: AT, ...more });
const item = (id, sender, state, shown) => ({
  id, conversation: ROOM, sender, type: 'message', state, version: 1, thread_root: null, at: AT, cseq: 1, created_cseq: 1, replies: 0, view: shown,
});

const COVERED = {
  title: 'Covered for everybody else: payment card number (•••• 1111).',
  why: 'Rule CARD-1 keeps this out of conversations. Others get your message without it.',
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
  event('e1', 'open', {}), event('e2', 'join', { person: 'eve' }), event('e3', 'rename', { text: 'deals' }), event('e4', 'leave', { person: 'eve' }), event('e5', 'leave', { person: 'ben' }),
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

export const HISTORY = [{ person: 'ana', joined_at: AT, left_at: null }, { person: 'ben', joined_at: AT, left_at: '2026-04-02T10:00:00.000Z' }];

// A picture that is drawn here: there are no files behind this page.
export const PICTURE = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" width="480" height="320"><path fill="#7cc5ca" d="M0 0h480v320H0z"/><path fill="#1d5c63" d="M0 220q120-60 240 0t240 0v100H0z"/><circle cx="360" cy="90" r="40" fill="#fbf0da"/></svg>')}`;

const file = (id, name, type, more) => ({ id, name, type, size: 48_213, ...more });
export const PICTURES = [
  file('f1', 'harbour.png', 'image/png', { thumb: [480, 320], preview: [480, 320] }), file('f2', 'pier.png', 'image/png', { thumb: [480, 320], preview: [480, 320] }),
];
export const FILES = [
  file('f3', 'offer.pdf', 'application/pdf', { pages: 12 }),
  file('f4', 'minutes of monday.txt', 'text/plain', { excerpt: 'We meet again on Friday.\nAna brings the list.' }),
  file('f5', 'call.wav', 'audio/wav', { size: 3_528_044 }),
];

const stopped = (state, more = {}) => ({
  ...item(`s-${state}`, 'ana', state, view('CL-123456 called', { notice: NOTICE, decision: 'd1', ...more })), cseq: null,
});
export const STOPPED = [
  stopped('needs_confirmation'), stopped('needs_reason'), stopped('quarantined', { expires_at: '2026-03-31T17:30:00.000Z', files: FILES.map((file, i) => ({ ...file, unread: i === 0 })) }),
  stopped('checking', { files: FILES }), stopped('blocked'), stopped('withdrawn'), stopped('rejected'), stopped('lapsed'),
];
export const UPLOADS = [
  { client_id: 't1', name: 'offer.pdf', size: 400_000, received: 120_000, state: 'uploading' },
  { client_id: 't2', name: 'minutes of monday.txt', size: 48_213, received: 48_213, state: 'done' },
  { client_id: 't3', name: 'film.mp4', size: 90_000_000, received: 4_000_000, state: 'resting' },
  { client_id: 't4', name: 'nothing.txt', size: 0, received: 0, state: 'failed', error: { message: 'This file is empty.' } },
];

const quote = { item: 'm1', sender: 'ben', at: AT, text: 'Good morning.', tokens: [{ t: 'p', c: ['Good morning.'] }] };
export const RICHER = [
  item('r1', 'ana', 'sent', view('Good morning to you.', { quote })),
  item('r2', 'ana', 'sent', view('Pass it on.', { quote: { empty: true } })),
  item('r3', 'ben', 'sent', view('Look at this.', { forwarded: { ...quote, sender: 'eve', name: 'Eve Partner', conversation: 'elsewhere' } })),
  item('r4', 'ben', 'sent', view('https://example.com/rates', { preview: { url: 'https://example.com/rates', title: 'Rates stay where they are', description: 'The bank holds its rates.', site: 'Daily News' } })),
  item('r5', 'eve', 'sent', view('Everybody should find this again.', { pinned: { by: 'ben', at: AT } })),
  item('r6', 'ben', 'sent', view('Two pictures.', { files: PICTURES })),
  item('r7', 'ben', 'sent', view('And what belongs to them.', { files: FILES })),
];

export const SCHEDULED = [
  { id: 'l1', conversation: ROOM, thread_root: null, text: 'Good morning, all', at: '2036-04-01T09:00:00.000Z', state: 'waiting' },
  { id: 'l2', conversation: ROOM, thread_root: null, text: 'It goes now', at: AT, state: 'sending' },
  { id: 'l3', conversation: ROOM, thread_root: null, text: 'the key is AKIA…', at: AT, state: 'stopped', code: 'blocked' },
  { id: 'l4', conversation: CLOSED, thread_root: null, text: 'Too late', at: AT, state: 'failed', code: 'conversation_closed' },
];

const finding = { start: 5, end: 9 };
export const TIPS = ['flag', 'warn', 'justify', 'redact', 'quarantine', 'block'].map((verdict) => ({
  verdict, title: NOTICE.title, notice: NOTICE, excerpts: ['•••• 1111'], removable: verdict === 'flag' ? [] : [finding],
}));
