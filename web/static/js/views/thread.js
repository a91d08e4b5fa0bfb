// One thread, in a pane beside the conversation.

import { html, useApp, useEffect, useState, useTask } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { titleOf } from '../store/select.js';
import { Composer } from './composer.js';
import { MessageList } from './list.js';
import { Problem } from './notice.js';
import { Pane } from './pane.js';

export function Thread({ state, conversation, root }) {
  const { client } = useApp();
  const [editing, setEditing] = useState(null);
  const { error, run } = useTask();
  useEffect(() => void run(() => client.thread(conversation.id, root)), [conversation.id, root, conversation.epoch]);
  return html`<${Pane} title=${t('Thread')} hint=${titleOf(conversation, state.me.id)} close=${t('Close thread')}>
    <${Problem} error=${error} />
    <${MessageList} state=${state} conversation=${conversation} root=${root} editing=${editing} onEdit=${setEditing} label=${t('Messages in this thread')} />
    <${Composer} state=${state} conversation=${conversation} root=${root} onEditLast=${setEditing} label=${t('Reply')} />
  <//>`;
}
