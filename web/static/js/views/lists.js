// Panes that list messages from anywhere: what is pinned here, one's threads, mentions of one, what a
// search found. Each entry leads to its message.

import { wordsOf } from '../lib/plain.js';
import { dayName, timeOf } from '../lib/time.js';
import { html, useApp, useEffect, useState, useTask } from '../lib/ui.js';
import { t, tn } from '../lib/words.js';
import { personOf, titleOf } from '../store/select.js';
import { Icon } from './icons.js';
import { Problem } from './notice.js';
import { Pane } from './pane.js';
import { Skeleton } from './skeleton.js';
import { Tokens } from './tokens.js';
import { isGone, Tombstone } from './tombstone.js';

/** A pane of entries. */
export function Listing({ title, children }) {
  return html`<${Pane} title=${title}><div class="details">${children}</div><//>`;
}

/** One message, wherever it stands; the whole of it leads there. */
export function Entry({ state, item, where = true, children }) {
  const { goTo, me } = useApp();
  const { run, error } = useTask();
  const conversation = state.conversations[item.conversation];
  const at = conversation ? titleOf(conversation, me.id) : '';
  return html`<li class="entry-card">
    <header class="author"><strong>${personOf(state, item.sender).name}</strong>
      <time datetime=${item.at}>${dayName(item.at)} ${timeOf(item.at)}</time>${where && html`<span class="hint">${at}</span>`}</header>
    <div class="body" dir="auto">${isGone(item) ? html`<${Tombstone} item=${item} />` : html`<${Tokens} tokens=${item.view?.tokens ?? []} />`}</div>
    ${children}
    <div class="row"><button type="button" class="button quiet" onClick=${() => run(() => goTo(item.conversation, { item: item.id }))}>${t('Go to message')}</button></div>
    <${Problem} error=${error} />
  </li>`;
}

export function Pins({ state, conversation }) {
  const { client } = useApp();
  const [items, setItems] = useState(null);
  const { error, run } = useTask();
  const { id, cseq } = conversation;
  useEffect(() => void run(async () => setItems((await client.ask('pins', { conversation: id })).items)), [id, cseq]);
  const unpin = (item) => run(() => client.command('unpin', { conversation: id, item: item.id }));
  return html`<${Listing} title=${t('Pinned messages')}>
    <${Problem} error=${error} />
    ${!items && !error && html`<${Skeleton} />`}
    <ul class="entries">${(items ?? []).map((item) => html`<${Entry} key=${item.id} state=${state} item=${item} where=${false}>
      <p class="row between"><span class="hint"><${Icon} name="pin" /> ${t('pinned by {name}', { name: personOf(state, item.view.pinned?.by).name })}</span>
        <button type="button" class="button quiet" onClick=${() => unpin(item)}>${t('Unpin')}</button></p><//>`)}</ul>
    ${items && !items.length && html`<p class="hint">${t('Nothing is pinned here. Pin what everybody should find again: “More actions” beside a message.')}</p>`}
  <//>`;
}

/** Read a list over all conversations page by page. */
function usePages(event, field) {
  const { client } = useApp();
  const [rows, setRows] = useState(null);
  const [next, setNext] = useState(null);
  const { busy, error, run } = useTask();
  const read = (before, held) => run(async () => {
    const answer = await client.ask(event, before ? { before } : {});
    setRows([...held, ...answer[field]]);
    setNext(answer.next);
  });
  useEffect(() => void read(null, []), []);
  const more = next && html`<div class="row"><button type="button" class="button" disabled=${busy} onClick=${() => read(next, rows)}>${t('Show more')}</button></div>`;
  return { rows, more, error };
}

export function Threads({ state }) {
  const { client, goTo } = useApp();
  const { rows, more, error } = usePages('threads', 'threads');
  const open = (thread) => {
    client.ask('follow', { conversation: thread.conversation, root: thread.root.id, read: thread.last_reply.cseq }).catch(() => {});
    goTo(thread.conversation, { item: thread.last_reply.id });
  };
  return html`<${Listing} title=${t('My threads')}>
    <${Problem} error=${error} />
    ${!rows && !error && html`<${Skeleton} />`}
    <ul class="entries">${(rows ?? []).filter((row) => row.conversation in state.conversations).map((row) => html`<${Entry} key=${row.root.id} state=${state} item=${{ ...row.root, conversation: row.conversation }}>
      <button type="button" class="replies" onClick=${() => open(row)}><${Icon} name="reply" />${tn('{n} reply', '{n} replies', row.replies)}
        ${row.unread > 0 && html` <span class="count">${row.unread}<span class="hidden"> ${t('unread')}</span></span>`}</button>
      <p class="hint" dir="auto"><strong>${personOf(state, row.last_reply.sender).name}</strong> ${wordsOf(row.last_reply.view?.tokens ?? [], state.people).slice(0, 140)}</p><//>`)}</ul>
    ${rows && !rows.length && html`<p class="hint">${t('You follow no threads yet. Reply to a message in a thread, and it is listed here.')}</p>`}
    ${more}
  <//>`;
}

export function Mentions({ state }) {
  const { rows, more, error } = usePages('mentions', 'items');
  return html`<${Listing} title=${t('Mentions of you')}>
    <${Problem} error=${error} />
    ${!rows && !error && html`<${Skeleton} />`}
    <ul class="entries">${(rows ?? []).map((item) => html`<${Entry} key=${item.id} state=${state} item=${item} />`)}</ul>
    ${rows && !rows.length && html`<p class="hint">${t('Nobody has mentioned you yet.')}</p>`}
    ${more}
  <//>`;
}
