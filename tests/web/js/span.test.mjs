import assert from 'node:assert/strict';
import test from 'node:test';

import { covers, Heights, partOf, rangeOf } from '../../../web/static/js/lib/extent.js';
import { matches } from '../../../web/static/js/lib/fuzzy.js';
import { Pointed } from '../../../web/static/js/lib/pointed.js';
import { Client } from '../../../web/static/js/net/client.js';
import { atNewest, hasGap } from '../../../web/static/js/store/conversation.js';
import { initial, reduce } from '../../../web/static/js/store/reduce.js';
import { asks, inOrder, listed, rowsOf, totalUnread } from '../../../web/static/js/store/select.js';
import { createStore } from '../../../web/static/js/store/store.js';
import { calm, FakeSocket, head, helloWith, item, Timers } from './support.mjs';

const after = (...actions) => actions.reduce(reduce, initial);
const hello = (...heads) => ({ type: 'hello', ...helloWith(...heads) });
const c1 = (state) => state.conversations.c1;
const numbers = (state) => rowsOf(state, c1(state)).filter((row) => row.kind === 'item').map((row) => row.item.created_cseq);
const upTo = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const at = (cseq, more = {}) => item(cseq, { at: new Date(Date.UTC(2026, 0, 1) + cseq * 60_000).toISOString(), ...more });

/** A server that holds a long conversation and answers as the real one pages. */
function server(last) {
  const page = (list) => list.map((cseq) => at(cseq));
  const answer = (list) => ({ ok: true, items: page(list), more: list[0] > 1, more_after: list.at(-1) < last, through: last });
  return {
    history: ({ before, after: from }) => answer(from ? upTo(from + 1, Math.min(last, from + 50)) : upTo(Math.max(1, (before ?? last + 1) - 50), (before ?? last + 1) - 1)),
    around: ({ item: id, cseq }) => {
      const place = id ? Number(id.slice(1)) : cseq;
      return { ...answer(upTo(Math.max(1, place - 25), Math.min(last, place + 24))), anchor: `i${place}`, thread: null };
    },
  };
}

async function started(last) {
  const store = createStore(reduce, initial);
  const socket = new FakeSocket({ hello: helloWith(head({ cseq: last })), stopped: { ok: true, items: [] }, sync: { ok: true, conversations: {} }, ...server(last) });
  const client = new Client(store, socket, new Timers());
  client.start();
  await calm();
  return { store, socket, client };
}

test('one goes to a message among a hundred thousand, reads on in both ways, and comes back to the newest', async () => {
  const { store, client } = await started(100_000);
  await client.look('c1');
  assert.deepEqual(numbers(store.get()), upTo(99_951, 100_000));
  const target = await client.goTo('c1', { item: 'i40000' });
  assert.equal(target.item, 'i40000');
  assert.deepEqual(numbers(store.get()), upTo(39_975, 40_024));
  await client.older('c1');
  await client.newer('c1');
  assert.deepEqual(numbers(store.get()), upTo(39_925, 40_074));
  await client.latest('c1');
  assert.deepEqual(numbers(store.get()), upTo(99_951, 100_000));
  assert.ok(atNewest(c1(store.get())));
});

test('however far one scrolls, only so much is held, and the way back has no hole', async () => {
  const { store, client } = await started(5_000);
  await client.look('c1');
  for (let i = 0; i < 40; i += 1) await client.older('c1');
  const held = numbers(store.get());
  assert.ok(held.length <= 800);
  assert.deepEqual(held, upTo(held[0], held.at(-1)));
  while (!atNewest(c1(store.get()))) await client.newer('c1');
  assert.equal(numbers(store.get()).at(-1), 5_000);
  assert.deepEqual(numbers(store.get()), upTo(numbers(store.get())[0], 5_000));
});

test('what comes in while one reads elsewhere is counted, and is there when one comes back', async () => {
  const { store, client, socket } = await started(1_000);
  await client.look('c1');
  await client.goTo('c1', { cseq: 300 });
  socket.push('item', at(1_001));
  assert.equal(numbers(store.get()).includes(1_001), false);
  assert.equal(c1(store.get()).arrived, 1);
  Object.assign(socket.answers, server(1_001));
  await client.latest('c1');
  assert.equal(numbers(store.get()).at(-1), 1_001);
});

test('a frame that overtakes the newest page is asked for again', async () => {
  const state = after(hello(head({ cseq: 2 })), { type: 'frame', item: at(3) },
    { type: 'span', id: 'c1', answer: { items: [at(1), at(2)], more: false, more_after: false, through: 2 } });
  assert.equal(hasGap(c1(state)), true);
  const filled = reduce(state, { type: 'synced', id: 'c1', answer: { items: [at(3)], through: 3, more: false } });
  assert.deepEqual(numbers(filled), [1, 2, 3]);
  assert.equal(c1(filled).unread, 1);
});

test('of a conversation that was never looked at nothing is caught up with, and its counts are right', () => {
  const state = after(hello(head({ cseq: 5 })), hello(head({ cseq: 90, unread: 85 })));
  assert.equal(hasGap(c1(state)), false);
  assert.equal(c1(state).unread, 85);
});

test('who missed very much reads the newest page anew', async () => {
  const { store, client, socket } = await started(100);
  await client.look('c1');
  socket.answers.hello = helloWith(head({ cseq: 9_000 }));
  Object.assign(socket.answers, server(9_000));
  socket.push('drain', { within_seconds: 0 });
  client.link.drop();
  client.link.hurry();
  await calm();
  await calm();
  assert.equal(numbers(store.get()).at(-1), 9_000);
  assert.equal(hasGap(c1(store.get())), false);
});

test('rows are the same rows as long as nothing changed', () => {
  const state = after(hello(head()), { type: 'span', id: 'c1', answer: { items: [at(1)], more: false, more_after: false, through: 1 } });
  assert.equal(rowsOf(state, c1(state)), rowsOf({ ...state, online: ['ben'] }, c1(state)));
});

test('the list has favourites, what is unread, channels and people, and hides what one hid', () => {
  const settings = (more) => ({ muted: false, favourite: false, hidden: false, ...more });
  const state = after(hello(
    head({ id: 'fav', kind: 'public', name: 'A', settings: settings({ favourite: true }) }),
    head({ id: 'new', kind: 'public', name: 'B', unread: 2, settings: settings() }),
    head({ id: 'muted', kind: 'public', name: 'C', unread: 9, settings: settings({ muted: true }) }),
    head({ id: 'called', kind: 'public', name: 'D', unread: 9, mentions: 1, settings: settings({ muted: true }) }),
    head({ id: 'hid', settings: settings({ hidden: true }) }),
    head({ id: 'c1', settings: settings() }),
  ));
  const ids = Object.fromEntries(Object.entries(listed(state)).map(([name, rows]) => [name, rows.map((row) => row.conversation.id)]));
  assert.deepEqual(ids, { favourites: ['fav'], unread: ['new', 'called'], channels: ['muted'], people: ['c1'] });
  assert.deepEqual(inOrder(state), ['fav', 'new', 'called', 'muted', 'c1']);
  assert.equal(totalUnread(state), 3);
});

test('what one hid comes back with the next message', () => {
  const hidden = { muted: false, favourite: false, hidden: true };
  const state = after(hello(head({ settings: hidden })), { type: 'frame', item: at(1) });
  assert.equal(c1(state).settings.hidden, false);
  assert.equal(asks(c1(state)), true);
});

test('what was read in another tab to a point is counted anew by the server', () => {
  const known = after(hello(head({ cseq: 9, unread: 9 })), { type: 'marked', id: 'c1', cseq: 4 });
  assert.equal(c1(known).stale, true);
  const all = reduce(known, { type: 'marked', id: 'c1', cseq: 9 });
  assert.equal(c1(all).unread, 0);
});

test('the rows that are drawn cover the view and some more, wherever one is', () => {
  const rows = Array.from({ length: 1_000 }, (_, i) => ({ kind: 'item', key: `k${i}` }));
  const heights = new Heights();
  rows.forEach((row, i) => heights.measure(row, 20 + (i % 7) * 15));
  for (const index of [0, 1, 499, 998, 999]) {
    const range = rangeOf(rows, heights, { atEnd: false, index, offset: -5, height: 700 }, 300);
    const below = heights.between(rows, index, range.to);
    assert.ok(range.to === rows.length || below >= 700 + 300);
    assert.ok(range.from === 0 || heights.between(rows, range.from, index) >= 290);
    assert.ok(range.to - range.from < 80);
  }
  const end = rangeOf(rows, heights, { atEnd: true, index: 0, offset: 0, height: 700 }, 300);
  assert.equal(end.to, 1_000);
  assert.ok(covers(end, { from: 990, to: 1_000 }));
});

test('what is near is drawn at once, few other rows with it, and soon all that is wanted', () => {
  const most = 5;
  const numbers = ({ from, to }) => upTo(from, to - 1);
  let seed = 1;
  const random = (below) => (seed = (seed * 48_271) % 2_147_483_647) % below;
  for (let round = 0; round < 2_000; round += 1) {
    const near = { from: 10 + random(60), to: 0 };
    near.to = near.from + random(20);
    const wanted = { from: near.from - random(10), to: near.to + random(30) };
    let drawn = { from: random(100), to: 0 };
    drawn.to = drawn.from + random(40);
    for (let frame = 0; !covers(drawn, wanted) || frame === 0; frame += 1) {
      assert.ok(frame < 60, 'it ends');
      const part = partOf(wanted, near, drawn, most);
      assert.ok(covers(part, near) && covers(wanted, part));
      const extra = numbers(part).filter((row) => !numbers(drawn).includes(row) && !numbers(near).includes(row));
      assert.ok(extra.length <= most, `${extra.length} are too many`);
      drawn = part;
    }
  }
});

test('of the rows only the one that the pointer left and the one it came to are told', () => {
  const told = [];
  const pointed = new Pointed();
  for (const key of ['a', 'b', 'c']) pointed.watched.set(key, () => told.push(key));
  for (const key of ['a', 'a', 'b', undefined, 'none']) pointed.to(key);
  assert.deepEqual(told, ['a', 'a', 'b', 'b']);
});

test('a place in the whole height is found by what was measured and what is guessed', () => {
  const rows = Array.from({ length: 10 }, (_, i) => ({ kind: 'item', key: `k${i}` }));
  const heights = new Heights();
  rows.slice(0, 5).forEach((row) => heights.measure(row, 100));
  assert.deepEqual(heights.at(rows, 250), { index: 2, offset: -50 });
  assert.deepEqual(heights.at(rows, 950), { index: 9, offset: -50 });
});

test('names are found by their beginnings, by their initials and without accents', () => {
  const best = (query) => ['Research desk', 'Ben Okafor', 'Zoë Müller', 'Deals', 'Market research']
    .map((name) => [matches(name, query)?.score ?? -Infinity, name]).sort((a, b) => b[0] - a[0])[0][1];
  assert.equal(best('res'), 'Research desk');
  assert.equal(best('bo'), 'Ben Okafor');
  assert.equal(best('zoe'), 'Zoë Müller');
  assert.equal(best('market'), 'Market research');
  assert.equal(matches('Deals', 'xyz'), null);
  assert.deepEqual(matches('Deals', 'dea').parts, [{ text: 'Dea', hit: true }, { text: 'ls', hit: false }]);
});
