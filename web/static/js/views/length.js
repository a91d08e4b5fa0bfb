// How much more fits into a message, where that is little.

import { html } from '../lib/ui.js';
import { tn } from '../lib/words.js';

export function Length({ over, max }) {
  if (over > 0) return html`<p class="hint over" role="alert">${tn('{n} character too many; the limit is {max}.', '{n} characters too many; the limit is {max}.', over, { max })}</p>`;
  return html`<p class="hint">${tn('{n} character left.', '{n} characters left.', -over)}</p>`;
}
