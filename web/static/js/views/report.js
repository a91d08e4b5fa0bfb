// A word to Compliance where its sender thinks that what a policy found is wrong.

import { html, useApp, useState, useTask } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { Icon } from './icons.js';
import { Problem } from './notice.js';

/** The button, and then that it was told. `children` stand beside the button. */
export function Report({ conversation, decision, label = t('Report as wrong'), icon = 'flag', children }) {
  const { client } = useApp();
  const { busy, error, run } = useTask();
  const [reported, setReported] = useState(false);
  const report = () => run(() => client.command('report', { conversation, decision })).then((done) => done && setReported(true));
  if (reported || error?.code === 'already_reported') {
    return html`<p role="status"><${Icon} name="check" /> ${t('Reported. Compliance sees it beside your message.')}</p>
      ${children && html`<div class="row">${children}</div>`}`;
  }
  return html`<div class="row">${children}<button type="button" class="button quiet" disabled=${busy} onClick=${report}><${Icon} name=${icon} />${label}</button></div>
    <${Problem} error=${error} />`;
}
