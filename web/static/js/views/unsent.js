// What was written and has no answer yet: shown at once, dimmed, with what can be done about it. As long
// as nobody can have it, it can be changed in its place or discarded.

import { classes, html, lazy, useApp } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { isOpen } from '../store/outbox.js';
import { Files } from './files/shown.js';
import { Icon } from './icons.js';
import { Author } from './message.js';

const Change = lazy(() => import('./waiting.js'), 'Change');

export function Unsent({ entry, online, continued, place, onEdit }) {
  const { client, me } = useApp();
  const failed = entry.state === 'failed';
  const held = entry.state === 'held';
  const edit = () => {
    client.queue.discard(entry.client_id);
    onEdit({ view: { text: entry.text } });
  };
  return html`<li class=${classes('message unsent', failed && 'failed', continued && 'continued')} data-state=${failed ? 'failed' : 'sending'} ...${place}>
    ${!continued && html`<${Author} person=${me}><span class="hint">${t('you')}</span><//>`}
    ${held
      ? html`<${Change} entry=${entry} />`
      : html`<div class="body" dir="auto"><p class="plain">${entry.text}</p>
          <${Files} files=${entry.files} checked=${false} />
          <span class="mark"><${Icon} name=${failed ? 'warn' : 'clock'} />${words(entry, online)}</span></div>`}
    ${failed && html`<div class="row" role="alert">
      <span>${entry.interrupted ? t('Not sent: you were changing it when the page was closed.') : `${t('Not sent.')} ${entry.error}`}</span>
      <button type="button" class="button" onClick=${() => client.queue.retry(entry.client_id)}>${entry.interrupted ? t('Send') : t('Retry')}</button>
      <button type="button" class="button quiet" onClick=${edit}>${t('Edit')}</button>
      <button type="button" class="button quiet" onClick=${() => client.queue.discard(entry.client_id)}>${t('Discard')}</button>
    </div>`}
    ${!failed && !held && isOpen(entry) && html`<div class="row waiting">
      <button type="button" class="button quiet" onClick=${() => client.queue.hold(entry.client_id)}>${t('Edit')}</button>
      <button type="button" class="button quiet" onClick=${() => client.queue.discard(entry.client_id)}>${t('Discard')}</button>
    </div>`}
  </li>`;
}

function words(entry, online) {
  if (entry.state === 'failed') return t('not sent');
  if (entry.error) return t('waiting: {error}', { error: entry.error });
  return online ? t('sending') : t('not sent yet');
}
