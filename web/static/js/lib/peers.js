// The other tabs of the same person in this browser: what one does with the outbox the others show,
// and what only one may do at a time they do in turn.

/** A tab that is alone, or in a browser that cannot tell. */
export const alone = { tell() {}, listen() {}, only: (_, work) => work() };

/**
 * @param {string} person
 * @param {typeof BroadcastChannel|undefined} Channel
 * @param {LockManager|undefined} locks
 */
export function peersOf(person, Channel, locks) {
  if (!Channel || !locks) return alone;
  const channel = new Channel(`chancery.${person}`);
  return {
    /** Tell the others something; what cannot be carried is not missed. */
    tell: (told) => channel.postMessage(told),
    listen(heard) {
      channel.onmessage = (event) => heard(event.data);
    },
    /** Do `work` while no other tab does work of this name. */
    only: (name, work) => locks.request(`chancery.${person}.${name}`, work),
  };
}
