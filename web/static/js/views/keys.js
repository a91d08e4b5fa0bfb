// The keys that work everywhere on the page.

import { useEffect, useRef } from '../lib/ui.js';
import { asks, inOrder } from '../store/select.js';

const LANDMARKS = 'nav.sidebar, #main, aside.pane';

export function useKeys(state, app) {
  const latest = useRef(state);
  latest.current = state;
  useEffect(() => {
    const onKey = (event) => {
      const control = event.ctrlKey || event.metaKey;
      const letter = event.key.toLowerCase();
      const done = () => event.preventDefault();
      if (control && !event.shiftKey && letter === 'k') {
        done();
        app.showDialog('switcher');
      } else if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
        done();
        const next = neighbour(latest.current, event.key === 'ArrowUp' ? -1 : 1, event.shiftKey);
        if (next) app.enter(next);
      } else if (event.key === 'F6') {
        done();
        landmark(event.shiftKey ? -1 : 1);
      } else if (event.key === 'Escape' && !event.defaultPrevented && !document.querySelector('dialog[open]')) {
        app.closePane();
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [app]);
}

/** Return the next conversation of the list, or the next that asks to be read. */
function neighbour(state, step, unreadOnly) {
  const ids = inOrder(state).filter((id) => !unreadOnly || id === state.focus || asks(state.conversations[id]));
  return ids[(ids.indexOf(state.focus) + step + ids.length) % ids.length];
}

/** Take the focus to the next part of the page. */
function landmark(step) {
  const parts = [...document.querySelectorAll(LANDMARKS)].filter((each) => each.checkVisibility());
  const at = parts.findIndex((each) => each.contains(document.activeElement));
  const next = parts[(at + step + parts.length) % parts.length];
  const first = next?.querySelector('textarea, input:not([type="hidden"]), [aria-current="true"], button, a[href]');
  (first ?? next)?.focus();
}
