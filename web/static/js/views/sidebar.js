// The list of conversations: what is unread, who is here, and where to start something.

import { classes, html, useApp } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { listed, others } from '../store/select.js';
import { KindIcon } from './conversation.js';
import { Icon, IconButton } from './icons.js';

export function Sidebar({ state, filter, onFilter }) {
  const { config, enter, showDialog } = useApp();
  const { channels, people } = listed(state, filter);
  const onKey = (event) => {
    const first = [...channels, ...people][0];
    if (event.key === 'Enter' && first) {
      onFilter('');
      enter(first.conversation.id);
    }
  };
  return html`<nav class="sidebar" aria-label=${t('Conversations')}>
    <header class="heading"><span class="brand">Chancery</span>
      <${IconButton} icon="add" label=${t('New conversation')} onClick=${() => showDialog('new')} /></header>
    <label class="filter"><${Icon} name="search" /><span class="hidden">${t('Find a conversation')}</span>
      <input id="filter" type="search" placeholder=${t('Find (Ctrl K)')} value=${filter} onInput=${(e) => onFilter(e.target.value)} onKeyDown=${onKey} autocomplete="off" /></label>
    <div class="groups">
      <${Group} title=${t('Channels')} rows=${channels} state=${state} empty=${filter ? t('None of this name.') : t('Join a channel to read along.')}
        action=${html`<${IconButton} icon="search" label=${t('Browse channels')} onClick=${() => showDialog('channels')} />`} />
      <${Group} title=${t('People')} rows=${people} state=${state} empty=${filter ? t('Nobody of this name.') : t('Message somebody to begin.')} />
    </div>
    <footer class="account">
      <a href=${config.sessions} title=${t('Where you are signed in')}>${state.me.name}</a>
      <div class="row">
        ${config.console && html`<a href=${config.console}>${t('Console')}</a>`}
        <form class="inline" method="post" action=${config.signout}><input type="hidden" name="csrf" value=${config.csrf} />
          <button class="button quiet">${t('Sign out')}</button></form>
      </div>
    </footer>
  </nav>`;
}

function Group({ title, rows, state, empty, action }) {
  return html`<section aria-label=${title}>
    <div class="group-title"><h2>${title}</h2>${action}</div>
    <ul>${rows.map((row) => html`<${Entry} key=${row.conversation.id} row=${row} state=${state} />`)}</ul>
    ${!rows.length && html`<p class="hint empty">${empty}</p>`}
  </section>`;
}

function Entry({ row, state }) {
  const { enter } = useApp();
  const { conversation, title } = row;
  const { unread, mentions } = conversation;
  const current = state.focus === conversation.id;
  return html`<li><button type="button" class=${classes('entry', unread > 0 && 'has-unread')} aria-current=${current ? 'true' : undefined} onClick=${() => enter(conversation.id)}>
    <${Mark} conversation=${conversation} state=${state} />
    <span class="title">${title}</span>
    ${conversation.closed && html`<span class="badge">${t('closed')}</span>`}
    ${mentions > 0 && html`<span class="count mention-count" title=${t('Mentions of you')}>@${mentions}<span class="hidden"> ${t('mentions')}</span></span>`}
    ${unread > 0 && html`<span class="count">${unread > 99 ? '99+' : unread}<span class="hidden"> ${t('unread')}</span></span>`}
  </button></li>`;
}

function Mark({ conversation, state }) {
  if (conversation.kind !== 'direct') return html`<${KindIcon} conversation=${conversation} />`;
  const here = others(conversation, state.me.id).some((member) => state.online.includes(member.id));
  return html`<span class=${classes('dot', here && 'on')}><span class="hidden">${here ? t('here now') : ''}</span></span>`;
}
