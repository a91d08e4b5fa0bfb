// The parts of the chat in every state, made by the views that the chat itself uses.

import { App, html, render } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { initial, reduce } from '../store/reduce.js';
import { Composer } from '../views/composer.js';
import { EventLine, Message } from '../views/message.js';
import { Notice, Problem } from '../views/notice.js';
import { ShortcutTable } from '../views/shortcuts.js';
import { Sidebar } from '../views/sidebar.js';
import { Stopped } from '../views/stopped.js';
import { Unsent } from '../views/unsent.js';
import { ARRIVED, CLOSED, HAPPENED, HELLO, NOTICE, ROOM, STOPPED, UNSENT } from './samples.js';

const state = reduce(initial, HELLO);
const never = () => new Promise(() => {});
const nothing = () => {};
const app = {
  me: state.me,
  config: { sessions: '#', signout: '#', console: '#', preferences: '#', help: '#', csrf: '' },
  drafts: { get: () => "", set: nothing, onReplaced: () => nothing },
  client: { store: { get: () => state, dispatch: nothing }, ask: never, command: never, send: nothing, typing: nothing, dismiss: nothing, queue: { retry: nothing, discard: nothing, hold: nothing },
    uploads: { listen: () => nothing, in: () => [], room: () => 10 } },
  enter: nothing, back: nothing, openThread: nothing, showDetails: nothing, closePane: nothing, showDialog: nothing,
};

function Part({ title, children }) {
  return html`<section class="stack" aria-label=${title}><h2>${title}</h2>${children}</section>`;
}

function Live() {
  return html`<${App.Provider} value=${app}>
    <${Part} title=${t('List of conversations')}><div class="sample sidebar-sample"><${Sidebar} state=${state} filter="" onFilter=${nothing} /></div><//>
    <${Part} title=${t('Messages that arrived')}><ol class="sample list-sample">
      ${ARRIVED.map((item) => html`<${Message} key=${item.id} item=${item} state=${state} onEdit=${nothing} />`)}
      ${HAPPENED.map((item) => html`<${EventLine} key=${item.id} item=${item} state=${state} />`)}
    </ol><//>
    <${Part} title=${t('Messages on their way')}><ol class="sample list-sample">
      ${UNSENT.map((entry) => html`<${Unsent} key=${entry.client_id} entry=${entry} online=${true} onEdit=${nothing} />`)}
    </ol><//>
    <${Part} title=${t('Messages that were stopped')}><ol class="sample list-sample">
      ${STOPPED.map((item) => html`<${Stopped} key=${item.id} item=${item} onEdit=${nothing} />`)}
    </ol><//>
    <${Part} title=${t('Where one writes')}>
      <${Composer} state=${state} conversation=${state.conversations[ROOM]} onEditLast=${nothing} label=${t('Message…')} />
      <${Composer} state=${state} conversation=${state.conversations[CLOSED]} onEditLast=${nothing} label=${t('Message…')} />
    <//>
    <${Part} title=${t('What was found, and what went wrong')}>
      <${Notice} notice=${NOTICE} tone="warn" />
      <${Notice} notice=${NOTICE} tone="bad" icon="block" />
      <${Problem} error=${new Error(t('The server did not answer in time.'))} />
    <//>
    <${Part} title=${t('Shortcuts')}><${ShortcutTable} /><//>
  <//>`;
}

render(html`<${Live} />`, document.getElementById('live'));
scrollTo(0, 0);
document.activeElement?.blur();
