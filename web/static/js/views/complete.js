// Completion above the box where one writes: members after @, emoji after a colon.

import { begun, completed, hasCode } from '../lib/completing.js';
import { typed } from '../lib/typed.js';
import { html, later, lazy, useEffect, useRef, useState } from '../lib/ui.js';

export const finders = later(() => import('./candidates.js'));
const Candidates = lazy(finders, 'Candidates');
const known = {}; // what finds candidates, by the sign, once it is loaded

/**
 * @param {{box: {current: HTMLTextAreaElement}, text: string, people: object[], id: string}} place
 * @returns {{list: any, onKey: (event: KeyboardEvent) => boolean, props: object, early: (text: string) => boolean}}
 *   what to show, whether a key was meant for it, what the box says of it, and whether a code was typed before
 *   the list of emoji was there
 */
export function useCompletion({ box, text, people, id }) {
  const [at, setAt] = useState(0);
  const [closed, setClosed] = useState('');
  const [, came] = useState(null);
  const late = useRef(false);
  const caret = useRef(0);
  caret.current = document.activeElement === box.current ? box.current?.selectionStart ?? text.length : text.length;
  const early = (text) => hasCode(text) && (late.current || !known[':']);
  late.current = early(text);
  const place = begun(text, caret.current);
  const rows = place && closed !== text ? known[place.sign]?.(place.word, people) ?? [] : [];
  useEffect(() => setAt(0), [text]);
  useEffect(() => {
    if (!place || known[place.sign]) return;
    finders().then((found) => found.finderOf(place.sign)).then((find) => {
      known[place.sign] = find;
      came(place);
    }, () => {});
  }, [place?.sign]);

  const choose = (row) => {
    const { put, from, to } = completed(text, place, row.put);
    typed(box.current, put, from, to);
  };
  // :rocket: says which one it is.
  useEffect(() => void (rows.length && place.word.endsWith(':') && choose(rows[0])), [text, known[':']]);
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
  const list = rows.length > 0 && html`<${Candidates} rows=${rows} at=${at} id=${id} sign=${place.sign} choose=${choose} />`;
  const props = rows.length ? { 'aria-controls': `${id}-list`, 'aria-activedescendant': `${id}-${at}`, 'aria-autocomplete': 'list' } : {};
  return { list, onKey, props, early };
}
