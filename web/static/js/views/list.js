// The messages of a conversation or a thread, as many as there may be; its pages are fetched as one
// comes near them. Says how many came while one was further up, and where one had read to.

import { Pointed } from '../lib/pointed.js';
import { dayName } from '../lib/time.js';
import { html, lazy, memo, sameProps, useApp, useCallback, useEffect, useRef, useState } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { pressed } from '../shortcuts.js';
import { atNewest } from '../store/conversation.js';
import { isChangeable, isWithin, rowsOf } from '../store/select.js';
import { Icon } from './icons.js';
import { EventLine, Message } from './message.js';
import { Skeleton } from './skeleton.js';
import { Unsent } from './unsent.js';
import { useWindow } from './window.js';

const Stopped = lazy(() => import('./stopped.js'), 'Stopped', html`<li></li>`);
const ToUnread = lazy(() => import('./tounread.js'), 'ToUnread');

const NEAR_EDGE_PX = 600;
const READ_AFTER_MS = 400;
const FIRST_WORDS = {
  direct: t('No messages yet. Say hello.'),
  group: t('No messages yet. Say what this group is for.'),
  public: t('No messages yet. Say what this channel is for.'),
  private: t('No messages yet. Say what this channel is for.'),
};

export function MessageList({ state, conversation, root = null, editing, onEdit, label }) {
  const app = useApp();
  const { client, drafts, boxOf } = app;
  const { id, loaded } = conversation;
  const rows = rowsOf(state, conversation, root);
  const newest = root !== null || atNewest(conversation);
  const view = useWindow(rows, `${id}/${root ?? ''}/${conversation.epoch}`, newest);
  const [pointed] = useState(() => new Pointed());
  const page = usePages(client, conversation, root);
  const fresh = useFresh(conversation, view.atEnd);
  const unread = useUnread(conversation);
  useRead(client, conversation, view.atEnd && !root);
  useOwn(rows, view, newest, page.latest);
  useTarget(state, id, root, view);
  useEditing(editing, view);

  const onScroll = () => {
    // The last of a list that is no longer there.
    if (!view.box.current) return;
    view.onScroll();
    const { scrollTop, scrollHeight, clientHeight } = view.box.current;
    if (scrollTop < NEAR_EDGE_PX) page.older();
    if (scrollHeight - scrollTop - clientHeight < NEAR_EDGE_PX) page.newer();
  };
  const toEnd = async () => {
    await page.latest();
    view.toEnd();
  };
  const bringBack = useCallback((item) => drafts.bringBack(boxOf(id, root), item.view.text), [id, root]);
  const onKey = (event) => {
    if (event.target !== view.box.current && event.target.tagName !== 'LI') return;
    const row = rows.find((each) => each.key === event.target.dataset.key);
    const done = keyed(event, { row, state, view, toEnd, onEdit, app, root });
    if (done) event.preventDefault();
  };
  const point = (event) => pointed.to(event.target.closest?.('[data-key]')?.dataset.key);

  return html`<div class="list-frame">
    ${root === null && html`<${ToUnread} conversation=${conversation} unread=${unread} rows=${rows} page=${page} view=${view} />`}
    <div class="list" ref=${view.box} onScroll=${onScroll} onKeyDown=${onKey} onPointerOver=${point} onPointerLeave=${() => pointed.to()} onFocusIn=${point}
      tabindex="0" role="log" aria-live="off" aria-label=${label} aria-busy=${!loaded}>
      ${!root && html`<${Start} conversation=${conversation} older=${page.older} />`}
      <div class="space" style=${{ height: `${view.before}px` }}></div>
      <ol ref=${view.list}>
        ${view.shown.map((row) => html`<${Row} key=${row.key} row=${row} people=${state.people} online=${state.link.status === 'online'} inThread=${Boolean(root)}
          pointed=${pointed} flashed=${state.target?.item === row.key} editing=${row.kind === 'item' && editing === row.item.id} onEdit=${onEdit} bringBack=${bringBack} />`)}
      </ol>
      <div class="space" style=${{ height: `${view.after}px` }}></div>
    </div>
    ${!(view.atEnd && newest) && loaded && html`<${Jump} fresh=${fresh} onClick=${toEnd} />`}
  </div>`;
}

/** Where there is little room it takes words only where something is new. */
function Jump({ fresh, onClick }) {
  const words = fresh > 0 ? t('Jump to latest ({n} new)', { n: fresh }) : t('Jump to latest');
  return html`<button type="button" class="button jump" aria-label=${words} onClick=${onClick}><${Icon} name="down" /><span class=${fresh > 0 ? '' : 'wide-only'}>${words}</span></button>`;
}

const Row = memo(({ row, people, online, inThread, pointed, flashed, editing, onEdit, bringBack }) => {
  const place = { 'data-key': row.key, tabindex: -1 };
  if (row.kind === 'day') return html`<${Day} at=${row.at} />`;
  if (row.kind === 'unread') return html`<li class="divider unread"><h2>${t('New')}</h2></li>`;
  if (row.kind === 'stopped') return html`<${Stopped} item=${row.item} place=${place} onEdit=${bringBack} />`;
  if (row.kind === 'unsent') return html`<${Unsent} entry=${row.entry} online=${online} continued=${row.continued} place=${place} onEdit=${bringBack} />`;
  if (row.item.type === 'event') return html`<${EventLine} item=${row.item} state=${{ people }} place=${place} />`;
  return html`<${Message} item=${row.item} state=${{ people }} continued=${row.continued} inThread=${inThread} pointed=${pointed} flashed=${flashed}
    editing=${editing} onEdit=${onEdit} place=${place} />`;
}, ({ row: before, ...rest }, { row, ...now }) =>
  before.item === row.item && before.entry === row.entry && before.continued === row.continued && before.at === row.at && sameProps(rest, now));

function Day({ at }) {
  const { showDialog } = useApp();
  return html`<li class="divider"><h2><button type="button" class="day" title=${t('Jump to a date')} onClick=${() => showDialog({ kind: 'dates', at })}>${dayName(at)}</button></h2></li>`;
}

function Start({ conversation, older }) {
  if (!conversation.loaded) return html`<${Skeleton} rows=${6} />`;
  if (conversation.more) {
    return html`<p class="begin"><button type="button" class="button quiet" onClick=${older}>${t('Show earlier messages')}</button></p>`;
  }
  const empty = !Object.values(conversation.items).some((item) => item.type === 'message');
  return html`<div class="begin"><p class="hint">${
    conversation.seesFrom > 0 ? t('You joined here. What was said before stays with those who were there.')
      : empty ? FIRST_WORDS[conversation.kind] : t('This is where it begins.')
  }</p></div>`;
}

/** Fetch pages one at a time; offline one can come near again when the connection is back. */
function usePages(client, { id, loaded, more, span }, root) {
  const busy = useRef(false);
  const one = (wanted, work) => async () => {
    if (root || busy.current || !loaded || !wanted) return;
    busy.current = true;
    try {
      await work();
    } catch {
      // The connection says so by itself.
    } finally {
      busy.current = false;
    }
  };
  return {
    older: one(more, () => client.older(id)),
    newer: one(span.to !== Infinity, () => client.newer(id)),
    latest: one(span.to !== Infinity, () => client.latest(id)),
    around: (place) => one(true, () => client.jump(id, place))(),
  };
}

/** Count what came in while one was further up. */
function useFresh({ id, arrived }, atEnd) {
  const seen = useRef({ id: null, arrived: 0 });
  if (atEnd || seen.current.id !== id) seen.current = { id, arrived };
  return arrived - seen.current.arrived;
}

/** Return how many were unread when one came in: to be seen is to be read. */
function useUnread({ id, unread, arrived }) {
  const first = useRef(null);
  if (first.current?.id !== id) first.current = { id, unread: unread - arrived };
  return first.current.unread;
}

/** Who says something sees it. */
function useOwn(rows, view, newest, latest) {
  const { outbox } = useApp().client.store.get();
  const count = useRef(outbox.length);
  useEffect(() => {
    const said = outbox.length > count.current;
    count.current = outbox.length;
    if (said && !newest) latest().then(() => view.toEnd());
    else if (said && rows.at(-1)?.kind === 'unsent') view.toEnd();
  });
}

/** Go to the message that a link, a search or a quote led to. */
function useTarget(state, id, root, view) {
  const { target } = state;
  useEffect(() => {
    if (target && target.conversation === id && (target.thread ?? null) === root) view.show(target.item);
  }, [target, root]);
}

/** What is being edited is seen: the last message of one's own may be far up. */
function useEditing(editing, view) {
  useEffect(() => {
    if (editing && !view.shown.some((row) => row.key === editing)) view.show(editing, { focus: false });
  }, [editing]);
}

/** What stands on the screen at the end of a visible page has been read. */
function useRead(client, conversation, atEnd) {
  const { id, cseq, unread, mark, loaded, span, byHand } = conversation;
  const [visible, setVisible] = useState(!document.hidden);
  useEffect(() => {
    const changed = () => setVisible(!document.hidden);
    document.addEventListener('visibilitychange', changed);
    return () => document.removeEventListener('visibilitychange', changed);
  }, []);
  useEffect(() => {
    if (!atEnd || !visible || !loaded || span.to !== Infinity || (!unread && cseq <= mark)) return undefined;
    const timer = setTimeout(() => client.read(id), READ_AFTER_MS);
    return () => clearTimeout(timer);
  }, [id, cseq, unread, mark, loaded, atEnd, visible, span.to, byHand]);
}

/** Do what a key means in the list; tell whether it meant anything. */
function keyed(event, { row, state, view, toEnd, onEdit, app, root }) {
  const item = row?.kind === 'item' && isChangeable(row.item) ? row.item : null;
  const on = {
    nextMessage: () => view.step(1),
    previousMessage: () => view.step(-1),
    reply: () => item && !root && app.openThread(item.id),
    edit: () => item?.sender === state.me.id && isWithin(state.usage.edit_minutes, item, Date.now()) && onEdit(item.id),
    unread: () => item && item.sender !== state.me.id && !root && app.client.unread(item.conversation, item.created_cseq).catch(() => {}),
    searchHere: () => app.showPane('search'),
    helpHere: () => app.showDialog('help'),
    end: toEnd,
  };
  const what = event.key === 'End' && !event.ctrlKey ? 'end' : pressed(event, 'messages', state.preferences);
  if (!on[what]) return false;
  on[what]();
  return true;
}
