// Search in one's own conversations: words and filters, what was found, and the way to it.

import { fullTimeOf, timeOf, dayName } from '../lib/time.js';
import { html, useApp, useEffect, useRef, useState, useTask } from '../lib/ui.js';
import { t, tn } from '../lib/words.js';
import { queryOf } from '../store/query.js';
import { mentionOf } from '../store/said.js';
import { personOf, titleOf } from '../store/select.js';
import { Icon } from './icons.js';
import { Problem } from './notice.js';
import { Pane } from './pane.js';

/** What was asked and found last, while the page is open: whoever comes back goes on from there. */
const kept = { asked: null, page: null };

const NOTHING = { words: '', conversation: '', from: '', since: '', until: '', link: false, file: false };

export function Search({ state }) {
  const { client, goTo } = useApp();
  const [asked, setAsked] = useState(kept.asked ?? NOTHING);
  const [page, setPage] = useState(kept.page);
  const { busy, error, run, clear } = useTask();
  const latest = useRef(null);
  const box = useRef(null);
  useEffect(() => {
    box.current?.focus();
    return () => latest.current?.abort();
  }, []);
  useEffect(() => Object.assign(kept, { asked, page }), [asked, page]);
  const change = (change) => {
    clear();
    setAsked((held) => ({ ...held, ...change }));
  };
  const ask = async (after = null) => {
    const query = queryOf(asked);
    if (!query) return;
    latest.current?.abort();
    const turn = new AbortController();
    latest.current = turn;
    const found = await run(() => client.pages('POST', '/api/search', { query, after }, turn.signal));
    if (turn.signal.aborted) return;
    // What another question found must not stand under this one.
    if (!found && !after) setPage(null);
    if (!found) return;
    setPage((held) => (after && held ? { ...found, found: [...held.found, ...found.found] } : found));
  };
  const open = (one) => run(() => goTo(one.conversation, { item: one.item }));
  const submit = (event) => {
    event.preventDefault();
    ask();
  };
  const aborted = error?.name === 'AbortError';
  return html`<${Pane} title=${t('Search messages')} hint=${t('In your own conversations')} close=${t('Close search')}>
    <form class="search-form" role="search" onSubmit=${submit}>
      <div class="row search-row"><label class="search-box"><${Icon} name="search" /><span class="hidden">${t('Words')}</span>
        <input ref=${box} type="search" placeholder=${t('Words, or a "whole phrase"')} value=${asked.words} maxlength="1000" autocomplete="off" enterkeyhint="search"
          onInput=${(e) => change({ words: e.target.value })} /></label>
        <button class="button main" disabled=${busy || !queryOf(asked)}>${t('Search')}</button></div>
      <${Filters} state=${state} asked=${asked} change=${change} />
    </form>
    <div class="found-list" aria-busy=${busy}>
      <${Problem} error=${aborted ? null : error} />
      ${page && html`<${Page} page=${page} state=${state} onOpen=${open} busy=${busy} more=${() => ask(page.next)} />`}
      ${!page && !error && html`<p class="hint empty">${t('Finds whole words. A phrase stands in quotation marks; OR finds either of two words, NOT leaves one out.')}</p>`}
    </div>
  <//>`;
}

function Filters({ state, asked, change }) {
  const rooms = Object.values(state.conversations)
    .map((conversation) => ({ id: conversation.id, title: titleOf(conversation, state.me.id) }))
    .sort((a, b) => a.title.localeCompare(b.title));
  const set = [asked.conversation, asked.from, asked.since, asked.until, asked.link, asked.file].filter(Boolean).length;
  return html`<details class="filters">
    <summary>${set ? tn('{n} filter', '{n} filters', set) : t('Filters')}</summary>
    <div class="filter-fields">
      <label class="field"><span>${t('Conversation')}</span>
        <select value=${asked.conversation} onChange=${(e) => change({ conversation: e.target.value })}>
          <option value="">${t('All of mine')}</option>
          ${rooms.map((room) => html`<option key=${room.id} value=${room.id}>${room.title}</option>`)}
        </select></label>
      <label class="field"><span>${t('From')}</span>
        <input value=${asked.from} placeholder=${t('Anybody')} list="search-people" autocomplete="off" maxlength="100" onInput=${(e) => change({ from: e.target.value })} /></label>
      <label class="field"><span>${t('First day')}</span><input type="date" value=${asked.since} onInput=${(e) => change({ since: e.target.value })} /></label>
      <label class="field"><span>${t('Last day')}</span><input type="date" value=${asked.until} onInput=${(e) => change({ until: e.target.value })} /></label>
      <label class="check"><input type="checkbox" checked=${asked.link} onChange=${(e) => change({ link: e.target.checked })} /> ${t('With a link')}</label>
      <label class="check"><input type="checkbox" checked=${asked.file} onChange=${(e) => change({ file: e.target.checked })} /> ${t('With a file')}</label>
      <datalist id="search-people">${Object.values(state.people).map((person) => html`<option key=${person.id} value=${person.username}>${person.name}</option>`)}</datalist>
      <button type="button" class="button quiet" disabled=${!set} onClick=${() => change({ ...NOTHING, words: asked.words })}>${t('Clear filters')}</button>
    </div>
  </details>`;
}

function Page({ page, state, onOpen, busy, more }) {
  const count = page.found.length;
  return html`
    <p class="hint" role="status">${count ? (page.next ? t('The newest {count}, and more', { count }) : tn('{n} message', '{n} messages', count)) : t('No message of yours holds this. Look at the spelling, or leave out a word or a filter.')}
      ${page.waiting > 0 && html` · <span class="waiting">${tn('{n} of your messages is not searchable yet', '{n} of your messages are not searchable yet', page.waiting)}</span>`}</p>
    <ul class="found">${page.found.map((one) => html`<li key=${one.item}><${Found} one=${one} state=${state} onOpen=${onOpen} /></li>`)}</ul>
    ${page.next && html`<button type="button" class="button" disabled=${busy} onClick=${more}>${t('Show more')}</button>`}`;
}

function Found({ one, state, onOpen }) {
  const conversation = state.conversations[one.conversation];
  const place = conversation ? titleOf(conversation, state.me.id) : '';
  const sender = one.sender_name || personOf(state, one.sender).name;
  return html`<button type="button" class="found-one" onClick=${() => onOpen(one)}>
    <span class="found-head"><strong dir="auto">${sender}</strong><span class="soft found-place" dir="auto">${place}</span>
      <time class="soft" datetime=${one.at} title=${fullTimeOf(one.at)}>${dayName(one.at)}, ${timeOf(one.at)}</time></span>
    <span class="found-text" dir="auto">${one.excerpt.map((part) => pieceOf(part, state.people))}</span>
    ${one.file && html`<span class="hint row"><${Icon} name="file" /> ${t('In the file')} <bdi>${one.file}</bdi></span>`}
    ${one.thread_root && html`<span class="hint"><${Icon} name="reply" /> ${t('In a thread')}</span>`}
  </button>`;
}

/** A piece of what was found; whom it mentions goes by name, and what was asked for is marked. */
function pieceOf({ text, hit, person }, people) {
  const [shown, rest] = person ? mentionOf(people, person, text) : [text, ''];
  const words = person ? html`<bdi class="mention">${shown}</bdi>` : shown;
  return html`${hit ? html`<mark>${words}</mark>` : words}${rest}`;
}
