// The files of a conversation, newest first, in a pane.

import { dayName } from '../../lib/time.js';
import { html, useApp, useEffect, useState, useTask } from '../../lib/ui.js';
import { t } from '../../lib/words.js';
import { personOf } from '../../store/select.js';
import { Icon } from '../icons.js';
import { Problem } from '../notice.js';
import { Pane } from '../pane.js';
import { Skeleton } from '../skeleton.js';
import { Card } from './files.js';

export function FileList({ state, conversation }) {
  const { client, goTo } = useApp();
  const [files, setFiles] = useState(null);
  const [more, setMore] = useState(false);
  const { busy, error, run } = useTask();
  const load = (before) => run(async () => {
    const rest = before === null ? '' : `?before=${before}`;
    const answer = await client.uploads.call('GET', `/api/conversations/${conversation.id}/files${rest}`);
    client.store.dispatch({ type: 'people', people: answer.former });
    setFiles((held) => [...(before === null ? [] : held), ...answer.files]);
    setMore(answer.more);
  });
  useEffect(() => void load(null), [conversation.id, conversation.cseq]);
  return html`<${Pane} title=${t('Files')} close=${t('Close files')}>
    <div class="file-list">
      <${Problem} error=${error} />
      ${!files && !error && html`<${Skeleton} />`}
      ${files?.length === 0 && html`<div class="empty"><${Icon} name="file" /><p>${t('No files were sent here yet.')}</p></div>`}
      ${files?.length > 0 && html`<ul>${files.map((file) => html`<li key=${file.id}>
        <${Card} file=${{ ...file, excerpt: '' }}><span class="hint">${personOf(state, file.sender).name} · ${dayName(file.at)}</span><//>
        <button type="button" class="button quiet" onClick=${() => goTo(conversation.id, { item: file.item })}>${t('Show in conversation')}</button>
      </li>`)}</ul>`}
      ${more && html`<button type="button" class="button" disabled=${busy} onClick=${() => load(files.at(-1).cseq)}>${t('Older files')}</button>`}
    </div>
  <//>`;
}
