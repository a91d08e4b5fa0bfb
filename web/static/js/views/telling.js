// Telling the desktop that something came in.

import { t } from '../lib/words.js';
import { toldOf } from '../store/notify.js';

/** Tell of an item, if it is one to tell of; `looking` says whether one looks at the page. */
export function tellOf(state, item, looking) {
  const told = toldOf(state, item, looking);
  if (told) tell(told);
}

/** Show what came in; a click goes there. */
function tell({ conversation, item, sender, title, text, removed = false }) {
  if (globalThis.Notification?.permission !== 'granted') return;
  const words = removed ? t('Compliance removed a message of yours') : sender ? (title ? t('{name} in {title}', { name: sender, title }) : sender) : t('New message');
  // One for each conversation: the newest takes the place of the one before.
  const shown = new Notification(words, { body: text ?? '', tag: conversation });
  shown.onclick = () => {
    focus();
    location.hash = `${conversation}/${item}`;
    shown.close();
  };
}
