// Editing one's own message in its place. Others see the old text until the new one has passed.

import { timeOf } from '../lib/time.js';
import { html, useApp, useLayoutEffect, useRef, useState, useTask } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { pressed } from '../shortcuts.js';
import { onFormKey } from './formatting.js';
import { Icon } from './icons.js';
import { Notice, Problem } from './notice.js';
import { isGone } from './tombstone.js';

export function EditBox({ item, onDone }) {
  const { client, drafts, say } = useApp();
  const key = `edit/${item.id}`;
  const [text, write] = useState(drafts.get(key) || item.view.text);
  const setText = (next) => {
    drafts.set(key, next);
    write(next);
  };
  const [reason, setReason] = useState('');
  const { busy, error, run } = useTask();
  const box = useRef(null);
  const frame = useRef(null);
  // It may be changed or deleted meanwhile: by oneself in another window, or by Compliance.
  const begun = useRef(item.view.text);
  const gone = isGone(item);
  const changed = !gone && item.view.text !== begun.current;
  useLayoutEffect(() => {
    box.current.focus({ preventScroll: true });
    box.current.setSelectionRange(text.length, text.length);
  }, []);
  // All of it: what one can do about it stands below the text.
  useLayoutEffect(() => frame.current.scrollIntoView({ block: 'nearest' }), [gone, changed]);

  const done = () => {
    drafts.set(key, '');
    onDone();
  };
  const save = async (confirms) => {
    if (gone) return undefined;
    if (!text.trim() || text === item.view.text) return done();
    const request = { conversation: item.conversation, item: item.id, text };
    if (confirms) request.confirms = confirms;
    const answer = await run(() => client.command('edit', request));
    return answer && done();
  };
  const onKey = (event) => {
    if (onFormKey(event)) return;
    if (pressed(event, 'writing', client.store.get().preferences) === 'send') {
      event.preventDefault();
      save();
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      done();
    }
  };
  const asked = error?.answer && ['needs_confirmation', 'needs_reason'].includes(error.code) ? error.answer : null;
  return html`<div class="edit" ref=${frame}>
    <textarea ref=${box} aria-label=${t('Edit your message')} rows="2" dir="auto" value=${text} onInput=${(e) => setText(e.target.value)} onKeyDown=${onKey}></textarea>
    <div class="row">
      ${gone
        ? html`<button type="button" class="button" onClick=${() => run(() => navigator.clipboard.writeText(text).then(() => say(t('Text copied'))))}>${t('Copy text')}</button>`
        : html`<button type="button" class="button main" disabled=${busy} onClick=${() => save()}>${t('Save')}</button>`}
      <button type="button" class="button quiet" onClick=${done}>${t('Cancel')}</button>
      ${!gone && html`<span class="hint">${t('Enter saves, Escape cancels.')}</span>`}
    </div>
    ${gone && html`<div class="note warn" role="alert"><p class="note-title"><${Icon} name="warn" />${t('This message was deleted meanwhile and can’t be changed any more. Copy your text if you still need it.')}</p></div>`}
    ${changed && html`<div class="note warn" role="alert"><p class="note-title"><${Icon} name="warn" />${t('This message was changed meanwhile. Others now see:')}</p><p class="plain" dir="auto">${item.view.text}</p></div>`}
    ${asked
      ? html`<${Notice} notice=${asked.notice} role="alert">
          ${asked.code === 'needs_reason' && html`<label class="field"><span>${t('Reason, kept with the message')}</span>
            <input value=${reason} maxlength="1000" onInput=${(e) => setReason(e.target.value)} /></label>`}
          <div class="row"><button type="button" class="button" disabled=${busy || (asked.code === 'needs_reason' && !reason.trim())}
            onClick=${() => save({ decision: asked.decision, reason: reason.trim() })}>${asked.code === 'needs_reason' ? t('Save with this reason') : t('Save anyway')}</button></div>
        <//>`
      : html`<${Problem} error=${error} />`}
    ${error && !gone && !error.answer?.notice && html`<p class="hint">${t('Your edit wasn’t saved. Others still see your message from {time}.', { time: timeOf(item.at) })}</p>`}
  </div>`;
}
