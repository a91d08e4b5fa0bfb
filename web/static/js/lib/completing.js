// What is being completed where the caret stands: a name after @, an emoji after a colon (and up to one). Pure.

const BEGUN = /(?:^|[\s(])([@:])([\p{L}\p{N}_.\-+]*:?)$/u;
/** The code of an emoji, wherever it stands. */
const CODE = /(?:^|[\s(]):[\p{L}\p{N}_.\-+]+:/u;
const LEAST = { '@': 0, ':': 2 };

/**
 * @param {string} text
 * @param {number} caret
 * @returns {{sign: string, word: string, from: number}|null} where `from` is the place of the sign
 */
export function begun(text, caret) {
  const found = BEGUN.exec(text.slice(0, caret));
  if (!found || found[2].length < LEAST[found[1]]) return null;
  return { sign: found[1], word: found[2], from: caret - found[2].length - 1 };
}

/** Tell whether a text holds what may be the code of an emoji. */
export const hasCode = (text) => CODE.test(text);

/** Return what is put in the place of what was begun, and of the space behind it: `chosen`, and one space. */
export function completed(text, { from, word }, chosen) {
  const end = from + 1 + word.length;
  return { put: `${chosen} `, from, to: text[end] === ' ' ? end + 1 : end };
}
