// Pictures in full, one after the other: a native dialog, arrow keys, Escape.

import { sizeOf } from '../../lib/sizes.js';
import { html, useEffect, useState } from '../../lib/ui.js';
import { t } from '../../lib/words.js';
import { Dialog } from '../dialog.js';
import { Icon, IconButton } from '../icons.js';
import { fileUrl, pictureUrl, savedUrl } from './files.js';

export function Viewer({ files, first, onClose }) {
  const [at, setAt] = useState(() => Math.max(0, files.findIndex((file) => file.id === first)));
  const file = files[at];
  const go = (step) => setAt((now) => (now + step + files.length) % files.length);
  useEffect(() => {
    const onKey = (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step || files.length < 2) return;
      event.preventDefault();
      go(document.documentElement.dir === 'rtl' ? -step : step);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [files.length]);
  return html`<${Dialog} title=${file.name} kind="viewer" onClose=${onClose}>
    <div class="viewer-stage">
      <img key=${file.id} src=${file.preview ? pictureUrl(file, 'preview') : fileUrl(file)} width=${(file.preview ?? file.thumb)[0]} height=${(file.preview ?? file.thumb)[1]} alt=${file.name} />
      ${files.length > 1 && html`<${IconButton} icon="left" label=${t('Previous picture')} class="icon-button before" onClick=${() => go(-1)} />
        <${IconButton} icon="right" label=${t('Next picture')} class="icon-button after" onClick=${() => go(1)} />`}
    </div>
    <p class="row between"><span class="hint">${files.length > 1 ? `${t('{n} of {all}', { n: at + 1, all: files.length })} · ` : ''}${sizeOf(file.size)}</span>
      <a class="button" href=${savedUrl(file)} download><${Icon} name="download" />${t('Download')}</a></p>
  <//>`;
}
