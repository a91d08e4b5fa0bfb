// What is nothing but a sign or three, and what a clipboard holds.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { formedOf, isOfWords, tableOf } from '../../../web/static/js/lib/pasting.js';
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

test('words keep their form', () => {
  const told = {
    '<p class=MsoNormal><b>Bold</b> and <i>it</i><o:p></o:p></p><ul><li>a</li><li>b <b>c</b></li></ul>': '**Bold** and *it*\n- a\n- b **c**',
    '<b style="font-weight:normal"><p><span style="font-weight:700">one</span><span style="font-weight:400"> two</span></p></b>': '**one** two',
    '<p><![if !supportLists]><span>·<span>&nbsp; </span></span><![endif]>first</p><p><![if !supportLists]>·<![endif]>second</p>': '- first\n- second',
    '<ol><li>a<ol><li>b</li></ol></li><li>c</li></ol>': '1. a\n  1. b\n2. c',
    '<pre>x = 1\n  y</pre>after': '```\nx = 1\n  y\n```\nafter',
    '<h1>Title</h1>text <b>bold </b>next': '**Title**\ntext **bold** next',
    '<b>a</b><b>b</b> <s>c</s><code>d</code>': '**ab** ~~c~~`d`',
    'a<br><br><em>b</em>': 'a\n\n*b*',
    '<blockquote>said</blockquote>': '> said',
    '<blockquote><p>one</p><p>two</p></blockquote><p>mine</p>': '> one\n> two\n\nmine',
    '<blockquote>a<blockquote>b</blockquote></blockquote>': '> a\n> > b',
    '<pre>a\n```\nb</pre>': '````\na\n```\nb\n````',
    '<b>seen</b><span style="display:none">not</span><i hidden>nor</i><textarea>this</textarea>': '**seen**',
  };
  for (const [page, text] of Object.entries(told)) assert.equal(formedOf(clipboard({ 'text/html': page, 'text/plain': 'x' })), text, page);
});

test('a page that never ends its tags is pasted as what it is, without being looked at again and again', { timeout: 60_000 }, () => {
  // Were each tag looked for to the end of the page, this would take hours.
  for (const piece of ['<a', '<a "', "<a '", '<!--', '<![if', '<a "<a', '<b x=">', '</']) {
    assert.equal(formedOf(clipboard({ 'text/html': piece.repeat(400_000 / piece.length), 'text/plain': 'x' })), null, piece);
  }
  assert.equal(formedOf(clipboard({ 'text/html': '<b>x</b>'.repeat(100_000), 'text/plain': 'x' })), null, 'too long');
});

test('what has no form, and what is not shown, is left to the browser', () => {
  for (const page of ['<p>plain</p><p>&lt;b&gt;</p>', '<style>b{}</style><title><b>x</b></title>plain', '<div><span style="font-weight:400">x</span></div>']) {
    assert.equal(formedOf(clipboard({ 'text/html': page, 'text/plain': 'x' })), null, page);
  }
  assert.equal(formedOf(clipboard({ 'text/plain': '<b>x</b>' })), null);
});
