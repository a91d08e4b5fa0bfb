// Puts an emoji where the caret stands.

import { typed } from '../lib/typed.js';
import { html, lazy, useEffect, useRef, useState } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { IconButton } from './icons.js';

const EmojiPicker = lazy(() => import('./emoji.js'), 'EmojiPicker');

/** @param {{box: {current: HTMLTextAreaElement}}} props */
export function EmojiButton({ box }) {
  const [open, setOpen] = useState(false);
  const frame = useRef(null);
  useEffect(() => {
    if (!open) return undefined;
    const away = (event) => frame.current?.contains(event.target) || setOpen(false);
    document.addEventListener('pointerdown', away);
    return () => document.removeEventListener('pointerdown', away);
  }, [open]);
  const close = () => {
    setOpen(false);
    box.current?.focus();
  };
  const put = ({ sign }) => {
    setOpen(false);
    typed(box.current, sign);
  };
  return html`<div class="menu-frame" ref=${frame}>
    <${IconButton} icon="smile" label=${t('Put in an emoji')} aria-expanded=${open} onClick=${() => setOpen(!open)} />
    ${open && html`<div class="picker above"><${EmojiPicker} onPick=${put} onClose=${close} /></div>`}
  </div>`;
}
