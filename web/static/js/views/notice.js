// Words for what went wrong and for what a policy says: always an icon, a word and a sentence.

import { classes, html } from '../lib/ui.js';
import { Icon } from './icons.js';

/** What a policy says to the sender. */
export function Notice({ notice, tone = 'warn', icon = 'warn', children, ...rest }) {
  return html`<div class=${classes('note', tone)} ...${rest}>
    <p class="note-title"><${Icon} name=${icon} /><strong>${notice.title}</strong></p>
    ${notice.why && html`<p>${notice.why}</p>`}
    ${notice.actions?.length > 0 && html`<ul class="note-actions">${notice.actions.map((each) => html`<li>${each}</li>`)}</ul>`}
    ${children}
  </div>`;
}

/** Why something that was asked for did not happen. */
export function Problem({ error }) {
  if (!error) return null;
  const notice = error.answer?.notice;
  if (notice) return html`<${Notice} notice=${notice} tone="bad" icon="block" role="alert" />`;
  return html`<div class="note bad" role="alert"><p class="note-title"><${Icon} name="warn" />${error.message}</p></div>`;
}
