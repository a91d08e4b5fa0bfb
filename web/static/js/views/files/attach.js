// What one adds to a message: by the button, the camera, pasting, dropping, or Ctrl+U. The tray above
// the box shows how far each file is; a message goes once all of them are there.

import { html, later, useApp, useEffect, useRef, useState } from '../../lib/ui.js';
import { t } from '../../lib/words.js';
import { pressed } from '../../shortcuts.js';
import { IconButton } from '../icons.js';

// Until it is there, what one pastes is what the browser makes of it.
let pasting = null;
later(() => import('../../lib/pasting.js').then((loaded) => {
  pasting = loaded;
}));

/** Return what the composer of one box needs: the files in it, and how to add some. */
export function useAttachments(box, conversation, { main = false, onAdded, onFormed }) {
  const { client: { uploads } } = useApp();
  const [, again] = useState(0);
  const [tooMany, setTooMany] = useState(false);
  const picker = useRef(null);
  const place = useRef(null);
  useEffect(() => uploads.listen(() => again((n) => n + 1)), []);
  const add = (files) => {
    if (!files.length) return;
    setTooMany(files.length > uploads.room(box));
    uploads.add(box, conversation, files);
    onAdded();
  };
  useEffect(() => (main ? onCtrlU(() => picker.current?.click()) : undefined), [main]);
  const entries = uploads.in(box);
  return {
    entries, box, tooMany, picker, place, add,
    ready: entries.some((entry) => entry.state === 'done'),
    busy: entries.some((entry) => entry.state !== 'done' && entry.state !== 'failed'),
    failed: entries.filter((entry) => entry.state === 'failed'),
    done: () => uploads.done(box),
    take: () => uploads.take(box),
    remove: (id) => {
      setTooMany(false);
      uploads.remove(id);
    },
    retry: (id) => uploads.retry(id),
    giveUp: () => uploads.in(box).filter((entry) => entry.state === 'failed').forEach((entry) => uploads.remove(entry.client_id)),
    onPaste: (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      const formed = pasting && (pasting.tableOf(event.clipboardData) ?? pasting.formedOf(event.clipboardData));
      if (formed) {
        event.preventDefault();
        onFormed(formed);
      } else if (files.length && !pasting?.isOfWords(event.clipboardData)) {
        event.preventDefault();
        add(files);
      }
    },
  };
}

function onCtrlU(pick) {
  const onKey = (event) => {
    if (pressed(event, 'writing') === 'upload' && !document.querySelector('dialog[open]')) {
      event.preventDefault();
      pick();
    }
  };
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}

/** The buttons in the box: a picker, and a camera where there is one. */
export function AttachButtons({ attach }) {
  const camera = useRef(null);
  const taken = (event) => {
    attach.add([...event.target.files]);
    event.target.value = '';
  };
  return html`<span class="attach">
    <input ref=${attach.picker} class="hidden" type="file" multiple tabindex="-1" aria-hidden="true" onChange=${taken} />
    <input ref=${camera} class="hidden" type="file" accept="image/*" capture="environment" tabindex="-1" aria-hidden="true" onChange=${taken} />
    <${IconButton} icon="attach" label=${t('Add files')} aria-keyshortcuts="Control+U" onClick=${() => attach.picker.current.click()} />
    <${IconButton} icon="camera" label=${t('Take a picture')} class="icon-button only-touch" onClick=${() => camera.current.click()} />
  </span>`;
}
