// The frame: list, conversation, and a pane for a thread or details; one at a time where it is narrow.

import { App as Context, classes, html, useEffect, useMemo, useRef, useState } from '../lib/ui.js';
import { t, tn } from '../lib/words.js';
import { listed, totalUnread } from '../store/select.js';
import { Banner, SignedOut } from './banner.js';
import { Conversation, Thread } from './conversation.js';
import { Details } from './details.js';
import { ChannelBrowser, NewConversation } from './dialogs.js';
import { Sidebar } from './sidebar.js';

const ANNOUNCE_EVERY_MS = 2_000;

export function Frame({ signal, client, config, drafts }) {
  const state = signal.value;
  const [pane, setPane] = useState(null); // null | {kind: 'details'} | {kind: 'thread', root}
  const [dialog, setDialog] = useState(null);
  const [filter, setFilter] = useState('');
  const me = state.me;

  const app = useMemo(() => ({
    client, config, drafts, me,
    enter: (id) => {
      setPane(null);
      location.hash = id;
      client.enter(id).catch(() => {});
      document.getElementById(`write-${id}`)?.focus();
    },
    back: () => {
      setPane(null);
      client.look(null);
      history.replaceState(null, '', location.pathname);
    },
    openThread: (root) => setPane({ kind: 'thread', root }),
    showDetails: () => setPane((held) => (held?.kind === 'details' ? null : { kind: 'details' })),
    closePane: () => setPane(null),
    showDialog: setDialog,
  }), [me?.id]);

  useBeginning(state, app);
  useShortcuts(state, app);
  useTitle(state);
  if (state.phase === 'starting') {
    return html`<${Context.Provider} value=${app}><div class="frame"><p class="starting" role="status">${t('Opening your conversations…')}</p><${Banner} state=${state} /></div><//>`;
  }
  if (!me) return html`<${Context.Provider} value=${app}><${SignedOut} /><//>`;
  const conversation = state.focus ? state.conversations[state.focus] : null;
  return html`<${Context.Provider} value=${app}>
    <div class=${classes('frame', conversation && 'has-conversation', conversation && pane && 'has-pane')}>
      <a class="skip" href="#main">${t('Skip to messages')}</a>
      <${Sidebar} state=${state} filter=${filter} onFilter=${setFilter} />
      <main id="main" tabindex="-1">
        <${Banner} state=${state} />
        ${conversation ? html`<${Conversation} state=${state} conversation=${conversation} />` : html`<${Nothing} app=${app} />`}
      </main>
      ${conversation && pane?.kind === 'thread' && html`<${Thread} key=${pane.root} state=${state} conversation=${conversation} root=${pane.root} />`}
      ${conversation && pane?.kind === 'details' && html`<${Details} state=${state} conversation=${conversation} />`}
      <${Announcer} state=${state} />
    </div>
    ${dialog === 'new' && html`<${NewConversation} onClose=${() => setDialog(null)} />`}
    ${dialog === 'channels' && html`<${ChannelBrowser} onClose=${() => setDialog(null)} />`}
    ${state.phase === 'signed_out' && html`<${SignedOut} />`}
  <//>`;
}

function Nothing({ app }) {
  return html`<div class="nothing"><h1>${t('Choose a conversation')}</h1>
    <p class="soft">${t('Or start one: with a person, a group, or a channel.')}</p>
    <div class="row"><button type="button" class="button main" onClick=${() => app.showDialog('new')}>${t('New conversation')}</button>
      <button type="button" class="button" onClick=${() => app.showDialog('channels')}>${t('Browse channels')}</button></div></div>`;
}

/** Go to the conversation of the address, or on a wide screen to the first one. */
function useBeginning(state, app) {
  const begun = useRef(false);
  useEffect(() => {
    if (state.phase !== 'ready' || begun.current) return;
    begun.current = true;
    const named = location.hash.slice(1);
    const { channels, people } = listed(state);
    const first = matchMedia('(width >= 48rem)').matches ? [...channels, ...people][0]?.conversation.id : null;
    const wanted = named in state.conversations ? named : first;
    if (wanted) app.enter(wanted);
  }, [state.phase]);
  useEffect(() => {
    const { client } = app;
    const onMoved = () => {
      const { conversations, focus } = client.store.get();
      const id = location.hash.slice(1);
      if (id in conversations && id !== focus) app.enter(id);
      else if (!id && focus) app.back();
    };
    addEventListener('hashchange', onMoved);
    return () => removeEventListener('hashchange', onMoved);
  }, [app]);
}

function useShortcuts(state, app) {
  const latest = useRef(state);
  latest.current = state;
  useEffect(() => {
    const onKey = (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        document.getElementById('filter')?.focus();
      } else if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
        event.preventDefault();
        const next = neighbour(latest.current, event.key === 'ArrowUp' ? -1 : 1, event.shiftKey);
        if (next) app.enter(next);
      } else if (event.key === 'Escape' && !event.defaultPrevented && !document.querySelector('dialog[open]')) {
        app.closePane();
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [app]);
}

function neighbour(state, step, unreadOnly) {
  const { channels, people } = listed(state);
  const ids = [...channels, ...people]
    .filter((row) => !unreadOnly || row.conversation.unread || row.conversation.id === state.focus)
    .map((row) => row.conversation.id);
  return ids[(ids.indexOf(state.focus) + step + ids.length) % ids.length];
}

function useTitle(state) {
  const unread = totalUnread(state);
  useEffect(() => {
    document.title = `${unread ? `(${unread}) ` : ''}${t('Chat')} · Chancery`;
  }, [unread]);
}

/** Say aloud, at most every two seconds, how much came in. */
function Announcer({ state }) {
  const [words, setWords] = useState('');
  const unread = totalUnread(state);
  const said = useRef(unread);
  useEffect(() => {
    const timer = setTimeout(() => {
      const fresh = unread - said.current;
      said.current = unread;
      setWords(fresh > 0 ? tn('{n} new message', '{n} new messages', fresh) : '');
    }, ANNOUNCE_EVERY_MS);
    return () => clearTimeout(timer);
  }, [unread]);
  return html`<p class="hidden" aria-live="polite">${words}</p>`;
}
