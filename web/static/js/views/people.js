// Finding and picking people.

import { html, useApp, useEffect, useState } from '../lib/ui.js';
import { noticeWords, spoken, t } from '../lib/words.js';
import { IconButton } from './icons.js';
import { Problem } from './notice.js';
import { Skeleton } from './skeleton.js';

const IDLE_MS = 150;

/**
 * A search box whose results are picked one by one.
 * @param {{picked: object[], onChange: (people: object[]) => void, except?: string[], label?: string}} props
 */
export function PeoplePicker({ picked, onChange, except = [], label = t('People') }) {
  const { client } = useApp();
  const [query, setQuery] = useState('');
  const [found, setFound] = useState(null); // null until the first answer is there
  const [more, setMore] = useState(false);
  const [error, setError] = useState(null);
  useEffect(() => {
    let current = true;
    const timer = setTimeout(async () => {
      try {
        const answer = await client.ask('people', { query });
        if (current) setFound(answer.people);
        if (current) setMore(answer.more);
        setError(null);
      } catch (failure) {
        if (current) setError(failure);
      }
    }, IDLE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [query]);
  const taken = new Set([...except, ...picked.map((person) => person.id)]);
  const shown = (found ?? []).filter((person) => !taken.has(person.id));
  const pick = (person) => {
    onChange([...picked, person]);
    setQuery('');
  };
  const onKey = (event) => {
    if (event.isComposing) return;
    // With nobody left to look for, Enter goes on with those who are chosen.
    if (event.key === 'Enter' && (query.trim() || !picked.length)) {
      event.preventDefault();
      if (shown.length && query.trim()) pick(shown[0]);
    } else if (event.key === 'Backspace' && !query && picked.length) {
      onChange(picked.slice(0, -1));
    }
  };
  return html`<div class="people-picker">
    <label class="field"><span>${label}</span>
      <input value=${query} onInput=${(e) => setQuery(e.target.value)} onKeyDown=${onKey} placeholder=${t('Search by name')} autocomplete="off" spellcheck=${false} /></label>
    ${picked.length > 0 && html`<ul class="chips" aria-label=${t('Chosen')}>${picked.map((person) => html`<li key=${person.id}>${person.name}
      <${IconButton} icon="close" label=${t('Remove {name}', { name: person.name })} onClick=${() => onChange(picked.filter((each) => each !== person))} /></li>`)}</ul>`}
    <${Problem} error=${error} />
    ${!found && !error && html`<${Skeleton} />`}
    <ul class="results" aria-label=${t('Found people')}>
      ${shown.map((person) => html`<li key=${person.id}><button type="button" onClick=${() => pick(person)}>
        <strong>${person.name}</strong> <span class="soft">${person.username}</span>
        ${(person.segments ?? []).map(spoken).map((title) => html` <span class="badge" key=${title}>${title}</span>`)}
        ${person.external && html` <span class="badge warn">${t('outside')}</span>`}
        ${person.barred && html`<span class="hint barred">${noticeWords(person.barred).title}</span>`}</button></li>`)}
      ${found && !shown.length && html`<li class="hint">${query.trim() ? t('Nobody called “{name}” that you can reach.', { name: query.trim() }) : t('Nobody else to choose.')}</li>`}
      ${more && found && html`<li class="hint">${t('There are more. Type a part of the name.')}</li>`}
    </ul>
  </div>`;
}

/** Ask for people once one pauses; an answer that comes too late is dropped. */
export function usePeople(client, query) {
  const [found, setFound] = useState([]);
  useEffect(() => {
    if (!query.trim()) {
      setFound([]);
      return undefined;
    }
    let current = true;
    const timer = setTimeout(() => {
      client.ask('people', { query }).then(({ people }) => current && setFound(people), () => {});
    }, IDLE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [query]);
  return found;
}
