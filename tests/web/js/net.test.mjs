import assert from 'node:assert/strict';
import test from 'node:test';

import { newId } from '../../../web/static/js/lib/ids.js';
import { waitBefore } from '../../../web/static/js/net/backoff.js';
import { Client } from '../../../web/static/js/net/client.js';
import { initial, reduce } from '../../../web/static/js/store/reduce.js';
import { createStore } from '../../../web/static/js/store/store.js';
import { calm, FakeSocket, head, helloWith, item, Timers } from './support.mjs';

const BUSY = { ok: false, code: 'policy_unavailable', message: 'Try again.', retryable: true };

async function started(answers = {}, heads = [head()]) {
  const store = createStore(reduce, initial);
  const timers = new Timers();
  const socket = new FakeSocket({ hello: helloWith(...heads), stopped: { ok: true, items: [] }, ...answers });
  const client = new Client(store, socket, timers);
  client.start();
  await calm();
  return { store, timers, socket, client };
}

const sent = (cseq) => ({ ok: true, id: `i${cseq}`, state: 'sent', cseq, at: '2026-01-05T10:00:00.000Z' });

test('after connecting the client greets and is online', async () => {
  const { store, socket } = await started();
  assert.equal(store.get().phase, 'ready');
  assert.equal(store.get().link.status, 'online');
  assert.equal(socket.of('hello').length, 1);
});

test('a hole is asked for with the last number that is known', async () => {
  const answer = { ok: true, conversations: { c1: { items: [item(1)], through: 1, more: false } } };
  const { store, socket } = await started({ sync: answer });
  socket.push('item', item(2));
  await calm();
  assert.deepEqual(socket.of('sync'), [{ known: { c1: 0 } }]);
  assert.equal(store.get().conversations.c1.cseq, 2);
});

test('whom an answer speaks of and who left since goes by name, from whatever was asked', async () => {
  const former = (id) => [{ id, username: id, name: id.toUpperCase(), external: false }];
  const page = (id) => ({ ok: true, items: [item(1, { sender: id })], more: false, more_after: false, through: 1, former: former(id) });
  const { client, socket, store } = await started({
    history: page('of-history'), thread: page('of-thread'), pins: page('of-pins'), stopped: { ok: true, items: [], former: former('of-stopped') },
    sync: { ok: true, conversations: { c1: { items: [item(1)], through: 1, more: false } }, former: former('of-sync') },
    scheduled: { ok: true, entries: [], former: former('of-scheduled') },
    people: { ok: true, people: former('stranger') },
  });
  await client.look('c1');
  await client.thread('c1', 'i1');
  await client.ask('pins', { conversation: 'c1' });
  await client.ask('people', { query: '' });
  socket.push('item', item(3));
  await calm();
  const known = Object.keys(store.get().people);
  for (const id of ['of-history', 'of-thread', 'of-pins', 'of-stopped', 'of-sync', 'of-scheduled']) assert.ok(known.includes(id), id);
  assert.ok(!known.includes('stranger'), 'whom one may pick is known to the picker alone');
});

test('pages of everything since are read until there is no more', async () => {
  const answers = [
    { ok: true, conversations: { c1: { items: [item(1)], through: 1, more: true } } },
    { ok: true, conversations: { c1: { items: [item(2)], through: 2, more: false } } },
  ];
  const { socket, store } = await started({ sync: () => answers.shift() });
  socket.push('item', item(3));
  await calm();
  assert.deepEqual(socket.of('sync').map((each) => each.known.c1), [0, 1]);
  assert.equal(store.get().conversations.c1.cseq, 3);
});

test('an answer that brings nothing on is not asked for without a pause', async () => {
  const { socket, timers } = await started({ sync: { ok: true, conversations: { c1: { items: [], through: 0, more: false } } } });
  socket.push('item', item(2));
  await calm();
  assert.equal(socket.of('sync').length, 1);
  await timers.advance(1_100);
  assert.equal(socket.of('sync').length, 2);
});

test('after a lost connection the client comes back and catches up', async () => {
  const { socket, store, timers } = await started({
    sync: { ok: true, conversations: { c1: { items: [item(1)], through: 1, more: false } } },
  });
  socket.lose();
  assert.deepEqual(store.get().link, { status: 'reconnecting', attempt: 1 });
  socket.answers.hello = helloWith(head({ cseq: 1, unread: 1 }));
  await timers.advance(1_000);
  assert.equal(store.get().link.status, 'online');
  assert.equal(store.get().conversations.c1.cseq, 1);
});

test('when the network is gone the client says so at once and goes on trying', async () => {
  const { store, timers, client } = await started();
  client.link.drop();
  assert.equal(store.get().link.status, 'reconnecting');
  await timers.advance(1_000);
  assert.equal(store.get().link.status, 'online');
});

test('while the server cannot be reached the waits grow', async () => {
  const { socket, store, timers } = await started();
  socket.reachable = false;
  socket.lose();
  for (let i = 0; i < 5; i += 1) await timers.advance(20_000);
  assert.ok(store.get().link.attempt > 3);
  assert.ok(waitBefore(4, () => 0) > waitBefore(1, () => 0.99));
  assert.ok(waitBefore(50, () => 0.99) <= 15_000);
});

test('messages are sent one after the other, in the order they were written', async () => {
  const { client, socket } = await started();
  client.send('c1', 'one');
  client.send('c1', 'two');
  await calm();
  assert.deepEqual(socket.of('send').map((each) => each.text), ['one']);
  socket.held.shift().ack(sent(1));
  await calm();
  assert.deepEqual(socket.of('send').map((each) => each.text), ['one', 'two']);
});

test('a message whose answer was lost is sent again under the same id', async () => {
  const { client, socket, timers, store } = await started();
  client.send('c1', 'one');
  await calm();
  socket.lose();
  await timers.advance(1_000);
  const [first, second] = socket.of('send');
  assert.equal(first.client_id, second.client_id);
  socket.answers.send = sent(1);
  socket.held.shift().ack(sent(1));
  socket.push('item', item(1, { sender: 'ann' }));
  await calm();
  assert.deepEqual(store.get().outbox, []);
});

test('a message is kept while no policy can be asked, and sent when one can', async () => {
  const answers = [BUSY, BUSY, sent(1)];
  const { client, socket, timers, store } = await started({ send: () => answers.shift() });
  client.send('c1', 'one');
  await calm();
  assert.equal(store.get().outbox[0].state, 'waiting');
  assert.equal(store.get().outbox[0].error, 'Try again.');
  await timers.advance(1_000);
  await timers.advance(2_000);
  const ids = new Set(socket.of('send').map((each) => each.client_id));
  assert.equal(socket.of('send').length, 3);
  assert.equal(ids.size, 1);
  assert.equal(store.get().outbox[0].state, 'acked');
});

test('the server says how long to wait and is obeyed', async () => {
  const answers = [{ ...BUSY, code: 'rate', retry_after: 9 }, sent(1)];
  const { client, socket, timers } = await started({ send: () => answers.shift() });
  client.send('c1', 'one');
  await calm();
  await timers.advance(8_000);
  assert.equal(socket.of('send').length, 1);
  await timers.advance(1_500);
  assert.equal(socket.of('send').length, 2);
});

test('what is written offline waits and goes out in order', async () => {
  const { client, socket, timers } = await started({ send: (each) => sent(Number(each.text)) });
  socket.reachable = false;
  socket.lose();
  client.send('c1', '1');
  client.send('c1', '2');
  await timers.advance(30_000);
  assert.equal(socket.of('send').length, 0);
  socket.reachable = true;
  await timers.advance(30_000);
  await calm();
  assert.deepEqual(socket.of('send').map((each) => each.text), ['1', '2']);
});

test('a refused message fails in words, the next one is sent, and it can be tried again', async () => {
  const answers = [{ ok: false, code: 'text_too_long', message: 'Shorten it.', retryable: false }, sent(1), sent(2)];
  const { client, socket, store } = await started({ send: () => answers.shift() });
  client.send('c1', 'long');
  client.send('c1', 'short');
  await calm();
  const [failed] = store.get().outbox;
  assert.equal(failed.state, 'failed');
  assert.equal(failed.error, 'Shorten it.');
  client.queue.retry(failed.client_id);
  await calm();
  assert.deepEqual(socket.of('send').map((each) => each.text), ['long', 'short', 'long']);
});

test('a stopped message is an answer and is not tried again', async () => {
  const stopped = { ok: false, code: 'quarantined', state: 'quarantined', retryable: false, id: 's1', at: '2026-01-05T10:00:00.000Z', notice: { title: 'Waiting', why: '', actions: [] } };
  const { client, socket, store } = await started({ send: stopped });
  client.send('c1', 'card');
  await calm();
  assert.deepEqual(store.get().outbox, []);
  assert.equal(store.get().conversations.c1.stopped.s1.state, 'quarantined');
  assert.equal(socket.of('send').length, 1);
});

test('a confirmation names the decision and the reason under an id of its own', async () => {
  const { client, socket } = await started({ send: sent(1) });
  client.send('c1', 'card', { confirms: { decision: 'd1', reason: 'agreed' }, threadRoot: 'i0' });
  await calm();
  const [request] = socket.of('send');
  assert.deepEqual(request.confirms, { decision: 'd1', reason: 'agreed' });
  assert.equal(request.thread_root, 'i0');
});

test('a command is repeated under the same id until it is answered', async () => {
  const answers = [BUSY, { ok: true, cseq: 1 }];
  const { client, socket, timers } = await started({ react: () => answers.shift() });
  const done = client.command('react', { conversation: 'c1', item: 'i1', alias: 'check', add: true });
  await calm();
  await timers.advance(2_000);
  assert.equal((await done).cseq, 1);
  assert.equal(new Set(socket.of('react').map((each) => each.client_id)).size, 1);
});

test('a command that is refused says why', async () => {
  const answer = { ok: false, code: 'not_yours', message: 'You can only edit your own messages.', retryable: false };
  const { client } = await started({ edit: answer });
  await assert.rejects(client.command('edit', {}), { code: 'not_yours', message: answer.message });
});

test('a request without an answer in time is not waited for any longer', async () => {
  const { client, timers } = await started();
  const asked = assert.rejects(client.ask('channels'), { code: 'timeout' });
  await timers.advance(11_000);
  await asked;
});

test('a new conversation is read when the server names it', async () => {
  const { socket, store } = await started({ head: { ok: true, conversation: head({ id: 'c2' }) } });
  socket.push('conversation_added', { conversation: 'c2' });
  await calm();
  assert.ok(store.get().conversations.c2);
});

test('looking at a conversation loads its newest page and ones stopped messages once', async () => {
  const stopped = item(0, { id: 's1', sender: 'ann', state: 'blocked', cseq: null, created_cseq: null });
  const { client, socket, store } = await started(
    { history: { ok: true, items: [item(1)], more: false }, stopped: { ok: true, items: [stopped] } }, [head({ cseq: 1 })],
  );
  await client.look('c1');
  await client.look('c1');
  assert.deepEqual(socket.of('history'), [{ conversation: 'c1', before: null }]);
  assert.equal(store.get().conversations.c1.stopped.s1.state, 'blocked');
});

test('a stopped message that was put away stays away', async () => {
  const stopped = item(0, { id: 's1', sender: 'ann', state: 'blocked', cseq: null, created_cseq: null });
  const { client, store } = await started({ history: { ok: true, items: [], more: false }, stopped: { ok: true, items: [stopped] } });
  client.dismissed.add('s1');
  await client.look('c1');
  assert.deepEqual(store.get().conversations.c1.stopped, {});
});

test('an ended session stops everything and keeps what was written', async () => {
  const { client, socket, store, timers } = await started();
  client.send('c1', 'one');
  await calm();
  socket.push('signed_out', {});
  await timers.advance(60_000);
  assert.equal(store.get().phase, 'signed_out');
  assert.equal(store.get().outbox.length, 1);
  assert.equal(socket.of('hello').length, 1);
});

test('a connection that the server refuses means signing in again, not trying for ever', async () => {
  const { socket, store, timers } = await started();
  socket.connect = () => socket.refuse();
  socket.lose();
  await timers.advance(60_000);
  assert.equal(store.get().phase, 'signed_out');
  assert.equal(timers.waiting.size, 0);
});

test('when the server stops, clients come back at a moment of their own', async () => {
  const { socket, timers } = await started();
  socket.push('drain', { within_seconds: 10 });
  await timers.advance(4_900);
  assert.equal(socket.connected, true);
  await timers.advance(200);
  await timers.advance(1_000);
  assert.equal(socket.of('hello').length, 2);
});

test('typing is shown for a while and ends by itself', async () => {
  const { socket, store, timers } = await started();
  socket.push('typing', { conversation: 'c1', people: ['ben'] });
  assert.deepEqual(Object.keys(store.get().conversations.c1.typing), ['ben']);
  await timers.advance(6_100);
  assert.deepEqual(store.get().conversations.c1.typing, {});
});

test('ids sort by time and have the form of a UUIDv7', () => {
  const fill = (bytes) => bytes.fill(255);
  assert.match(newId(1_767_600_000_000, fill), /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.ok(newId(1, fill) < newId(2, fill));
});

test('what is kept unread is counted by the server, and not read by itself', async () => {
  const heads = [head({ cseq: 3, mark: 3 })];
  const counted = { ok: true, conversation: head({ cseq: 3, mark: 1, by_hand: true, unread: 2 }) };
  const { client, socket, store } = await started({ unread: { ok: true, cseq: 1 }, head: counted, mark: { ok: true, cseq: 3 } }, heads);
  await client.unread('c1', 2);
  await calm();
  assert.deepEqual(socket.of('unread'), [{ conversation: 'c1', cseq: 2 }]);
  assert.deepEqual([store.get().conversations.c1.unread, store.get().conversations.c1.mark], [2, 1]);
  await client.read('c1');
  assert.deepEqual(socket.of('mark'), []);
  store.dispatch({ type: 'focus', id: 'c1' });
  await client.read('c1');
  assert.deepEqual(socket.of('mark'), [{ conversation: 'c1', cseq: 3 }]);
});

test('a conversation that one left before it counted as read is not marked', async () => {
  const { client, socket } = await started({});
  await client.read('one that was left');
  assert.deepEqual(socket.of('mark'), []);
});

test('codes of emoji become signs before the first try, and what was written after them waits its turn', async () => {
  let come;
  const { client, socket, store, timers } = await started({ send: () => sent(1) });
  client.queue.withSigns = (text) => new Promise((resolve) => { come = () => resolve(text.replace(':rocket:', '🚀')); });
  client.send('c1', 'to the :rocket: moon', { codes: true });
  client.send('c1', 'and back');
  await calm();
  assert.deepEqual(socket.of('send'), []);
  assert.equal(store.get().outbox[0].text, 'to the :rocket: moon', 'it is shown at once');
  come();
  await calm();
  await calm();
  assert.deepEqual(socket.of('send').map(({ text }) => text), ['to the 🚀 moon', 'and back']);
  await timers.advance(5_000);
  assert.equal(socket.of('send').length, 2);
});

test('a message goes with its codes where their list does not come, in time or at all', async () => {
  const { client, socket, timers } = await started({ send: () => sent(1) });
  client.queue.withSigns = () => new Promise(() => {});
  client.send('c1', 'a :rocket:', { codes: true });
  await calm();
  assert.deepEqual(socket.of('send'), []);
  await timers.advance(2_000);
  assert.deepEqual(socket.of('send').map(({ text }) => text), ['a :rocket:']);
  client.queue.withSigns = () => Promise.reject(new Error('no network'));
  client.send('c1', 'b :rocket:', { codes: true });
  await calm();
  await calm();
  assert.deepEqual(socket.of('send').map(({ text }) => text), ['a :rocket:', 'b :rocket:']);
});

test('a message that is taken back while its signs are waited for is not sent', async () => {
  let come;
  const { client, socket, store } = await started({ send: () => sent(1) });
  client.queue.withSigns = (text) => new Promise((resolve) => { come = () => resolve(text); });
  client.send('c1', 'a :rocket:', { codes: true });
  await calm();
  await client.queue.discard(store.get().outbox[0].client_id);
  come();
  await calm();
  assert.deepEqual(socket.of('send'), []);
  assert.deepEqual(store.get().outbox, []);
});
