// A pane beside the conversation. Where there is room for one part only it is the main one, and says so.

import { html, useApp } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { IconButton } from './icons.js';

/** Below this there is no room for a pane beside a conversation; the style sheet says the same. */
export const NO_ROOM_BESIDE = '(width < 75rem)';

/** @param {{title: string, hint?: string, close?: string, children: any}} props `close` names the button that closes it */
export function Pane({ title, hint, close = t('Close'), children }) {
  const { closePane, alone } = useApp();
  return html`<section class="pane" role=${alone ? 'main' : 'complementary'} aria-label=${title}>
    <header class="heading"><div class="names"><${alone ? 'h1' : 'h2'}><span>${title}</span><//>${hint && html`<p class="hint" dir="auto">${hint}</p>`}</div>
      <${IconButton} icon="close" label=${close} onClick=${closePane} /></header>
    ${children}
  </section>`;
}
