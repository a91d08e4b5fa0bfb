// Every shortcut of the chat, once: for the keys, for the help dialog and for the handbook. What they are
// called is in `lib/keynames.js`: no key waits for words.
//
// A key is written as `Mod+K`: `Mod` is Ctrl, and ⌘ on a Mac. Single keys count only where one is not
// writing, and can be turned off (WCAG 2.2, 2.1.4). What `send` and `newline` are the person chooses.

export const SHORTCUTS = [
  { id: 'switch', keys: ['Mod+K'], place: 'anywhere' },
  { id: 'previous', keys: ['Alt+ArrowUp'], place: 'anywhere' },
  { id: 'next', keys: ['Alt+ArrowDown'], place: 'anywhere' },
  { id: 'previousUnread', keys: ['Alt+Shift+ArrowUp'], place: 'anywhere' },
  { id: 'nextUnread', keys: ['Alt+Shift+ArrowDown'], place: 'anywhere' },
  { id: 'search', keys: ['Mod+Shift+F'], place: 'anywhere' },
  { id: 'mentions', keys: ['Mod+Shift+M'], place: 'anywhere' },
  { id: 'nextPart', keys: ['F6'], place: 'anywhere' },
  { id: 'previousPart', keys: ['Shift+F6'], place: 'anywhere' },
  { id: 'close', keys: ['Escape'], place: 'anywhere' },
  { id: 'help', keys: ['Mod+/'], place: 'anywhere' },
  { id: 'send', keys: ['Enter'], place: 'writing' },
  { id: 'newline', keys: ['Shift+Enter'], place: 'writing' },
  { id: 'editLast', keys: ['ArrowUp'], place: 'writing' },
  { id: 'replyLast', keys: ['Shift+ArrowUp'], place: 'writing' },
  { id: 'upload', keys: ['Mod+U'], place: 'writing' },
  { id: 'bold', keys: ['Mod+B'], place: 'forms' },
  { id: 'italic', keys: ['Mod+I'], place: 'forms' },
  { id: 'strike', keys: ['Mod+Shift+X'], place: 'forms' },
  { id: 'link', keys: ['Mod+Shift+L'], place: 'forms' },
  { id: 'list', keys: ['Mod+Shift+8'], place: 'forms' },
  { id: 'numbers', keys: ['Mod+Shift+1'], place: 'forms' },
  { id: 'quote', keys: ['Mod+Shift+9'], place: 'forms' },
  { id: 'code', keys: ['Mod+E'], place: 'forms' },
  { id: 'codeblock', keys: ['Mod+Shift+E'], place: 'forms' },
  { id: 'nextMessage', keys: ['J', 'ArrowDown'], place: 'messages' },
  { id: 'previousMessage', keys: ['K', 'ArrowUp'], place: 'messages' },
  { id: 'reply', keys: ['R'], place: 'messages' },
  { id: 'edit', keys: ['E'], place: 'messages' },
  { id: 'unread', keys: ['U'], place: 'messages' },
  { id: 'searchHere', keys: ['/'], place: 'messages' },
  { id: 'helpHere', keys: ['?'], place: 'messages' },
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
