// Editing one's own message in its place. Others see the old text until the new one has passed.

import { timeOf } from '../lib/time.js';
import { html, useApp, useLayoutEffect, useRef, useState, useTask } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { pressed } from '../shortcuts.js';
import { Notice, Problem } from './notice.js';

export function EditBox({ item, onDone }) {
  const { client, drafts } = useApp();
  const key = `edit/${item.id}`;
  const [text, write] = useState(drafts.get(key) || item.view.text);
  const setText = (next) => {
    drafts.set(key, next);
    write(next);
  };
  const [reason, setReason] = useState('');
  const { busy, error, run } = useTask();
  const box = useRef(null);
  useLayoutEffect(() => {
    box.current.focus();
    box.current.setSelectionRange(text.length, text.length);
  }, []);

  const done = () => {
    drafts.set(key, '');
    onDone();
  };
  const save = async (confirms) => {
    if (!text.trim() || text === item.view.text) return done();
    const request = { conversation: item.conversation, item: item.id, text };
    if (confirms) request.confirms = confirms;
    const answer = await run(() => client.command('edit', request));
    return answer && done();
  };
  const onKey = (event) => {
    if (pressed(event, 'writing', client.store.get().preferences) === 'send') {
      event.preventDefault();
      save();
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      done();
    }
  };
  const asked = error?.answer && ['needs_confirmation', 'needs_reason'].includes(error.code) ? error.answer : null;
  return html`<div class="edit">
    <textarea ref=${box} aria-label=${t('Edit your message')} rows="2" value=${text} onInput=${(e) => setText(e.target.value)} onKeyDown=${onKey}></textarea>
    <div class="row">
      <button type="button" class="button main" disabled=${busy} onClick=${() => save()}>${t('Save')}</button>
      <button type="button" class="button quiet" onClick=${done}>${t('Cancel')}</button>
      <span class="hint">${t('Enter saves, Escape cancels.')}</span>
    </div>
    ${asked
      ? html`<${Notice} notice=${asked.notice} role="alert">
          ${asked.code === 'needs_reason' && html`<label class="field"><span>${t('Reason, kept with the message')}</span>
            <input value=${reason} maxlength="1000" onInput=${(e) => setReason(e.target.value)} /></label>`}
          <div class="row"><button type="button" class="button" disabled=${busy || (asked.code === 'needs_reason' && !reason.trim())}
            onClick=${() => save({ decision: asked.decision, reason: reason.trim() })}>${asked.code === 'needs_reason' ? t('Save with this reason') : t('Save anyway')}</button></div>
        <//>`
      : html`<${Problem} error=${error} />`}
    ${error && !error.answer?.notice && html`<p class="hint">${t('Your edit wasn’t saved. Others still see your message from {time}.', { time: timeOf(item.at) })}</p>`}
  </div>`;
}
