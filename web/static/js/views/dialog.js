// A native dialog: focus goes in, and comes back to what opened it.

import { classes, html, useEffect, useRef } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { IconButton } from './icons.js';

export function Dialog({ title, onClose, kind = '', children }) {
  const box = useRef(null);
  useEffect(() => {
    const opener = document.activeElement;
    const dialog = box.current;
    dialog.showModal();
    return () => {
      // Whoever took the focus meanwhile, as the conversation that was just opened, keeps it.
      const taken = document.activeElement !== document.body && !dialog.contains(document.activeElement);
      dialog.remove();
      if (!taken) opener?.focus?.();
    };
  }, []);
  return html`<dialog ref=${box} class=${classes(kind)} aria-label=${title} onClose=${onClose} onClick=${(e) => e.target === box.current && onClose()}>
    <div class="dialog">
      <header class="row between"><h2>${title}</h2><${IconButton} icon="close" label=${t('Close')} onClick=${onClose} /></header>
      ${children}
    </div>
  </dialog>`;
}
