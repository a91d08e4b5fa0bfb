// What one should know before the first word: who can read what is written here, and for how long. Where
// there is little room it is one line that can be opened, so that the box where one writes stays in sight.

import { spanOf } from '../lib/time.js';
import { html, useApp, useMatch, useTask } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { Icon } from './icons.js';
import { Problem } from './notice.js';

export function Introduction({ state }) {
  const { client, config } = useApp();
  const { busy, error, run } = useTask();
  const roomy = useMatch('(width >= 48rem) and (height >= 40rem), (height >= 44rem)');
  const days = Math.max(0, ...Object.values(state.retention));
  return html`<section class="introduction note" aria-label=${t('Who can read what you write')}>
    <details open=${roomy}><summary><${Icon} name="eye" /> <strong>${t('Who can read what you write here')}</strong></summary>
    <ul>
      <li>${t('The members of a conversation, each from the moment they joined.')}</li>
      <li>${t('Compliance officers, inside a matter and with a reason; each reading is recorded. IT administrators cannot read it.')}</li>
      <li>${days ? t('It is kept for up to {span}, also what you edit or delete.', { span: spanOf(days) }) : t('It is kept for as long as policy says, also what you edit or delete.')}</li>
      <li>${t('Each message is checked before anybody sees it. If one is stopped, you learn why and what you can do.')}</li>
    </ul></details>
    <div class="row"><button type="button" class="button main" disabled=${busy} onClick=${() => run(() => client.prefer({ introduced: true }))}>${t('Understood')}</button>
      ${config.help && html`<a href=${config.help}>${t('Read more')}</a>`}</div>
    <${Problem} error=${error} />
  </section>`;
}
