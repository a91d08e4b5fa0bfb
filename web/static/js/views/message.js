// One message, with what can be done with it.

import { usePointed } from '../lib/pointed.js';
import { nameOf, QUICK } from '../lib/reactions.js';
import { isSigns } from '../lib/signs.js';
import { fullTimeOf, timeOf } from '../lib/time.js';
import { classes, html, lazy, useApp, useEffect, useRef, useState, useTask } from '../lib/ui.js';
import { rich, t, tn } from '../lib/words.js';
import { isChangeable, personOf } from '../store/select.js';
import { Files } from './files/shown.js';
import { Icon, IconButton } from './icons.js';
import { Problem } from './notice.js';
import { Forwarded, Quoted } from './quoted.js';
import { Tokens } from './tokens.js';
import { isGone, Tombstone } from './tombstone.js';

const EVENTS = {
  open: (said) => rich('{who} opened this conversation', said),
  join: (said) => (said.own ? rich('{who} joined', said) : rich('{who} added {person}', said)),
  leave: (said) => (said.own ? rich('{who} left', said) : rich('{who} removed {person}', said)),
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
export function Message({ item, state, continued, inThread = false, pointed, flashed = false, editing, onEdit, place }) {
  const { me } = useApp();
  const sender = personOf(state, item.sender);
  const own = item.sender === me.id;
  return html`<li class=${classes('message', item.state, continued && 'continued', item.view.mentions?.includes(me.id) && 'mentions-me', flashed && 'flashed')}
      ...${place} id=${`m-${inThread ? 't-' : ''}${item.id}`} data-state=${item.state}>
    ${!continued && html`<${Author} person=${sender} at=${item.at} />`}
    <div class=${classes('body', isSigns(item.view.text) && 'signs')} dir="auto">
      ${editing ? html`<${EditBox} item=${item} onDone=${() => onEdit(null)} />` : html`<${Body} item=${item} people=${state.people} />`}
    </div>
    ${isChangeable(item) && html`<${Reactions} item=${item} state=${state} />`}
    ${!inThread && item.replies > 0 && html`<${Replies} item=${item} />`}
    ${isChangeable(item) && !editing && html`<${Actions} item=${item} own=${own} pointed=${pointed} inThread=${inThread} onEdit=${onEdit} />`}
  </li>`;
}

const TINTS = 'abcdef';

/** The letters of somebody, on a tint of their own: who speaks is seen before it is read. */
export function Face({ person }) {
  const words = person.name.trim().split(/\s+/);
  const letters = [words[0], ...words.slice(1).slice(-1)].map((word) => Array.from(word)[0] ?? '').join('').toLocaleUpperCase();
  const tint = Array.from(person.id ?? '').reduce((sum, letter) => sum + letter.codePointAt(0), 0) % TINTS.length;
  return html`<span class="face" data-face=${letters} data-tint=${TINTS[tint]}></span>`;
}

export function Author({ person, at, children }) {
  return html`<header class="author">
    <${Face} person=${person} />
    <${Name} person=${person} />
    ${person.external && html`<span class="badge warn">${t('outside')}</span>`}
    ${children ?? html`<time datetime=${at} title=${fullTimeOf(at)}>${timeOf(at)}</time>`}
  </header>`;
}

/** A name leads to who that is. */
function Name({ person }) {
  const { showDialog } = useApp();
  if (!person.username) return html`<strong>${person.name}</strong>`;
  return html`<button type="button" class="name" onClick=${() => showDialog({ kind: 'profile', person })}><strong>${person.name}</strong></button>`;
}

/** That a message was changed, and what it said before where the policy shows it. */
function Edited({ item }) {
  const { client, showDialog } = useApp();
  const title = t('Edited {time}', { time: fullTimeOf(item.view.edited_at) });
  if (!client.store.get().usage.edit_history) return html`<span class="mark" title=${title}>${t('edited')}</span>`;
  return html`<button type="button" class="mark" title=${title} onClick=${() => showDialog({ kind: 'versions', item })}>${t('edited')}</button>`;
}

function Body({ item, people }) {
  const { client } = useApp();
  if (isGone(item)) return html`<${Tombstone} item=${item} />`;
  return html`${item.view.quote && html`<${Quoted} quote=${item.view.quote} people=${people} conversation=${item.conversation} />`}
    <${Tokens} tokens=${item.view.tokens} />
    ${!item.view.forwarded && html`<${Files} files=${item.view.files} />`}
    ${item.view.preview && html`<${LinkPreview} key=${item.version} item=${item.id} preview=${item.view.preview} />`}
    ${item.view.forwarded && html`<${Forwarded} forwarded=${item.view.forwarded} people=${people} known=${client.store.get().conversations} files=${item.view.files} />`}
    ${item.view.edited_at && html`<${Edited} item=${item} />`}
    ${item.view.pinned && html`<span class="mark"><${Icon} name="pin" />${t('pinned')}</span>`}
    ${item.state === 'redacted' && html`<span class="mark"><${Icon} name="shield" />${t('partly covered by policy')}</span>`}
    ${item.view.told && html`<${Told} key=${item.view.told.decision} item=${item} />`}`;
}

function Reactions({ item, state }) {
  const { me } = useApp();
  const { busy, error, run } = useTask();
  const react = useReact(item);
  const given = Object.entries(item.view.reactions ?? {});
  if (!given.length && !error) return null;
  return html`<div class="reactions">
    ${given.map(([alias, people]) => html`<${Reaction} key=${alias} alias=${alias} count=${people.length} mine=${people.includes(me.id)} busy=${busy}
      names=${people.map((id) => personOf(state, id).name).join(', ')} onClick=${() => run(() => react(alias, !people.includes(me.id)))} />`)}
    <${Problem} error=${error} />
  </div>`;
}

function Reaction({ alias, count, mine, busy, names, onClick }) {
  const { sign, name } = useEmoji(alias);
  return html`<button type="button" class="reaction" aria-pressed=${mine} disabled=${busy} aria-label=${`${name}, ${names}`} title=${`${name}: ${names}`}
    onClick=${onClick}><span class=${sign ? 'sign' : ''}>${sign ?? name}</span><span>${count}</span></button>`;
}

/** The sign of an alias and its name in the language of the page; what no list knows goes by its alias. */
function useEmoji(alias) {
  const [known, setKnown] = useState({ sign: QUICK[alias], name: nameOf(alias) });
  useEffect(() => {
    if (!known.sign) import('../lib/emoji.js').then(({ loadEmoji }) => loadEmoji()).then(({ byAlias }) => setKnown(byAlias.get(alias) ?? known), () => {});
  }, [alias]);
  return known;
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

const EditBox = lazy(() => import('./edit.js'), 'EditBox');
const LinkPreview = lazy(() => import('./preview.js'), 'LinkPreview');
const Told = lazy(() => import('./told.js'), 'Told');
const Tools = lazy(() => import('./tools.js'), 'Tools');

/** Tools are there where one is: drawn for every message they would be most of the page. */
function Actions({ pointed, ...rest }) {
  const near = usePointed(pointed, rest.item.id);
  const [open, setOpen] = useState(null);
  const frame = useRef(null);
  useEffect(() => {
    if (!open) return undefined;
    const away = (event) => frame.current?.contains(event.target) || setOpen(null);
    document.addEventListener('pointerdown', away);
    return () => document.removeEventListener('pointerdown', away);
  }, [open]);
  const onKey = (event) => {
    if (event.key !== 'Escape' || !open) return;
    event.preventDefault();
    event.stopPropagation();
    frame.current.querySelector('.tools > [aria-expanded="true"], .tools .menu-frame > button')?.focus();
    setOpen(null);
  };
  return html`<div class=${classes('actions', open && 'open')} role="group" aria-label=${t('What to do with this message')} ref=${frame} onKeyDown=${onKey}>
    <${IconButton} icon="more" label=${t('More')} class="icon-button more" aria-expanded=${open !== null} onClick=${() => setOpen(open ? null : 'tools')} />
    ${(near || open) && html`<${Tools} ...${rest} open=${open} setOpen=${setOpen} />`}
  </div>`;
}
