import assert from 'node:assert/strict';
import test from 'node:test';

import { Client } from '../../../web/static/js/net/client.js';
import { initial, reduce } from '../../../web/static/js/store/reduce.js';
import { isUnknown, withEntry } from '../../../web/static/js/store/scheduled.js';
import { isWithin, waitingIn } from '../../../web/static/js/store/select.js';
import { createStore } from '../../../web/static/js/store/store.js';
import { mornings } from '../../../web/static/js/views/later.js';
import { calm, FakeSocket, head, helloWith, item, Timers } from './support.mjs';

const entry = (id, more = {}) => ({
  id, conversation: 'c1', state: 'waiting', code: '', item: null, text: `text ${id}`, thread_root: null, at: `2026-01-06T0${id}:00:00.000Z`, ...more,
});
const NOTICE = { title: 'A promise', why: '', actions: [] };
const asks = (state) => ({ ok: false, code: state, state, retryable: false, id: 's1', at: '2026-01-05T10:00:00.000Z', decision: 'd1', notice: NOTICE, findings: [] });
const SENT = { ok: true, id: 'i1', state: 'sent', cseq: 1, at: '2026-01-05T10:00:00.000Z' };

async function started(answers) {
  const store = createStore(reduce, initial);
  const socket = new FakeSocket({ hello: helloWith(head()), stopped: { ok: true, items: [] }, ...answers });
  const client = new Client(store, socket, new Timers());
  client.start();
  await calm();
  return { client, socket, store };
}

test('what waits is listed by its time, changes in its place, and goes when it was sent', () => {
  let entries = [entry('2')];
  entries = withEntry(entries, entry('1'));
  assert.deepEqual(entries.map((each) => each.id), ['1', '2']);
  entries = withEntry(entries, { id: '2', conversation: 'c1', state: 'failed', code: 'denied', item: null });
  assert.equal(entries[1].text, 'text 2');
  assert.equal(entries[1].state, 'failed');
  assert.deepEqual(withEntry(entries, { id: '1', state: 'sent' }).map((each) => each.id), ['2']);
  assert.equal(withEntry(entries, { id: '9', state: 'removed' }), entries);
  assert.equal(isUnknown(entries, { id: '9', state: 'waiting' }), true);
  assert.equal(isUnknown(entries, { id: '9', state: 'sent' }), false);
});

test('a conversation tells of what waits in it, a thread of what waits there', () => {
  const state = { scheduled: [entry('1'), entry('2', { thread_root: 'r' }), entry('3', { conversation: 'c2' }), entry('4', { state: 'failed' })] };
  assert.deepEqual(waitingIn(state, 'c1').map((each) => each.id), ['1']);
  assert.deepEqual(waitingIn(state, 'c1', 'r').map((each) => each.id), ['2']);
});

test('what another window scheduled is read with its words', async () => {
  const { socket, store } = await started();
  socket.answers.scheduled = { ok: true, entries: [entry('1')] };
  socket.push('scheduled', { id: '1', conversation: 'c1', state: 'waiting', code: '', item: null });
  await calm();
  assert.equal(store.get().scheduled[0].text, 'text 1');
  socket.push('scheduled', { id: '1', conversation: 'c1', state: 'sent', code: '', item: 'i1' });
  assert.deepEqual(store.get().scheduled, []);
});

test('a message is taken back by its id alone', async () => {
  const { client, socket, store } = await started({ schedule: { ok: true, entry: entry('1') }, unschedule: { ok: true } });
  await client.schedule('c1', 'text 1', new Date('2026-01-06T01:00:00Z'));
  assert.equal(store.get().scheduled.length, 1);
  await client.unschedule('1');
  assert.deepEqual(socket.of('unschedule'), [{ id: '1' }]);
  assert.deepEqual(store.get().scheduled, []);
});

test('tomorrow and Monday are offered, and one of them where they are the same day', () => {
  const days = (day) => mornings(new Date(2026, 0, day, 15)).map((at) => [at.getDate(), at.getHours()]);
  assert.deepEqual(days(7), [[8, 9], [12, 9]]);
  assert.deepEqual(days(5), [[6, 9], [12, 9]]);
  assert.deepEqual(days(4), [[5, 9]]);
});

test('a reason that was given with the tip answers the question that it was given for, once', async () => {
  const answers = [asks('needs_reason'), SENT];
  const { client, socket, store } = await started({ send: () => answers.shift() });
  client.send('c1', 'sure thing', { answers: { about: 'A promise', reason: 'a quote' } });
  await calm();
  await calm();
  const [first, second] = socket.of('send');
  assert.equal(first.confirms, undefined);
  assert.deepEqual(second.confirms, { decision: 'd1', reason: 'a quote' });
  assert.notEqual(second.client_id, first.client_id);
  assert.deepEqual(store.get().conversations.c1.stopped, {});
});

test('another question than the one of the tip is asked', async () => {
  for (const answered of [{ about: 'Something else', reason: 'a quote' }, { about: 'A promise', reason: '' }]) {
    const { client, socket, store } = await started({ send: asks('needs_reason') });
    client.send('c1', 'sure thing', { answers: answered });
    await calm();
    await calm();
    assert.equal(socket.of('send').length, 1);
    assert.equal(store.get().conversations.c1.stopped.s1.state, 'needs_reason');
  }
});

test('what its sender holds for wrong is reported when it was decided, and only then', async () => {
  const { client, socket } = await started({ send: { ...SENT, notice: NOTICE, decision: 'd1' }, report: { ok: true } });
  client.send('c1', 'one', { reports: true });
  client.send('c1', 'two');
  await calm();
  await calm();
  assert.deepEqual(socket.of('report').map(({ conversation, decision }) => [conversation, decision]), [['c1', 'd1']]);
});

test('a message can be changed as long as the policy says', () => {
  const said = item(1);
  const after = (minutes) => new Date(said.at).getTime() + minutes * 60_000;
  assert.equal(isWithin(null, said, after(10_000)), true);
  assert.equal(isWithin(5, said, after(4)), true);
  assert.equal(isWithin(5, said, after(5)), false);
  assert.equal(isWithin(0, said, after(0)), false);
});
