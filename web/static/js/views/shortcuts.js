// The table of shortcuts, in the help dialog of the chat and on the help page.

import { html } from '../lib/ui.js';
import { namesOf, PLACES, WORDS } from '../lib/keynames.js';
import { t } from '../lib/words.js';
import { keysOf, SHORTCUTS } from '../shortcuts.js';

/** @param {{preferences?: object}} props as the person has chosen them */
export function ShortcutTable({ preferences = {} }) {
  return Object.entries(PLACES).map(([place, title]) => html`<section key=${place} class="stack" aria-label=${title}>
    <h3>${title}</h3>
    <table class="table keys">
      <thead class="hidden"><tr><th scope="col">${t('What it does')}</th><th scope="col">${t('Keys')}</th></tr></thead>
      <tbody>${SHORTCUTS.filter((shortcut) => shortcut.place === place).map((shortcut) => html`<tr key=${shortcut.id}>
        <th scope="row">${WORDS[shortcut.id]}</th>
        <td>${keysOf(shortcut, preferences).map((key, i) => [i > 0 && ` ${t('or')} `, html`<${Keys} keys=${key} />`])}</td>
      </tr>`)}</tbody>
    </table>
  </section>`);
}

function Keys({ keys }) {
  return html`<span class="chord">${namesOf(keys).map((name) => html`<kbd>${name}</kbd>`)}</span>`;
}
