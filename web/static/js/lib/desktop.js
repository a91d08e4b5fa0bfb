// Telling the desktop that something came in. Leave is asked for only on a click.

import { t } from './words.js';

/** Tell whether one could still say yes or no. */
export const canAsk = () => globalThis.Notification?.permission === 'default';

export const askLeave = () => Notification.requestPermission();

/** Show what came in; a click goes there. */
export function tell({ conversation, item, sender, title, text, removed = false }) {
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
