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

/** Return the rows of the file as emoji, each with the words it is found by. */
export function indexed(rows, german = language.startsWith('de')) {
  const all = rows.map(([sign, alias, group, english, local]) => ({
    sign, alias, group,
    name: german ? local[0] : english[0],
    words: [alias, ...english, ...local].join(' ').toLocaleLowerCase().split(/[\s_:,]+/),
  }));
  return { all, byAlias: new Map(all.map((each) => [each.alias, each])) };
}

/** Return the emoji that all words of a query begin a word of; names that begin with it first. */
export function findEmoji({ all }, query) {
  const wanted = query.toLocaleLowerCase().split(/[\s_]+/).filter(Boolean);
  const hits = all.filter((each) => wanted.every((word) => each.words.some((known) => known.startsWith(word))));
  const first = (each) => (each.alias.startsWith(wanted[0] ?? '') || each.name.toLocaleLowerCase().startsWith(wanted[0] ?? '') ? 0 : 1);
  return hits.sort((a, b) => first(a) - first(b)).slice(0, FOUND);
}
