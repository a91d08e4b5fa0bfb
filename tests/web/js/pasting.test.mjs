// What is nothing but a sign or three, and what a clipboard holds.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isOfWords, tableOf } from '../../../web/static/js/lib/pasting.js';
import { isSigns } from '../../../web/static/js/lib/signs.js';

const clipboard = (texts) => ({ getData: (type) => texts[type] ?? '' });
const cells = (plain) => clipboard({ 'text/html': '<table border=0><tr><td>…', 'text/plain': plain });

test('a sign or three and nothing else are shown large', () => {
  for (const text of ['🎉', '🎉🎉', '👍🏽 ❤️', '👩‍🚀', '🇩🇪']) assert.equal(isSigns(text), true, text);
  for (const text of ['', undefined, 'ok 🎉', '🎉🎉🎉🎉', '12', '#1', ':)']) assert.equal(isSigns(text), false, String(text));
});

test('cells of a spreadsheet become a table', () => {
  assert.equal(tableOf(cells('Name\tQ1\r\nOrlin\t5,3\r\n')), '| Name | Q1 |\n| --- | --- |\n| Orlin | 5,3 |');
  assert.equal(tableOf(cells('a|b\t\n\tc\n')), '| a\\|b |  |\n| --- | --- |\n|  | c |');
});

test('what is no grid of cells stays as it was copied', () => {
  for (const plain of ['one cell', 'a\tb', 'a\tb\nc', 'a\n\nb']) assert.equal(tableOf(cells(plain)), null, plain);
  assert.equal(tableOf(clipboard({ 'text/html': '<p>a</p>', 'text/plain': 'a\tb\nc\td' })), null);
});

test('words of an office program outweigh the picture of them; a copied file and a copied picture do not', () => {
  assert.equal(isOfWords(clipboard({ 'text/html': '<b>x</b>', 'text/plain': 'x' })), true);
  assert.equal(isOfWords(clipboard({ 'text/plain': 'report.pdf' })), false);
  assert.equal(isOfWords(clipboard({ 'text/html': '<img src=x>', 'text/plain': '' })), false);
});
