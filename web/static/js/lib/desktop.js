// Whether the desktop may be told that something came in. Leave is asked for only on a click.

/** Tell whether one could still say yes or no. */
export const canAsk = () => globalThis.Notification?.permission === 'default';

export const askLeave = () => Notification.requestPermission();
