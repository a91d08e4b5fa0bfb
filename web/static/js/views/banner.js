// Whether one is connected, in a thin line that comes late and goes early; and the end of a session.

import { html, useApp, useEffect, useRef, useState } from '../lib/ui.js';
import { t, tn } from '../lib/words.js';
import { Icon } from './icons.js';

const SHOWN_AFTER_MS = 2_000;
const BACK_SHOWN_MS = 3_000;

export function Banner({ state }) {
  const { client } = useApp();
  const { status, attempt } = state.link;
  const online = status === 'online';
  const [phase, setPhase] = useState('quiet');
  const was = useRef(phase);
  was.current = phase;
  useEffect(() => {
    if (online && was.current === 'away') setPhase('back');
    const next = online ? 'quiet' : 'away';
    const timer = setTimeout(() => setPhase(next), online ? BACK_SHOWN_MS : SHOWN_AFTER_MS);
    return () => clearTimeout(timer);
  }, [online]);
  const waiting = state.outbox.filter((entry) => entry.state === 'waiting').length;
  return html`<div class="banner-frame" role="status">
    ${phase === 'back' && online && html`<p class="banner good"><${Icon} name="check" />${t('Back online')}</p>`}
    ${phase === 'away' && !online && html`<p class="banner warn">
      <span><${Icon} name="warn" /> ${navigator.onLine ? t('Reconnecting… (attempt {attempt})', { attempt }) : t('You’re offline.')} ${kept(waiting)}</span>
      <button type="button" class="button quiet" onClick=${() => client.link.hurry()}>${t('Try now')}</button></p>`}
  </div>`;
}

function kept(waiting) {
  if (!waiting) return t('Messages you write are kept in this tab.');
  return tn(
    '{n} message is kept in this tab; it will be checked and sent.',
    '{n} messages are kept in this tab; they will be checked and sent in order.', waiting,
  );
}

/** The session has ended: what was written stays, and nothing is sent before one signs in again. */
export function SignedOut() {
  const { client, config } = useApp();
  const box = useRef(null);
  useEffect(() => box.current.showModal(), []);
  return html`<dialog ref=${box} aria-label=${t('You are signed out')} onCancel=${(e) => e.preventDefault()}>
    <div class="dialog">
      <h2>${t('You are signed out')}</h2>
      <p>${t('Your session has ended or was closed elsewhere. What you were writing stays in this tab while it is open: sign in in a second tab, then go on here.')}</p>
      <div class="row">
        <a class="button main" href=${config.signin} target="_blank" rel="noopener">${t('Sign in in a new tab')}</a>
        <button type="button" class="button" onClick=${() => client.start()}>${t('Go on here')}</button>
        <a class="button quiet" href=${config.signin}>${t('Sign in here')}</a>
      </div>
    </div>
  </dialog>`;
}
