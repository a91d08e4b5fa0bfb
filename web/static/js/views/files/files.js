// The files of a message: pictures side by side, players, cards for everything else.

import { kindOf, sizeOf } from '../../lib/sizes.js';
import { classes, html, lazy, useApp, useEffect, useState } from '../../lib/ui.js';
import { t } from '../../lib/words.js';
import { Icon } from '../icons.js';
import { Sight } from './sight.js';

const Viewer = lazy(() => import('./viewer.js'), 'Viewer');

export const fileUrl = (file) => `/files/${file.id}`;
export const savedUrl = (file) => `/files/${file.id}?download`;
export const pictureUrl = (file, which) => `/files/${file.id}/${which}`;

const WIDEST_PX = 352;
const HIGHEST_PX = 320;

const isPicture = (file) => Boolean(file.thumb) && /^image\//.test(file.type);
const isPlayed = (file) => /^(audio|video)\/(mpeg|ogg|wav|flac|mp4|webm|quicktime)$/.test(file.type ?? '');

/** Return the size in which a picture stands in a message, in its own proportions. */
function shownSize([width, height]) {
  const scale = Math.min(1, WIDEST_PX / width, HIGHEST_PX / height);
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

/** @param {{files: object[], checked?: boolean}} props `checked`: others see them too */
export function Files({ files, checked = true }) {
  const { client: { uploads } } = useApp();
  const [shown, setShown] = useState(null);
  useEffect(() => void (checked && uploads.settled(files)), [checked, files]);
  if (!files?.length) return null;
  const pictures = checked ? files.filter(isPicture) : [];
  const others = files.filter((file) => !pictures.includes(file));
  return html`<div class="files">
    ${pictures.length > 0 && html`<ul class=${classes('pictures', pictures.length > 1 && 'several')} aria-label=${t('Pictures')}>
      ${pictures.map((file) => html`<li key=${file.id}><button type="button" class="picture" aria-label=${t('Open {name}', { name: file.name })} onClick=${() => setShown(file.id)}>
        <img src=${pictureUrl(file, 'thumb')} ...${shownSize(file.thumb)} alt="" loading="lazy" decoding="async" /></button></li>`)}
    </ul>`}
    ${others.map((file) => (checked && isPlayed(file) ? html`<${Player} key=${file.id} file=${file} />` : html`<${Card} key=${file.id} file=${file} checked=${checked} />`))}
    ${shown && html`<${Viewer} files=${pictures} first=${shown} onClose=${() => setShown(null)} />`}
  </div>`;
}

function Player({ file }) {
  const isVideo = file.type.startsWith('video/');
  return html`<figure class="player">
    ${isVideo
      ? html`<video controls preload="metadata" src=${fileUrl(file)} aria-label=${file.name}></video>`
      : html`<audio controls preload="metadata" src=${fileUrl(file)} aria-label=${file.name}></audio>`}
    <figcaption><bdi>${file.name}</bdi> <span class="hint">${sizeOf(file.size)}</span> <a href=${savedUrl(file)} download>${t('Download')}</a></figcaption>
  </figure>`;
}

/** A file as a card; of what others do not see yet there is what lies on this device. */
export function Card({ file, checked = true, children }) {
  const { client: { uploads } } = useApp();
  const facts = [file.type && kindOf(file.type), sizeOf(file.size), file.pages > 1 && t('{n} pages', { n: file.pages })].filter(Boolean).join(' · ');
  const inside = html`
    ${checked && file.thumb
      ? html`<img class="card-sight" src=${pictureUrl(file, 'thumb')} width=${file.thumb[0]} height=${file.thumb[1]} alt="" loading="lazy" />`
      : html`<${Sight} file=${checked ? null : uploads.gone.get(file.id)} />`}
    <span class="file-words"><bdi class="file-name">${file.name}</bdi><span class="hint">${facts}</span>${file.unread && html`<span class="badge warn">${t('could not be read')}</span>`}${children}</span>`;
  return html`<div class="file-card">
    ${checked
      ? html`<a class="card-head" href=${savedUrl(file)} download aria-label=${t('Download {name}', { name: file.name })}>${inside}<${Icon} name="download" /></a>`
      : html`<div class="card-head">${inside}</div>`}
    ${checked && file.excerpt && html`<pre class="card-text" dir="auto">${file.excerpt}</pre>`}
  </div>`;
}
