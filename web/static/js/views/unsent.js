// What was written and has no answer yet: shown at once, dimmed, with what can be done if it failed.

import { classes, html, useApp } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { Icon } from './icons.js';
import { Author } from './message.js';

export function Unsent({ entry, online, continued, onEdit }) {
  const { client, me } = useApp();
  const failed = entry.state === 'failed';
  const edit = () => {
    client.queue.discard(entry.client_id);
    onEdit({ view: { text: entry.text } });
  };
  return html`<li class=${classes('message unsent', failed && 'failed', continued && 'continued')} data-state=${failed ? 'failed' : 'sending'}>
    ${!continued && html`<${Author} person=${me}><span class="hint">${t('you')}</span><//>`}
    <div class="body" dir="auto"><p class="plain">${entry.text}</p>
      <span class="mark"><${Icon} name=${failed ? 'warn' : 'clock'} />${words(entry, online)}</span></div>
    ${failed && html`<div class="row" role="alert">
      <span>${t('Not sent.')} ${entry.error}</span>
      <button type="button" class="button" onClick=${() => client.queue.retry(entry.client_id)}>${t('Retry')}</button>
      <button type="button" class="button quiet" onClick=${edit}>${t('Edit')}</button>
      <button type="button" class="button quiet" onClick=${() => client.queue.discard(entry.client_id)}>${t('Discard')}</button>
    </div>`}
  </li>`;
}

function words(entry, online) {
  if (entry.state === 'failed') return t('not sent');
  if (entry.error) return t('waiting: {error}', { error: entry.error });
  return online ? t('sending') : t('not sent yet');
}
