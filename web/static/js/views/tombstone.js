// What stands where a message was.

import { html, useApp } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { GONE } from '../store/conversation.js';
import { Icon } from './icons.js';

export const isGone = (item) => GONE.has(item.state);

/** That there was a message, and who took it away: its sender, time, or company policy. */
export function Tombstone({ item }) {
  const { me, config } = useApp();
  if (item.state === 'expired') return html`<p class="tombstone"><${Icon} name="clock" />${t('Deleted under retention policy.')}</p>`;
  if (item.state === 'deleted') return html`<p class="tombstone"><${Icon} name="trash" />${t('This message was deleted.')}</p>`;
  return html`<p class="tombstone"><${Icon} name="shield" /><span>${item.sender === me.id
    ? t('Compliance removed your message under company policy. Nobody here sees it any more.')
    : t('Removed under company policy.')} <a href=${`${config.help}#removed`} target="_blank">${t('Learn more')}</a></span></p>`;
}
