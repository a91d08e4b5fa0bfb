// What was to be said later and was taken out to be changed.

import { html } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { Icon } from './icons.js';
import { momentOf } from './later.js';

/** That what is in the box was to be said later: changing it keeps its time. */
export function Planned({ at, forget }) {
  return html`<p class="hint later"><${Icon} name="clock" />
    <span>${t('To be sent {moment}.', { moment: momentOf(at) })}</span>
    <button type="button" class="button quiet" onClick=${forget}>${t('Forget the time')}</button></p>`;
}
