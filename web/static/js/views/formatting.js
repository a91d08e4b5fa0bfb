// The form of what one writes: a bar of forms, and what their keys do. The browser's own undo takes each back.

import { FORMS, formatted, hasForm } from '../lib/formatting.js';
import { namesOf, WORDS } from '../lib/keynames.js';
import { typed } from '../lib/typed.js';
import { classes, html, useEffect, useRef, useState } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { isMac, pressed, SHORTCUTS } from '../shortcuts.js';
import { Icon } from './icons.js';

/** Forms before which there is a little room: they belong to others. */
const APART = new Set(['link', 'list', 'code']);
/** Of more than this that is selected nobody is told which forms it has: it is looked through at each step of the caret. */
const LOOKED_THROUGH = 2_000;
const BUTTONS = FORMS.map((form) => ({ form, words: WORDS[form], ...SHORTCUTS.find(({ id }) => id === form) }));

/** Give what is selected in a box a form, or take it away; as if one had typed it. */
export function form(box, name) {
  const { from, to, put, selected } = formatted(box.value, box.selectionStart, box.selectionEnd, name);
  typed(box, put, from, to);
  box.setSelectionRange(...selected);
}

/** Do what a key means in a box; tell whether it means a form. */
export function onFormKey(event) {
  const name = pressed(event, 'forms');
  if (!FORMS.includes(name)) return false;
  event.preventDefault();
  form(event.currentTarget, name);
  return true;
}

/** @param {{box: {current: HTMLTextAreaElement}, id: string}} props `id` is that of the box */
export function Formatting({ box, id }) {
  const on = useForms(box);
  const [at, setAt] = useState(0);
  const bar = useRef(null);
  const onKey = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key] * (getComputedStyle(bar.current).direction === 'rtl' ? -1 : 1);
    const to = { Home: 0, End: FORMS.length - 1 }[event.key] ?? (step ? (at + step + FORMS.length) % FORMS.length : null);
    if (event.key === 'Escape') box.current.focus();
    else if (to === null) return;
    else bar.current.children[to].focus();
    event.preventDefault();
    event.stopPropagation();
  };
  return html`<div class="formatting" role="toolbar" aria-label=${t('Formatting')} aria-controls=${id} ref=${bar} onKeyDown=${onKey}>
    ${BUTTONS.map(({ form: name, words, keys: [key] }, i) => html`<button type="button" key=${name} class=${classes('icon-button', APART.has(name) && 'apart')} tabindex=${i === at ? 0 : -1}
      aria-pressed=${on.includes(name)} aria-label=${words} aria-keyshortcuts=${key.replace('Mod', isMac() ? 'Meta' : 'Control')} title=${`${words} (${namesOf(key).join(' ')})`}
      onFocus=${() => setAt(i)} onPointerDown=${(event) => event.preventDefault()} onClick=${() => form(box.current, name)}><${Icon} name=${name} /></button>`)}
  </div>`;
}

/** Return the forms of what is selected, as the caret moves. */
function useForms(box) {
  const [on, setOn] = useState([]);
  useEffect(() => {
    const look = () => {
      const { value, selectionStart, selectionEnd } = box.current;
      if (document.activeElement !== box.current) return;
      const found = selectionEnd - selectionStart > LOOKED_THROUGH ? [] : FORMS.filter((name) => hasForm(value, selectionStart, selectionEnd, name));
      setOn((held) => (held.join() === found.join() ? held : found));
    };
    look();
    document.addEventListener('selectionchange', look);
    return () => document.removeEventListener('selectionchange', look);
  }, []);
  return on;
}
