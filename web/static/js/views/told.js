// What the sender alone is told of a message that others see: it was flagged, or part of it is covered.

import { html } from '../lib/ui.js';
import { noticeWords, t } from '../lib/words.js';
import { Icon } from './icons.js';
import { Report } from './report.js';

export function Told({ item }) {
  const { decision, excerpts, written } = item.view.told;
  const notice = noticeWords(item.view.told.notice);
  const unnamed = excerpts.filter((each) => !notice.title.includes(each));
  return html`<details class="told">
    <summary>${item.state !== 'redacted' && html`<span class="mark"><${Icon} name="flag" />${t('flagged; only you see this')}</span> `}${t('What can I do?')}</summary>
    <div class="stack">
      <p dir="auto"><strong>${notice.title}</strong> ${notice.why}</p>
      ${unnamed.length > 0 && html`<p>${t('Found:')} ${unnamed.map((each) => html`<code class="excerpt">${each}</code> `)}</p>`}
      ${written && html`<p>${t('You wrote:')} <q dir="auto">${written}</q></p>`}
      ${notice.actions.length > 0 && html`<ul>${notice.actions.map((each) => html`<li dir="auto">${each}</li>`)}</ul>`}
      <${Report} conversation=${item.conversation} decision=${decision} />
    </div></details>`;
}
