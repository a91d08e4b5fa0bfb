// Change a message that waits to be sent, in its place.

import { html, useApp, useLayoutEffect, useRef, useState } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { pressed } from '../shortcuts.js';
import { onFormKey } from './formatting.js';

/** What was written after it waits too, so that the order holds. */
export function Change({ entry }) {
  const { client } = useApp();
  const [text, setText] = useState(entry.text);
  const box = useRef(null);
  useLayoutEffect(() => box.current.focus(), []);
  const save = () => (text.trim() && text !== entry.text ? client.queue.replace(entry.client_id, text) : client.queue.release(entry.client_id));
  const onKey = (event) => {
    if (onFormKey(event)) return;
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
