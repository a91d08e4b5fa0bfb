// Where nothing more can be said: so it says, and gives back what one had begun to write.

import { html, useApp, useState, useTask } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { strayDrafts } from '../store/select.js';
import { Icon } from './icons.js';
import { Problem } from './notice.js';

/** @param {{text: string, discard: () => void}} props `text` is what stood in the box */
export function Closed({ text, discard }) {
  return html`<div class="composer closed"><p><${Icon} name="lock" /> ${t('This channel is closed. It can be read; nothing more can be said here.')}</p>
    ${text.trim() && html`<${LeftOver} text=${text} discard=${discard} words=${t('What you had begun to write here was not sent:')} />`}</div>`;
}

/** What one had begun to write in conversations that one is no longer in. */
export function Strays({ state }) {
  const { drafts } = useApp();
  const [, again] = useState(0);
  const discard = (key) => {
    drafts.set(key, '');
    again((n) => n + 1);
  };
  return strayDrafts(state).map((key) => drafts.get(key).trim() && html`<${LeftOver} key=${key} text=${drafts.get(key)} discard=${() => discard(key)}
    words=${t('You had begun to write this in a conversation that you are no longer in. It was not sent:')} />`);
}

function LeftOver({ text, discard, words }) {
  const { say } = useApp();
  const { error, run } = useTask();
  const copy = () => run(() => navigator.clipboard.writeText(text).then(() => say(t('Text copied'))));
  return html`<div class="left-over" role="group" aria-label=${t('What you had begun to write')}>
    <p class="hint">${words}</p>
    <p class="plain" dir="auto">${text}</p>
    <div class="row"><button type="button" class="button" onClick=${copy}>${t('Copy text')}</button>
      <button type="button" class="button quiet" onClick=${discard}>${t('Discard')}</button></div>
    <${Problem} error=${error} />
  </div>`;
}
