// The frame: list, conversation, and a pane for a thread or details; one at a time where it is narrow.

import { boxOf } from '../lib/drafts.js';
import { App as Context, classes, html, lazy, useEffect, useLayoutEffect, useMatch, useMemo, useRef, useState } from '../lib/ui.js';
import { t, tn } from '../lib/words.js';
import { listed, titleOf, totalUnread } from '../store/select.js';
import { Banner } from './banner.js';
import { Conversation } from './conversation.js';
import { useKeys } from './keys.js';
import { NO_ROOM_BESIDE } from './pane.js';
import { usePane } from './panes.js';
import { Sidebar } from './sidebar.js';
import { useUnreadMark } from './title.js';

const Toast = lazy(() => import('./toast.js'), 'Toast');
const Nothing = lazy(() => import('./nothing.js'), 'Nothing');
const Removed = lazy(() => import('./removed.js'), 'Removed');

const ANNOUNCE_EVERY_MS = 2_000;

const SignedOut = lazy(() => import('./signedout.js'), 'SignedOut');
const Introduction = lazy(() => import('./introduction.js'), 'Introduction');

// What is not needed at first is loaded when it is asked for.
const PANES = {
  thread: lazy(() => import('./thread.js'), 'Thread'),
  details: lazy(() => import('./details.js'), 'Details'),
  files: lazy(() => import('./files/list.js'), 'FileList'),
  pins: lazy(() => import('./lists.js'), 'Pins'),
  threads: lazy(() => import('./lists.js'), 'Threads'),
  mentions: lazy(() => import('./lists.js'), 'Mentions'),
  scheduled: lazy(() => import('./scheduled.js'), 'Scheduled'),
  search: lazy(() => import('./search.js'), 'Search'),
};
// These are about one conversation.
const OF_CONVERSATION = new Set(['thread', 'details', 'files', 'pins']);
const DIALOGS = {
  new: lazy(() => import('./dialogs.js'), 'NewConversation'),
  channels: lazy(() => import('./dialogs.js'), 'ChannelBrowser'),
  switcher: lazy(() => import('./switcher.js'), 'Switcher'),
  later: lazy(() => import('./owntime.js'), 'OwnTime'),
  dates: lazy(() => import('./dates.js'), 'Dates'),
  profile: lazy(() => import('./profile.js'), 'Profile'),
  versions: lazy(() => import('./versions.js'), 'Versions'),
  forward: lazy(() => import('./forward.js'), 'Forward'),
  gone: lazy(() => import('./gone.js'), 'Gone'),
  help: lazy(() => import('./help.js'), 'Help'),
  leaving: lazy(() => import('./leaving.js'), 'Leaving'),
};

export function Frame({ shown, client, config, drafts, forget }) {
  const state = useStore(shown);
  const [pane, panes] = usePane();
  const [dialog, setDialog] = useState(null); // null | {kind, …}
  const [said, setSaid] = useState(null); // null | {words}
  const me = state.me;
  const narrow = useMatch('(width < 48rem)');
  const tight = useMatch(NO_ROOM_BESIDE);

  const kind = useRef(null);
  kind.current = pane?.kind ?? null;
  const app = useMemo(() => ({
    client, config, drafts, forget, me, boxOf,
    /** Whether a pane, where there is one, is the only part that is shown. */
    alone: tight,
    enter: (id) => {
      if (addressed().id === id && panes.isStep()) panes.close();
      else panes.away();
      location.hash = id;
      app.arrive(id);
    },
    arrive: (id) => {
      client.enter(id).catch(() => {});
      document.getElementById(`write-${id}`)?.focus();
    },
    /** Go to a message, a moment or a number of a conversation, as a link or a search found it. */
    goTo: async (id, place) => {
      // From a list that covers the conversation Back leads to the list again.
      if (place.item) history[panes.isStep() ? 'pushState' : 'replaceState'](null, '', `#${id}/${place.item}`);
      if (!(await app.moveTo(id, place)) && matchMedia(NO_ROOM_BESIDE).matches) panes[place.item ? 'away' : 'close']();
    },
    /** Show what the address names; tell whether that is in a thread. */
    moveTo: async (id, place) => {
      const { thread } = await client.goTo(id, place);
      if (thread) panes.show({ kind: 'thread', root: thread });
      return Boolean(thread);
    },
    back: () => {
      history.replaceState(null, '', location.pathname);
      app.leave();
    },
    /** Look at no conversation. */
    leave: () => {
      panes.away();
      client.look(null);
    },
    openThread: (root) => panes.show({ kind: 'thread', root }),
    showPane: (wanted) => (kind.current === wanted ? panes.close() : panes.show({ kind: wanted })),
    closePane: panes.close,
    away: panes.away,
    say: (words) => setSaid({ words }),
    showDialog: (wanted) => setDialog(typeof wanted === 'string' ? { kind: wanted } : wanted),
  }), [me?.id, tight]);

  useBeginning(state, app);
  useGone(state, app);
  useEffect(() => {
    // What covered the box is gone, and with it what had the focus. By touch that would open a keyboard.
    if (pane || document.activeElement !== document.body || !matchMedia('(hover: hover)').matches) return;
    document.getElementById(`write-${client.store.get().focus}`)?.focus({ preventScroll: true });
  }, [pane]);
  useKeys(state, app);
  useUnreadMark(totalUnread(state));
  if (state.phase === 'starting') {
    return html`<${Context.Provider} value=${app}><div class="frame"><p class="starting" role="status">${t('Opening your conversations…')}</p><${Banner} state=${state} /></div><//>`;
  }
  if (!me) return html`<${Context.Provider} value=${app}><${SignedOut} /><//>`;
  const conversation = state.focus ? state.conversations[state.focus] : null;
  const removed = Object.values(state.conversations).filter((each) => each.recalled.length);
  const Pane = pane && (conversation || !OF_CONVERSATION.has(pane.kind)) && PANES[pane.kind];
  const Dialog = dialog && DIALOGS[dialog.kind];
  const lost = !conversation && isLost(state);
  const listAlone = narrow && !conversation && !Pane && !lost;
  return html`<${Context.Provider} value=${app}>
    <div class=${classes('frame', (conversation || lost) && 'has-conversation', Pane && 'has-pane')}>
      ${!listAlone && !(Pane && tight) && html`<a class="skip" href="#main">${t('Skip to messages')}</a>`}
      <${Sidebar} state=${state} alone=${listAlone} />
      <main id="main" tabindex="-1">
        <${Banner} state=${state} />
        ${removed.length > 0 && html`<${Removed} conversations=${removed} />`}
        ${state.preferences.introduced === false && html`<${Introduction} state=${state} />`}
        ${conversation ? html`<${Conversation} state=${state} conversation=${conversation} />` : html`<${Nothing} state=${state} lost=${lost} />`}
      </main>
      ${Pane && html`<${Pane} key=${pane.root ?? pane.kind} ...${pane} state=${state} conversation=${conversation} />`}
      <${Announcer} state=${state} />
      <${Toast} said=${said} />
    </div>
    ${Dialog && html`<${Dialog} key=${dialog.kind} ...${dialog} state=${state} conversation=${conversation} onClose=${() => setDialog((held) => (held === dialog ? null : held))} />`}
    ${state.phase === 'signed_out' && html`<${SignedOut} />`}
  <//>`;
}

/** Return what a store holds, and draw again whenever that changes. */
function useStore(store) {
  const [state, setState] = useState(store.get());
  useLayoutEffect(() => {
    setState(store.get());
    return store.subscribe(setState);
  }, [store]);
  return state;
}

/** Return the conversation and the message that the address names. */
function addressed() {
  const [id, item = null] = location.hash.slice(1).split('/');
  return { id, item };
}

/** Tell whether the address names a conversation of which this person knows nothing. */
const isLost = (state) => Boolean(addressed().id) && !(addressed().id in state.conversations);

/** Go to the conversation of the address; without one, on a wide screen, to the first. */
function useBeginning(state, app) {
  const begun = useRef(false);
  const go = ({ id, item }) => (item ? app.moveTo(id, { item }).catch((error) => {
    app.arrive(id);
    if (error.answer) app.showDialog('gone');
  }) : app.arrive(id));
  useEffect(() => {
    if (state.phase !== 'ready' || begun.current) return;
    begun.current = true;
    const named = addressed();
    const first = matchMedia('(width >= 48rem)').matches ? Object.values(listed(state)).flat()[0]?.conversation.id : null;
    if (named.id in state.conversations) go(named);
    else if (first && !named.id) app.enter(first);
  }, [state.phase]);
  useEffect(() => {
    const { client } = app;
    const onMoved = () => {
      const { conversations, focus } = client.store.get();
      const named = addressed();
      const moved = named.item || named.id !== (focus ?? '');
      // What covers the conversation is what Back led to, or is left behind.
      if (moved && !named.item && !history.state?.pane) app.away();
      if (!named.id) focus && client.look(null);
      else if (!(named.id in conversations)) client.enter(named.id).catch((error) => error.answer && app.leave());
      else if (moved) go(named);
    };
    addEventListener('hashchange', onMoved);
    return () => removeEventListener('hashchange', onMoved);
  }, [app]);
}

/** Whoever left a conversation, or was taken out of it, is not told of a link to it. */
function useGone(state, app) {
  const shown = useRef(null);
  useEffect(() => {
    if (shown.current && state.me && !(shown.current.id in state.conversations)) {
      app.back();
      app.say(t('You are no longer in {conversation}.', { conversation: titleOf(shown.current, state.me.id) }));
    }
    shown.current = state.conversations[state.focus] ?? null;
  }, [state.focus, state.conversations]);
}

/** Say aloud, at most every two seconds, how much came in. */
function Announcer({ state }) {
  const [words, setWords] = useState('');
  const unread = totalUnread(state, false);
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
