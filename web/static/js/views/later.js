// Saying something later: the menu beside Send, and what waits.

import { dayName, timeOf } from '../lib/time.js';
import { html, useApp } from '../lib/ui.js';
import { t, tn } from '../lib/words.js';
import { Icon } from './icons.js';
import { Menu } from './menu.js';

const MORNINGS = [(time) => t('Tomorrow at {time}', { time }), (time) => t('Monday at {time}', { time })];

/** @param {string} at RFC 3339 */
export const momentOf = (at) => t('{day} at {time}', { day: dayName(at), time: timeOf(at) });

/**
 * @param {{ready: boolean, schedule: (at: Date) => void, own: () => void}} props
 *   `ready` tells whether there is something that can be said later
 */
export function LaterMenu({ ready, schedule, own }) {
  const { showPane } = useApp();
  const choices = ready ? [
    ...mornings(new Date()).map((at, i) => ({ label: MORNINGS[i](timeOf(at.toISOString())), icon: 'clock', act: () => schedule(at) })),
    { label: t('Another time…'), icon: 'calendar', act: own },
  ] : [];
  return html`<${Menu} label=${t('Send later')} icon="clock" up items=${[...choices, { label: t('Scheduled messages'), icon: 'list', act: () => showPane('scheduled') }]} />`;
}

/** Return nine o'clock of tomorrow, and of next Monday where that is another day. */
export function mornings(now) {
  const morning = (days) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, 9);
  const toMonday = ((8 - now.getDay()) % 7) || 7;
  return toMonday === 1 ? [morning(1)] : [morning(1), morning(toMonday)];
}

/** That something of one's own waits to be said here. */
export function Waiting({ entries }) {
  const { showPane } = useApp();
  const [next] = entries;
  return html`<p class="hint later"><${Icon} name="clock" />
    <span>${tn('{n} message is sent later, {moment}. It is checked when it goes.', '{n} messages are sent later, the next one {moment}. Each is checked when it goes.', entries.length, { moment: momentOf(next.at) })}</span>
    <button type="button" class="button quiet" onClick=${() => showPane('scheduled')}>${t('Show')}</button></p>`;
}
