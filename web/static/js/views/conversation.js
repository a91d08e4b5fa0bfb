// One conversation: who is in it, what was said, and where one writes.

import { html, lazy, useApp, useEffect, useState } from '../lib/ui.js';
import { t, tn } from '../lib/words.js';
import { isChannel, others, personOf, titleOf } from '../store/select.js';
import { Composer } from './composer.js';
import { Icon, IconButton } from './icons.js';
import { MessageList } from './list.js';

const Arrange = lazy(() => import('./arrange.js'), 'Arrange', html`<span class="icon-button"></span>`);

export function Conversation({ state, conversation }) {
  const { back, showPane, me } = useApp();
  const [editing, setEditing] = useState(null);
  useEffect(() => setEditing(null), [conversation.id]);
  const title = titleOf(conversation, me.id);
  return html`<section class="conversation" aria-label=${title}>
    <header class="heading">
      <${IconButton} icon="back" label=${t('All conversations')} class="icon-button only-narrow" onClick=${back} />
      <div class="names">
        <h1><${KindIcon} conversation=${conversation} /><span dir="auto">${title}</span></h1>
        <p class="hint" dir="auto">${conversation.topic || html`<${MembersLine} conversation=${conversation} me=${me.id} state=${state} />`}</p>
      </div>
      <button type="button" class="button quiet" aria-label=${t('Who can read this?')} onClick=${() => showPane('details')}><${Icon} name="eye" /><span class="wide-only">${t('Who can read this?')}</span></button>
      <${Arrange} conversation=${conversation} />
    </header>
    <${MessageList} state=${state} conversation=${conversation} editing=${editing} onEdit=${setEditing} label=${t('Messages in {title}', { title })} />
    <${Typing} state=${state} conversation=${conversation} />
    <${Composer} state=${state} conversation=${conversation} onEditLast=${setEditing} label=${t('Message {title}', { title })} />
  </section>`;
}

/** What kind of conversation it is; nothing yet is one with a person. */
export function KindIcon({ conversation }) {
  return html`<${Icon} name=${{ public: 'hash', private: 'lock', group: 'people' }[conversation?.kind] ?? 'person'} />`;
}

/** How many they are, which leads to who they are; of one person, whether they are here. */
function MembersLine({ conversation, me, state }) {
  const { showPane } = useApp();
  const count = conversation.members.length;
  if (conversation.kind !== 'direct') {
    return html`<button type="button" class="name" onClick=${() => showPane('details')}>${isChannel(conversation) ? tn('{n} member', '{n} members', count) : tn('{n} person', '{n} people', count)}</button>`;
  }
  const other = others(conversation, me)[0];
  if (!other) return t('Account no longer active');
  const here = state.online.includes(other.id) ? t('Here now') : t('Not here now');
  return other.external ? `${here} · ${t('from outside the firm')}` : here;
}

function Typing({ state, conversation }) {
  const names = Object.keys(conversation.typing).map((id) => personOf(state, id).name);
  return html`<p class="typing hint">${writing(names)}</p>`;
}

function writing([one, other, ...more]) {
  if (more.length) return t('Several people are writing…');
  if (other) return t('{one} and {other} are writing…', { one, other });
  return one ? t('{one} is writing…', { one }) : '';
}
