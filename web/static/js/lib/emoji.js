// Every emoji, by its alias and by words in English and the language of the page; loaded when first needed.

import { language } from './words.js';

const FOUND = 60;
let loading = null;

/** @returns {Promise<{all: object[], byAlias: Map<string, object>}>} */
export function loadEmoji() {
  loading ??= fetch(new URL('../../vendor/emoji.json', import.meta.url))
    .then((answer) => answer.json()).then(indexed)
    .catch((error) => {
      loading = null;
      throw error;
    });
  return loading;
}

/** Return the rows of the file as emoji, each with its name, its code where names are English, and the words it is found by. */
export function indexed(rows, german = language.startsWith('de')) {
  const all = rows.map(([sign, alias, group, english, local]) => ({
    sign, alias, group,
    name: german ? local[0] : english[0],
    code: german ? '' : `:${alias}`,
    words: spelled([alias, ...english, ...local].join(' ')),
  }));
  return { all, byAlias: new Map(all.map((each) => [each.alias, each])) };
}

/** Return the emoji that all words of a query begin a word of; names that begin with it first. */
export function findEmoji({ all }, query) {
  const wanted = folded(query).split(/[\s_]+/).filter(Boolean);
  const hits = all.filter((each) => wanted.every((word) => each.words.some((known) => known.startsWith(word))));
  const begins = (each) => [each.name, each.alias].some((name) => folded(name).startsWith(wanted[0] ?? ''));
  const first = new Map(hits.map((each) => [each, begins(each) ? 0 : 1]));
  return hits.sort((a, b) => first.get(a) - first.get(b)).slice(0, FOUND);
}

/** Return the emoji that goes by a code, its alias or its name with _ for what parts its words; nothing if none does. */
export const emojiCalled = ({ all }, code) => all.filter(({ alias, name }) => alias === code || folded(name).replace(/[^\p{L}\p{N}]+/gu, '_') === folded(code)).slice(0, 1);

const WRITTEN = /```[\s\S]*?(?:```|$)|`[^`\n]*`|(?<=^|[\s(])(?::[\p{L}\p{N}_.\-+]+:)+/gu;

/** Return a text with signs in the place of the codes that are known, as if each had been typed with the list at hand. */
export const signed = (known, text) => text.replace(WRITTEN, (codes) => (codes.startsWith(':') ? codes.replace(/:([^:]+):/g, (code, name) => emojiCalled(known, name)[0]?.sign ?? code) : codes));

const folded = (text) => text.toLocaleLowerCase().replaceAll('ß', 'ss').normalize('NFD').replace(/\p{M}/gu, '');

/** The words of a text without accents; of those with an umlaut also as they are written without one: ae, oe, ue. */
function spelled(text) {
  const apart = text.toLocaleLowerCase().replace(/[äöü]/g, (letter) => `${folded(letter)}e`);
  return [...new Set(`${folded(text)} ${folded(apart)}`.split(/[\s_:,]+/))];
}
