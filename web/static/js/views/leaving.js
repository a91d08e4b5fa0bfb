// Signing out takes from this device what was not sent: say so first.

import { html } from '../lib/ui.js';
import { t, tn } from '../lib/words.js';
import { Dialog } from './dialog.js';

/** @param {{waiting: number, drafts: number, leave: () => void, onClose: () => void}} props */
export function Leaving({ waiting, drafts, leave, onClose }) {
  return html`<${Dialog} title=${t('Sign out?')} onClose=${onClose}>
    <p>${t('This device then forgets what you wrote and did not send:')}</p>
    <ul>
      ${waiting > 0 && html`<li>${tn('{n} message that waits to be sent', '{n} messages that wait to be sent', waiting)}</li>`}
      ${drafts > 0 && html`<li>${tn('{n} draft', '{n} drafts', drafts)}</li>`}
    </ul>
    <div class="row"><button type="button" class="button danger" onClick=${leave}>${t('Sign out and forget them')}</button>
      <button type="button" class="button" onClick=${onClose}>${t('Stay signed in')}</button></div>
  <//>`;
}
