// The keys of the chat, and how a text gets its form.

import { html } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { Dialog } from './dialog.js';
import { ShortcutTable } from './shortcuts.js';

const FORMS = [
  ['**bold**', t('bold')], ['*italic*', t('italic')], ['~~struck~~', t('struck through')], ['`code`', t('code')], ['[words](address)', t('a link')],
  ['```', t('a block of code, until the next ```')], ['> ', t('a quote')], ['- ', t('a list')], ['1. ', t('a numbered list')],
  ['| a | b |', t('a table; its second line is |---|---|')], ['@name', t('a mention')], [':smile', t('an emoji')],
];

export function Help({ state, onClose }) {
  return html`<${Dialog} title=${t('Keys and forms')} kind="wide" onClose=${onClose}>
    <${ShortcutTable} preferences=${state.preferences} />
    <section class="stack" aria-label=${t('How a text gets its form')}><h3>${t('How a text gets its form')}</h3>
      <table class="table keys"><tbody>${FORMS.map(([sign, words]) => html`<tr key=${sign}><th scope="row">${words}</th><td><code>${sign}</code></td></tr>`)}</tbody></table></section>
  <//>`;
}
