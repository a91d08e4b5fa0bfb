// What may complete a word that was begun: the people of the conversation, or emoji.

import { emojiCalled, findEmoji, loadEmoji, signed } from '../lib/emoji.js';
import { matches } from '../lib/fuzzy.js';
import { classes, html } from '../lib/ui.js';
import { t } from '../lib/words.js';

const SHOWN = 8;

/** Return what finds rows for a word, once what it needs is loaded. */
export const finderOf = async (sign) => (sign === ':' ? emojiOf(await loadEmoji()) : peopleOf);

/** Return a text with signs in the place of codes that nobody knew yet when they were typed. */
export const withSigns = async (text) => signed(await loadEmoji(), text);

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

/** What may complete the word, above the box. */
export function Candidates({ rows, at, id, sign, choose }) {
  return html`<ul class="completion" id=${`${id}-list`} role="listbox" aria-label=${sign === '@' ? t('People here') : t('Emoji')}>
    ${rows.map((row, i) => html`<li key=${row.key} id=${`${id}-${i}`} role="option" aria-selected=${i === at} class=${classes('option', i === at && 'chosen')}
      onPointerDown=${(event) => { event.preventDefault(); choose(row); }}>${row.sign && html`<span class="sign">${row.sign}</span>`}<strong dir="auto">${row.name}</strong> <span class="soft">${row.also}</span>
      ${row.external && html`<span class="badge warn">${t('outside')}</span>`}</li>`)}
  </ul>`;
}
