// What one does with a conversation for oneself.

import { html, useApp } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { isChannel } from '../store/select.js';
import { Menu } from './menu.js';

/** How one arranged this conversation for oneself; nobody else learns of it. */
export function Arrange({ conversation }) {
  const { client, back, showDialog, showPane } = useApp();
  const { favourite = false, muted = false } = conversation.settings;
  const arrange = (settings) => client.arrange(conversation.id, settings).catch(() => {});
  const items = [
    { label: t('Favourite'), icon: 'star', checked: favourite, act: () => arrange({ favourite: !favourite }) },
    { label: t('Mute'), icon: 'mute', checked: muted, act: () => arrange({ muted: !muted }) },
    { label: t('Pinned messages'), icon: 'pin', act: () => showPane('pins') },
    { label: t('Files'), icon: 'file', act: () => showPane('files') },
    { label: t('Jump to a date'), icon: 'calendar', act: () => showDialog('dates') },
    { label: t('Members and settings'), icon: 'people', act: () => showPane('details') },
    { label: t('Mark as unread'), icon: 'unread', act: () => client.unread(conversation.id).catch(() => {}) },
  ];
  if (!isChannel(conversation)) {
    items.push({ label: t('Hide until something new is said'), icon: 'hide', act: () => arrange({ hidden: true }).then(back) });
  }
  return html`<${Menu} label=${t('More about this conversation')} items=${items} />`;
}
