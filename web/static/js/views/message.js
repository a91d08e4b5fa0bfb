// One message, with what can be done with it.

import { nameOf, REACTIONS } from '../lib/reactions.js';
import { fullTimeOf, timeOf } from '../lib/time.js';
import { classes, html, useApp, useState, useTask } from '../lib/ui.js';
import { rich, t, tn } from '../lib/words.js';
import { isChangeable, personOf } from '../store/select.js';
import { EditBox } from './edit.js';
import { Files } from './files/files.js';
import { Icon, IconButton } from './icons.js';
import { Problem } from './notice.js';
import { Tokens } from './tokens.js';

const EVENTS = {
  open: (said) => rich('{who} opened this conversation', said),
  join: (said) => (said.own ? rich('{who} joined', said) : rich('{who} added {person}', said)),
  leave: (said) => rich('{who} left', said),
  rename: (said) => rich('{who} renamed this channel to “{text}”', said),
  topic: (said) => (said.text ? rich('{who} set the topic to “{text}”', said) : rich('{who} removed the topic', said)),
  close: (said) => rich('{who} closed this channel', said),
};

/** Something that happened to the conversation, in one line. */
export function EventLine({ item, state, place }) {
  const { event, data } = item.view;
  const name = (id) => html`<strong>${personOf(state, id).name}</strong>`;
  const said = { who: name(item.sender), person: name(data?.person), own: data?.person === item.sender, text: data?.text };
  return html`<li class="event" ...${place}>
    <span>${EVENTS[event]?.(said) ?? rich('{who} changed this conversation', said)}</span> <time datetime=${item.at}>${timeOf(item.at)}</time>
  </li>`;
}

/** A message that others see too. */
export function Message({ item, state, continued, inThread = false, near = false, flashed = false, editing, onEdit, place }) {
  const { me } = useApp();
  const sender = personOf(state, item.sender);
  const own = item.sender === me.id;
  return html`<li class=${classes('message', item.state, continued && 'continued', item.view.mentions?.includes(me.id) && 'mentions-me', flashed && 'flashed')}
      ...${place} id=${`m-${inThread ? 't-' : ''}${item.id}`} data-state=${item.state}>
    ${!continued && html`<${Author} person=${sender} at=${item.at} />`}
    <div class="body" dir="auto">
      ${editing ? html`<${EditBox} item=${item} onDone=${() => onEdit(null)} />` : html`<${Body} item=${item} />`}
    </div>
    ${isChangeable(item) && html`<${Reactions} item=${item} state=${state} />`}
    ${!inThread && item.replies > 0 && html`<${Replies} item=${item} />`}
    ${isChangeable(item) && !editing && html`<${Actions} item=${item} own=${own} near=${near} inThread=${inThread} onEdit=${onEdit} />`}
  </li>`;
}

export function Author({ person, at, children }) {
  return html`<header class="author">
    <strong>${person.name}</strong>
    ${person.external && html`<span class="badge warn">${t('outside')}</span>`}
    ${children ?? html`<time datetime=${at} title=${fullTimeOf(at)}>${timeOf(at)}</time>`}
  </header>`;
}

function Body({ item }) {
  if (item.state === 'deleted') return html`<p class="tombstone"><${Icon} name="trash" />${t('This message was deleted.')}</p>`;
  if (item.state === 'expired') return html`<p class="tombstone"><${Icon} name="clock" />${t('Deleted under retention policy.')}</p>`;
  return html`<${Tokens} tokens=${item.view.tokens} />
    <${Files} files=${item.view.files} />
    ${item.view.edited_at && html`<span class="mark" title=${t('Edited {time}', { time: fullTimeOf(item.view.edited_at) })}>${t('edited')}</span>`}
    ${item.state === 'redacted' && html`<span class="mark"><${Icon} name="shield" />${t('partly covered by policy')}</span>`}`;
}

function Reactions({ item, state }) {
  const { me } = useApp();
  const { busy, error, run } = useTask();
  const react = useReact(item);
  const given = Object.entries(item.view.reactions ?? {});
  if (!given.length && !error) return null;
  return html`<div class="reactions">
    ${given.map(([alias, people]) => {
      const mine = people.includes(me.id);
      const names = people.map((id) => personOf(state, id).name).join(', ');
      return html`<button type="button" class="reaction" key=${alias} aria-pressed=${mine} disabled=${busy}
          aria-label=${`${nameOf(alias)}, ${names}`} title=${`${nameOf(alias)}: ${names}`}
          onClick=${() => run(() => react(alias, !mine))}><${Sign} alias=${alias} /><span>${people.length}</span></button>`;
    })}
    <${Problem} error=${error} />
  </div>`;
}

/** A reaction of another client may be one that we have no icon for: then its name serves. */
function Sign({ alias }) {
  return REACTIONS[alias] ? html`<${Icon} name=${REACTIONS[alias]} />` : html`<span>${nameOf(alias)}</span>`;
}

function useReact(item) {
  const { client } = useApp();
  return (alias, add) => client.command('react', { conversation: item.conversation, item: item.id, alias, add });
}

function Replies({ item }) {
  const { openThread } = useApp();
  return html`<button type="button" class="replies" onClick=${() => openThread(item.id)}>
    <${Icon} name="reply" />${tn('{n} reply', '{n} replies', item.replies)}
  </button>`;
}

/** Tools are there where one is: drawn for every message they would be most of the page. */
function Actions({ item, own, near, inThread, onEdit }) {
  const { client, openThread } = useApp();
  const [open, setOpen] = useState(null);
  const { busy, error, run, clear } = useTask();
  const react = useReact(item);
  const show = (what) => () => {
    clear();
    setOpen(open === what || (what === 'tools' && open) ? null : what);
  };
  const pick = (alias) => run(() => react(alias, true)).then(() => setOpen(null));
  const remove = () => run(() => client.command('delete', { conversation: item.conversation, item: item.id }));
  return html`<div class=${classes('actions', open && 'open')} role="group" aria-label=${t('What to do with this message')}>
    <${IconButton} icon="more" label=${t('More')} class="icon-button more" aria-expanded=${open !== null} onClick=${show('tools')} />
    ${(near || open) && html`<div class="tools">
      <${IconButton} icon="smile" label=${t('React')} aria-expanded=${open === 'react'} onClick=${show('react')} />
      ${!inThread && html`<${IconButton} icon="reply" label=${t('Reply in thread')} onClick=${() => openThread(item.id)} />`}
      ${own && html`<${IconButton} icon="edit" label=${t('Edit')} onClick=${() => onEdit(item.id)} />`}
      ${own && html`<${IconButton} icon="trash" label=${t('Delete')} aria-expanded=${open === 'delete'} onClick=${show('delete')} />`}
    </div>`}
    ${open === 'react' && html`<div class="picker" role="group" aria-label=${t('Reactions')}>
      ${Object.entries(REACTIONS).map(([alias, icon]) => html`<button type="button" key=${alias} disabled=${busy}
        aria-label=${nameOf(alias)} title=${nameOf(alias)} onClick=${() => pick(alias)}><${Icon} name=${icon} /></button>`)}
    </div>`}
    ${open === 'delete' && html`<div class="picker ask" role="group" aria-label=${t('Delete this message?')}>
      <p>${t('Delete it for everybody? A note that it was deleted stays.')}</p>
      <button type="button" class="button danger" disabled=${busy} onClick=${remove}>${t('Delete')}</button>
      <button type="button" class="button quiet" onClick=${show('delete')}>${t('Keep')}</button>
    </div>`}
    <${Problem} error=${error} />
  </div>`;
}
