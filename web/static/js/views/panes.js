// Which pane is open. Where one covers the conversation it is a step of the browser's history: Back, which
// is how one leaves things on a telephone, closes it, and leads back to it from where it led.

import { useEffect, useMemo, useState } from '../lib/ui.js';
import { NO_ROOM_BESIDE } from './pane.js';

const covers = () => matchMedia(NO_ROOM_BESIDE).matches;
const ofStep = () => history.state?.pane ?? null;

/** @returns {[object|null, {show: Function, close: Function, away: Function, isStep: Function}]} the pane, and what changes it */
export function usePane() {
  const [pane, set] = useState(() => (covers() ? ofStep() : null));
  const panes = useMemo(() => {
    let leaving = false;
    return {
      show(next) {
        if (covers()) history.pushState({ pane: next }, '');
        set(next);
      },
      close() {
        set(null);
        if (!ofStep() || leaving) return;
        leaving = true;
        history.back();
      },
      /** One goes elsewhere; the step stays behind. */
      away: () => set(null),
      isStep: () => Boolean(ofStep()),
      moved() {
        leaving = false;
        if (covers()) set(ofStep());
      },
    };
  }, []);
  useEffect(() => {
    addEventListener('popstate', panes.moved);
    return () => removeEventListener('popstate', panes.moved);
  }, []);
  return [pane, panes];
}
