// Shapes of what is awaited, shown only where it takes a while.

import { html, useLate } from '../lib/ui.js';
import { t } from '../lib/words.js';

const AFTER_MS = 300;

/** @param {{rows?: number}} props */
export function Skeleton({ rows = 3 }) {
  if (!useLate(AFTER_MS)) return null;
  return html`<div class="skeletons" role="status"><span class="hidden">${t('Loading…')}</span>
    ${Array.from({ length: rows }, (_, n) => html`<div class="skeleton" key=${n} aria-hidden="true"><i></i><i></i></div>`)}</div>`;
}
