// A word to Compliance where its sender thinks that what a policy found is wrong.

import { html, useApp, useState, useTask } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { Icon } from './icons.js';
import { Problem } from './notice.js';

/** The button, and then that it was told. `before` and `after` stand beside the button. */
export function Report({ conversation, decision, label = t('Report as wrong'), before, after }) {
  const { client } = useApp();
  const { busy, error, run } = useTask();
  const [reported, setReported] = useState(false);
  const report = () => run(() => client.command('report', { conversation, decision })).then((done) => done && setReported(true));
  if (reported || error?.code === 'already_reported') {
    return html`<p role="status"><${Icon} name="check" /> ${t('Reported. Compliance sees it beside your message.')}</p>
      ${(before || after) && html`<div class="row">${before}${after}</div>`}`;
  }
  return html`<div class="row">${before}<button type="button" class="button quiet" disabled=${busy} onClick=${report}><${Icon} name="flag" />${label}</button>${after}</div>
    <${Problem} error=${error} />`;
}
