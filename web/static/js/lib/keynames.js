// What shortcuts are called: where they count, and what is written on their keys.

import { isMac, partsOf } from '../shortcuts.js';
import { t } from './words.js';

/** Where a shortcut counts, in the order in which help shows it. */
export const PLACES = {
  anywhere: t('Everywhere'),
  writing: t('While writing'),
  forms: t('Formatting'),
  messages: t('In the list of messages'),
};

const NAMES = {
  Alt: t('Alt'), ArrowDown: '↓', ArrowUp: '↑', Ctrl: t('Ctrl'), Enter: t('Enter'), Escape: t('Esc'), Shift: t('Shift'),
};
const ON_MAC = { Alt: '⌥', Mod: '⌘', Shift: '⇧' };

/** Return what is written on the keys of `Mod+K`, one by one. */
export function namesOf(key, mac = isMac()) {
  return partsOf(key).map((part) => (mac && ON_MAC[part]) || NAMES[part === 'Mod' ? 'Ctrl' : part] || part);
}
