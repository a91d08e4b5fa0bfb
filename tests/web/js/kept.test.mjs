import assert from 'node:assert/strict';
import test from 'node:test';

import { boxOf, createDrafts } from '../../../web/static/js/lib/drafts.js';
import { memoryShelf } from '../../../web/static/js/lib/shelf.js';
import { Client } from '../../../web/static/js/net/client.js';
import { isOpen } from '../../../web/static/js/store/outbox.js';
import { initial, reduce } from '../../../web/static/js/store/reduce.js';
import { createStore } from '../../../web/static/js/store/store.js';
import { calm, FakeSocket, head, helloWith, item, Timers } from './support.mjs';

const sent = (cseq) => ({ ok: true, id: `i${cseq}`, state: 'sent', cseq, at: '2026-01-05T10:00:00.000Z' });
const BUSY = { ok: false, code: 'policy_unavailable', message: 'Try again.', retryable: true };

/** Tabs of one browser: they share a shelf, hear each other, and take turns. */
function browser() {
  const shelf = memoryShelf();
  const tabs = [];
  const turns = new Map();
  const peers = () => {
    const tab = { heard() {} };
    tabs.push(tab);
    return {
      tell: (told) => tabs.filter((each) => each !== tab).forEach((each) => queueMicrotask(() => each.heard(told))),
      listen: (heard) => { tab.heard = heard; },
      only(name, work) {
        const turn = (turns.get(name) ?? Promise.resolve()).then(work);
        turns.set(name, turn.catch(() => {}));
        return turn;
      },
    };
  };
  return { shelf, peers };
}

async function tab({ shelf, peers }, answers = {}, { online = true } = {}) {
  const store = createStore(reduce, initial);
  const timers = new Timers();
  const socket = new FakeSocket({ hello: helloWith(head()), stopped: { ok: true, items: [] }, sync: { ok: true, conversations: {} }, ...answers });
  socket.reachable = online;
  const others = peers();
  const client = new Client(store, socket, timers, { shelf, peers: others });
  others.listen((told) => told.kind === 'outbox' && client.queue.heard(told.action));
  await client.queue.load();
  client.start();
  await calm();
  return { client, socket, store, timers };
}

const texts = (socket) => socket.of('send').map((each) => each.text);

test('a disk that cannot be read any more keeps no message back', async () => {
  const house = browser();
  const { client, socket } = await tab(house, { send: () => sent(1) });
  house.shelf.entries = () => Promise.reject(new Error('InvalidStateError'));
  client.send('c1', 'one');
  await calm();
  assert.deepEqual(texts(socket), ['one']);
});

test('what waited when the page closed is sent by the next page, in order and under the same ids', async () => {
  const house = browser();
  const before = await tab(house, {}, { online: false });
  for (const text of ['one', 'two', 'three']) before.client.send('c1', text);
  await calm();
  const ids = before.store.get().outbox.map((entry) => entry.client_id);
  let cseq = 0;
  const { socket, store } = await tab(house, { send: () => sent((cseq += 1)) });
  assert.deepEqual(texts(socket), ['one', 'two', 'three']);
  assert.deepEqual(socket.of('send').map((each) => each.client_id), ids);
  assert.ok(store.get().outbox.every((entry) => entry.state === 'acked'));
  assert.deepEqual(await house.shelf.entries(), []);
});

test('a page that crashed while it sent leaves a message that goes out under the same id', async () => {
  const house = browser();
  const crashed = await tab(house);
  crashed.client.send('c1', 'was it delivered?');
  await calm();
  assert.equal(crashed.socket.of('send').length, 1);
  const next = await tab(house, { send: sent(1) });
  // The tab that crashed gives its turn back, as a browser sees to.
  crashed.socket.lose();
  await calm();
  assert.equal(next.socket.of('send')[0].client_id, crashed.socket.of('send')[0].client_id);
});

test('of two tabs one sends, and both show what is on its way', async () => {
  const house = browser();
  let cseq = 0;
  const answers = { send: () => sent((cseq += 1)) };
  const [one, two] = [await tab(house, answers), await tab(house, answers)];
  for (const text of ['a', 'b', 'c']) {
    one.client.send('c1', text);
    await calm();
  }
  assert.deepEqual([...texts(one.socket), ...texts(two.socket)].sort(), ['a', 'b', 'c']);
  assert.deepEqual(two.store.get().outbox.map((entry) => entry.text), ['a', 'b', 'c']);
  two.socket.push('item', item(1, { sender: 'ann' }));
  assert.deepEqual(two.store.get().outbox.map((entry) => entry.text), ['b', 'c']);
});

test('what a tab without a connection wrote is sent by one that has one', async () => {
  const house = browser();
  const off = await tab(house, {}, { online: false });
  const on = await tab(house, { send: sent(1) });
  off.client.send('c1', 'carried by the other');
  await calm();
  assert.deepEqual(texts(on.socket), ['carried by the other']);
  assert.equal(off.store.get().outbox.some((entry) => entry.state === 'waiting'), false);
  assert.deepEqual(await house.shelf.entries(), []);
});

test('a waiting message is changed in its place, under a new id, and what follows waits for it', async () => {
  const house = browser();
  const { client, socket, store, timers } = await tab(house, { send: (each) => sent(each.text.length) }, { online: false });
  for (const text of ['first', 'sceond', 'third!!']) client.send('c1', text);
  await calm();
  const wrong = store.get().outbox[1].client_id;
  await client.queue.hold(wrong);
  socket.reachable = true;
  await timers.advance(20_000);
  await calm();
  assert.deepEqual(texts(socket), ['first']);
  await client.queue.replace(wrong, 'second');
  await calm();
  assert.deepEqual(texts(socket), ['first', 'second', 'third!!']);
  assert.notEqual(socket.of('send')[1].client_id, wrong);
});

test('a message that was being changed when the page closed is not sent unasked', async () => {
  const house = browser();
  const before = await tab(house, {}, { online: false });
  before.client.send('c1', 'not like this');
  await calm();
  await before.client.queue.hold(before.store.get().outbox[0].client_id);
  const { socket, store } = await tab(house, { send: sent(1) });
  assert.deepEqual(texts(socket), []);
  assert.equal(store.get().outbox[0].state, 'failed');
});

test('a message that may have been delivered can no longer be changed; one that surely was not can', async () => {
  const answers = [BUSY];
  const { client, socket, store } = await tab(browser(), { send: () => answers.shift() });
  client.send('c1', 'refused for now');
  await calm();
  assert.equal(isOpen(store.get().outbox[0]), true);
  client.queue.resume();
  await calm();
  socket.lose();
  await calm();
  assert.equal(store.get().outbox[0].state, 'waiting');
  assert.equal(isOpen(store.get().outbox[0]), false);
});

test('a discarded message is gone from the disk as well', async () => {
  const house = browser();
  const { client, store } = await tab(house, {}, { online: false });
  client.send('c1', 'never mind');
  await calm();
  await client.queue.discard(store.get().outbox[0].client_id);
  assert.deepEqual(await house.shelf.entries(), []);
});

test('what waits for a conversation that one has left is forgotten', async () => {
  const house = browser();
  const { client, socket } = await tab(house, {}, { online: false });
  client.send('c1', 'too late');
  await calm();
  socket.push('conversation_removed', { conversation: 'c1' });
  await calm();
  assert.deepEqual(await house.shelf.entries(), []);
});

test('after a sleep a connection that no longer carries is found out and made anew', async () => {
  const { client, socket, timers } = await tab(browser());
  socket.answers.sync = undefined;
  client.woke();
  await timers.advance(3_100);
  assert.equal(socket.of('hello').length, 2);
});

test('after a sleep a connection that carries is left alone', async () => {
  const { client, socket, timers } = await tab(browser());
  client.woke();
  await calm();
  await timers.advance(3_100);
  assert.equal(socket.of('hello').length, 1);
});

test('the last letters are on their way when the page goes, though a write has not ended', async () => {
  const asked = [];
  const shelf = { ...memoryShelf(), putDraft: (key, text) => { asked.push(text); return new Promise(() => {}); } };
  const drafts = await createDrafts(shelf);
  for (const text of ['h', 'ha', 'half']) drafts.set('c1', text);
  assert.deepEqual(asked, ['h']);
  drafts.flush();
  assert.deepEqual(asked, ['h', 'half']);
});

test('a draft is there after the page was closed, and gone once it is empty', async () => {
  const shelf = memoryShelf();
  const drafts = await createDrafts(shelf);
  drafts.set(boxOf('c1'), 'half a sent');
  drafts.set(boxOf('c1'), 'half a sentence');
  drafts.set(boxOf('c1', 'i1'), 'a reply');
  await drafts.kept();
  const next = await createDrafts(shelf);
  assert.equal(next.get('c1'), 'half a sentence');
  assert.equal(next.get('c1/i1'), 'a reply');
  next.set('c1', '');
  await next.kept();
  assert.deepEqual([...(await shelf.drafts()).keys()], ['c1/i1']);
});

test('which boxes hold something is told once each time it changes', async () => {
  const told = [];
  const drafts = await createDrafts(memoryShelf(), undefined, (key, held) => told.push([key, held]));
  for (const text of ['a', 'ab', '']) drafts.set('c1', text);
  assert.deepEqual(told, [['c1', true], ['c1', false]]);
});

test('what is brought back to a box stands under what was there', async () => {
  const drafts = await createDrafts();
  let shown = '';
  drafts.onReplaced('c1', (text) => { shown = text; });
  drafts.set('c1', 'being written');
  drafts.bringBack('c1', 'stopped');
  assert.equal(shown, 'being written\nstopped');
});
