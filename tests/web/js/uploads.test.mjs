// Uploads: one after the other, in pieces, on from where they stopped; nothing is sent that is not there.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Uploads } from '../../../web/static/js/net/uploads.js';

const CHUNK = 4;

/** A server that keeps what it is given; `broken` refuses that many requests as a lost network does. */
function server() {
  const files = new Map();
  const asked = [];
  const it = {
    files, asked, broken: 0, refuse: null,
    async call(method, path, body) {
      asked.push(`${method} ${path}`);
      if (it.broken > 0) {
        it.broken -= 1;
        throw new TypeError('Failed to fetch');
      }
      if (it.refuse) throw Object.assign(new Error(it.refuse), { answer: { code: it.refuse }, retryable: false });
      if (method === 'POST') {
        const known = [...files.values()].find((file) => file.client_id === body.client_id);
        const file = known ?? { ...body, id: `f${files.size + 1}`, received: 0, chunk: CHUNK };
        files.set(file.id, file);
        return { ...file };
      }
      const [, , , id, offset] = path.split('/');
      if (method === 'DELETE') return files.delete(id) && {};
      const file = files.get(id);
      if (Number(offset) === file.received) file.received += body.size;
      return { ...file };
    },
  };
  return it;
}

function uploads(api, told = []) {
  const later = [];
  const made = new Uploads('ana', {
    call: api.call, later: (work) => later.push(work), now: () => 1_000 + later.length, random: Math.random,
    tell: (id) => told.push(id),
  });
  return { made, later, settled: () => new Promise((resolve) => setTimeout(resolve, 5)) };
}

test('a disk that opens and cannot be read keeps no page from beginning', async () => {
  const database = { transaction() { throw new Error('NotFoundError'); } };
  const factory = {
    open() {
      const asked = { result: database };
      queueMicrotask(() => asked.onsuccess());
      return asked;
    },
  };
  const api = server();
  const made = new Uploads('ana', { call: api.call, later() {}, now: () => 1_000, random: Math.random, factory });
  await made.load();
  made.add('box', 'room', [file('a.txt', 3)]);
  assert.equal(made.in('box').length, 1);
});

const file = (name, size) => Object.assign(new Blob([new Uint8Array(size)]), { name });

test('files go up one after the other, in pieces, and are taken with a message', async () => {
  const api = server();
  const { made, settled } = uploads(api);
  made.add('box', 'room', [file('a.txt', 10), file('b.txt', 3)]);
  await settled();
  assert.deepEqual(api.asked, ['POST /api/files', 'PUT /api/files/f1/0', 'PUT /api/files/f1/4', 'PUT /api/files/f1/8', 'POST /api/files', 'PUT /api/files/f2/0']);
  assert.deepEqual(made.take('box').map(({ id, name }) => [id, name]), [['f1', 'a.txt'], ['f2', 'b.txt']]);
  assert.deepEqual(made.in('box'), []);
});

test('what goes with a message stays at hand until others see it, and comes back with it', async () => {
  const { made, settled } = uploads(server());
  const given = [file('a.png', 3), file('b.png', 3)];
  made.add('box', 'room', given);
  await settled();
  const [one, two] = made.take('box');
  assert.deepEqual([made.gone.get(one.id), made.gone.get(two.id)], given);
  made.giveBack('box', 'room', [two]);
  assert.equal(made.in('box')[0].file, given[1]);
  made.settled([one]);
  assert.deepEqual([...made.gone.keys()], [two.id]);
  await made.wipe();
  assert.equal(made.gone.size, 0);
});

test('a lost network is waited for, and the upload goes on where it stopped', async () => {
  const api = server();
  const { made, later, settled } = uploads(api);
  made.add('box', 'room', [file('a.txt', 10)]);
  await settled();
  made.add('box', 'room', [file('b.txt', 10)]);
  api.broken = 1;
  await settled();
  const [, second] = made.in('box');
  assert.equal(second.state, 'resting');
  later.pop()();
  await settled();
  assert.deepEqual(made.in('box').map((entry) => entry.state), ['done', 'done']);
});

test('what the server refuses is said, and tried again when asked to', async () => {
  const api = server();
  const { made, settled } = uploads(api);
  api.refuse = 'file_too_large';
  made.add('box', 'room', [file('film.mp4', 9)]);
  await settled();
  const [entry] = made.in('box');
  assert.deepEqual([entry.state, entry.error.message], ['failed', 'file_too_large']);
  assert.deepEqual(made.take('box'), []);
  api.refuse = null;
  made.retry(entry.client_id);
  await settled();
  assert.equal(made.in('box')[0].state, 'done');
});

test('a file that is taken out is forgotten here, on the server and in the other tabs', async () => {
  const api = server();
  const told = [];
  const { made, settled } = uploads(api, told);
  made.add('box', 'room', [file('a.txt', 3)]);
  await settled();
  const [entry] = made.in('box');
  made.remove(entry.client_id);
  await settled();
  assert.equal(api.files.size, 0);
  assert.deepEqual(told, [entry.client_id]);
});

test('a box takes ten files, and boxes do not mix', () => {
  const { made } = uploads(server());
  made.add('box', 'room', Array.from({ length: 12 }, (_, i) => file(`${i}`, 1)));
  made.add('other', 'room', [file('x', 1)]);
  assert.equal(made.in('box').length, 10);
  assert.equal(made.room('box'), 0);
  assert.equal(made.in('other').length, 1);
});
