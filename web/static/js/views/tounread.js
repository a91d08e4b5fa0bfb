// Where one had read to lies above what is loaded: says so, and offers to go there.

import { html } from '../lib/ui.js';
import { tn } from '../lib/words.js';
import { Icon } from './icons.js';

/** @param {{unread: number}} props how many were unread when one came in */
export function ToUnread({ conversation, unread, rows, page, view }) {
  const { divider, loaded, more, span } = conversation;
  const hidden = divider === null || !loaded || !more || rows.some((row) => row.kind === 'unread');
  if (hidden || unread <= 0 || span.from <= divider) return null;
  const go = async () => {
    await page.around({ cseq: divider + 1 });
    view.show('unread', { focus: false });
  };
  return html`<div class="to-unread"><button type="button" class="button" onClick=${go}><${Icon} name="up" />
    ${tn('{n} unread message above', '{n} unread messages above', unread)}</button></div>`;
}
