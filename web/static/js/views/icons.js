// Icons of the sprite, drawn in the current colour. Each stands beside a word or on a named button.

import { html } from '../lib/ui.js';

/**
 * The page holds the sprite: a long list would else ask for it once a row, which takes longer than to draw it.
 * @param {{name: string}} props a symbol of `icons.svg`
 */
export function Icon({ name }) {
  return html`<svg class="icon" aria-hidden="true" focusable="false"><use href=${`#${name}`} /></svg>`;
}

/** A button that shows an icon and is called by a word. */
export function IconButton({ icon, label, ...rest }) {
  return html`<button type="button" class="icon-button" aria-label=${label} title=${label} ...${rest}><${Icon} name=${icon} /></button>`;
}

/** A link that shows an icon and is called by a word. */
export function IconLink({ icon, label, href }) {
  return html`<a class="icon-button" href=${href} aria-label=${label} title=${label}><${Icon} name=${icon} /></a>`;
}
