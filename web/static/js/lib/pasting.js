// What a clipboard holds, as one would have it in a message. Pure: HTML is read as text, never made into nodes.

/**
 * Tell whether the words are meant, not the picture of them that an office program adds.
 * A file that was copied has no HTML beside its name; a picture of a page has no words.
 */
export const isOfWords = (data) => Boolean(data.getData('text/html') && data.getData('text/plain').trim());

/** Return cells that were copied from a spreadsheet as a table, or null where there are none. */
export function tableOf(data) {
  if (!/<table[\s>]/i.test(data.getData('text/html'))) return null;
  const rows = data.getData('text/plain').replace(/\r\n?/g, '\n').replace(/\n+$/, '').split('\n').map((line) => line.split('\t'));
  const [head, ...rest] = rows;
  // A line that has other columns has a cell of several lines: as it was pasted it is clearer.
  if (!rest.length || head.length < 2 || rest.some((row) => row.length !== head.length)) return null;
  const line = (cells) => `| ${cells.map((cell) => cell.trim().replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rest.map(line)].join('\n');
}

// A tag ends before the next begins, a comment at the end at the latest: what never ends costs no second look.
const PIECE = /<!--(?:[\s\S]*?-->|[\s\S]*)|<!\[(if|endif)[^<>]*>|<\/?([a-z][\w:-]*)((?:"[^"]*"|'[^']*'|[^'"<>])*)>|[^<]+|</gi;
const LONGEST = 500_000;
const UNSEEN = new Set(['head', 'style', 'script', 'title', 'xml', 'template', 'textarea']);
const HIDDEN = /(?:^|\s)hidden(?:[\s=]|$)|display:\s*none|visibility:\s*hidden/i;
const VOID = new Set(['br', 'img', 'hr', 'meta', 'link', 'input', 'col', 'wbr']);
const BLOCKS = new Set(['p', 'div', 'li', 'ul', 'ol', 'tr', 'table', 'blockquote', 'pre', 'section', 'article', 'header', 'footer', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6']);
const LOOKS = { b: 'bold', strong: 'bold', i: 'italic', em: 'italic', s: 'struck', del: 'struck', strike: 'struck', code: 'code', kbd: 'code', tt: 'code' };
const MARKS = [['code', '`'], ['struck', '~~'], ['italic', '*'], ['bold', '**']];
const NAMED = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', bull: '•', ndash: '–', mdash: '—', hellip: '…' };

/**
 * Return words that were copied with their form, in the signs that give a message its form; null where
 * they have none: then what the browser pastes is the same.
 */
export function formedOf(data) {
  if (!isOfWords(data) || data.getData('text/html').length > LONGEST) return null;
  const page = new Page();
  for (const [piece, told, tag, attributes] of data.getData('text/html').matchAll(PIECE)) {
    if (told) page.mark(told.toLowerCase() === 'if' && /supportLists/i.test(piece));
    else if (tag) page[piece[1] === '/' ? 'close' : 'open'](tag.toLowerCase(), attributes);
    else if (!piece.startsWith('<!--')) page.say(decoded(piece));
  }
  const text = page.end();
  return page.formed ? text : null;
}

/** What is read of a page, line by line. */
class Page {
  constructor() {
    this.lines = [];
    this.begin = '';
    this.runs = [];
    this.around = []; // the tags that are open, each with how it looks
    this.lists = [];
    this.formed = false;
    this.sign = false; // within the sign that Word puts before an entry of a list
  }

  open(tag, attributes) {
    if (BLOCKS.has(tag)) this.flush();
    if (tag === 'br') this.flush(true);
    if (VOID.has(tag)) return;
    const looks = { ...this.around.at(-1)?.looks, ...looksOf(tag, attributes) };
    if (UNSEEN.has(tag) || HIDDEN.test(attributes)) looks.unseen = true;
    if (tag === 'ul' || tag === 'ol') this.lists.push({ ordered: tag === 'ol', count: 0 });
    if (tag === 'li') this.entry();
    if (tag === 'blockquote') this.formed = true;
    if (tag === 'pre') this.fence();
    if ((tag === 'td' || tag === 'th') && this.runs.length) this.runs.push({ text: '\t', looks: {} });
    this.around.push({ tag, looks: tag === 'pre' ? { ...looks, kept: true } : looks });
  }

  close(tag) {
    const at = this.around.findLastIndex((each) => each.tag === tag);
    if (at < 0) return;
    if (BLOCKS.has(tag)) this.flush();
    if (tag === 'pre') this.fenceEnd();
    this.around.length = at;
    // What follows a quote at once would be taken for more of it.
    if (tag === 'blockquote') this.lines.push('');
    if (tag === 'ul' || tag === 'ol') this.lists.pop();
  }

  mark(sign) {
    if (sign) this.begins('- ');
    this.sign = sign;
  }

  say(text) {
    const looks = this.around.at(-1)?.looks ?? {};
    if (looks.unseen || this.sign) return;
    if (looks.kept) this.keep(text);
    else if (text) this.runs.push({ text: text.replace(/\s+/g, ' '), looks });
  }

  keep(text) {
    const lines = text.replace(/\r\n?/g, '\n').split('\n');
    lines.forEach((line, i) => {
      if (i) this.flush(true, true);
      if (line) this.runs.push({ text: line, looks: {} });
    });
  }

  entry() {
    const list = this.lists.at(-1) ?? { ordered: false, count: 0 };
    list.count += 1;
    this.begins(`${'  '.repeat(Math.max(0, this.lists.length - 1))}${list.ordered ? `${list.count}.` : '-'} `);
  }

  begins(sign) {
    this.formed = true;
    this.begin = sign;
  }

  fence() {
    this.flush();
    this.formed = true;
    this.fenced = this.lines.length;
    this.lines.push('');
  }

  /** Code that holds backticks stands between more of them. */
  fenceEnd() {
    const most = Math.max(2, ...this.lines.slice(this.fenced + 1).flatMap((line) => line.match(/`+/g) ?? []).map((run) => run.length));
    this.lines[this.fenced] = this.quote() + '`'.repeat(most + 1);
    this.lines.push(this.lines[this.fenced]);
  }

  /** The signs of the quotes that are open. */
  quote() {
    return '> '.repeat(this.around.filter((each) => each.tag === 'blockquote').length);
  }

  /** End a line; an empty one stands only where it was asked for. */
  flush(wanted = false, kept = false) {
    const text = kept || this.around.at(-1)?.looks.kept ? this.runs.map((run) => run.text).join('') : this.dressed();
    this.runs = [];
    if (!text.trim() && !wanted) return;
    this.lines.push(`${this.quote()}${this.begin}${text}`.trimEnd());
    this.begin = '';
  }

  /** The runs of a line, those that look the same as one, with their signs close to the words. */
  dressed() {
    const runs = [];
    for (const { text, looks } of this.runs) {
      const last = runs.at(-1);
      if (last && (MARKS.every(([look]) => Boolean(last.looks[look]) === Boolean(looks[look])) || !text.trim())) last.text += text;
      else runs.push({ text, looks });
    }
    return runs.map(({ text, looks }) => {
      const marks = MARKS.filter(([look]) => looks[look]).map(([, mark]) => mark);
      const [, before, words, after] = /^(\s*)([\s\S]*?)(\s*)$/.exec(text);
      if (!marks.length || !words) return text;
      this.formed = true;
      return `${before}${marks.toReversed().join('')}${words}${marks.join('')}${after}`;
    }).join('').replace(/ {2,}/g, ' ').trim();
  }

  end() {
    this.flush();
    return this.lines.join('\n').replace(/\n{3,}/g, '\n\n').trim();
  }
}

function looksOf(tag, attributes) {
  const weight = /font-weight:\s*(\w+)/i.exec(attributes)?.[1];
  const looks = {};
  if (LOOKS[tag]) looks[LOOKS[tag]] = true;
  if (/^h[1-6]$/.test(tag)) looks.bold = true;
  if (weight) looks.bold = weight === 'bold' || Number(weight) >= 600;
  if (/font-style:\s*italic/i.test(attributes)) looks.italic = true;
  if (/text-decoration[^;"']*line-through/i.test(attributes)) looks.struck = true;
  return looks;
}

const decoded = (text) => text.replace(/&(?:#x([\da-f]{1,6})|#(\d{1,7})|(\w+));/gi, (whole, hex, decimal, name) => {
  if (name) return NAMED[name.toLowerCase()] ?? whole;
  const code = hex ? parseInt(hex, 16) : Number(decimal);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
});
