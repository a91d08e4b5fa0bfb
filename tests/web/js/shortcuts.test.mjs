import assert from 'node:assert/strict';
import test from 'node:test';

import { namesOf, PLACES, WORDS } from '../../../web/static/js/lib/keynames.js';
import { isSingle, keysOf, pressed, SHORTCUTS } from '../../../web/static/js/shortcuts.js';

const key = (name, more = {}) => ({
  key: name, code: '', ctrlKey: false, altKey: false, shiftKey: false, metaKey: false, isComposing: false, ...more,
});

test('no two shortcuts of one place share a key, whichever key sends', () => {
  for (const preferences of [{}, { send_with: 'ctrl_enter' }]) {
    for (const place of Object.keys(PLACES)) {
      const here = SHORTCUTS.filter((each) => each.place === place || each.place === 'anywhere');
      const keys = here.flatMap((each) => keysOf(each, preferences));
      assert.equal(new Set(keys).size, keys.length);
    }
  }
});

test('what forms a text shares no key with what else one does while writing', () => {
  const keys = SHORTCUTS.filter(({ place }) => place !== 'messages').flatMap((each) => keysOf(each));
  assert.equal(new Set(keys).size, keys.length);
});

test('a digit counts by its place, whatever Shift makes of it', () => {
  assert.equal(pressed(key('*', { ctrlKey: true, shiftKey: true, code: 'Digit8' }), 'forms', {}, false), 'list');
  assert.equal(pressed(key('/', { ctrlKey: true, shiftKey: true, code: 'Digit7' }), 'writing', {}, false), 'help', 'a German Ctrl+/');
  assert.equal(pressed(key('8', { ctrlKey: true, code: 'Digit8' }), 'forms', {}, false), null);
});

test('each shortcut has an id of its own, a place and words', () => {
  assert.equal(new Set(SHORTCUTS.map(({ id }) => id)).size, SHORTCUTS.length);
  for (const { id, place, keys } of SHORTCUTS) assert.ok(place in PLACES && WORDS[id] && keys.length);
  assert.equal(Object.keys(WORDS).length, SHORTCUTS.length);
});

test('a key with Ctrl counts wherever one is, with ⌘ on a Mac', () => {
  assert.equal(pressed(key('k', { ctrlKey: true }), 'writing', {}, false), 'switch');
  assert.equal(pressed(key('k', { metaKey: true }), 'messages', {}, true), 'switch');
  assert.equal(pressed(key('k', { ctrlKey: true }), 'writing', {}, true), null);
  assert.equal(pressed(key('k', { ctrlKey: true, altKey: true }), 'writing', {}, false), null, 'AltGr');
});

test('on a keyboard of another script the place of the key counts', () => {
  assert.equal(pressed(key('л', { ctrlKey: true, code: 'KeyK' }), 'writing', {}, false), 'switch');
});

test('single keys count in the list only, and not at all when they are turned off', () => {
  assert.equal(pressed(key('j'), 'messages'), 'nextMessage');
  assert.equal(pressed(key('?', { shiftKey: true }), 'messages'), 'helpHere');
  assert.equal(pressed(key('j'), 'writing'), null);
  assert.equal(pressed(key('j'), 'messages', { single_keys: false }), null);
  assert.equal(pressed(key('ArrowDown'), 'messages', { single_keys: false }), 'nextMessage');
  assert.ok(SHORTCUTS.filter(({ keys }) => keys.some(isSingle)).every(({ place }) => place === 'messages'));
});

test('which key sends is the choice of the person', () => {
  assert.equal(pressed(key('Enter'), 'writing'), 'send');
  assert.equal(pressed(key('Enter', { shiftKey: true }), 'writing'), 'newline');
  const swapped = { send_with: 'ctrl_enter' };
  assert.equal(pressed(key('Enter'), 'writing', swapped), 'newline');
  assert.equal(pressed(key('Enter', { ctrlKey: true }), 'writing', swapped, false), 'send');
});

test('while an input method composes no key is ours', () => {
  assert.equal(pressed(key('Enter', { isComposing: true }), 'writing'), null);
  assert.equal(pressed(key('Enter', { keyCode: 229 }), 'writing'), null);
});

test('keys are named as they are written on the keyboard', () => {
  assert.deepEqual(namesOf('Mod+Shift+F', false), ['Ctrl', 'Shift', 'F']);
  assert.deepEqual(namesOf('Mod+Shift+F', true), ['⌘', '⇧', 'F']);
  assert.deepEqual(namesOf('Alt+ArrowUp', false), ['Alt', '↑']);
});
