// The words of the interface, in the language of the page. English sentences are the message ids.
//
// This module is ready only when the catalogue is there: whoever imports it, tables included, may
// call `t` at once. Without a catalogue everything is said in English.

const page = globalThis.document?.documentElement;

/** The language of the page, as the server chose it. */
export const language = page?.lang || 'en';

/** The language for dates and numbers: the page's, in the browser's own variety of it (`en-GB`) where it has one. */
export const formats = varietyOf(language, globalThis.navigator?.languages ?? []);

const catalogue = page?.dataset.words ? await load(page.dataset.words) : { messages: {}, plurals: {}, errors: [] };
const numbers = new Intl.NumberFormat(formats);
const plurals = new Intl.PluralRules(language);

let patterns;
/** Places that take a word of ours; others take what people wrote, which stays as it is. */
const SAID = new Set(['effect', 'problem', 'purpose', 'surface', 'what', 'why']);
const PLACE = /\{(\w+)\}/g;
const BOTH_WAYS = /[\u0590-\u08FF\u200E\u200F\u202A-\u202E\u2066-\u2069\uFB1D-\uFDFF\uFE70-\uFEFC]/;

/**
 * Return a sentence in the language of the page.
 * @param {string} message English, with `{names}` where something is put in
 * @param {Record<string, string|number>} params
 * @returns {string}
 */
export const t = (message, params = {}) => filled(catalogue.messages[message] ?? message, params);

/**
 * Return a sentence about a number, which is `{n}` in it.
 * @param {string} one @param {string} many @param {number} n
 * @param {Record<string, string|number>} params
 */
export function tn(one, many, n, params = {}) {
  const forms = catalogue.messages[one];
  const found = Array.isArray(forms) ? forms[catalogue.plurals[plurals.select(n)] ?? 0] : n === 1 ? one : many;
  return filled(found, { n, ...params });
}

/**
 * Return the parts of a sentence into which nodes are put, in the order of the language.
 * @param {string} message @param {Record<string, any>} params nodes, strings or numbers
 * @returns {any[]}
 */
export const rich = (message, params) =>
  (catalogue.messages[message] ?? message).split(PLACE)
    .map((part, i) => (i % 2 ? shown(params[part]) : part)).filter((part) => part !== '');

/**
 * Return what the server says in English, with whatever it put in, in the language of the page; what is
 * not known there, as it was said.
 */
export function told(message) {
  if (message in catalogue.messages) return catalogue.messages[message];
  patterns ??= catalogue.errors.map((sentence) => [sentence, patternOf(sentence)]);
  for (const [sentence, pattern] of patterns) {
    const found = pattern.exec(message);
    if (!found) continue;
    const values = Object.entries(found.groups).map(([name, value]) => [name, SAID.has(name) ? catalogue.messages[value] ?? value : value]);
    return filled(catalogue.messages[sentence] ?? sentence, Object.fromEntries(values));
  }
  return message;
}

/** Return what went wrong, in the language of the page. */
export const errorWords = ({ message }) => told(message);

/** Return what a policy says to the sender, in the language of the page where it has words in it. */
export function noticeWords(notice) {
  if (!notice) return notice;
  const said = spoken({ en: notice, ...notice.translations });
  return { ...notice, title: told(said.title), why: told(said.why), actions: (said.actions ?? []).map(told) };
}

/** Return a text that an author wrote once, or by language, as whoever reads the page is told it. */
export const spoken = (text) =>
  (typeof text === 'string' ? text : text[language] ?? text[language.split('-')[0]] ?? text.en);

/** Return a number as it is written in the language of the page. */
export const number = (value) => numbers.format(value);

/** Return the browser's own variety of a language, or the language itself. */
export function varietyOf(wanted, spoken) {
  const [first] = wanted.split('-');
  return wanted === first ? spoken.find((each) => each === first || each.startsWith(`${first}-`)) ?? wanted : wanted;
}

function patternOf(sentence) {
  const parts = sentence.split(PLACE);
  return new RegExp(`^${parts.map((part, i) => (i % 2 ? `(?<${part}>.+?)` : part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))).join('')}$`);
}

function filled(sentence, params) {
  return sentence.replace(PLACE, (place, name) => (name in params ? shown(params[name]) : place));
}

/** What was put in must not turn the direction of the sentence around it. */
function shown(value) {
  if (typeof value === 'number') return numbers.format(value);
  if (typeof value !== 'string') return value;
  return page?.dir === 'rtl' || BOTH_WAYS.test(value) ? `\u2068${value}\u2069` : value;
}

async function load(address) {
  try {
    return await (await fetch(address)).json();
  } catch {
    return { messages: {}, plurals: {}, errors: [] };
  }
}
