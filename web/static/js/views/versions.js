// What a message said before, where the policy shows it.

import { dayName, timeOf } from '../lib/time.js';
import { html, useApp, useEffect, useState, useTask } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { Dialog } from './dialog.js';
import { Problem } from './notice.js';
import { Skeleton } from './skeleton.js';
import { Tokens } from './tokens.js';

export function Versions({ item, onClose }) {
  const { client } = useApp();
  const [versions, setVersions] = useState(null);
  const { error, run } = useTask();
  useEffect(() => void run(async () => setVersions((await client.ask('versions', { conversation: item.conversation, item: item.id })).versions)), [item.id]);
  return html`<${Dialog} title=${t('What this message said')} onClose=${onClose}>
    <${Problem} error=${error} />
    ${!versions && !error && html`<${Skeleton} />`}
    <ol class="entries">${(versions ?? []).map((each) => html`<li key=${each.version} class="entry-card"><p class="author"><time datetime=${each.at}>${dayName(each.at)} ${timeOf(each.at)}</time></p>
      ${each.gone ? html`<p class="soft">${t('This wording is kept no more.')}</p>` : html`<div class="body" dir="auto"><${Tokens} tokens=${each.tokens} /></div>`}</li>`)}</ol>
  <//>`;
}
