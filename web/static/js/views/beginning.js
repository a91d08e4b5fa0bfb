// How a long message begins, where the whole of it is one step away.

import { wordsOf } from '../lib/plain.js';
import { html } from '../lib/ui.js';

export function Beginning({ tokens, people, most }) {
  return html`<p>${wordsOf(tokens, people).slice(0, most)}…</p>`;
}
