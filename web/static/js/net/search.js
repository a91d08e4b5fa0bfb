// Searching one's own conversations: asked of the pages, whose answers come from an index.

import { errorWords, t } from '../lib/words.js';

/** @returns {Promise<{found: object[], next: any, waiting: number}>} @throws {Error} in words */
export async function search(csrf, query, after = null) {
  let answer;
  try {
    answer = await fetch('/api/search', {
      method: 'POST', credentials: 'same-origin', body: JSON.stringify(after ? { query, after } : { query }),
      headers: { Accept: 'application/json', 'Content-Type': 'application/json', 'X-CSRF-Token': csrf },
    });
  } catch {
    throw new Error(t('The server cannot be reached. Try again in a moment.'));
  }
  const said = await answer.json();
  if (!answer.ok) throw new Error(errorWords(said));
  return said;
}
