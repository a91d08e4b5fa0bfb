// The words of a message in one piece, without its form: for where it is cut short, or told outside of the page. Pure.

import { mentionOf } from '../store/said.js';

const LINES = /^(p|pre|li|tr)$/;
const CELLS = /^t[dh]$/;

/** @param {(string|object)[]} tokens */
export const wordsOf = (tokens, people) => joined(tokens, people).replace(/\s*\n\s*/g, '\n').trim();

function joined(tokens, people) {
  return tokens.map((node) => {
    if (typeof node === 'string') return node;
    if (node.t === 'br') return '\n';
    if (node.t !== 'mention') return `${joined(node.c ?? [], people)}${LINES.test(node.t) ? '\n' : CELLS.test(node.t) ? ' ' : ''}`;
    const [shown, rest] = mentionOf(people, node.person, node.c[0]);
    // Isolated: a name of the other direction moves nothing beside it.
    return `\u2068${shown}\u2069${rest}`;
  }).join('');
}
