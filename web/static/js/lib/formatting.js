// What a form does to a text that is being written: marks around words, signs before lines. Pure.
//
// An edit says what is put in the place of what, and what is selected afterwards.

/**
 * @typedef {{from: number, to: number, put: string, selected: [number, number]}} Edit
 * @typedef {{start: number, end: number, open: number, close: number}} Place a formed text, and how long its marks are
 */

const MARKS = { bold: '**', italic: '*', strike: '~~', code: '`' };
// A mark stands close to the words; three stars are both, bold and italic.
const FORMED = {
  bold: /(\*\*)(?!\s)((?:(?!\*\*).)+?)(?<!\s)(\*\*)/g,
  italic: /(?<!\*)(\*)(?:\*\*)?(?![\s*])(?:[^*\n]|\*\*[^*\n]+\*\*)+?(?<!\s)(?:\*\*)?(\*)(?!\*)/g,
  strike: /(~~)(?!\s)((?:(?!~~).)+?)(?<!\s)(~~)/g,
  code: /(?<!`)((`+)(?!`)(?: (?=`))?).+?((?<=`) \2|(?<!`)\2)(?!`)/g,
  link: /(\[)[^\]\n]*(\]\([^)\n]*\))/g,
};
const SIGNS = { list: () => '- ', numbers: (n) => `${n}. `, quote: () => '> ' };
const SIGNED = { list: /^(\s*)[-*+] /, numbers: /^(\s*)\d{1,9}[.)] /, quote: /^()> ?/ };
const LISTED = /^(\s*)(?:[-*+]|\d{1,9}[.)]) /;
const ADDRESS = /^https?:\/\/\S+$/i;
/** How far away the marks of something may be: it is looked for at each step of the caret. */
const REACH = 1_000;
const FENCE = /^\s*`{3,}/;

/** Every form, in the order in which they are offered. */
export const FORMS = ['bold', 'italic', 'strike', 'link', 'list', 'numbers', 'quote', 'code', 'codeblock'];

/**
 * Give what is selected a form, or take it away where it has it.
 * @param {string} text
 * @param {number} from
 * @param {number} to
 * @param {string} form one of `FORMS`
 * @returns {Edit}
 */
export function formatted(text, from, to, form) {
  if (form in SIGNS) return lined(text, from, to, form);
  if (form === 'codeblock') return fenced(text, from, to);
  if (!text.slice(from, to).includes('\n')) return form === 'link' ? linked(text, from, to) : marked(text, from, to, form);
  if (form === 'code') return fenced(text, from, to);
  return form === 'link' ? { from, to, put: text.slice(from, to), selected: [from, to] } : eachLine(text, from, to, form);
}

/** Tell whether what is selected, or what the caret stands in, has a form. */
export function hasForm(text, from, to, form) {
  if (form in SIGNS) return allSigned(linesOf(text, from, to).lines, form);
  return form === 'codeblock' ? fenceAround(text, from, to) !== null : placeOf(text, from, to, form) !== null;
}

/** @returns {Place|null} the formed text in which all that is selected lies */
function placeOf(text, from, to, form) {
  const begin = Math.max(text.lastIndexOf('\n', from - 1) + 1, from - REACH);
  const line = text.slice(begin, to + REACH).split('\n', 1)[0];
  for (const found of line.matchAll(FORMED[form])) {
    const start = begin + found.index;
    const end = start + found[0].length;
    const inside = from === to ? from > start && to < end : from >= start && to <= end;
    if (inside) return { start, end, open: found[1].length, close: found.at(-1).length };
  }
  return null;
}

/** Take the marks away; what was selected stays selected. */
function bare(text, from, to, { start, end, open, close }) {
  const put = text.slice(start + open, end - close);
  const within = (at) => start + Math.min(Math.max(at - start - open, 0), put.length);
  return { from: start, to: end, put, selected: [within(from), within(to)] };
}

function marked(text, from, to, form) {
  const place = placeOf(text, from, to, form);
  if (place && from === to && from === place.end - place.close) return { from, to, put: '', selected: [place.end, place.end] };
  if (place) return bare(text, from, to, place);
  const mark = MARKS[form];
  if (from === to) return atCaret(text, from, mark);
  const [begin, end] = trimmed(text, from, to);
  const words = text.slice(begin, end);
  if (!words) return { from, to, put: text.slice(from, to), selected: [from, to] };
  const [open, close] = form === 'code' ? ticks(words) : [mark, mark];
  return { from: begin, to: end, put: open + words + close, selected: [begin + open.length, begin + open.length + words.length] };
}

/** Around nothing, or around the word in which the caret stands. */
function atCaret(text, at, mark) {
  const before = /[\p{L}\p{N}_]+$/u.exec(text.slice(0, at))?.[0] ?? '';
  const after = /^[\p{L}\p{N}_]+/u.exec(text.slice(at))?.[0] ?? '';
  if (before && after) {
    const caret = at + mark.length;
    return { from: at - before.length, to: at + after.length, put: mark + before + after + mark, selected: [caret, caret] };
  }
  // Around nothing, and once more: nothing was meant.
  const sign = mark[0];
  const run = (part, end) => (end ? /.*?(\**|~*|`*)$/s : /^(\**|~*|`*)/).exec(part)[1];
  const isPair = run(text.slice(0, at), true) === mark && run(text.slice(at), false) === mark && text[at] === sign;
  if (isPair) return { from: at - mark.length, to: at + mark.length, put: '', selected: [at - mark.length, at - mark.length] };
  return { from: at, to: at, put: mark + mark, selected: [at + mark.length, at + mark.length] };
}

/** Code that holds backticks stands between more of them. */
function ticks(words) {
  const most = Math.max(0, ...[...words.matchAll(/`+/g)].map(([run]) => run.length));
  const mark = '`'.repeat(most ? most + 1 : 1);
  return [words.startsWith('`') ? `${mark} ` : mark, words.endsWith('`') ? ` ${mark}` : mark];
}

function trimmed(text, from, to) {
  const words = text.slice(from, to);
  return [from + (words.length - words.trimStart().length), to - (words.length - words.trimEnd().length)];
}

/** Marks do not reach over lines: each gets its own, behind the sign that it begins with. */
function eachLine(text, from, to, form) {
  const parts = [];
  let at = from;
  for (const line of text.slice(from, to).split('\n')) {
    const sign = /^\s*(?:(?:[-*+]|\d{1,9}[.)]|>) )?/.exec(line)[0].length;
    parts.push({ begin: at + sign, end: at + line.length });
    at += line.length + 1;
  }
  const said = parts.filter(({ begin, end }) => text.slice(begin, end).trim());
  const off = said.length > 0 && said.every(({ begin, end }) => placeOf(text, ...trimmed(text, begin, end), form));
  let put = '';
  let last = from;
  for (const { begin, end } of said) {
    const edges = trimmed(text, begin, end);
    if (!off && placeOf(text, ...edges, form)) continue;
    const edit = marked(text, ...edges, form);
    put += text.slice(last, edit.from) + edit.put;
    last = edit.to;
  }
  put += text.slice(last, Math.max(last, to));
  return { from, to: Math.max(last, to), put, selected: [from, from + put.length] };
}

function linked(text, from, to) {
  const place = placeOf(text, from, to, 'link');
  if (place) return bare(text, from, to, place);
  const words = text.slice(from, to);
  if (ADDRESS.test(words)) return { from, to, put: `[](${words})`, selected: [from + 1, from + 1] };
  const said = words.replaceAll(/[[\]]/g, '\\$&');
  const put = `[${said}](https://)`;
  const address = from + said.length + 3;
  return { from, to, put, selected: words ? [address, address + 8] : [from + 1, from + 1] };
}

/** Return the whole lines of what is selected. */
function linesOf(text, from, to) {
  const begin = text.lastIndexOf('\n', from - 1) + 1;
  const last = to > from && text[to - 1] === '\n' ? to - 1 : to;
  const end = last + text.slice(last).split('\n', 1)[0].length;
  return { begin, end, lines: text.slice(begin, end).split('\n') };
}

const allSigned = (lines, form) => {
  const said = lines.filter((line) => line.trim());
  return said.length > 0 && said.every((line) => SIGNED[form].test(line));
};

function lined(text, from, to, form) {
  const { begin, end, lines } = linesOf(text, from, to);
  const off = allSigned(lines, form);
  const isEmpty = (line) => lines.length > 1 && !line.trim() && form !== 'quote';
  let n = 0;
  const signed = (line) => {
    if (off) return line.replace(SIGNED[form], '$1');
    if (isEmpty(line)) return line;
    n += 1;
    return SIGNS[form](n) + (form === 'quote' ? line : line.replace(LISTED, '$1'));
  };
  const made = lines.map(signed).join('\n');
  // A line that follows at once would be taken for more of the last one.
  const next = text[end] === '\n' ? text.slice(end + 1).split('\n', 1)[0] : '';
  const put = !off && next.trim() && !SIGNED[form].test(next) ? `${made}\n` : made;
  const caret = begin + Math.max(made.length - (end - from), 0);
  return { from: begin, to: end, put, selected: from === to ? [caret, caret] : [begin, begin + made.length] };
}

/** @returns {Place|null} the block of code in which all that is selected lies, with its fences */
function fenceAround(text, from, to) {
  let at = 0;
  let open = null;
  for (const line of text.split('\n')) {
    const end = at + line.length;
    if (open && line.trim() === open.mark) {
      if (from >= open.start && to <= end) return { start: open.start, end, open: open.length, close: Math.min(line.length + 1, end - open.start - open.length) };
      open = null;
    } else if (!open && FENCE.test(line)) {
      open = { start: at, length: line.length + 1, mark: /`+/.exec(line)[0] };
    }
    at = end + 1;
  }
  return null;
}

function fenced(text, from, to) {
  const place = fenceAround(text, from, to);
  if (place) return bare(text, from, to, place);
  const { begin, end } = linesOf(text, from, to);
  const words = text.slice(begin, end);
  const most = Math.max(2, ...[...words.matchAll(/^[ \t]*(`+)/gm)].map(([, run]) => run.length));
  const mark = '`'.repeat(most + 1);
  const put = `${mark}\n${words}\n${mark}`;
  const shift = mark.length + 1;
  return { from: begin, to: end, put, selected: from === to ? [from + shift, from + shift] : [begin + shift, begin + shift + words.length] };
}
