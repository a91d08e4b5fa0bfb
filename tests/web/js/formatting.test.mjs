import assert from 'node:assert/strict';
import test from 'node:test';

import { FORMS, formatted, hasForm } from '../../../web/static/js/lib/formatting.js';

/** A text with `‹` and `›` around what is selected, or `|` where the caret stands. */
const read = (marked) => {
  const text = marked.replaceAll(/[‹›|]/g, '');
  if (marked.includes('|')) return { text, from: marked.indexOf('|'), to: marked.indexOf('|') };
  return { text, from: marked.indexOf('‹'), to: marked.indexOf('›') - 1 };
};

const shown = (text, [from, to]) =>
  (from === to ? `${text.slice(0, from)}|${text.slice(from)}` : `${text.slice(0, from)}‹${text.slice(from, to)}›${text.slice(to)}`);

const done = (marked, form) => {
  const { text, from, to } = read(marked);
  const edit = formatted(text, from, to, form);
  return shown(text.slice(0, edit.from) + edit.put + text.slice(edit.to), edit.selected);
};

/** Given, and the other way round. */
const turns = (form, before, after) => {
  assert.equal(done(before, form), after);
  assert.equal(done(after, form), before, `${form} is taken away again`);
};

test('what is selected gets its marks, and loses them when it has them', () => {
  turns('bold', 'a ‹word› here', 'a **‹word›** here');
  turns('italic', 'a ‹word› here', 'a *‹word›* here');
  turns('strike', 'a ‹word› here', 'a ~~‹word›~~ here');
  turns('code', 'a ‹word› here', 'a `‹word›` here');
  assert.equal(done('a ‹**word**› here', 'bold'), 'a ‹word› here', 'with its marks selected');
});

test('bold and italic are told apart where both are', () => {
  turns('italic', '**‹word›**', '***‹word›***');
  turns('bold', '*‹word›*', '***‹word›***');
  assert.equal(hasForm('**word**', 3, 3, 'italic'), false);
  assert.equal(hasForm('*word*', 3, 3, 'bold'), false);
  assert.ok(hasForm('*a **b** c*', 1, 10, 'italic'));
  assert.ok(hasForm('***word***', 4, 6, 'italic') && hasForm('***word***', 4, 6, 'bold'));
});

test('marks stand close to the words, not to the space around them', () => {
  assert.equal(done('a‹ word ›here', 'bold'), 'a **‹word›** here');
  assert.equal(done('a‹  ›b', 'bold'), 'a‹  ›b');
});

test('without a selection one writes between the marks, and leaves them with the same key', () => {
  turns('bold', 'so |', 'so **|**');
  assert.equal(done('so **much|**', 'bold'), 'so **much**|');
  assert.equal(done('so **mu|ch**', 'bold'), 'so mu|ch');
  assert.equal(done('so mu|ch', 'bold'), 'so **mu|ch**');
  assert.equal(done('**|**', 'italic'), '***|***', 'italic in what is to be bold');
});

test('a part of what has a form takes it away from the whole', () => {
  assert.equal(done('**all ‹of› it**', 'bold'), 'all ‹of› it');
});

test('code that holds backticks stands between more of them', () => {
  turns('code', '‹a`b›', '``‹a`b›``');
  turns('code', '‹`b` c›', '`` ‹`b` c›``');
  turns('code', '‹a `b`›', '``‹a `b`› ``');
});

test('each line gets marks of its own, behind what it begins with', () => {
  turns('bold', '‹one\n\n- two›', '‹**one**\n\n- **two**›');
  assert.equal(done('‹**one**\ntwo›', 'bold'), '‹**one**\n**two**›', 'what has them keeps them');
});

test('lines become a list, another list, and lines again', () => {
  turns('list', '‹one\ntwo›', '‹- one\n- two›');
  turns('numbers', '‹one\ntwo›', '‹1. one\n2. two›');
  assert.equal(done('‹- one\n- two›', 'numbers'), '‹1. one\n2. two›');
  assert.equal(done('‹1. one\n2. two›', 'list'), '‹- one\n- two›');
  turns('list', 'on|e', '- on|e');
  assert.equal(done('|', 'list'), '- |');
  assert.equal(done('‹one\n\ntwo›', 'numbers'), '‹1. one\n\n2. two›', 'an empty line is no item');
});

test('what follows a list or a quote does not become a part of it', () => {
  assert.equal(done('‹one›\nand then', 'list'), '‹- one›\n\nand then');
  assert.equal(done('one|\nand then', 'quote'), '> one|\n\nand then');
  assert.equal(done('‹one›\n- two', 'list'), '‹- one›\n- two');
});

test('a quote holds its empty lines together', () => {
  turns('quote', '‹one\n\ntwo›', '‹> one\n> \n> two›');
});

test('a block of code has its fences on lines of their own, longer than those in it', () => {
  turns('codeblock', 'see\n‹x = 1\ny = 2›\nthere', 'see\n```\n‹x = 1\ny = 2›\n```\nthere');
  turns('codeblock', '|', '```\n|\n```');
  assert.equal(done('‹x = 1\ny = 2›', 'code'), '```\n‹x = 1\ny = 2›\n```', 'code of several lines is a block');
  assert.equal(done('‹```\nx\n```›\n!', 'codeblock'), '‹x›\n!');
  assert.ok(hasForm('```\nx = 1\n```', 5, 5, 'codeblock'));
  assert.ok(!hasForm('```\nx = 1\n```\nafter', 16, 16, 'codeblock'));
});

test('a link asks for its address, or for its words where the address is there', () => {
  assert.equal(done('the ‹report› is in', 'link'), 'the [report](‹https://›) is in');
  assert.equal(done('‹https://a.example/x›', 'link'), '[|](https://a.example/x)');
  assert.equal(done('see |', 'link'), 'see [|](https://)');
  assert.equal(done('the [re|port](https://a.example) is in', 'link'), 'the re|port is in');
});

test('whatever is selected of whatever text, nothing but marks and signs is added', () => {
  const texts = ['', ' ', '**', '***a***', '- a\n- b', '```\nx', 'a `b` *c* ~~d~~ [e](f)', '> q\n\n1. r', '***', '[](', '````\n```\n````'];
  for (const text of texts) {
    for (const form of FORMS) {
      for (let from = 0; from <= text.length; from += 1) {
        for (let to = from; to <= text.length; to += 1) {
          const { from: begin, to: end, put, selected: [a, b] } = formatted(text, from, to, form);
          const next = text.slice(0, begin) + put + text.slice(end);
          assert.ok(begin <= end && end <= text.length && a >= 0 && a <= b && b <= next.length, JSON.stringify({ text, from, to, form, next, a, b }));
          const words = (given) => given.replaceAll(/https:\/\/|[^a-z]/g, '');
          assert.ok(words(next) === words(text) || form === 'link', JSON.stringify({ text, from, to, form, next }));
        }
      }
    }
  }
});
