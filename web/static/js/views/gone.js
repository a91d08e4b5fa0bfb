// A link led to a message that is not shown to this person.

import { html } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { Dialog } from './dialog.js';

/** @param {{onClose: () => void}} props */
export function Gone({ onClose }) {
  return html`<${Dialog} title=${t('This message is not here')} onClose=${onClose}>
    <p>${t('The link leads to a message of this conversation that you cannot see: it was said before you joined, or it is no longer kept.')}</p>
    <div class="row"><button type="button" class="button main" onClick=${onClose}>${t('Go on reading')}</button></div>
  <//>`;
}
