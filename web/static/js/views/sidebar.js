// The list of conversations: what is unread, who is here, and where to start something.

import { classes, html, lazy, memo, useApp, useState } from '../lib/ui.js';
import { number, t } from '../lib/words.js';
import { askLeave, canAsk } from '../lib/desktop.js';
import { choicesIn } from '../lib/choices.js';
import { asks, hasDraft, listed, others } from '../store/select.js';
import { isMac } from '../shortcuts.js';
import { KindIcon } from './conversation.js';
import { Icon, IconButton, IconLink } from './icons.js';

const Account = lazy(() => import('./account.js'), 'Account', html`<div class="menu-frame"></div>`);

const folds = choicesIn(globalThis.localStorage);

const SHOWN = ['conversations', 'drafted', 'focus', 'me', 'online', 'outbox', 'preferences'];
const TITLES = {
  favourites: t('Favourites'),
  unread: t('Unread'),
  channels: t('Channels'),
  people: t('People'),
};

/** Most of what happens does not concern the list: it is drawn again only for what it shows. */
export const Sidebar = memo(SidebarNow, ({ state: before, alone: was }, { state: now, alone }) => was === alone && SHOWN.every((part) => before[part] === now[part]));

/** Where it is all that is shown it is the main part of the page. */
function SidebarNow({ state, alone = false }) {
  const { config, showDialog, showPane } = useApp();
  const sections = listed(state);
  const empty = { channels: t('Join a channel to read along.'), people: t('Message somebody to begin.') };
  return html`<div class="side" role=${alone ? 'main' : undefined}><nav class="sidebar" aria-label=${t('Conversations')}>
    <header class="heading"><${alone ? 'h1' : 'span'} class="brand">Chancery<//>
      <${IconButton} icon="add" label=${t('New conversation')} onClick=${() => showDialog('new')} /></header>
    <button type="button" class="find" aria-keyshortcuts="Control+K" onClick=${() => showDialog('switcher')}><${Icon} name="right" /><span>${t('Go to…')}</span><kbd>${isMac() ? '⌘' : t('Ctrl')} K</kbd></button>
    <div class="places row">
      <button type="button" class="entry" onClick=${() => showPane('search')}><${Icon} name="search" /><span class="title">${t('Search')}</span></button>
      <button type="button" class="entry" onClick=${() => showPane('threads')}><${Icon} name="thread" /><span class="title">${t('My threads')}</span></button>
      <button type="button" class="entry" onClick=${() => showPane('mentions')}><${Icon} name="at" /><span class="title">${t('Mentions')}</span></button>
      ${state.scheduled.length > 0 && html`<button type="button" class="entry" onClick=${() => showPane('scheduled')}><${Icon} name="clock" /><span class="title">${t('Scheduled')}</span><span class="count">${number(state.scheduled.length)}</span></button>`}
      <${Ask} preferences=${state.preferences} />
    </div>
    <div class="groups">
      ${Object.entries(sections).map(([name, rows]) => (rows.length > 0 || empty[name]) && html`<${Group} key=${name} name=${name} rows=${rows} state=${state} empty=${empty[name]} />`)}
    </div>
    <footer class="account">
      <${Account} state=${state} />
      ${config.console && html`<a href=${config.console}>${t('Console')}</a>`}
      <${IconLink} icon="question" label=${t('Help')} href=${config.help} />
    </footer>
  </nav></div>`;
}

/** Offer to be told on the desktop, until one has said yes or no. */
function Ask({ preferences }) {
  const [open, setOpen] = useState(canAsk());
  if (!open || preferences.notify === 'nothing') return null;
  const ask = () => askLeave().then(() => setOpen(canAsk()));
  return html`<button type="button" class="entry" onClick=${ask}><${Icon} name="bell" /><span class="title">${t('Turn on notifications')}</span></button>`;
}

function Group({ name, rows, state, empty }) {
  const { showDialog } = useApp();
  const [folded, setFolded] = useState(folds.has(name));
  const fold = () => {
    folds.set(name, !folded);
    setFolded(!folded);
  };
  // Folded away or not: what asks to be read, and what is on the screen, is shown.
  const shown = folded ? rows.filter(({ conversation }) => asks(conversation) || conversation.id === state.focus) : rows;
  return html`<section aria-label=${TITLES[name]}>
    <div class="group-title"><h2><button type="button" class="fold" aria-expanded=${!folded} onClick=${fold}>${TITLES[name]}</button></h2>
      ${name === 'channels' && html`<${IconButton} icon="search" label=${t('Browse channels')} onClick=${() => showDialog('channels')} />`}</div>
    <ul>${shown.map(({ conversation, title }) => html`<${Entry} key=${conversation.id} id=${conversation.id} conversation=${conversation} title=${title}
      current=${state.focus === conversation.id} draft=${hasDraft(state, conversation.id)} here=${isHere(conversation, state)} />`)}</ul>
    ${!rows.length && html`<p class="hint empty">${empty}</p>`}
  </section>`;
}

const isHere = (conversation, state) =>
  conversation.kind === 'direct' && others(conversation, state.me.id).some((member) => state.online.includes(member.id));

const Entry = memo(({ id, conversation, title, current, draft, here }) => {
  const { enter } = useApp();
  const { unread, mentions, settings, closed } = conversation;
  return html`<li><button type="button" class=${classes('entry', asks(conversation) && 'has-unread', settings.muted && 'muted')} aria-current=${current ? 'true' : undefined} onClick=${() => enter(id)}>
    ${conversation.kind === 'direct'
      ? html`<span class=${classes('dot', here && 'on')}><span class="hidden">${here ? t('here now') : ''}</span></span>`
      : html`<${KindIcon} conversation=${conversation} />`}
    <span class="title" dir="auto">${title}</span>
    ${draft && !current && html`<span class="draft" title=${t('Not sent yet')}><${Icon} name="edit" /><span class="hidden">${t('draft')}</span></span>`}
    ${closed && html`<span class="badge">${t('closed')}</span>`}
    ${settings.muted && html`<span class="hint">${t('muted')}</span>`}
    ${mentions > 0 && html`<span class="count mention-count" title=${t('Mentions of you')}>@${mentions}<span class="hidden"> ${t('mentions')}</span></span>`}
    ${unread > 0 && !settings.muted && html`<span class="count">${unread > 99 ? '99+' : unread}<span class="hidden"> ${t('unread')}</span></span>`}
  </button></li>`;
});
