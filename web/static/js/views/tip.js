// What a policy would say to what is being written: never a gate, and the focus stays where one writes.

import { withoutSpans } from '../lib/spans.js';
import { html, useApp, useLayoutEffect, useRef, useState } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { Icon } from './icons.js';

const TIPS = {
  flag: t('This will be sent with a flag'),
  warn: t('You will be asked to look twice'),
  justify: t('You will be asked for a reason'),
  redact: t('Part of this will be covered'),
  quarantine: t('This will wait for Compliance'),
  block: t('This will be blocked'),
};

/**
 * @param {{id: string, tip: object, text: string, asks?: boolean, write: (text: string) => void, leave: () => void,
 *   send: (more: object) => void, wrong: boolean, setWrong: (wrong: boolean) => void}} props
 *   `leave` puts the focus back where one writes; `wrong` says that it is reported when it is sent; whether it `asks`
 *   now: what has files is asked about when they were read
 */
export function Tip({ id, tip, text, asks = true, write, leave, send, wrong, setWrong }) {
  const { config } = useApp();
  const [asking, setAsking] = useState(false);
  if (tip.unreachable) {
    return html`<p class="tip hint" id=${id}><${Icon} name="shield" />${t('Policy check unavailable; your message will be checked when it is sent.')}</p>`;
  }
  const unnamed = tip.excerpts.filter((each) => !tip.notice.title.includes(each));
  const remove = () => {
    write(withoutSpans(text, tip.removable));
    leave();
  };
  const close = () => {
    setAsking(false);
    leave();
  };
  const answer = (reason) => send({ answers: { about: tip.title, reason } });
  return html`<div class=${`tip note ${tip.verdict === 'block' ? 'bad' : 'warn'}`} data-verdict=${tip.verdict}>
    <div class="tip-says" id=${id}>
      <p class="note-title"><${Icon} name="shield" /><strong>${TIPS[tip.verdict] ?? t('Your firm’s policy')}.</strong> <span dir="auto">${tip.notice.title}</span></p>
      ${tip.notice.why && html`<p class="soft" dir="auto">${tip.notice.why}</p>`}
      ${unnamed.length > 0 && html`<p>${t('Found:')} ${unnamed.map((each) => html`<code class="excerpt">${each}</code> `)}</p>`}
    </div>
    ${asking && tip.verdict === 'justify'
      ? html`<${Reason} send=${answer} close=${close} />`
      : html`<div class="tip-acts">
        ${tip.removable.length > 0 && html`<button type="button" class="button quiet" onClick=${remove}>${t('Remove it for me')}</button>`}
        ${asks && tip.verdict === 'justify' && html`<button type="button" class="button quiet" onClick=${() => setAsking(true)}>${t('Send with a reason')}</button>`}
        ${asks && tip.verdict === 'warn' && html`<button type="button" class="button quiet" onClick=${() => answer('')}>${t('Send anyway')}</button>`}
        <button type="button" class="button quiet" aria-pressed=${wrong} onClick=${() => { setWrong(!wrong); leave(); }}><${Icon} name=${wrong ? 'check' : 'flag'} />${t('Report as wrong')}</button>
        <a class="button quiet" href=${config.help} target="_blank" rel="noopener">${t('Learn more')}</a>
      </div>`}
    ${wrong && html`<p class="soft">${t('When you send this, Compliance is told that you think this is wrong. It is checked all the same.')}</p>`}
  </div>`;
}

/** Why it is sent all the same: Enter sends both, Escape goes back to the words. */
function Reason({ send, close }) {
  const [reason, setReason] = useState('');
  const box = useRef(null);
  useLayoutEffect(() => box.current.focus(), []);
  const submit = (event) => {
    event.preventDefault();
    if (reason.trim()) send(reason.trim());
  };
  const onKey = (event) => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    close();
  };
  return html`<form class="tip-reason" onSubmit=${submit} onKeyDown=${onKey}>
    <label class="field"><span>${t('Your reason; it is kept with the message')}</span>
      <input ref=${box} required maxlength="1000" dir="auto" value=${reason} onInput=${(e) => setReason(e.target.value)} autocomplete="off" /></label>
    <div class="row"><button class="button" disabled=${!reason.trim()}>${t('Send with this reason')}</button>
      <button type="button" class="button quiet" onClick=${close}>${t('Back')}</button></div>
  </form>`;
}
