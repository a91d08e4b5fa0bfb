// Places in a text. The server counts characters (code points), JavaScript counts UTF-16 units.

/**
 * Return a text without what was found in it, for "Remove it for me".
 * @param {string} text
 * @param {{start: number, end: number}[]} findings offsets in code points
 */
export function withoutSpans(text, findings) {
  const points = Array.from(text);
  const gone = new Set();
  for (const { start, end } of findings) for (let i = start; i < end; i += 1) gone.add(i);
  return points.filter((_, i) => !gone.has(i)).join('').replaceAll(/ {2,}/g, ' ').trim();
}
