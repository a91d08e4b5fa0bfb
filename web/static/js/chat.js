// The chat page begins here: puts store, net and views together.

import { io } from '../vendor/socket.io.js';
import { dismissedIn } from './lib/dismissed.js';
import { createDrafts } from './lib/drafts.js';
import { peersOf } from './lib/peers.js';
import { openShelf } from './lib/shelf.js';
import { html, later, loadRest, render } from './lib/ui.js';
import { onWaking } from './lib/wake.js';
import { Client } from './net/client.js';
import { caller } from './net/pages.js';
import { Uploads } from './net/uploads.js';
import { initial, reduce } from './store/reduce.js';
import { createStore } from './store/store.js';
import { Frame } from './views/app.js';
import { finders } from './views/complete.js';

const page = document.documentElement;
const place = document.getElementById('app');
const config = { ...place.dataset };
const store = createStore(reduce, initial);
const shown = createStore((before, now) => now, store.get());

const timers = {
  later: (work, ms) => setTimeout(work, ms),
  cancel: (timer) => clearTimeout(timer),
  random: Math.random,
  now: Date.now,
};
const socket = io(config.realtime, {
  autoConnect: false, path: '/socket.io', reconnection: false, transports: ['websocket'], withCredentials: true,
});
const peers = peersOf(config.person, globalThis.BroadcastChannel, navigator.locks);
const shelf = await openShelf(globalThis.indexedDB, config.person);
const pages = caller(config.csrf);
const uploads = new Uploads(config.person, { call: pages, ...timers, factory: globalThis.indexedDB, tell: (id) => peers.tell({ kind: 'file_gone', id }) });
const client = new Client(store, socket, timers, { dismissed: dismissedIn(localStorage), shelf, peers, uploads, pages });
const drafts = await createDrafts(shelf, peers, (key, held) => store.dispatch({ type: 'drafted', key, held }));
await Promise.all([client.queue.load(), uploads.load()]);

/** Leave nothing of this person behind, here and in the other tabs. */
const forget = async () => {
  peers.tell({ kind: 'forgotten' });
  await Promise.all([shelf.wipe(), uploads.wipe()]);
};
peers.listen((told) => {
  const on = {
    outbox: () => client.queue.heard(told.action),
    draft: () => drafts.heard(told),
    file_gone: () => uploads.heard(told.id),
    leaving: () => client.queue.resume(),
    forgotten: () => location.replace(config.signin),
  };
  on[told.kind]?.();
});

store.subscribe((state) => {
  // Somebody else signed in meanwhile, in another tab: this page is not theirs.
  if (state.me && state.me.id !== config.person) location.reload();
  else shown.dispatch(state);
  // Chosen in another window: this one follows at once.
  const { theme } = state.preferences;
  if (theme && theme !== page.dataset.theme) page.dataset.theme = theme;
});
addEventListener('online', () => client.link.hurry());
addEventListener('offline', () => client.link.drop());
addEventListener('pagehide', () => {
  drafts.flush();
  peers.tell({ kind: 'leaving' });
});
addEventListener('beforeunload', (event) => {
  // Only where this browser keeps nothing would leaving lose what was written.
  const { drafted, outbox } = store.get();
  if (!shelf.lasting && (Object.keys(drafted).length || outbox.length)) event.preventDefault();
});
onWaking(() => client.woke());
client.queue.withSigns = (text) => finders().then(({ withSigns }) => withSigns(text));
const telling = later(() => import('./views/telling.js'));
client.onItem = (item) => {
  const looking = document.hasFocus();
  telling().then(({ tellOf }) => tellOf(store.get(), item, looking), () => {});
};

place.replaceChildren();
render(html`<${Frame} shown=${shown} client=${client} config=${config} drafts=${drafts} forget=${forget} />`, place);
client.start();
// The rest comes as soon as one can write: whoever loses the network a moment later has it already.
const begun = store.subscribe((state) => {
  if (state.phase !== 'ready') return;
  begun();
  setTimeout(loadRest);
});
