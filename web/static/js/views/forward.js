// Saying again elsewhere what was said here. It is decided anew for whoever is there.

import { matches } from '../lib/fuzzy.js';
import { sizeOf } from '../lib/sizes.js';
import { html, useApp, useState, useTask } from '../lib/ui.js';
import { t, tn } from '../lib/words.js';
import { titled } from '../store/select.js';
import { KindIcon } from './conversation.js';
import { Dialog } from './dialog.js';
import { Icon } from './icons.js';
import { Problem } from './notice.js';
import { Quoted } from './quoted.js';

const SHOWN = 8;
const ASKED = new Set(['needs_confirmation', 'needs_reason']);

export function Forward({ state, item, onClose }) {
  const { client, enter } = useApp();
  const [query, setQuery] = useState('');
  const [to, setTo] = useState(null);
  const [text, setText] = useState('');
  const [reason, setReason] = useState('');
  const { busy, error, run, clear } = useTask();
  const asked = ASKED.has(error?.code) ? error.answer : null;
  const rows = titled(state).filter(({ conversation, title }) => !conversation.closed && matches(title, query)).slice(0, SHOWN);
  const send = async (event) => {
    event.preventDefault();
    const request = { conversation: to.conversation.id, source: { conversation: item.conversation, item: item.id }, text: text.trim() };
    if (asked) request.confirms = { decision: asked.decision, reason: reason.trim() };
    const answer = await run(() => client.forward(request));
    if (!answer) return;
    onClose();
    enter(to.conversation.id);
  };
  const files = item.view.files ?? [];
  const choose = (row) => {
    clear();
    setTo(row);
  };
  return html`<${Dialog} title=${t('Forward')} onClose=${onClose}>
    <${Quoted} quote=${{ ...item.view, sender: item.sender, at: item.at }} people=${state.people} />
    ${files.length > 0 && html`<ul class="results going" aria-label=${t('Files')}>${files.map((file) => html`<li key=${file.id}><${Icon} name="file" /> <bdi>${file.name}</bdi> <span class="hint">${sizeOf(file.size)}</span></li>`)}</ul>`}
    <form onSubmit=${send}>
      ${to
        ? html`<p class="row between"><span>${t('To')} <strong dir="auto">${to.title}</strong></span><button type="button" class="button quiet" onClick=${() => choose(null)}>${t('Change')}</button></p>`
        : html`<label class="field"><span>${t('To')}</span><input value=${query} onInput=${(e) => setQuery(e.target.value)} autocomplete="off" placeholder=${t('Name of a conversation')} /></label>
          <ul class="results" aria-label=${t('Conversations')}>${rows.map((row) => html`<li key=${row.conversation.id}><button type="button" onClick=${() => choose(row)}>
            <${KindIcon} conversation=${row.conversation} /> <span dir="auto">${row.title}</span></button></li>`)}</ul>`}
      <label class="field"><span>${t('Your own words on it (optional)')}</span><textarea rows="2" dir="auto" maxlength=${state.limits.max_chars} value=${text} onInput=${(e) => setText(e.target.value)}></textarea></label>
      <${Problem} error=${error} />
      ${asked?.code === 'needs_reason' && html`<label class="field"><span>${t('Your reason; it is kept with the message')}</span>
        <input required maxlength="1000" value=${reason} onInput=${(e) => setReason(e.target.value)} /></label>`}
      <p class="hint">${files.length
        ? tn('{n} file goes along. All of it is checked again for the people there before they see it.', '{n} files go along. All of it is checked again for the people there before they see it.', files.length)
        : t('It is checked again for the people there before they see it.')}</p>
      <div class="row"><button class="button main" disabled=${busy || !to || (asked?.code === 'needs_reason' && !reason.trim())}>${asked ? t('Forward anyway') : t('Forward')}</button></div>
    </form>
  <//>`;
}
