// What a message quotes, or forwards from elsewhere.

import { dayName, timeOf } from '../lib/time.js';
import { html, lazy, useApp } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { personOf } from '../store/select.js';
import { Files } from './files/shown.js';
import { Icon } from './icons.js';
import { Tokens } from './tokens.js';

const SHOWN = 300;

const Beginning = lazy(() => import('./beginning.js'), 'Beginning');

/** @param {{quote: object, people: object, conversation?: string}} props with a conversation one can go there */
export function Quoted({ quote, people, conversation = null }) {
  const { goTo } = useApp();
  if (quote.empty) return html`<blockquote class="quoted"><p class="soft">${t('A message that you cannot see here.')}</p></blockquote>`;
  const name = quote.name ?? personOf({ people }, quote.sender).name;
  const long = (quote.text ?? '').length > SHOWN;
  return html`<blockquote class="quoted" dir="auto">
    <p class="author"><strong>${name}</strong> <time datetime=${quote.at}>${dayName(quote.at)} ${timeOf(quote.at)}</time></p>
    ${long ? html`<${Beginning} tokens=${quote.tokens} people=${people} most=${SHOWN} />` : html`<${Tokens} tokens=${quote.tokens ?? []} />`}
    ${conversation && quote.item && html`<button type="button" class="replies" onClick=${() => goTo(conversation, { item: quote.item }).catch(() => {})}>${t('Go to message')}</button>`}
  </blockquote>`;
}

/** Words and files from another conversation: whose they were, and, for its members, where. */
export function Forwarded({ forwarded, people, known, files, checked }) {
  return html`<div class="forwarded"><p class="mark"><${Icon} name="forward" />${t('forwarded')}</p>
    <${Quoted} quote=${forwarded} people=${people} conversation=${forwarded.conversation in known ? forwarded.conversation : null} />
    <${Files} files=${files} checked=${checked} /></div>`;
}
