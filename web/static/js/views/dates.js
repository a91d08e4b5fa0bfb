// Going to a day of a conversation.

import { html, useApp, useState, useTask } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { Dialog } from './dialog.js';
import { Problem } from './notice.js';

export function Dates({ at, conversation, onClose }) {
  const { goTo } = useApp();
  const today = isoDay(new Date());
  const [day, setDay] = useState(isoDay(new Date(at ?? Date.now())));
  const { busy, error, run } = useTask();
  const go = (date) => run(async () => {
    await goTo(conversation.id, { at: date.toISOString() });
    onClose();
  });
  const submit = (event) => {
    event.preventDefault();
    go(new Date(`${day}T00:00:00`));
  };
  const back = (days) => {
    const date = new Date();
    date.setHours(0, 0, 0, 0);
    date.setDate(date.getDate() - days);
    return () => go(date);
  };
  return html`<${Dialog} title=${t('Jump to a date')} onClose=${onClose}>
    <form onSubmit=${submit}>
      <label class="field"><span>${t('Day')}</span><input type="date" required max=${today} value=${day} onInput=${(e) => setDay(e.target.value)} /></label>
      <${Problem} error=${error} />
      <div class="row">
        <button class="button main" disabled=${busy || !day}>${t('Go')}</button>
        <button type="button" class="button" disabled=${busy} onClick=${back(7)}>${t('A week ago')}</button>
        <button type="button" class="button" disabled=${busy} onClick=${back(30)}>${t('30 days ago')}</button>
        <button type="button" class="button" disabled=${busy} onClick=${() => go(new Date(0))}>${t('The beginning')}</button>
      </div>
    </form>
  <//>`;
}

/** Return the day of a moment where one is, as date fields write it. */
function isoDay(date) {
  const two = (number) => String(number).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
