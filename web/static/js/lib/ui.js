// What every view imports: markup as templates, hooks, and the one context.

import { createContext, h } from '../../vendor/preact.js';
import { useContext, useState } from '../../vendor/preact-hooks.js';
import htm from '../../vendor/htm.js';

export { render } from '../../vendor/preact.js';
export { useEffect, useLayoutEffect, useMemo, useRef, useState } from '../../vendor/preact-hooks.js';

export const html = htm.bind(h);

/** Everything that is not state: `client`, `config`, `drafts`, and what the frame can be asked to do. */
export const App = createContext(null);
export const useApp = () => useContext(App);

/** Join class names, leaving out what does not apply. */
export const classes = (...names) => names.filter(Boolean).join(' ');

/**
 * Do one thing at a time and keep what went wrong, to be shown beside what was asked.
 * @returns {{busy: boolean, error: Error|null, run: (work: () => Promise<any>) => Promise<any>, clear: () => void}}
 */
export function useTask() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  const run = async (work) => {
    setBusy(true);
    setError(null);
    try {
      return await work();
    } catch (failure) {
      setError(failure);
      return undefined;
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, run, clear: () => setError(null) };
}
