// The files of a message that is being written: how far each is, and what can be done about it.

import { sizeOf } from '../../lib/sizes.js';
import { classes, html, useEffect, useState } from '../../lib/ui.js';
import { errorWords, t, tn } from '../../lib/words.js';
import { Icon, IconButton } from '../icons.js';
import { Sight } from './sight.js';

// What would be answered the same again.
const FINAL = new Set(['empty_file', 'file_too_large', 'files_off']);
const canRetry = (entry) => !FINAL.has(entry.error?.code);

/** The files that go with the next message. */
export function Tray({ attach }) {
  const { entries, box, place, tooMany } = attach;
  const [over, setOver] = useState(false);
  useEffect(() => dropInto(place.current, attach.add, setOver), [box]);
  return html`<div class="tray-place">
    ${over && html`<p class="drop-here"><${Icon} name="attach" />${t('Drop files to add them to your message')}</p>`}
    ${entries.length > 0 && html`<ul class="tray" aria-label=${t('Files of your message')}>
      ${entries.map((entry) => html`<${Entry} key=${entry.client_id} entry=${entry} attach=${attach} />`)}
    </ul>`}
    ${tooMany && html`<p class="hint over" role="alert">${t('A message carries at most 10 files; the rest was left out.')}</p>`}
    <p class="hidden" role="status">${attach.busy ? tn('{n} file is being uploaded.', '{n} files are being uploaded.', entries.filter((e) => e.state !== 'done' && e.state !== 'failed').length) : ''}</p>
  </div>`;
}

function Entry({ entry, attach }) {
  const failed = entry.state === 'failed';
  return html`<li class=${classes('tray-file', failed && 'failed')} data-state=${entry.state}>
    <${Sight} file=${entry.file} />
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

/** Take what is dropped anywhere in the pane that the composer stands in. */
function dropInto(composer, add, setOver) {
  const pane = composer?.closest('section');
  if (!pane) return undefined;
  const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes('Files');
  const on = {
    dragover: (event) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      setOver(true);
    },
    dragleave: (event) => pane.contains(event.relatedTarget) || setOver(false),
    drop: (event) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      setOver(false);
      add([...event.dataTransfer.files]);
    },
  };
  for (const [name, handle] of Object.entries(on)) pane.addEventListener(name, handle);
  return () => Object.entries(on).forEach(([name, handle]) => pane.removeEventListener(name, handle));
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
