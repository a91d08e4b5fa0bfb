// Notices that this machine slept: a clock that ticks every few seconds and finds that it missed many.

const TICK_MS = 5_000;
const SLEPT_MS = 20_000;

/**
 * Call `woke` after a sleep, when the page is seen again, and when it comes back from the cache.
 * @param {() => void} woke
 */
export function onWaking(woke) {
  let last = Date.now();
  setInterval(() => {
    const now = Date.now();
    if (now - last > SLEPT_MS) woke();
    last = now;
  }, TICK_MS);
  document.addEventListener('visibilitychange', () => document.hidden || woke());
  addEventListener('pageshow', (event) => event.persisted && woke());
}
