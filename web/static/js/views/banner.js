// Whether one is connected, in a thin line that comes late and goes early.

import { html, useApp, useEffect, useRef, useState } from '../lib/ui.js';
import { t, tn } from '../lib/words.js';
import { Icon } from './icons.js';

const SHOWN_AFTER_MS = 2_000;
const BACK_SHOWN_MS = 3_000;

export function Banner({ state }) {
  const { client } = useApp();
  const { status, attempt } = state.link;
  const online = status === 'online';
  const [phase, setPhase] = useState('quiet');
  const was = useRef(phase);
  was.current = phase;
  useEffect(() => {
    if (online && was.current === 'away') setPhase('back');
    const next = online ? 'quiet' : 'away';
    const timer = setTimeout(() => setPhase(next), online ? BACK_SHOWN_MS : SHOWN_AFTER_MS);
    return () => clearTimeout(timer);
  }, [online]);
  const waiting = state.outbox.filter((entry) => entry.state !== 'acked' && entry.state !== 'failed').length;
  return html`<div class="banner-frame" role="status">
    ${phase === 'back' && online && html`<p class="banner good"><${Icon} name="check" />${t('Back online')}</p>`}
    ${phase === 'away' && !online && html`<p class="banner warn">
      <span><${Icon} name="warn" /> ${navigator.onLine ? t('Reconnecting… (attempt {attempt})', { attempt }) : t('You’re offline.')} ${kept(waiting)}</span>
      <button type="button" class="button quiet" onClick=${() => client.link.hurry()}>${t('Try now')}</button></p>`}
  </div>`;
}

function kept(waiting) {
  if (!waiting) return t('Messages you write are kept on this device.');
  return tn(
    '{n} message is kept on this device; it will be checked and sent.',
    '{n} messages are kept on this device; they will be checked and sent in order.', waiting,
  );
}
