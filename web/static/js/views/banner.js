// Whether one is connected, in a thin line that comes late and goes early; and the end of a session.

import { html, useApp, useEffect, useRef, useState, useTask } from '../lib/ui.js';
import { t, tn } from '../lib/words.js';
import { signIn } from '../net/signin.js';
import { Icon } from './icons.js';
import { Problem } from './notice.js';

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
  const waiting = state.outbox.filter((entry) => entry.state !== 'acked' && entry.state !== 'failed').length;
  return html`<div class="banner-frame" role="status">
    ${phase === 'back' && online && html`<p class="banner good"><${Icon} name="check" />${t('Back online')}</p>`}
    ${phase === 'away' && !online && html`<p class="banner warn">
      <span><${Icon} name="warn" /> ${navigator.onLine ? t('Reconnecting… (attempt {attempt})', { attempt }) : t('You’re offline.')} ${kept(waiting)}</span>
      <button type="button" class="button quiet" onClick=${() => client.link.hurry()}>${t('Try now')}</button></p>`}
  </div>`;
}

function kept(waiting) {
  if (!waiting) return t('Messages you write are kept on this device.');
  return tn(
    '{n} message is kept on this device; it will be checked and sent.',
    '{n} messages are kept on this device; they will be checked and sent in order.', waiting,
  );
}

/** The session has ended: what was written stays, and nothing is sent before one signs in again. */
export function SignedOut() {
  const { me, config } = useApp();
  const box = useRef(null);
  const [password, setPassword] = useState('');
  const { busy, error, run } = useTask();
  useEffect(() => box.current.showModal(), []);
  const submit = (event) => {
    event.preventDefault();
    run(async () => {
      await signIn(config.signin, me.username, password);
      // Everything lies on this device: a new page goes on where this one stopped.
      location.reload();
    });
  };
  return html`<dialog ref=${box} aria-label=${t('You are signed out')} onCancel=${(e) => e.preventDefault()}>
    <div class="dialog">
      <h2>${t('You are signed out')}</h2>
      <p>${t('Your session has ended or was closed elsewhere. What you wrote is kept on this device and comes back when you sign in.')}</p>
      ${me && html`<form onSubmit=${submit}>
        <input type="hidden" name="username" autocomplete="username" value=${me.username} />
        <label class="field"><span>${t('Password of {name}', { name: me.name })}</span>
          <input type="password" autocomplete="current-password" required value=${password} onInput=${(e) => setPassword(e.target.value)} /></label>
        <${Problem} error=${error} />
        <div class="row"><button class="button main" disabled=${busy}>${t('Sign in')}</button>
          <button type="button" class="button" onClick=${() => location.reload()}>${t('I signed in elsewhere')}</button></div>
      </form>`}
      <p><a href=${config.signin}>${t('Go to the sign-in page')}</a></p>
    </div>
  </dialog>`;
}
