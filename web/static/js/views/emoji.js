// Choosing an emoji: by sight, by group or by a word; arrows move in the grid.

import { findEmoji, loadEmoji } from '../lib/emoji.js';
import { nameOf, QUICK } from '../lib/reactions.js';
import { html, useEffect, useMemo, useRef, useState } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { Problem } from './notice.js';

const GROUPS = [
  [0, '😀', t('Smileys')], [1, '👋', t('People')], [3, '🐾', t('Animals and nature')], [4, '🍏', t('Food and drink')],
  [5, '✈️', t('Travel and places')], [6, '⚽', t('Activities')], [7, '💡', t('Objects')], [8, '🔣', t('Symbols')], [9, '🏁', t('Flags')],
];

/** @param {{onPick: (emoji: {alias: string, sign: string}) => void, onClose: () => void}} props */
export function EmojiPicker({ onPick, onClose }) {
  const [known, setKnown] = useState(null);
  const [error, setError] = useState(null);
  const [query, setQuery] = useState('');
  const [group, setGroup] = useState(null);
  const grid = useRef(null);
  useEffect(() => void loadEmoji().then(setKnown, () => setError(new Error(t('The list of emoji could not be loaded. Try again.')))), []);
  const shown = useMemo(() => rowsFor(known, query, group), [known, query, group]);
  const onKey = (event) => {
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      onClose();
    } else if (event.target.tagName === 'INPUT') {
      if (event.key === 'ArrowDown') {
        event.preventDefault();
        grid.current.querySelector('button')?.focus();
      } else if (event.key === 'Enter' && shown[0]) {
        event.preventDefault();
        onPick(shown[0]);
      }
    } else {
      step(event, grid.current);
    }
  };
  return html`<div class="emoji" role="group" aria-label=${t('Choose an emoji')} onKeyDown=${onKey}>
    <input type="search" aria-label=${t('Find an emoji')} placeholder=${t('Find an emoji')} value=${query} onInput=${(e) => setQuery(e.target.value)} autocomplete="off" ref=${(box) => box && !known && box.focus()} />
    <${Problem} error=${error} />
    <div class="emoji-groups" role="group" aria-label=${t('Groups')}>${GROUPS.map(([number, sign, name]) => html`<button type="button" key=${number} aria-pressed=${group === number}
      aria-label=${name} title=${name} onClick=${() => { setQuery(''); setGroup(group === number ? null : number); }}>${sign}</button>`)}</div>
    <div class="emoji-grid" ref=${grid}>
      ${shown.map((each, i) => html`<button type="button" key=${each.alias} tabindex=${i ? -1 : 0} aria-label=${each.name} title=${each.name} onClick=${() => onPick(each)}>${each.sign}</button>`)}
    </div>
    ${known && !shown.length && html`<p class="hint" role="status">${t('No emoji goes by this word.')}</p>`}
  </div>`;
}

function rowsFor(known, query, group) {
  // What is asked for is found once all are there: Enter must not choose another one before.
  if (!known) return query.trim() ? [] : Object.entries(QUICK).map(([alias, sign]) => ({ alias, sign, name: nameOf(alias) }));
  if (query.trim()) return findEmoji(known, query);
  if (group !== null) return known.all.filter((each) => each.group === group);
  const quick = Object.keys(QUICK).map((alias) => known.byAlias.get(alias)).filter(Boolean);
  return [...quick, ...known.all.filter((each) => each.group === 0 && !(each.alias in QUICK)).slice(0, 56)];
}

/** Arrows go through the grid as it is laid out. */
function step(event, grid) {
  const buttons = [...grid.children];
  const at = buttons.indexOf(document.activeElement);
  if (at < 0) return;
  const columns = buttons.filter((each) => each.offsetTop === buttons[0].offsetTop).length;
  const forward = getComputedStyle(grid).direction === 'rtl' ? -1 : 1;
  const by = { ArrowRight: forward, ArrowLeft: -forward, ArrowDown: columns, ArrowUp: -columns }[event.key];
  if (!by) return;
  event.preventDefault();
  event.stopPropagation();
  buttons[Math.min(buttons.length - 1, Math.max(0, at + by))].focus();
}
