// The chat page begins here: puts store, net and views together.

import { signal } from '../vendor/signals.js';
import { io } from '../vendor/socket.io.js';
import { dismissedIn } from './lib/dismissed.js';
import { createDrafts } from './lib/drafts.js';
import { html, render } from './lib/ui.js';
import { Client } from './net/client.js';
import { initial, reduce } from './store/reduce.js';
import { createStore } from './store/store.js';
import { Frame } from './views/app.js';

const place = document.getElementById('app');
const config = { ...place.dataset };
const drafts = createDrafts();
const store = createStore(reduce, initial);
const shown = signal(store.get());
store.subscribe((state) => {
  shown.value = state;
});

const timers = {
  later: (work, ms) => setTimeout(work, ms),
  cancel: (timer) => clearTimeout(timer),
  random: Math.random,
  now: Date.now,
};
const socket = io(config.realtime, {
  autoConnect: false, path: '/socket.io', reconnection: false, transports: ['websocket'], withCredentials: true,
});
const client = new Client(store, socket, timers, dismissedIn(localStorage));

addEventListener('online', () => client.link.hurry());
addEventListener('offline', () => client.link.drop());
addEventListener('beforeunload', (event) => {
  // Nothing of what was written is kept on disk, so leaving would lose it.
  if (drafts.has() || store.get().outbox.length) event.preventDefault();
});

place.replaceChildren();
render(html`<${Frame} signal=${shown} client=${client} config=${config} drafts=${drafts} />`, place);
client.start();
