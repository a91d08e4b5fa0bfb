import assert from 'node:assert/strict';
import test from 'node:test';

import { hasGap } from '../../../web/static/js/store/conversation.js';
import { initial, reduce } from '../../../web/static/js/store/reduce.js';
import { lastOwn, listed, rowsOf, titleOf, totalUnread, withGaps } from '../../../web/static/js/store/select.js';
import { bare, head, helloWith, item, ME } from './support.mjs';

const after = (...actions) => actions.reduce(reduce, initial);
const hello = (...heads) => ({ type: 'hello', ...helloWith(...heads) });
const frame = (each) => ({ type: 'frame', item: each });
const page = (items, more = false) => ({ type: 'history', id: 'c1', answer: { items, more } });
const c1 = (state) => state.conversations.c1;
const shown = (state) => rowsOf(state, c1(state)).filter((row) => row.kind === 'item').map((row) => row.item.id);
const opened = (...items) => [hello(head({ cseq: items.length })), page(items)];

test('frames that follow each other are shown in order', () => {
  const state = after(...opened(), frame(item(1)), frame(item(2)));
  assert.deepEqual(shown(state), ['i1', 'i2']);
  assert.equal(c1(state).cseq, 2);
});

test('a frame after a hole waits until the hole is filled', () => {
  let state = after(...opened(), frame(item(1)), frame(item(3)));
  assert.deepEqual(shown(state), ['i1']);
  assert.deepEqual(withGaps(state), ['c1']);
  state = reduce(state, { type: 'synced', id: 'c1', answer: { items: [item(2)], through: 2, more: false } });
  assert.deepEqual(shown(state), ['i1', 'i2', 'i3']);
  assert.equal(hasGap(c1(state)), false);
});

test('a late frame fills the hole as well', () => {
  const state = after(...opened(), frame(item(2)), frame(item(1)));
  assert.deepEqual(shown(state), ['i1', 'i2']);
  assert.deepEqual(withGaps(state), []);
});

test('a bare frame counts and shows nothing', () => {
  const state = after(...opened(), frame(bare(1)), frame(item(2)));
  assert.deepEqual(shown(state), ['i2']);
  assert.equal(c1(state).cseq, 2);
});

test('the same frame twice is one message', () => {
  const state = after(...opened(), frame(item(1)), frame(item(1)));
  assert.deepEqual(shown(state), ['i1']);
  assert.equal(c1(state).unread, 1);
});

test('an older version never replaces a newer one', () => {
  const edited = item(2, { id: 'i1', version: 2, state: 'edited', created_cseq: 1 });
  const state = after(...opened(), frame(item(1)), frame(edited), page([item(1)]));
  assert.equal(c1(state).items.i1.state, 'edited');
});

test('an edit of what is not loaded counts and is not shown out of place', () => {
  const old = item(6, { id: 'old', version: 2, created_cseq: 1 });
  const state = after(hello(head({ cseq: 5 })), page([item(4), item(5)], true), frame(old));
  assert.deepEqual(shown(state), ['i4', 'i5']);
  assert.equal(c1(state).cseq, 6);
});

test('everything since is counted as unread once, though the head counted it too', () => {
  let state = after(...opened(item(1)));
  state = reduce(state, hello(head({ cseq: 3, unread: 2 })));
  assert.deepEqual(withGaps(state), ['c1']);
  state = reduce(state, { type: 'synced', id: 'c1', answer: { items: [item(2), item(3)], through: 3, more: false } });
  assert.equal(c1(state).unread, 2);
  assert.deepEqual(shown(state), ['i1', 'i2', 'i3']);
});

test('a page of everything since says that there is more', () => {
  const state = after(...opened(), frame(item(9)), { type: 'synced', id: 'c1', answer: { items: [item(1)], through: 1, more: true } });
  assert.deepEqual(withGaps(state), ['c1']);
});

test('in everything since, an item that was made and edited meanwhile is new', () => {
  const made = item(4, { id: 'i2', version: 2, created_cseq: 2 });
  const state = after(...opened(item(1)), frame(item(9)), {
    type: 'synced', id: 'c1', answer: { items: [item(3), made], through: 4, more: false },
  });
  assert.deepEqual(shown(state), ['i1', 'i2', 'i3']);
  assert.equal(c1(state).unread, 2);
});

test('ones own messages are not unread, mentions are counted apart', () => {
  const mention = item(2, { view: { text: '', tokens: [], mentions: [ME], reactions: {} } });
  const state = after(...opened(), frame(item(1, { sender: ME })), frame(mention));
  assert.equal(c1(state).unread, 1);
  assert.equal(c1(state).mentions, 1);
  assert.equal(totalUnread(state), 1);
});

test('reading clears the counts and a late head does not bring them back', () => {
  let state = after(...opened(), frame(item(1)), { type: 'marked', id: 'c1', cseq: 1 });
  assert.equal(c1(state).unread, 0);
  state = reduce(state, { type: 'head', head: head({ cseq: 1, mark: 0, unread: 1 }) });
  assert.equal(c1(state).unread, 0);
});

test('the divider stands before the first unread message until one looks elsewhere', () => {
  const start = hello(head({ cseq: 2, mark: 1, unread: 1 }), head({ id: 'c2' }));
  let state = after(start, page([item(1), item(2)]), { type: 'focus', id: 'c1' }, { type: 'marked', id: 'c1', cseq: 2 });
  const kinds = rowsOf(state, c1(state)).map((row) => row.kind);
  assert.deepEqual(kinds, ['day', 'item', 'unread', 'item']);
  state = reduce(reduce(state, { type: 'focus', id: 'c2' }), { type: 'focus', id: 'c1' });
  assert.equal(rowsOf(state, c1(state)).some((row) => row.kind === 'unread'), false);
});

test('what is put back by hand is unread until one comes back to it, here and in other windows', () => {
  const start = hello(head({ cseq: 3, mark: 3 }), head({ id: 'c2' }));
  let state = after(start, page([item(1), item(2), item(3)]), { type: 'focus', id: 'c1' });
  state = reduce(state, { type: 'marked', id: 'c1', cseq: 1, byHand: true });
  assert.ok(c1(state).stale, 'the server counts anew');
  state = reduce(state, { type: 'head', head: head({ cseq: 3, mark: 1, by_hand: true, unread: 2 }) });
  assert.deepEqual([c1(state).mark, c1(state).unread, c1(state).byHand], [1, 2, true]);
  assert.deepEqual([totalUnread(state), totalUnread(state, false)], [2, 0], 'nobody is told of it as something new');
  assert.deepEqual(rowsOf(state, c1(state)).map((row) => row.kind), ['day', 'item', 'unread', 'item', 'item']);
  state = ['c2', 'c1'].reduce((now, id) => reduce(now, { type: 'focus', id }), state);
  assert.deepEqual([c1(state).byHand, c1(state).divider], [false, 1]);
  state = reduce(state, { type: 'marked', id: 'c1', cseq: 3 });
  assert.deepEqual([c1(state).mark, c1(state).unread], [3, 0]);
});

test('whoever answers has read what was put back by hand', () => {
  const start = hello(head({ cseq: 1, mark: 0, by_hand: true, unread: 1 }));
  const entry = { client_id: 'x', conversation: 'c1', text: 'yes' };
  assert.equal(c1(after(start, { type: 'queued', entry })).byHand, false);
});

test('replies stand in their thread and are counted at its first message', () => {
  const state = after(...opened(), frame(item(1)), frame(item(2, { thread_root: 'i1' })));
  assert.deepEqual(shown(state), ['i1']);
  assert.equal(c1(state).items.i1.replies, 1);
  const thread = rowsOf(state, c1(state), 'i1').filter((row) => row.kind === 'item');
  assert.deepEqual(thread.map((row) => row.item.id), ['i1', 'i2']);
});

test('a frame of a conversation whose head is on its way is not lost', () => {
  const state = after(hello(), frame(item(3)), { type: 'head', head: head({ cseq: 2 }) });
  assert.equal(c1(state).cseq, 3);
  assert.equal(c1(state).unread, 1);
});

test('a rename shows at once and asks for the members anew', () => {
  const renamed = item(1, { type: 'event', view: { event: 'rename', data: { text: 'Deals', before: 'Old' } } });
  const state = after(hello(head({ kind: 'public', name: 'Old' })), frame(renamed));
  assert.equal(titleOf(c1(state), ME), 'Deals');
  assert.equal(c1(state).stale, true);
});

test('a conversation without a name is called by its people, also by those who left it', () => {
  const person = (id, name) => ({ id, username: id, name, external: false });
  const title = (more) => titleOf(c1(after(hello(head(more)))), ME);
  const me = person(ME, 'Ann');
  assert.equal(title({ kind: 'direct' }), 'Ben');
  assert.equal(title({ kind: 'group' }), 'You and Ben');
  assert.equal(title({ kind: 'group', members: [me, person('ben', 'Ben'), person('cleo', 'Cleo')] }), 'Ben, Cleo');
  assert.equal(title({ kind: 'group', members: [me], former: [person('ben', 'Ben'), person('cleo', 'Cleo')] }), 'Only you (Ben, Cleo left)');
  assert.equal(title({ kind: 'direct', members: [me], former: [person('ben', 'Ben')] }), 'Ben (left)');
  assert.equal(title({ kind: 'group', members: [me], former: [] }), 'Only you');
  assert.equal(after(hello(head({ members: [me], former: [person('dan', 'Dan')] }))).people.dan.name, 'Dan');
});

test('what is heard at once brings the names of whom it speaks of and who left', () => {
  const dan = { id: 'dan', username: 'dan', name: 'Dan', external: false };
  const state = after(...opened(), frame(item(1, { former: [dan], view: { text: '', tokens: [], mentions: [], quote: { sender: 'dan' } } })));
  assert.equal(state.people.dan.name, 'Dan');
});

test('what one wrote is shown until its frame is there, and never twice', () => {
  let state = after(...opened(), { type: 'queued', entry: { client_id: 'k', conversation: 'c1', text: 'hi', at: '2026-01-05T10:00:00.000Z' } });
  assert.equal(rowsOf(state, c1(state)).at(-1).kind, 'unsent');
  state = reduce(state, { type: 'outbox', client_id: 'k', change: { state: 'acked', id: 'i1', cseq: 1 } });
  assert.equal(rowsOf(state, c1(state)).at(-1).kind, 'unsent');
  state = reduce(state, frame(item(1, { sender: ME })));
  assert.equal(rowsOf(state, c1(state)).filter((row) => row.kind !== 'day').length, 1);
  assert.deepEqual(state.outbox, []);
});

test('an answer that comes after its frame leaves nothing behind', () => {
  const entry = { client_id: 'k', conversation: 'c1', text: 'hi', at: '2026-01-05T10:00:00.000Z' };
  const state = after(...opened(), { type: 'queued', entry }, frame(item(1, { sender: ME })),
    { type: 'outbox', client_id: 'k', change: { state: 'acked', id: 'i1', cseq: 1 } });
  assert.deepEqual(state.outbox, []);
});

test('a stopped message moves from the outbox to its senders own view', () => {
  const entry = { client_id: 'k', conversation: 'c1', text: 'card', at: '2026-01-05T10:00:00.000Z' };
  const answer = { ok: false, code: 'blocked', state: 'blocked', id: 's1', at: entry.at, notice: { title: 'Blocked', why: '', actions: [] } };
  const state = after(...opened(), { type: 'queued', entry }, { type: 'stopped_answer', client_id: 'k', answer });
  assert.deepEqual(state.outbox, []);
  const row = rowsOf(state, c1(state)).at(-1);
  assert.equal(row.kind, 'stopped');
  assert.equal(row.item.view.text, 'card');
});

test('a released message leaves the senders own view when its frame comes', () => {
  const waiting = item(0, { id: 's1', sender: ME, state: 'quarantined', cseq: null, created_cseq: null });
  const released = item(1, { id: 's1', sender: ME, version: 2 });
  const state = after(...opened(), { type: 'stopped', id: 'c1', items: [waiting] }, frame(released));
  assert.deepEqual(c1(state).stopped, {});
  assert.deepEqual(shown(state), ['s1']);
});

test('what became of a quarantined message is told to its sender', () => {
  const waiting = item(0, { id: 's1', sender: ME, state: 'quarantined', cseq: null, created_cseq: null });
  const told = { id: 's1', state: 'rejected', at: '2026-01-05T11:00:00.000Z' };
  const state = after(...opened(), { type: 'stopped', id: 'c1', items: [waiting] }, { type: 'stopped_changed', id: 'c1', told });
  assert.equal(c1(state).stopped.s1.state, 'rejected');
});

test('a question that was answered by sending is no longer asked', () => {
  const asked = item(0, { id: 's1', sender: ME, state: 'needs_reason', cseq: null, created_cseq: null });
  const sent = item(1, { sender: ME, view: asked.view });
  const state = after(...opened(), { type: 'stopped', id: 'c1', items: [asked] }, frame(sent));
  assert.equal(rowsOf(state, c1(state)).some((row) => row.kind === 'stopped'), false);
});

test('messages of one person shortly after each other stand together', () => {
  const late = item(3, { at: '2026-01-05T09:30:00.000Z' });
  const state = after(...opened(item(1), item(2), late));
  const items = rowsOf(state, c1(state)).filter((row) => row.kind === 'item');
  assert.deepEqual(items.map((row) => row.continued), [false, true, false]);
});

test('the first reply stands apart from what it answers, also where one answers oneself', () => {
  const replies = [item(2, { thread_root: 'i1' }), item(3, { thread_root: 'i1' })];
  const state = after(...opened(item(1)), ...replies.map((each) => frame(each)));
  const rows = rowsOf(state, c1(state), 'i1').filter((row) => row.kind === 'item');
  assert.deepEqual(rows.map((row) => row.continued), [false, false, true]);
});

test('the last message of ones own that can be edited is found', () => {
  const gone = item(2, { sender: ME, state: 'deleted' });
  const state = after(...opened(item(1, { sender: ME }), gone, item(3)));
  assert.equal(lastOwn(state, c1(state)).id, 'i1');
});

test('conversations are listed by name, channels apart', () => {
  const state = after(hello(head({ kind: 'direct' }), head({ id: 'c2', kind: 'public', name: 'Deals' })));
  assert.deepEqual(listed(state).channels.map((row) => row.title), ['Deals']);
  assert.deepEqual(listed(state).people.map((row) => row.title), ['Ben']);
});

test('a conversation that one left is gone with what waited for it', () => {
  const entry = { client_id: 'k', conversation: 'c1', text: 'hi', at: '' };
  const state = after(...opened(), { type: 'focus', id: 'c1' }, { type: 'queued', entry }, { type: 'gone', id: 'c1' });
  assert.equal(state.focus, null);
  assert.deepEqual(state.outbox, []);
  assert.deepEqual(state.conversations, {});
});

test('any order of delivery with repeats ends in the same state', () => {
  const frames = [item(1), item(2), bare(3), item(4, { id: 'i1', version: 2, created_cseq: 1 }), item(5)];
  const straight = after(...opened(), ...frames.map(frame));
  let seed = 7;
  const next = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  for (let round = 0; round < 200; round += 1) {
    const mixed = [...frames, ...frames].map((each) => [next(), each]).sort((a, b) => a[0] - b[0]).map((pair) => pair[1]);
    const state = after(...opened(), ...mixed.map(frame));
    assert.deepEqual(c1(state).items, c1(straight).items);
    assert.equal(c1(state).cseq, 5);
    assert.equal(c1(state).unread, c1(straight).unread);
  }
});

test('a quote is empty while what it quotes is removed, and full again when that is restored', () => {
  const quoting = item(2, { view: { text: 'so', tokens: [], mentions: [], reactions: {}, quote: { item: 'i1', text: 'canary', tokens: [] } } });
  const removed = item(3, { id: 'i1', version: 2, state: 'recalled', created_cseq: 1, view: { text: '', tokens: [] } });
  let state = after(...opened(item(1), quoting), frame(removed));
  assert.equal(c1(state).items.i1.state, 'recalled');
  assert.equal(c1(state).items.i2.view.quote.empty, true);
  state = reduce(state, frame(item(4, { id: 'i1', version: 3, created_cseq: 1 })));
  assert.equal(c1(state).items.i2.view.quote.empty, false);
  assert.equal(c1(state).items.i2.view.quote.text, 'canary');
});

test('what the sender alone is told is kept until the message says something else', () => {
  const told = { decision: 'd1', notice: { title: 'Flagged.', why: '', actions: [] }, excerpts: [] };
  const own = item(1, { sender: ME });
  const answered = { type: 'told', conversation: 'c1', answer: { id: 'i1', cseq: 1, told } };
  const toldOf = (state) => c1(state).items.i1.view.told;
  assert.deepEqual(toldOf(after(...opened(), frame(own), answered)), told);
  const early = after(...opened(), answered, frame(own));
  assert.deepEqual(toldOf(early), told);
  const liked = reduce(early, frame({ ...own, version: 2, cseq: 2, view: { ...own.view, reactions: { heart: ['ben'] } } }));
  assert.deepEqual(toldOf(liked), told);
  const edited = reduce(liked, frame({ ...own, version: 3, cseq: 3, state: 'edited', view: { ...own.view, edited_at: own.at } }));
  assert.equal(toldOf(edited), undefined);
});

test('what was recalled of ones own messages is kept until one has seen it, or it is shown again', () => {
  const recalled = item(3, { id: 'i1', version: 2, state: 'recalled', sender: ME });
  let state = after(...opened(item(1, { sender: ME }), item(2)), frame(recalled));
  assert.deepEqual(c1(state).recalled, ['i1']);
  assert.deepEqual(c1(after(...opened(item(1), item(2)), frame({ ...recalled, sender: 'ben' }))).recalled, []);
  assert.deepEqual(c1(reduce(state, frame({ ...recalled, cseq: 4, version: 3, state: 'sent' }))).recalled, []);
  state = reduce(state, { type: 'hello', ...helloWith(head({ cseq: 3 })), recalled: { c1: ['i1', 'i9'] } });
  assert.deepEqual(c1(state).recalled, ['i1', 'i9']);
  state = reduce(state, { type: 'recalled_seen', id: 'c1', item: 'i1' });
  assert.deepEqual(c1(state).recalled, ['i9']);
});
