// What people read of a message where somebody is mentioned.

import assert from 'node:assert/strict';
import test from 'node:test';

import { wordsOf } from '../../../web/static/js/lib/plain.js';
import { toldOf } from '../../../web/static/js/store/notify.js';
import { initial, reduce } from '../../../web/static/js/store/reduce.js';
import { mentionOf } from '../../../web/static/js/store/said.js';
import { head, helloWith, item, ME } from './support.mjs';

const people = { p1: { id: 'p1', username: 'ben.okafor', name: 'Ben Okafor' }, p2: { id: 'p2', username: 'dana', name: 'דנה לוי' } };
const mention = (person, typed) => ({ t: 'mention', person, c: [typed] });

test('a mention is read as the name of now; what ends the sentence stays', () => {
  assert.deepEqual(mentionOf(people, 'p1', '@Ben.Okafor'), ['@Ben Okafor', '']);
  assert.deepEqual(mentionOf(people, 'p1', '@ben.okafor.'), ['@Ben Okafor', '.']);
  assert.deepEqual(mentionOf({ p1: { username: 'b.new', name: 'Ben New' } }, 'p1', '@ben.okafor'), ['@Ben New', '']);
});

test('whom nobody here knows stays as it was typed', () => {
  assert.deepEqual(mentionOf(people, 'p9', '@gone.'), ['@gone.', '']);
});

test('where a message is cut short its mentions are names, and what looks like one stays', () => {
  const tokens = [
    { t: 'p', c: ['ask ', { t: 'strong', c: [mention('p1', '@ben.okafor')] }, ' not ', { t: 'code', c: ['@ben.okafor'] }, { t: 'br' }, 'today'] },
    { t: 'ul', c: [{ t: 'li', c: [{ t: 'p', c: ['one'] }] }, { t: 'li', c: [{ t: 'p', c: ['two'] }] }] },
    { t: 'table', c: [{ t: 'tr', c: [{ t: 'td', c: ['a'] }, { t: 'td', c: ['b'] }] }] },
  ];
  assert.equal(wordsOf(tokens, people), 'ask \u2068@Ben Okafor\u2069 not @ben.okafor\ntoday\none\ntwo\na b');
});

test('a name of the other direction is isolated', () => {
  assert.equal(wordsOf([{ t: 'p', c: [mention('p2', '@dana'), ' comes'] }], people), '\u2068@דנה לוי\u2069 comes');
});

test('the desktop is told of a mention by name', () => {
  const state = reduce(initial, { ...helloWith(head({ kind: 'public', name: 'Deals', settings: { muted: false } })), type: 'hello', preferences: { notify: 'mentions' }, usage: { notification_text: 'full' } });
  const said = item(1, { view: { text: '@ann look', tokens: [{ t: 'p', c: [mention(ME, '@ann'), ' look'] }], mentions: [ME], reactions: {} } });
  assert.equal(toldOf(state, said, false).text, '\u2068@Ann\u2069 look');
});
