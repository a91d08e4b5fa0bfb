// The parts of the chat in every state, made by the views that the chat itself uses.

import { App, html, render, useState } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { initial, reduce } from '../store/reduce.js';
import { Banner } from '../views/banner.js';
import { Composer } from '../views/composer.js';
import { Details } from '../views/details.js';
import { Dates } from '../views/dates.js';
import { ChannelBrowser, NewConversation } from '../views/dialogs.js';
import { EditBox } from '../views/edit.js';
import { EmojiPicker } from '../views/emoji.js';
import { FileList } from '../views/files/list.js';
import { Viewer } from '../views/files/viewer.js';
import { Forward } from '../views/forward.js';
import { Gone } from '../views/gone.js';
import { Help } from '../views/help.js';
import { Introduction } from '../views/introduction.js';
import { Leaving } from '../views/leaving.js';
import { Mentions, Pins, Threads } from '../views/lists.js';
import { Menu } from '../views/menu.js';
import { EventLine, Message } from '../views/message.js';
import { Notice, Problem } from '../views/notice.js';
import { OwnTime } from '../views/owntime.js';
import { Profile } from '../views/profile.js';
import { Scheduled } from '../views/scheduled.js';
import { Search } from '../views/search.js';
import { ShortcutTable } from '../views/shortcuts.js';
import { Sidebar } from '../views/sidebar.js';
import { SignedOut } from '../views/signedout.js';
import { Skeleton } from '../views/skeleton.js';
import { Stopped } from '../views/stopped.js';
import { Switcher } from '../views/switcher.js';
import { Thread } from '../views/thread.js';
import { Tip } from '../views/tip.js';
import { Unsent } from '../views/unsent.js';
import { Versions } from '../views/versions.js';
import { ask, askNothing, pages } from './answers.js';
import { ARRIVED, BEN, CLOSED, FILES, HAPPENED, HELLO, NOTICE, PICTURE, PICTURES, RICHER, ROOM, SCHEDULED, STOPPED, TIPS, TOM, UNSENT, UPLOADS } from './samples.js';

const never = () => new Promise(() => {});
const nothing = () => {};
const answer = { items: ARRIVED.slice(0, 3), more: false, through: 9 };
const state = [
  { type: 'scheduled', entries: SCHEDULED },
  { type: 'presence', online: ['ben'] },
  { type: 'history', id: ROOM, answer },
].reduce(reduce, reduce(initial, HELLO));
const quoting = { ...state, quoting: { [ROOM]: ARRIVED[0] } };
const away = (attempt) => ({ ...state, link: { status: 'connecting', attempt }, outbox: attempt ? UNSENT.slice(0, 2) : [] });
const uploads = (entries) => ({ listen: () => nothing, in: () => entries, done: () => [], room: () => 10, gone: new Map(), settled: nothing, call: () => Promise.resolve({ files: FILES.map((file) => ({ ...file, sender: 'ben', item: 'm1', at: ARRIVED[0].at })), more: false }), retry: nothing, remove: nothing });
const appWith = (entries) => ({
  me: state.me,
  config: { sessions: '#', signout: '#', console: '#', preferences: '#', help: '#', csrf: '' },
  drafts: { get: () => '', set: nothing, onReplaced: () => nothing, bringBack: nothing },
  boxOf: (id, root) => (root ? `${id}/${root}` : id),
  client: {
    store: { get: () => state, dispatch: nothing }, ask, pages, command: never, send: nothing, typing: nothing, dismiss: nothing, read: nothing, prefer: never,
    thread: () => Promise.resolve(), readScheduled: () => Promise.resolve(), unschedule: never, dismissed: { has: () => false, add: nothing },
    link: { hurry: nothing }, queue: { retry: nothing, discard: nothing, hold: nothing }, uploads: uploads(entries),
  },
  enter: nothing, back: nothing, goTo: never, openThread: nothing, showDetails: nothing, showPane: nothing, closePane: nothing, say: nothing, showDialog: nothing,
});
const app = appWith([]);
const withFiles = appWith(UPLOADS);

const conversation = state.conversations[ROOM];
const DIALOGS = {
  new: (close) => html`<${NewConversation} onClose=${close} />`,
  channels: (close) => html`<${ChannelBrowser} onClose=${close} />`,
  switcher: (close) => html`<${Switcher} state=${state} onClose=${close} />`,
  profile: (close) => html`<${Profile} person=${BEN} onClose=${close} />`,
  barred: (close) => html`<${Profile} person=${TOM} onClose=${close} />`,
  versions: (close) => html`<${Versions} item=${ARRIVED[3]} onClose=${close} />`,
  forward: (close) => html`<${Forward} state=${state} item=${ARRIVED[0]} onClose=${close} />`,
  later: (close) => html`<${OwnTime} schedule=${never} onClose=${close} />`,
  dates: (close) => html`<${Dates} conversation=${conversation} onClose=${close} />`,
  leaving: (close) => html`<${Leaving} waiting=${2} drafts=${1} leave=${close} onClose=${close} />`,
  gone: (close) => html`<${Gone} onClose=${close} />`,
  viewer: (close) => html`<${Viewer} files=${PICTURES} first="f1" onClose=${close} />`,
  keys: (close) => html`<${Help} state=${state} onClose=${close} />`,
  signedout: () => html`<${SignedOut} />`,
};

function Part({ title, children }) {
  return html`<section class="stack" aria-label=${title}><h2>${title}</h2>${children}</section>`;
}

function Dialogs() {
  const [open, setOpen] = useState(null);
  return html`<div class="row" data-dialogs>${Object.keys(DIALOGS).map((name) => html`<button type="button" class="button" key=${name} data-dialog=${name} onClick=${() => setOpen(name)}>${name}</button>`)}</div>
    ${open && DIALOGS[open](() => setOpen(null))}`;
}

/** The panes with something in them, and as they teach what to do. */
function Panes() {
  const [empty, setEmpty] = useState(false);
  const nothingYet = { ...app, client: { ...app.client, ask: askNothing, uploads: { ...app.client.uploads, call: () => Promise.resolve({ files: [], more: false }) } } };
  return html`<div class="tabs" role="group" aria-label=${t('Panes')}>
      <button type="button" aria-pressed=${!empty} onClick=${() => setEmpty(false)}>filled</button>
      <button type="button" aria-pressed=${empty} onClick=${() => setEmpty(true)} data-empty>empty</button></div>
    <${App.Provider} value=${empty ? nothingYet : app}><div class="panes" key=${String(empty)}>
      <${Thread} state=${state} conversation=${conversation} root="m1" />
      <${Details} state=${state} conversation=${conversation} />
      <${FileList} state=${state} conversation=${conversation} />
      <${Search} state=${state} />
      <${Pins} state=${state} conversation=${conversation} />
      <${Threads} state=${state} />
      <${Mentions} state=${state} />
      <${Scheduled} state=${empty ? { ...state, scheduled: [] } : state} />
    </div><//>`;
}

function Live() {
  return html`<${App.Provider} value=${app}>
    <${Part} title=${t('List of conversations')}><div class="sample sidebar-sample"><${Sidebar} state=${state} /></div><//>
    <${Part} title=${t('Messages that arrived')}><ol class="sample list-sample">
      ${[...ARRIVED, ...RICHER].map((item) => html`<${Message} key=${item.id} item=${item} state=${state} onEdit=${nothing} />`)}
      ${HAPPENED.map((item) => html`<${EventLine} key=${item.id} item=${item} state=${state} />`)}
    </ol>
    <div class="sample padded"><${EditBox} item=${ARRIVED[0]} onDone=${nothing} /></div><//>
    <${Part} title=${t('Messages on their way')}><ol class="sample list-sample">
      ${UNSENT.map((entry) => html`<${Unsent} key=${entry.client_id} entry=${entry} online=${true} onEdit=${nothing} />`)}
    </ol><//>
    <${Part} title=${t('Messages that were stopped')}><ol class="sample list-sample">
      ${STOPPED.map((item) => html`<${Stopped} key=${item.id} item=${item} onEdit=${nothing} />`)}
    </ol><//>
    <${Part} title=${t('Where one writes')}>
      <div class="sample"><${Composer} state=${state} conversation=${conversation} onEditLast=${nothing} label=${t('Message…')} /></div>
      <div class="sample"><${App.Provider} value=${withFiles}><${Composer} state=${quoting} conversation=${conversation} onEditLast=${nothing} label=${t('Message…')} /><//></div>
      <div class="sample"><${Composer} state=${state} conversation=${state.conversations[CLOSED]} onEditLast=${nothing} label=${t('Message…')} /></div>
      ${TIPS.map((tip) => html`<${Tip} key=${tip.verdict} id=${`tip-${tip.verdict}`} tip=${tip} text="card 4111" write=${nothing} leave=${nothing} send=${nothing} wrong=${tip.verdict === 'warn'} setWrong=${nothing} />`)}
      <${Tip} id="tip-unreachable" tip=${{ unreachable: true }} />
      <div class="sample padded"><${EmojiPicker} onPick=${nothing} onClose=${nothing} /></div>
      <div class="row"><${Menu} label=${t('More actions')} items=${[{ label: t('Quote'), icon: 'quote', act: nothing }, { label: t('Favourite'), icon: 'star', checked: true, act: nothing }, { label: t('Delete'), icon: 'trash', danger: true, act: nothing }]} /></div>
    <//>
    <${Part} title=${t('What was found, and what went wrong')}>
      <${Notice} notice=${NOTICE} tone="warn" />
      <${Notice} notice=${NOTICE} tone="bad" icon="block" />
      <${Problem} error=${new Error(t('The server did not answer in time.'))} />
      <${Banner} state=${away(0)} />
      <${Banner} state=${away(3)} />
      <${Introduction} state=${state} />
      <${Skeleton} />
    <//>
    <${Part} title=${t('Panes')}><${Panes} /><//>
    <${Part} title=${t('Dialogs')}><${Dialogs} /><//>
    <${Part} title=${t('Shortcuts')}><${ShortcutTable} /><//>
  <//>`;
}

// Pictures of files that are not there are drawn by this page.
document.addEventListener('error', ({ target }) => {
  if (target instanceof HTMLImageElement && target.src !== PICTURE) target.src = PICTURE;
}, true);
render(html`<${Live} />`, document.getElementById('live'));
scrollTo(0, 0);
document.activeElement?.blur();
