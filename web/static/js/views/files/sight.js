// A picture as it lies on this device, before anybody else can see it.

import { html, useEffect, useState } from '../../lib/ui.js';
import { Icon } from '../icons.js';

/** @param {{file: File|null|undefined}} props what is no picture is shown as a file */
export function Sight({ file }) {
  const [url, setUrl] = useState('');
  useEffect(() => {
    if (!/^image\/(png|jpeg|gif|webp)$/.test(file?.type)) return undefined;
    const made = URL.createObjectURL(file);
    setUrl(made);
    return () => {
      setUrl('');
      URL.revokeObjectURL(made);
    };
  }, [file]);
  return url ? html`<img class="file-sight" src=${url} alt="" onError=${() => setUrl('')} />` : html`<span class="file-sight"><${Icon} name="file" /></span>`;
}
