// Searching in one's own conversations. What is found leads to its message.

import { dayName, timeOf } from '../lib/time.js';
import { html, useApp, useEffect, useRef, useState, useTask } from '../lib/ui.js';
import { t, tn } from '../lib/words.js';
import { search } from '../net/search.js';
import { titleOf } from '../store/select.js';
import { Pane } from './lists.js';
import { Problem } from './notice.js';

export function Search({ state, conversation }) {
  const { config, me } = useApp();
  const [query, setQuery] = useState('');
  const [page, setPage] = useState(null);
  const { busy, error, run } = useTask();
  const box = useRef(null);
  useEffect(() => box.current.focus(), []);
  const ask = (after = null) => run(async () => {
    const answer = await search(config.csrf, query.trim(), after);
    setPage({ ...answer, found: after ? [...page.found, ...answer.found] : answer.found, asked: query.trim() });
  });
  const submit = (event) => {
    event.preventDefault();
    if (query.trim()) ask();
  };
  const add = (filter) => () => {
    setQuery((held) => `${held.trim()} ${filter}`.trim());
    box.current.focus();
  };
  return html`<${Pane} title=${t('Search messages')}>
    <form role="search" onSubmit=${submit}>
      <label class="field"><span>${t('Words, “phrases”, from:name, in:name, sent:date')}</span>
        <input ref=${box} type="search" value=${query} onInput=${(e) => setQuery(e.target.value)} dir="auto" autocomplete="off" /></label>
      <div class="row">
        <button class="button main" disabled=${busy || !query.trim()}>${t('Search')}</button>
        <button type="button" class="button quiet" onClick=${add(`from:${me.username}`)}>${t('from me')}</button>
        ${conversation?.name && html`<button type="button" class="button quiet" onClick=${add(`in:"${conversation.name}"`)}>${t('in this channel')}</button>`}
      </div>
    </form>
    <${Problem} error=${error} />
    <div role="status">${page && html`<p class="hint">${page.found.length ? tn('{n} message', '{n} messages', page.found.length) : t('Nothing you can see has these words: {query}', { query: page.asked })}
      ${page.waiting > 0 && ` · ${tn('{n} is not searchable yet', '{n} are not searchable yet', page.waiting)}`}</p>`}</div>
    <ul class="entries">${(page?.found ?? []).map((found) => html`<${Hit} key=${found.item} found=${found} state=${state} />`)}</ul>
    ${page?.next && html`<div class="row"><button type="button" class="button" disabled=${busy} onClick=${() => ask(page.next)}>${t('Show more')}</button></div>`}
  <//>`;
}

function Hit({ found, state }) {
  const { goTo, me } = useApp();
  const { error, run } = useTask();
  const conversation = state.conversations[found.conversation];
  return html`<li class="entry-card"><button type="button" class="hit" onClick=${() => run(() => goTo(found.conversation, { item: found.item }))}>
    <span class="author"><strong>${found.sender_name}</strong> <time datetime=${found.at}>${dayName(found.at)} ${timeOf(found.at)}</time>
      ${conversation && html`<span class="hint" dir="auto">${titleOf(conversation, me.id)}</span>`}</span>
    <span class="body" dir="auto">${found.excerpt.map(({ text, hit }) => (hit ? html`<mark>${text}</mark>` : text))}</span></button>
    <${Problem} error=${error} /></li>`;
}
