// Completion above the box where one writes: members after @, emoji after a colon.

import { begun, completed } from '../lib/completing.js';
import { typed } from '../lib/typed.js';
import { classes, html, later, useEffect, useRef, useState } from '../lib/ui.js';
import { t } from '../lib/words.js';

const finders = later(() => import('./candidates.js'));

/**
 * @param {{box: {current: HTMLTextAreaElement}, text: string, people: object[], id: string}} place
 * @returns {{list: any, onKey: (event: KeyboardEvent) => boolean, props: object}} what to show, whether a key was
 *   meant for it, and what the box says of it
 */
export function useCompletion({ box, text, people, id }) {
  const [at, setAt] = useState(0);
  const [closed, setClosed] = useState('');
  const [known, setKnown] = useState({}); // what finds candidates, by the sign, once it is loaded
  const caret = useRef(0);
  caret.current = document.activeElement === box.current ? box.current?.selectionStart ?? text.length : text.length;
  const place = begun(text, caret.current);
  const rows = place && closed !== text ? known[place.sign]?.(place.word, people) ?? [] : [];
  useEffect(() => setAt(0), [text]);
  useEffect(() => {
    if (!place || known[place.sign]) return;
    finders().then((found) => found.finderOf(place.sign)).then((find) => setKnown((held) => ({ ...held, [place.sign]: find })), () => {});
  }, [place?.sign]);

  const choose = (row) => {
    const { put, from, to } = completed(text, place, row.put);
    typed(box.current, put, from, to);
  };
  // :rocket: says which one it is.
  useEffect(() => void (rows.length && place.word.endsWith(':') && choose(rows[0])), [text, known]);
  const onKey = (event) => {
    if (!rows.length || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return false;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') setAt((at + (event.key === 'ArrowDown' ? 1 : -1) + rows.length) % rows.length);
    else if ((event.key === 'Enter' && !event.shiftKey) || event.key === 'Tab' || (event.key === ':' && place.sign === ':')) choose(rows[Math.min(at, rows.length - 1)]);
    else if (event.key === 'Escape') setClosed(text);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  const list = rows.length > 0 && html`<ul class="completion" id=${`${id}-list`} role="listbox" aria-label=${place.sign === '@' ? t('People here') : t('Emoji')}>
    ${rows.map((row, i) => html`<li key=${row.key} id=${`${id}-${i}`} role="option" aria-selected=${i === at} class=${classes('option', i === at && 'chosen')}
      onPointerDown=${(event) => { event.preventDefault(); choose(row); }}>${row.sign && html`<span class="sign">${row.sign}</span>`}<strong dir="auto">${row.name}</strong> <span class="soft">${row.also}</span>
      ${row.external && html`<span class="badge warn">${t('outside')}</span>`}</li>`)}
  </ul>`;
  const props = rows.length ? { 'aria-controls': `${id}-list`, 'aria-activedescendant': `${id}-${at}`, 'aria-autocomplete': 'list' } : {};
  return { list, onKey, props };
}
