// One file of a message that is being written: how far it is, and what can be done about it.

import { sizeOf } from '../../lib/sizes.js';
import { classes, html, useEffect, useState } from '../../lib/ui.js';
import { errorWords, t, tn } from '../../lib/words.js';
import { Icon, IconButton } from '../icons.js';

// What would be answered the same again.
const FINAL = new Set(['empty_file', 'file_too_large', 'files_off']);
const canRetry = (entry) => !FINAL.has(entry.error?.code);

export function Entry({ entry, attach }) {
  const failed = entry.state === 'failed';
  return html`<li class=${classes('tray-file', failed && 'failed')} data-state=${entry.state}>
    <${Sight} entry=${entry} />
    <div class="file-words"><bdi class="file-name" title=${entry.name}>${entry.name}</bdi>
      <span class="hint">${stateWords(entry)}</span>
      ${(entry.state === 'uploading' || entry.state === 'resting') && html`<progress max=${entry.size} value=${entry.received} aria-label=${t('Upload of {name}', { name: entry.name })}></progress>`}
    </div>
    ${failed && canRetry(entry) && html`<button type="button" class="button quiet" onClick=${() => attach.retry(entry.client_id)}>${t('Retry')}</button>`}
    <${IconButton} icon="close" label=${t('Remove {name}', { name: entry.name })} onClick=${() => attach.remove(entry.client_id)} />
  </li>`;
}

function stateWords(entry) {
  if (entry.state === 'failed') return errorWords(entry.error);
  if (entry.state === 'done') return sizeOf(entry.size);
  if (entry.state === 'resting') return t('Waiting for the connection…');
  if (entry.state === 'waiting') return t('Waiting…');
  return t('{part} of {whole}', { part: sizeOf(entry.received), whole: sizeOf(entry.size) });
}

/** The picture itself where it is one, from this device. */
function Sight({ entry }) {
  const [url, setUrl] = useState('');
  useEffect(() => {
    if (!/^image\/(png|jpeg|gif|webp)$/.test(entry.file?.type)) return undefined;
    const made = URL.createObjectURL(entry.file);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [entry.client_id]);
  return url ? html`<img class="file-sight" src=${url} alt="" onError=${() => setUrl('')} />` : html`<span class="file-sight"><${Icon} name="file" /></span>`;
}

/** What failed would be missing: one says so, and sends the rest or tries once more. */
export function Missing({ attach, send }) {
  const { failed } = attach;
  const without = () => {
    attach.giveUp();
    send();
  };
  return html`<div class="note warn" role="alert">
    <p><${Icon} name="warn" /> ${tn('{n} file was not uploaded, so your message was not sent.', '{n} files were not uploaded, so your message was not sent.', failed.length)}</p>
    <div class="row"><button type="button" class="button" onClick=${without}>${tn('Send without it', 'Send without them', failed.length)}</button>
      ${failed.some(canRetry) && html`<button type="button" class="button quiet" onClick=${() => failed.filter(canRetry).forEach((entry) => attach.retry(entry.client_id))}>${t('Retry')}</button>`}</div>
  </div>`;
}
