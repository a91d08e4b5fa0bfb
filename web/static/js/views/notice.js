// Words for what went wrong and for what a policy says: always an icon, a word and a sentence.

import { classes, html, useEffect, useRef } from '../lib/ui.js';
import { noticeWords } from '../lib/words.js';
import { Icon } from './icons.js';

/** What a policy says to the sender. */
export function Notice({ notice: said, tone = 'warn', icon = 'warn', children, ...rest }) {
  const notice = noticeWords(said);
  const box = useInView();
  return html`<div ref=${box} class=${classes('note', tone)} ...${rest}>
    <p class="note-title"><${Icon} name=${icon} /><strong dir="auto">${notice.title}</strong></p>
    ${notice.why && html`<p dir="auto">${notice.why}</p>`}
    ${notice.actions?.length > 0 && html`<ul class="note-actions">${notice.actions.map((each) => html`<li dir="auto">${each}</li>`)}</ul>`}
    ${children}
  </div>`;
}

/** Why something that was asked for did not happen. */
export function Problem({ error }) {
  return error ? html`<${Trouble} error=${error} />` : null;
}

function Trouble({ error }) {
  const box = useInView();
  const notice = error.answer?.notice;
  if (notice) return html`<${Notice} notice=${notice} tone="bad" icon="block" role="alert" />`;
  return html`<div ref=${box} class="note bad" role="alert"><p class="note-title"><${Icon} name="warn" />${error.message}</p></div>`;
}

/** An answer must not appear where nobody looks: bring it in as it comes. */
function useInView() {
  const box = useRef(null);
  useEffect(() => box.current?.scrollIntoView({ block: 'nearest' }), []);
  return box;
}
