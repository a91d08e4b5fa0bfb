import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';

import { begun, completed, hasCode } from '../../../web/static/js/lib/completing.js';
import { emojiCalled, findEmoji, indexed, signed } from '../../../web/static/js/lib/emoji.js';
import { QUICK } from '../../../web/static/js/lib/reactions.js';

const rows = JSON.parse(await readFile(new URL('../../../web/static/vendor/emoji.json', import.meta.url), 'utf8'));

test('a name is completed after an at sign at the beginning of a word, and only there', () => {
  assert.deepEqual(begun('hello @be', 9), { sign: '@', word: 'be', from: 6 });
  assert.deepEqual(begun('@', 1), { sign: '@', word: '', from: 0 });
  assert.equal(begun('ana@be', 6), null);
  assert.equal(begun('hello @be said', 14), null);
});

test('an emoji is completed after two letters, so that a time of day is left alone', () => {
  assert.equal(begun('at 10:30', 8), null);
  assert.equal(begun('see :s', 6), null);
  assert.deepEqual(begun('see :sm', 7), { sign: ':', word: 'sm', from: 4 });
});

test('a second colon ends the code of an emoji, and whoever has no such code is left alone', () => {
  const place = begun('so :rocket: far', 11);
  assert.deepEqual(place, { sign: ':', word: 'rocket:', from: 3 });
  assert.deepEqual(completed('so :rocket: far', place, '🚀'), { put: '🚀 ', from: 3, to: 12 });
  assert.equal(begun('see ::', 6), null);
  const [english, german] = [false, true].map((each) => indexed(rows, each));
  assert.deepEqual(emojiCalled(english, 'rocket').map((each) => each.sign), ['🚀']);
  assert.deepEqual(emojiCalled(german, 'daumen_hoch').map((each) => each.alias), ['thumbs_up']);
  assert.deepEqual(emojiCalled(german, 'thumbs_up').map((each) => each.alias), ['thumbs_up']);
  assert.deepEqual(emojiCalled(german, 'rake'), []);
});

test('codes that were typed before the list was there become signs as if it had been there', () => {
  const known = indexed(rows, false);
  const said = (text) => signed(known, text);
  assert.equal(said('to the :rocket: moon'), 'to the 🚀 moon');
  assert.equal(said(':rocket::rocket: (:party_popper: or :no_such_thing:)'), '🚀🚀 (🎉 or :no_such_thing:)');
  for (const text of ['at 10:30:15', 'see https://a.example/:rocket:/x', 'a:rocket:b', '`:rocket: here`', '```\n:rocket:\n```', ':rocket']) {
    assert.equal(said(text), text);
  }
  assert.equal(signed(indexed(rows, true), 'die :rakete: steigt'), 'die 🚀 steigt');
});

test('what cannot be a code waits for no list', () => {
  for (const text of ['at 10:30:15', 'https://a.example/x', 'so: this', ':', '::', 'hello']) assert.equal(hasCode(text), false, text);
  for (const text of [':rocket:', 'to the :rocket: moon', '(:+1:)']) assert.equal(hasCode(text), true, text);
});

test('what is chosen takes the place of what was begun, and the caret stands behind it', () => {
  const place = begun('hi @be there', 6);
  assert.deepEqual(completed('hi @be there', place, '@ben'), { put: '@ben ', from: 3, to: 7 });
});

test('every emoji has one alias that the server takes, and the quick ones are among them', () => {
  const { all, byAlias } = indexed(rows, false);
  assert.equal(byAlias.size, all.length);
  for (const { alias } of all) assert.match(alias, /^[a-z0-9_+-]{1,40}$/);
  for (const [alias, sign] of Object.entries(QUICK)) assert.equal(byAlias.get(alias).sign.replace('\ufe0f', ''), sign.replace('\ufe0f', ''));
});

test('an emoji is found by words of both languages', () => {
  const known = indexed(rows, true);
  assert.ok(findEmoji(known, 'rocket').some((each) => each.sign === '🚀'));
  assert.ok(findEmoji(known, 'rakete').some((each) => each.sign === '🚀'));
  assert.equal(findEmoji(known, 'thumbs up')[0].alias, 'thumbs_up');
  assert.deepEqual(findEmoji(known, 'no such thing at all'), []);
});

test('whoever reads German is told German names, and finds by them with or without umlauts', () => {
  const known = indexed(rows, true);
  const face = known.byAlias.get('grinning_face');
  assert.equal(face.name, 'grinsendes Gesicht');
  assert.equal(findEmoji(known, 'grinsendes_ge')[0].sign, '😀');
  for (const way of ['lächeln', 'lacheln', 'laecheln']) assert.ok(findEmoji(known, way).length > 3, way);
  assert.ok(findEmoji(known, 'grosse augen').length, 'ß is found by ss');
});

test('whoever reads English is told the alias that goes to the server', () => {
  const face = indexed(rows, false).byAlias.get('grinning_face');
  assert.deepEqual([face.name, face.code], ['grinning face', ':grinning_face']);
});
