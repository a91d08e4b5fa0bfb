// For which message the desktop is told something, and with how much of it. Pure.

import { wordsOf } from '../lib/plain.js';
import { personOf, titleOf } from './select.js';

/**
 * Return what to tell of a message that just came in, or null.
 * @param {object} state
 * @param {object} item
 * @param {boolean} looking whether the person looks at this page now
 * @returns {{conversation: string, item: string, sender: string|null, title: string|null, text: string|null}|null}
 *   what is null the policy keeps from the desktop
 */
export function toldOf(state, item, looking) {
  const conversation = state.conversations[item.conversation];
  if (item.state === 'recalled' && conversation && item.sender === state.me.id) return recalledOf(state, item, conversation, looking);
  if (item.bare || item.type !== 'message' || item.version !== 1 || !conversation || item.sender === state.me.id) return null;
  if (looking && state.focus === conversation.id) return null;
  const mentioned = item.view.mentions?.includes(state.me.id) ?? false;
  if (conversation.settings.muted && !mentioned) return null;
  const wanted = { nothing: false, all: true }[state.preferences.notify] ?? (mentioned || conversation.kind === 'direct');
  if (!wanted) return null;
  const most = state.usage.notification_text ?? 'none';
  const named = most === 'full' || most === 'sender';
  return {
    conversation: conversation.id,
    item: item.id,
    sender: named ? personOf(state, item.sender).name : null,
    title: named && conversation.kind !== 'direct' ? titleOf(conversation, state.me.id) : null,
    text: most === 'full' ? wordsOf(item.view.tokens, state.people).slice(0, 200) : null,
  };
}

/** Their own message was removed: they are told wherever they are, and of the text nothing. */
function recalledOf(state, item, conversation, looking) {
  if (looking || state.preferences.notify === 'nothing') return null;
  return { conversation: conversation.id, item: item.id, removed: true, sender: null, title: null, text: null };
}
