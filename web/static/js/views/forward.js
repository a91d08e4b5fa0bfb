// Saying again elsewhere what was said here. It is decided anew for whoever is there.

import { matches } from '../lib/fuzzy.js';
import { sizeOf } from '../lib/sizes.js';
import { App, html, useApp, useEffect, useState, useTask } from '../lib/ui.js';
import { noticeWords, t, tn } from '../lib/words.js';
import { others, titled } from '../store/select.js';
import { KindIcon } from './conversation.js';
import { Dialog } from './dialog.js';
import { Icon } from './icons.js';
import { Notice, Problem } from './notice.js';
import { usePeople } from './people.js';
import { Quoted } from './quoted.js';

const SHOWN = 8;
const IDLE_MS = 400;
const ASKED = new Set(['needs_confirmation', 'needs_reason']);

export function Forward({ state, item, onClose }) {
  const app = useApp();
  const { client, enter } = app;
  const [query, setQuery] = useState('');
  const [to, setTo] = useState(null);
  const [text, setText] = useState('');
  const [reason, setReason] = useState('');
  const { busy, error, run, clear } = useTask();
  const asked = ASKED.has(error?.code) ? error.answer : null;
  const found = usePeople(client, query);
  const rows = rowsFor(state, query, found);
  const advice = useAdvice(client, to?.conversation?.id, item, text);
  const send = async (event) => {
    event.preventDefault();
    const into = await run(async () => {
      // With whom one never talked the conversation begins with it.
      const conversation = to.conversation?.id ?? (await client.command('open', { kind: 'direct', people: [to.person.id] })).conversation;
      const request = { conversation, source: { conversation: item.conversation, item: item.id }, text: text.trim() };
      if (asked) request.confirms = { decision: asked.decision, reason: reason.trim() };
      await client.forward(request);
      return conversation;
    });
    if (!into) return;
    onClose();
    enter(into);
  };
  const files = item.view.files ?? [];
  const choose = (row) => {
    clear();
    setTo(row);
  };
  const onKey = (event) => {
    if (event.key !== 'Enter' || event.isComposing) return;
    event.preventDefault();
    if (query.trim() && rows.length) choose(rows[0]);
  };
  // Whom it mentions leads nowhere from here: another dialog would take the place of what one has written.
  return html`<${Dialog} title=${t('Forward')} onClose=${onClose}>
    <${App.Provider} value=${{ ...app, showDialog: null }}><${Quoted} quote=${{ ...item.view, sender: item.sender, at: item.at }} people=${state.people} /><//>
    ${files.length > 0 && html`<ul class="results going" aria-label=${t('Files')}>${files.map((file) => html`<li key=${file.id}><${Icon} name="file" /> <bdi>${file.name}</bdi> <span class="hint">${sizeOf(file.size)}</span></li>`)}</ul>`}
    <form onSubmit=${send}>
      ${to
        ? html`<p class="row between"><span>${t('To')} <strong dir="auto">${to.title}</strong></span><button type="button" class="button quiet" onClick=${() => choose(null)}>${t('Change')}</button></p>`
        : html`<label class="field"><span>${t('To')}</span><input value=${query} onInput=${(e) => setQuery(e.target.value)} onKeyDown=${onKey} autocomplete="off" placeholder=${t('Conversation or person')} /></label>
          <ul class="results" aria-label=${t('Conversations and people')}>${rows.map((row) => html`<li key=${(row.conversation ?? row.person).id}><button type="button" onClick=${() => choose(row)}>
            <${KindIcon} conversation=${row.conversation} /> <span dir="auto">${row.title}</span>${row.person && html` <span class="soft">${row.person.username}</span>`}
            ${row.person?.barred && html`<span class="hint barred">${noticeWords(row.person.barred).title}</span>`}</button></li>`)}</ul>`}
      <label class="field"><span>${t('Your own words on it (optional)')}</span><textarea rows="2" dir="auto" maxlength=${state.limits.max_chars} value=${text} onInput=${(e) => setText(e.target.value)}></textarea></label>
      ${advice && !error && html`<${Notice} notice=${advice} tone="warn" icon="shield" role="status" />`}
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

/** Where one already talks, then people with whom one could begin. */
function rowsFor(state, query, found) {
  const held = titled(state).filter(({ conversation, title }) => !conversation.closed && matches(title, query));
  const known = new Set(held.filter(({ conversation }) => conversation.kind === 'direct').flatMap(({ conversation }) => others(conversation, state.me.id).map((each) => each.id)));
  const people = found.filter((person) => !known.has(person.id)).map((person) => ({ person, title: person.name }));
  return [...held, ...people].slice(0, SHOWN);
}

/** Say beforehand what the policy would say to it there; the server decides when it goes. */
function useAdvice(client, conversation, item, text) {
  const [notice, setNotice] = useState(null);
  useEffect(() => {
    let current = true;
    setNotice(null);
    if (!conversation) return undefined;
    const timer = setTimeout(async () => {
      const draft = { conversation, text: text.trim(), source: { conversation: item.conversation, item: item.id } };
      const answer = await client.ask('draft', draft).catch(() => null);
      if (current && answer?.verdict !== 'allow') setNotice(answer?.notice ?? null);
    }, IDLE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [conversation, item.id, text]);
  return notice;
}
