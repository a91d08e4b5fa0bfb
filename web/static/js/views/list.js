// The messages of a conversation or a thread: keeps its place while older ones come in above, stays
// at the end while new ones come in below, and says how many came while one was further up.

import { dayName } from '../lib/time.js';
import { html, useApp, useEffect, useLayoutEffect, useRef, useState } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { rowsOf } from '../store/select.js';
import { Icon } from './icons.js';
import { EventLine, Message } from './message.js';
import { Stopped } from './stopped.js';
import { Unsent } from './unsent.js';

const NEAR_END_PX = 60;
const NEAR_START_PX = 240;
const READ_AFTER_MS = 400;
const FIRST_WORDS = {
  direct: t('No messages yet. Say hello.'),
  group: t('No messages yet. Say what this group is for.'),
  public: t('No messages yet. Say what this channel is for.'),
  private: t('No messages yet. Say what this channel is for.'),
};

export function MessageList({ state, conversation, root = null, editing, onEdit, label }) {
  const { client, drafts } = useApp();
  const rows = rowsOf(state, conversation, root);
  const box = useRef(null);
  const place = useKeptPlace(box, rows, `${conversation.id}/${root ?? ''}`);
  const loading = useRef(false);
  const older = async () => {
    if (root || loading.current || !conversation.more || !conversation.loaded) return;
    loading.current = true;
    try {
      await client.older(conversation.id);
    } catch {
      // Offline: one can scroll up again when the connection is back.
    } finally {
      loading.current = false;
    }
  };
  const onScroll = () => {
    place.moved();
    if (box.current.scrollTop < NEAR_START_PX) older();
  };
  useRead(client, conversation, place.atEnd && !root);
  const bringBack = (item) => drafts.bringBack(root ?? conversation.id, item.view.text);

  return html`<div class="list-frame">
    <div class="list" ref=${box} onScroll=${onScroll} tabindex="0" role="region" aria-label=${label}>
      ${!root && html`<${Start} conversation=${conversation} older=${older} />`}
      <ol role="log" aria-live="off" aria-label=${label}>
        ${rows.map((row) => html`<${Row} key=${row.key} row=${row} state=${state} inThread=${Boolean(root)}
          editing=${row.kind === 'item' && editing === row.item.id} onEdit=${onEdit} bringBack=${bringBack} />`)}
      </ol>
    </div>
    ${!place.atEnd && html`<button type="button" class="button jump" onClick=${place.toEnd}>
      <${Icon} name="down" />${place.fresh > 0 ? t('Jump to latest ({n} new)', { n: place.fresh }) : t('Jump to latest')}</button>`}
  </div>`;
}

function Row({ row, state, inThread, editing, onEdit, bringBack }) {
  if (row.kind === 'day') return html`<li class="divider"><h3>${dayName(row.at)}</h3></li>`;
  if (row.kind === 'unread') return html`<li class="divider unread"><h3>${t('New')}</h3></li>`;
  if (row.kind === 'stopped') return html`<${Stopped} item=${row.item} onEdit=${bringBack} />`;
  if (row.kind === 'unsent') return html`<${Unsent} entry=${row.entry} online=${state.link.status === 'online'} continued=${row.continued} onEdit=${bringBack} />`;
  if (row.item.type === 'event') return html`<${EventLine} item=${row.item} state=${state} />`;
  return html`<${Message} item=${row.item} state=${state} continued=${row.continued} inThread=${inThread} editing=${editing} onEdit=${onEdit} />`;
}

function Start({ conversation, older }) {
  if (!conversation.loaded) return html`<p class="begin hint" role="status">${t('Loading…')}</p>`;
  if (conversation.more) {
    return html`<p class="begin"><button type="button" class="button quiet" onClick=${older}>${t('Show earlier messages')}</button></p>`;
  }
  const empty = !Object.values(conversation.items).some((item) => item.type === 'message');
  return html`<div class="begin"><p class="hint">${
    conversation.seesFrom > 0 ? t('You joined here. What was said before stays with those who were there.')
      : empty ? FIRST_WORDS[conversation.kind] : t('This is where it begins.')
  }</p></div>`;
}

/** Keep the scroll position: the end stays the end, and what one reads stays where it is. */
function useKeptPlace(box, rows, key) {
  const kept = useRef({ key: null, atEnd: true, height: 0, first: null, count: 0 });
  const [atEnd, setAtEnd] = useState(true);
  const [fresh, setFresh] = useState(0);
  const toEnd = () => {
    // What observes sizes may still call when the list has just left the page.
    if (!box.current) return;
    box.current.scrollTop = box.current.scrollHeight;
    kept.current.atEnd = true;
    setAtEnd(true);
    setFresh(0);
  };
  useLayoutEffect(() => {
    const held = kept.current;
    const { scrollHeight } = box.current;
    const own = rows.at(-1)?.kind === 'unsent' && rows.length > held.count;
    if (held.key !== key || held.atEnd || own) toEnd();
    else if (rows[0]?.key !== held.first) box.current.scrollTop += scrollHeight - held.height;
    else if (rows.length > held.count) setFresh((n) => n + rows.length - held.count);
    Object.assign(held, { key, height: scrollHeight, first: rows[0]?.key, count: rows.length });
  });
  useEffect(() => {
    const watch = new ResizeObserver(() => kept.current.atEnd && toEnd());
    watch.observe(box.current);
    watch.observe(box.current.lastElementChild);
    return () => watch.disconnect();
  }, []);
  const moved = () => {
    const { scrollHeight, scrollTop, clientHeight } = box.current;
    const end = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    kept.current.atEnd = end;
    if (end !== atEnd) setAtEnd(end);
    if (end) setFresh(0);
  };
  return { atEnd, fresh, moved, toEnd };
}

/** What stands on the screen at the end of a visible page has been read. */
function useRead(client, conversation, atEnd) {
  const { id, cseq, unread, mark, loaded } = conversation;
  const [visible, setVisible] = useState(!document.hidden);
  useEffect(() => {
    const changed = () => setVisible(!document.hidden);
    document.addEventListener('visibilitychange', changed);
    return () => document.removeEventListener('visibilitychange', changed);
  }, []);
  useEffect(() => {
    if (!atEnd || !visible || !loaded || (!unread && cseq <= mark)) return undefined;
    const timer = setTimeout(() => client.read(id), READ_AFTER_MS);
    return () => clearTimeout(timer);
  }, [id, cseq, unread, mark, loaded, atEnd, visible]);
}
