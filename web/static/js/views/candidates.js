// What may complete a word that was begun: the people of the conversation, or emoji.

import { emojiCalled, findEmoji, loadEmoji } from '../lib/emoji.js';
import { matches } from '../lib/fuzzy.js';

const SHOWN = 8;

/** Return what finds rows for a word, once what it needs is loaded. */
export const finderOf = async (sign) => (sign === ':' ? emojiOf(await loadEmoji()) : peopleOf);

const emojiOf = (known) => (word) => (word.endsWith(':') ? emojiCalled(known, word.slice(0, -1)) : findEmoji(known, word)).slice(0, SHOWN)
  .map((each) => ({ key: each.alias, put: each.sign, sign: each.sign, name: each.name, also: each.code }));

function peopleOf(word, people) {
  const hits = [];
  for (const person of people) {
    const hit = matches(`${person.name} ${person.username}`, word);
    if (hit) hits.push({ key: person.id, put: `@${person.username}`, name: person.name, also: person.username, external: person.external, score: hit.score });
  }
  return hits.sort((a, b) => b.score - a.score).slice(0, SHOWN);
}
