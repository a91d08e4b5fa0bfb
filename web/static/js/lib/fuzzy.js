// Finding by a part of a name: the letters in their order, best where words begin. Pure.

/**
 * Return how well a name fits and which parts of it were meant; null where it does not.
 * @param {string} name
 * @param {string} query an empty one fits everything
 * @returns {{score: number, parts: {text: string, hit: boolean}[]}|null}
 */
export function matches(name, query) {
  const letters = [...name];
  const plain = letters.map(folded);
  const wanted = [...query.trim()].map(folded).filter((letter) => letter.trim());
  const whole = plain.join('').indexOf(wanted.join(''));
  const hits = whole >= 0 && plain.length === name.length ? wanted.map((_, i) => whole + i) : inOrder(plain, wanted);
  if (!hits) return null;
  let score = wanted.length ? 10 - hits[0] / 10 - (hits.at(-1) - hits[0] - wanted.length + 1) : 0;
  for (const hit of hits) if (begins(plain, hit)) score += 3;
  return { score, parts: partsOf(letters, new Set(hits)) };
}

/** Letters without case and accents, one for one. */
function folded(letter) {
  const plain = letter.normalize('NFD')[0].toLocaleLowerCase();
  return plain[0] ?? letter;
}

/** Find the letters one after the other, at the beginning of a word where there is one. */
function inOrder(plain, wanted) {
  const hits = [];
  let from = 0;
  for (const letter of wanted) {
    let at = plain.findIndex((each, i) => i >= from && each === letter && (i === from || begins(plain, i)));
    if (at < 0) at = plain.indexOf(letter, from);
    if (at < 0) return null;
    hits.push(at);
    from = at + 1;
  }
  return hits;
}

const begins = (plain, at) => at === 0 || /[\s\-_.,/(]/.test(plain[at - 1]);

function partsOf(letters, hits) {
  const parts = [];
  letters.forEach((text, i) => {
    const hit = hits.has(i);
    if (parts.length && parts.at(-1).hit === hit) parts.at(-1).text += text;
    else parts.push({ text, hit });
  });
  return parts;
}
