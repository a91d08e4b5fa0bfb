// Going somewhere by typing a part of its name: conversations first, then people one can begin with.

import { matches } from '../lib/fuzzy.js';
import { classes, html, useApp, useEffect, useRef, useState, useTask } from '../lib/ui.js';
import { noticeWords, t } from '../lib/words.js';
import { others, titled } from '../store/select.js';
import { KindIcon } from './conversation.js';
import { Dialog } from './dialog.js';
import { Problem } from './notice.js';
import { usePeople } from './people.js';

const SHOWN = 12;

export function Switcher({ state, onClose }) {
  const { client, enter, me } = useApp();
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const found = usePeople(client, query);
  const { busy, error, run, clear } = useTask();
  const rows = rowsFor(state, query, found, me.id);
  const list = useRef(null);
  const chosen = Math.min(at, rows.length - 1);
  useEffect(() => list.current?.children[chosen]?.scrollIntoView({ block: 'nearest' }), [chosen]);

  const go = (row) => run(async () => {
    const id = row.conversation?.id ?? (await client.command('open', { kind: 'direct', people: [row.person.id] })).conversation;
    onClose();
    enter(id);
  });
  const onKey = (event) => {
    if (event.isComposing) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (rows.length) setAt((chosen + (event.key === 'ArrowDown' ? 1 : -1) + rows.length) % rows.length);
    } else if (event.key === 'Enter' && rows[chosen] && !busy) {
      event.preventDefault();
      go(rows[chosen]);
    }
  };
  return html`<${Dialog} title=${t('Go to')} kind="switcher" onClose=${onClose}>
    <input class="switch" role="combobox" aria-label=${t('Conversation or person')} aria-expanded="true" aria-controls="switch-list" aria-autocomplete="list"
      aria-activedescendant=${rows.length ? `switch-${chosen}` : undefined} placeholder=${t('Conversation or person')} value=${query} autofocus
      onInput=${(e) => { setQuery(e.target.value); setAt(0); clear(); }} onKeyDown=${onKey} autocomplete="off" spellcheck=${false} />
    <${Problem} error=${error} />
    <ul id="switch-list" role="listbox" aria-label=${t('Found')} class="results tall" ref=${list}>
      ${rows.map((row, i) => html`<li key=${row.key} id=${`switch-${i}`} role="option" aria-selected=${i === chosen} class=${classes('option', i === chosen && 'chosen')}
          onClick=${() => go(row)} onPointerMove=${() => setAt(i)}>
        <${KindIcon} conversation=${row.conversation} />
        <span class="title" dir="auto"><${Marked} parts=${row.parts} /></span>
        ${row.person && html`<span class="soft">${row.person.username}</span>`}
        ${(row.person?.external || row.outside) && html`<span class="badge warn">${t('outside')}</span>`}
        ${row.conversation?.unread > 0 && html`<span class="count">${row.conversation.unread}</span>`}
        ${row.person && (row.person.barred
          ? html`<span class="hint barred">${noticeWords(row.person.barred).title}</span>`
          : html`<span class="hint">${t('start a conversation')}</span>`)}
      </li>`)}
    </ul>
    ${!rows.length && html`<p class="hint" role="status">${t('Nothing of this name that you can reach.')}</p>`}
  <//>`;
}

function Marked({ parts }) {
  return parts.map(({ text, hit }) => (hit ? html`<mark>${text}</mark>` : text));
}

/** Without a word: what asks to be read, then what is newest to the eye; with one: what fits best. */
function rowsFor(state, query, found, me) {
  const known = new Set();
  const rows = [];
  for (const { conversation, title } of titled(state, true)) {
    const hit = matches(title, query);
    if (!hit) continue;
    const alone = conversation.kind === 'direct' ? others(conversation, me)[0] : null;
    if (alone) known.add(alone.id);
    rows.push({ key: conversation.id, conversation, parts: hit.parts, score: hit.score + (conversation.unread ? 2 : 0), outside: alone?.external });
  }
  for (const person of query.trim() ? found : []) {
    const hit = matches(person.name, query) ?? { parts: [{ text: person.name, hit: false }], score: 0 };
    if (!known.has(person.id)) rows.push({ key: person.id, person, parts: hit.parts, score: hit.score - 1 });
  }
  return rows.sort((a, b) => b.score - a.score).slice(0, SHOWN);
}
