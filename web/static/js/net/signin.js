// Signing in again without leaving the page.

import { errorWords, t } from '../lib/words.js';

/**
 * Start a new session.
 * @param {string} address of the sign-in form
 * @throws {Error} in words, when it was refused or nobody answered
 */
export async function signIn(address, username, password) {
  const fields = new FormData();
  fields.set('username', username);
  fields.set('password', password);
  let answer;
  try {
    answer = await fetch(address, {
      method: 'POST', redirect: 'manual', credentials: 'same-origin',
      headers: { Accept: 'application/json' }, body: fields,
    });
  } catch {
    throw new Error(t('The server cannot be reached. Try again in a moment.'));
  }
  // It answers a success by sending one on.
  if (answer.type === 'opaqueredirect') return;
  throw new Error(errorWords(await answer.json()));
}
