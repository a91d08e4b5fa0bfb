// What the server would answer to the views on the page of components; and what waits for ever.

import { ARRIVED, BEN, EVE, HISTORY, ROOM, TOM } from './samples.js';

const AT = '2026-03-31T09:14:00.000Z';
const [first, mention, marked, edited] = ARRIVED;
const person = (who, more) => ({ ...who, segments: ['Research'], ...more });

const ANSWERS = {
  people: () => ({ people: [person(BEN), person(EVE, { segments: [] }), person(TOM, { segments: ['Trading'], barred: { title: 'Trading and Research are separated (rule RT-1).' } })] }),
  channels: () => ({ channels: [
    { id: ROOM, name: 'deals', topic: 'What is signed and when', members: 3, joined: true },
    { id: 'c-other', name: 'harbour', topic: '', members: 12, joined: false },
  ] }),
  profile: ({ person: id }) => ({ profile: id === TOM.id
    ? { ...TOM, segments: ['Trading'], left: false, here: false, takes_part: true, title: 'Trader', barred: { title: 'You can’t message Tom: Trading and Research are separated (rule RT-1).', why: 'Nothing was sent.', actions: ['If you need a crossing, ask Control Room.'] } }
    : { ...BEN, segments: ['Research'], left: false, here: true, takes_part: true, title: 'Analyst', department: 'Research', email: 'ben@example.com' } }),
  pins: () => ({ items: [{ ...marked, view: { ...marked.view, pinned: { by: BEN.id, at: AT } } }] }),
  threads: () => ({ threads: [{ conversation: ROOM, root: first, replies: 3, unread: 2, last_reply: { ...mention, view: { text: 'Seen, thank you.', tokens: [{ t: 'p', c: ['Seen, thank you.'] }] } } }], next: null }),
  mentions: () => ({ items: [mention], next: null }),
  versions: () => ({ versions: [
    { version: 3, at: AT, tokens: edited.view.tokens },
    { version: 2, at: AT, tokens: [{ t: 'p', c: ['Said better the first time.'] }] },
    { version: 1, at: AT, gone: true, tokens: [] },
  ] }),
  readers: () => ({ kept_days: 365, officers: { named: 2 } }),
  members: () => ({ history: HISTORY }),
};

/** Answer a question as the server would; what is not known here waits. */
export const ask = (event, request) => (ANSWERS[event] ? Promise.resolve(ANSWERS[event](request)) : new Promise(() => {}));

/** Answer as where nothing is yet. */
export const askNothing = () => Promise.resolve({ items: [], threads: [], versions: [], history: [], people: [], channels: [], next: null, officers: { named: 0 } });

/** Answer a search: two found, and more. */
export const pages = () => Promise.resolve({
  found: [
    { item: 'm1', conversation: ROOM, sender: BEN.id, sender_name: BEN.name, at: AT, excerpt: [{ text: 'The ' }, { text: 'Falcon', hit: true }, { text: ' sheet is there.' }] },
    { item: 'm2', conversation: ROOM, sender: EVE.id, sender_name: EVE.name, at: AT, excerpt: [{ text: '… where ' }, { text: 'Falcon', hit: true }, { text: ' stood …' }], file: 'offer.pdf', thread_root: 'm1' },
  ],
  next: 'more',
  waiting: 4,
});
