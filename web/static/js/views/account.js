// Who one is here: one's own card, what one prefers, where one is signed in, and the way out.

import { html, useApp, useRef } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { draftsIn } from '../store/select.js';
import { Menu } from './menu.js';
import { Face } from './message.js';

export function Account({ state }) {
  const { config, me, showDialog } = useApp();
  const { form, leave } = useLeaving(state);
  const items = [
    { label: t('My profile'), icon: 'person', act: () => showDialog({ kind: 'profile', person: me }) },
    { label: t('Preferences'), icon: 'settings', href: config.preferences },
    { label: t('Where you are signed in'), icon: 'shield', href: config.sessions },
    { label: t('Sign out'), icon: 'leave', act: leave },
  ];
  return html`<${Menu} label=${t('{name}: profile, preferences, sign out', { name: me.name })} items=${items} up>
      <${Face} person=${me} /><span class="title" dir="auto">${me.name}</span><//>
    <form ref=${form} class="inline" method="post" action=${config.signout}><input type="hidden" name="csrf" value=${config.csrf} /></form>`;
}

/** What lies on this device goes with whoever signs out; what was not sent is asked about first. */
function useLeaving({ outbox, drafted }) {
  const { drafts, forget, showDialog } = useApp();
  const form = useRef(null);
  const go = async () => {
    await drafts.kept();
    await forget();
    form.current.submit();
  };
  const leave = () => {
    const waiting = outbox.filter((entry) => entry.state !== 'acked').length;
    const count = draftsIn(drafted);
    if (waiting || count) showDialog({ kind: 'leaving', waiting, drafts: count, leave: go });
    else go();
  };
  return { form, leave };
}
