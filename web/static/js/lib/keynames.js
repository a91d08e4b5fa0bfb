// What shortcuts are called: what they do, where they count, and what is written on their keys.

import { isMac, partsOf } from '../shortcuts.js';
import { t } from './words.js';

/** Where a shortcut counts, in the order in which help shows it. */
export const PLACES = {
  anywhere: t('Everywhere'),
  writing: t('While writing'),
  forms: t('Formatting'),
  messages: t('In the list of messages'),
};

/** What a shortcut does, by its id. */
export const WORDS = {
  switch: t('Go to a conversation'),
  previous: t('Previous conversation'),
  next: t('Next conversation'),
  previousUnread: t('Previous unread conversation'),
  nextUnread: t('Next unread conversation'),
  search: t('Search messages'),
  mentions: t('Mentions of me'),
  nextPart: t('Next part of the window'),
  previousPart: t('Previous part of the window'),
  close: t('Close the pane, or leave the box and keep the draft'),
  help: t('These shortcuts'),
  send: t('Send'),
  newline: t('New line'),
  editLast: t('Edit my last message, in an empty box'),
  replyLast: t('Reply to the last message, in an empty box'),
  upload: t('Attach a file'),
  bold: t('Bold'),
  italic: t('Italic'),
  strike: t('Strike through'),
  link: t('Link'),
  list: t('List'),
  numbers: t('Numbered list'),
  quote: t('Quotation'),
  code: t('Code'),
  codeblock: t('Block of code'),
  nextMessage: t('Next message'),
  previousMessage: t('Previous message'),
  reply: t('Reply in thread'),
  edit: t('Edit my message'),
  unread: t('Mark as unread from here on'),
  searchHere: t('Search messages'),
  helpHere: t('These shortcuts'),
};

const NAMES = {
  Alt: t('Alt'), ArrowDown: '↓', ArrowUp: '↑', Ctrl: t('Ctrl'), Enter: t('Enter'), Escape: t('Esc'), Shift: t('Shift'),
};
const ON_MAC = { Alt: '⌥', Mod: '⌘', Shift: '⇧' };

/** Return what is written on the keys of `Mod+K`, one by one. */
export function namesOf(key, mac = isMac()) {
  return partsOf(key).map((part) => (mac && ON_MAC[part]) || NAMES[part === 'Mod' ? 'Ctrl' : part] || part);
}
