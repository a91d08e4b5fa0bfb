// The end of a session, over everything else.

import { html, useApp, useEffect, useRef, useState, useTask } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { signIn } from '../net/signin.js';
import { Problem } from './notice.js';

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
