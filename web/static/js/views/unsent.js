// What was written and has no answer yet: shown at once, dimmed, with what can be done about it. As long
// as nobody can have it, it can be changed in its place or discarded.

import { classes, html, useApp, useLayoutEffect, useRef, useState } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { pressed } from '../shortcuts.js';
import { isOpen } from '../store/outbox.js';
import { Files } from './files/files.js';
import { Icon } from './icons.js';
import { Author } from './message.js';

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

/** Change a waiting message; what was written after it waits too, so that the order holds. */
function Change({ entry }) {
  const { client } = useApp();
  const [text, setText] = useState(entry.text);
  const box = useRef(null);
  useLayoutEffect(() => box.current.focus(), []);
  const save = () => (text.trim() && text !== entry.text ? client.queue.replace(entry.client_id, text) : client.queue.release(entry.client_id));
  const onKey = (event) => {
    if (pressed(event, 'writing', client.store.get().preferences) === 'send') {
      event.preventDefault();
      save();
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      client.queue.release(entry.client_id);
    }
  };
  return html`<div class="edit">
    <textarea ref=${box} aria-label=${t('Change your waiting message')} rows="2" dir="auto" value=${text} onInput=${(e) => setText(e.target.value)} onKeyDown=${onKey}></textarea>
    <div class="row">
      <button type="button" class="button main" onClick=${save}>${t('Save')}</button>
      <button type="button" class="button quiet" onClick=${() => client.queue.release(entry.client_id)}>${t('Cancel')}</button>
    </div>
  </div>`;
}

function words(entry, online) {
  if (entry.state === 'failed') return t('not sent');
  if (entry.error) return t('waiting: {error}', { error: entry.error });
  return online ? t('sending') : t('not sent yet');
}
