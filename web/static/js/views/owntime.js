// A time of one's own at which something is said.

import { html, useState, useTask } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { Dialog } from './dialog.js';
import { mornings } from './later.js';
import { Problem } from './notice.js';

/** Choosing a time of one's own. */
export function OwnTime({ schedule, onClose }) {
  const now = new Date();
  const [at, setAt] = useState(fieldOf(mornings(now)[0]));
  const { busy, error, run } = useTask();
  const submit = async (event) => {
    event.preventDefault();
    if (await run(() => schedule(new Date(at)))) onClose();
  };
  return html`<${Dialog} title=${t('Send later')} onClose=${onClose}>
    <form onSubmit=${submit}>
      <label class="field"><span>${t('Date and time')}</span>
        <input type="datetime-local" required min=${fieldOf(now)} value=${at} onInput=${(e) => setAt(e.target.value)} /></label>
      <p class="hint">${t('It is checked when it goes, for the people who are here then. Until then only you see it.')}</p>
      <${Problem} error=${error} />
      <div class="row"><button class="button main" disabled=${busy || !at}>${t('Send later')}</button>
        <button type="button" class="button quiet" onClick=${onClose}>${t('Cancel')}</button></div>
    </form>
  <//>`;
}

/** Return a moment where one is, as fields for date and time write it. */
function fieldOf(date) {
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
