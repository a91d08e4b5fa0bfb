// What is typed and chosen in the search becomes one query, and nothing that was typed becomes more than words.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { queryOf } from '../../../web/static/js/store/query.js';

const NOTHING = { words: '', conversation: '', from: '', since: '', until: '', link: false, file: false };
const query = (asked) => queryOf({ ...NOTHING, ...asked });

test('words stand first, as they were typed', () => {
  assert.equal(query({ words: '  quiet "the harbour" NOT station ' }), 'quiet "the harbour" NOT station');
});

test('filters are fields of the query', () => {
  assert.equal(
    query({ words: 'harbour', conversation: 'abc', from: 'ana', since: '2026-03-01', until: '2026-03-09', link: true, file: true }),
    'harbour in:abc from:ana sent:2026-03-01..2026-03-09 has:link has:file',
  );
});

test('one day alone is open at its other end', () => {
  assert.equal(query({ since: '2026-03-01' }), 'sent:>=2026-03-01');
  assert.equal(query({ until: '2026-03-09' }), 'sent:<=2026-03-09');
});

test('a name of several words is one phrase, whatever it holds', () => {
  assert.equal(query({ from: 'Ana Ribeiro' }), 'from:"Ana Ribeiro"');
  assert.equal(query({ from: 'ana" OR in:"board' }), 'from:"ana  OR in: board"');
});

test('filters alone can be asked, nothing at all cannot', () => {
  assert.equal(query({ link: true }), 'has:link');
  assert.equal(query({ file: true }), 'has:file');
  assert.equal(query({ words: '   ' }), '');
});
