// That Compliance removed messages of one's own: said wherever one is, until one went there or put it away.

import { html, useApp } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { titleOf } from '../store/select.js';
import { Icon } from './icons.js';

export function Removed({ conversations }) {
  const { client, goTo, me } = useApp();
  return html`<div role="alert">${conversations.flatMap((conversation) => conversation.recalled.map((item) => {
    const seen = () => client.store.dispatch({ type: 'recalled_seen', id: conversation.id, item });
    const go = () => {
      seen();
      goTo(conversation.id, { item }).catch(() => {});
    };
    return html`<p class="banner warn" key=${item}><span><${Icon} name="shield" /> ${t('Compliance removed your message in {conversation} under company policy.', { conversation: titleOf(conversation, me.id) })}</span>
      <button type="button" class="button quiet" onClick=${go}>${t('Go to message')}</button>
      <button type="button" class="button quiet" onClick=${seen}>${t('Close')}</button></p>`;
  }))}</div>`;
}
