import assert from 'node:assert/strict';
import test from 'node:test';

import { toldOf } from '../../../web/static/js/store/notify.js';
import { initial, reduce } from '../../../web/static/js/store/reduce.js';
import { head, helloWith, item, ME } from './support.mjs';

const settings = { muted: false, favourite: false, hidden: false };
const state = (more = {}, room = {}) =>
  reduce(initial, { ...helloWith(head({ kind: 'public', name: 'Deals', settings, ...room })), type: 'hello', preferences: { notify: 'mentions' }, usage: { notification_text: 'full' }, ...more });
const mention = item(1, { view: { text: 'look at this', tokens: [{ t: 'p', c: ['look at this'] }], mentions: [ME], reactions: {} } });

test('the desktop is told of mentions and direct messages, and of all only where one wants that', () => {
  assert.equal(toldOf(state(), mention, false).text, 'look at this');
  assert.equal(toldOf(state(), item(1), false), null);
  assert.ok(toldOf(state({}, { kind: 'direct' }), item(1), false));
  assert.ok(toldOf(state({ preferences: { notify: 'all' } }), item(1), false));
  assert.equal(toldOf(state({ preferences: { notify: 'nothing' } }), mention, false), null);
});

test('nobody is told of what they said, see, or muted; a mention goes through', () => {
  const looking = reduce(state({ preferences: { notify: 'all' } }), { type: 'focus', id: 'c1' });
  assert.equal(toldOf(looking, item(1), true), null);
  assert.ok(toldOf(looking, item(1), false));
  assert.equal(toldOf(state({ preferences: { notify: 'all' } }), item(1, { sender: ME }), false), null);
  const muted = state({ preferences: { notify: 'all' } }, { settings: { ...settings, muted: true } });
  assert.equal(toldOf(muted, item(1), false), null);
  assert.ok(toldOf(muted, mention, false));
});

test('how much of it is shown the policy says, and nothing where it says nothing', () => {
  const told = (notification_text) => toldOf(state({ usage: notification_text ? { notification_text } : {} }), mention, false);
  assert.deepEqual([told('full').sender, told('full').text], ['Ben', 'look at this']);
  assert.deepEqual([told('sender').sender, told('sender').text], ['Ben', null]);
  assert.deepEqual([told('none').sender, told('none').title, told('none').text], [null, null, null]);
  assert.equal(told(null).sender, null);
});

test('whose message was recalled is told so without a word of it, unless they look or want nothing told', () => {
  const recalled = item(2, { id: 'i1', version: 2, state: 'recalled', sender: ME });
  const told = toldOf(state({}, { settings: { ...settings, muted: true } }), recalled, false);
  assert.deepEqual([told.removed, told.item, told.sender, told.text], [true, 'i1', null, null]);
  assert.equal(toldOf(state(), recalled, true), null);
  assert.equal(toldOf(state({ preferences: { notify: 'nothing' } }), recalled, false), null);
  assert.equal(toldOf(state(), { ...recalled, sender: 'ben' }, false), null);
});
