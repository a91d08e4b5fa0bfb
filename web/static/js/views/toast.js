// A word that something was done of which nothing else is seen; it goes by itself.

import { html, useEffect, useState } from '../lib/ui.js';

const SHOWN_MS = 3_000;

/** @param {{said: {words: string}|null}} props each object is shown once */
export function Toast({ said }) {
  const [over, setOver] = useState(null);
  useEffect(() => {
    if (!said) return undefined;
    const timer = setTimeout(() => setOver(said), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [said]);
  return html`<p class="toast-place" role="status">${said && over !== said && html`<span class="toast">${said.words}</span>`}</p>`;
}
