// What stands where a conversation would be.

import { html, useApp } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { Strays } from './closed.js';

export function Nothing({ state, lost }) {
  const app = useApp();
  return html`<div class="nothing" role=${lost ? 'alert' : undefined}><h1>${lost ? t('This link leads to a conversation that you are not in') : t('Choose a conversation')}</h1>
    <p class="soft">${lost ? t('Look for it among the channels, or ask whoever sent the link to invite you.') : t('Or start one: with a person, a group, or a channel.')}</p>
    <div class="row"><button type="button" class="button main" onClick=${() => app.showDialog(lost ? 'channels' : 'new')}>${lost ? t('Browse channels') : t('New conversation')}</button>
      ${lost
        ? html`<button type="button" class="button only-narrow" onClick=${app.back}>${t('All conversations')}</button>`
        : html`<button type="button" class="button" onClick=${() => app.showDialog('channels')}>${t('Browse channels')}</button>`}</div>
    <${Strays} state=${state} /></div>`;
}
