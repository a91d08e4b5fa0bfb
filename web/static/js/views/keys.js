// The keys that work everywhere on the page.

import { useEffect, useRef } from '../lib/ui.js';
import { pressed } from '../shortcuts.js';
import { asks, inOrder } from '../store/select.js';

const LANDMARKS = 'nav.sidebar, #main, .pane';

export function useKeys(state, app) {
  const latest = useRef(state);
  latest.current = state;
  useEffect(() => {
    const onKey = (event) => {
      const to = (step, unread) => {
        const next = neighbour(latest.current, step, unread);
        if (next) app.enter(next);
      };
      const on = {
        switch: () => app.showDialog('switcher'),
        previous: () => to(-1, false),
        next: () => to(1, false),
        previousUnread: () => to(-1, true),
        nextUnread: () => to(1, true),
        search: () => app.showPane('search'),
        mentions: () => app.showPane('mentions'),
        nextPart: () => landmark(1),
        previousPart: () => landmark(-1),
        help: () => app.showDialog('help'),
        close: () => event.defaultPrevented || document.querySelector('dialog[open]') || app.closePane(),
      };
      const what = pressed(event, 'anywhere', latest.current.preferences);
      if (!on[what]) return;
      if (what !== 'close') event.preventDefault();
      on[what]();
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
