// What is covered in a text that others see in part.

const COVERED = /(▮+(?: \[[^\]]{1,80}\])?)/u;

/**
 * Return the parts of a redacted text: what is plain and what is covered.
 * @param {string} text
 * @returns {{text: string, covered: boolean}[]}
 */
export function coveredParts(text) {
  return text.split(COVERED).filter(Boolean).map((part) => ({ text: part, covered: part.startsWith('▮') }));
}
