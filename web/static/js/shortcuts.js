// Every shortcut of the chat, once: for the keys, for the help dialog and for the handbook.
//
// A key is written as `Mod+K`: `Mod` is Ctrl, and ⌘ on a Mac. Single keys count only where one is not
// writing, and can be turned off (WCAG 2.2, 2.1.4). What `send` and `newline` are the person chooses.

import { t } from './lib/words.js';

export const SHORTCUTS = [
  { id: 'switch', keys: ['Mod+K'], place: 'anywhere', words: t('Go to a conversation') },
  { id: 'previous', keys: ['Alt+ArrowUp'], place: 'anywhere', words: t('Previous conversation') },
  { id: 'next', keys: ['Alt+ArrowDown'], place: 'anywhere', words: t('Next conversation') },
  { id: 'previousUnread', keys: ['Alt+Shift+ArrowUp'], place: 'anywhere', words: t('Previous unread conversation') },
  { id: 'nextUnread', keys: ['Alt+Shift+ArrowDown'], place: 'anywhere', words: t('Next unread conversation') },
  { id: 'search', keys: ['Mod+Shift+F'], place: 'anywhere', words: t('Search messages') },
  { id: 'mentions', keys: ['Mod+Shift+M'], place: 'anywhere', words: t('Mentions of me') },
  { id: 'nextPart', keys: ['F6'], place: 'anywhere', words: t('Next part of the window') },
  { id: 'previousPart', keys: ['Shift+F6'], place: 'anywhere', words: t('Previous part of the window') },
  { id: 'close', keys: ['Escape'], place: 'anywhere', words: t('Close the pane, or leave the box and keep the draft') },
  { id: 'help', keys: ['Mod+/'], place: 'anywhere', words: t('These shortcuts') },
  { id: 'send', keys: ['Enter'], place: 'writing', words: t('Send') },
  { id: 'newline', keys: ['Shift+Enter'], place: 'writing', words: t('New line') },
  { id: 'editLast', keys: ['ArrowUp'], place: 'writing', words: t('Edit my last message, in an empty box') },
  { id: 'replyLast', keys: ['Shift+ArrowUp'], place: 'writing', words: t('Reply to the last message, in an empty box') },
  { id: 'upload', keys: ['Mod+U'], place: 'writing', words: t('Attach a file') },
  { id: 'bold', keys: ['Mod+B'], place: 'forms', words: t('Bold') },
  { id: 'italic', keys: ['Mod+I'], place: 'forms', words: t('Italic') },
  { id: 'strike', keys: ['Mod+Shift+X'], place: 'forms', words: t('Strike through') },
  { id: 'link', keys: ['Mod+Shift+L'], place: 'forms', words: t('Link') },
  { id: 'list', keys: ['Mod+Shift+8'], place: 'forms', words: t('List') },
  { id: 'numbers', keys: ['Mod+Shift+1'], place: 'forms', words: t('Numbered list') },
  { id: 'quote', keys: ['Mod+Shift+9'], place: 'forms', words: t('Quotation') },
  { id: 'code', keys: ['Mod+E'], place: 'forms', words: t('Code') },
  { id: 'codeblock', keys: ['Mod+Shift+E'], place: 'forms', words: t('Block of code') },
  { id: 'nextMessage', keys: ['J', 'ArrowDown'], place: 'messages', words: t('Next message') },
  { id: 'previousMessage', keys: ['K', 'ArrowUp'], place: 'messages', words: t('Previous message') },
  { id: 'reply', keys: ['R'], place: 'messages', words: t('Reply in thread') },
  { id: 'edit', keys: ['E'], place: 'messages', words: t('Edit my message') },
  { id: 'unread', keys: ['U'], place: 'messages', words: t('Mark as unread from here on') },
  { id: 'searchHere', keys: ['/'], place: 'messages', words: t('Search messages') },
  { id: 'helpHere', keys: ['?'], place: 'messages', words: t('These shortcuts') },
];

const SWAPPED = { send: ['Mod+Enter'], newline: ['Enter'] };

/** Tell whether this is a Mac, whose ⌘ stands for Ctrl. */
export const isMac = (platform = globalThis.navigator?.platform ?? '') => /^(Mac|iP)/.test(platform);

/** Return the keys of a shortcut as this person has chosen them. */
export const keysOf = ({ id, keys }, preferences = {}) => (preferences.send_with === 'ctrl_enter' ? SWAPPED[id] : null) ?? keys;

/**
 * Return the id of the shortcut that was pressed, or null.
 * @param {KeyboardEvent} event
 * @param {'anywhere'|'writing'|'forms'|'messages'} place where the focus is
 * @param {{send_with?: string, single_keys?: boolean}} preferences
 */
export function pressed(event, place, preferences = {}, mac = isMac()) {
  // While an input method composes, keys belong to it.
  if (event.isComposing || event.keyCode === 229) return null;
  const found = SHORTCUTS.find((shortcut) => (shortcut.place === place || shortcut.place === 'anywhere')
    && keysOf(shortcut, preferences).some((key) => isPressed(event, key, mac)
      && (preferences.single_keys !== false || !isSingle(key))));
  return found?.id ?? null;
}

/** Tell whether a key is one character without Ctrl or Alt. */
export const isSingle = (key) => key.length === 1;

function isPressed(event, key, mac) {
  const parts = partsOf(key);
  const last = parts.at(-1);
  const mod = mac ? event.metaKey : event.ctrlKey;
  const other = mac ? event.ctrlKey : event.metaKey;
  if (other || mod !== parts.includes('Mod') || event.altKey !== parts.includes('Alt')) return false;
  // How ? and / are typed depends on the keyboard; of letters, digits and arrows Shift makes others.
  const sign = last.length === 1 && !/[A-Z\d]/.test(last);
  if (!sign && event.shiftKey !== parts.includes('Shift')) return false;
  return event.key.toUpperCase() === last.toUpperCase() || event.code === `Digit${last}` || (!isLatin(event.key) && event.code === `Key${last}`);
}

const isLatin = (key) => /^[ -~]+$/.test(key);
/** Return the parts of `Mod+K`. */
export const partsOf = (key) => (key === '+' ? ['+'] : key.split('+'));
