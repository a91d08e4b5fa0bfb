// What a link leads to, as the server found it: words only, nothing is fetched from there by this page.

import { html, useApp, useState } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { IconButton } from './icons.js';

const SAFE = /^https?:\/\//i;

/** @param {{item: string, preview: {url: string, title: string, description: string, site: string}}} props */
export function LinkPreview({ item, preview }) {
  const { client } = useApp();
  const key = `preview:${item}`;
  const [hidden, setHidden] = useState(client.dismissed?.has(key) ?? false);
  if (hidden || !SAFE.test(preview.url)) return null;
  const hide = () => {
    client.dismissed.add(key);
    setHidden(true);
  };
  return html`<div class="link-card" role="group" aria-label=${t('Preview of a link')}>
    <p class="site" dir="auto">${preview.site || hostOf(preview.url)}</p>
    <p dir="auto"><a href=${preview.url} target="_blank" rel="noopener noreferrer">${preview.title}</a></p>
    ${preview.description && html`<p class="about" dir="auto">${preview.description}</p>`}
    <${IconButton} icon="close" label=${t('Hide this preview')} onClick=${hide} />
  </div>`;
}

function hostOf(url) {
  try {
    return new URL(url).host;
  } catch {
    return '';
  }
}
