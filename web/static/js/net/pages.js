// Asks the pages, over HTTP, for what is not for the websocket: files, search. Nothing stands in an address
// that somebody wrote.

import { NotCarried, Refused } from './link.js';

/**
 * Return how the pages are asked: with the token of the session, answers and errors as they are typed.
 * @param {string} csrf
 * @returns {(method: string, path: string, body?: object|Blob, signal?: AbortSignal) => Promise<any>}
 *   throws {Refused} with the typed answer, {NotCarried} where there was none
 */
export function caller(csrf, fetch = globalThis.fetch.bind(globalThis)) {
  return async (method, path, body, signal) => {
    const headers = { 'X-CSRF-Token': csrf, Accept: 'application/json' };
    const isPiece = body instanceof Blob;
    if (body !== undefined) headers['Content-Type'] = isPiece ? 'application/octet-stream' : 'application/json';
    let answer;
    try {
      answer = await fetch(path, { method, headers, body: isPiece ? body : body && JSON.stringify(body), signal });
    } catch (failure) {
      throw failure.name === 'AbortError' ? failure : new NotCarried('lost');
    }
    const told = await answer.json();
    if (!answer.ok) throw new Refused(told);
    return told;
  };
}
