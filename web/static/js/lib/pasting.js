// What a clipboard holds, as one would have it in a message. Pure.

/**
 * Tell whether the words are meant, not the picture of them that an office program adds.
 * A file that was copied has no HTML beside its name; a picture of a page has no words.
 */
export const isOfWords = (data) => Boolean(data.getData('text/html') && data.getData('text/plain').trim());

/** Return cells that were copied from a spreadsheet as a table, or null where there are none. */
export function tableOf(data) {
  if (!/<table[\s>]/i.test(data.getData('text/html'))) return null;
  const rows = data.getData('text/plain').replace(/\r\n?/g, '\n').replace(/\n+$/, '').split('\n').map((line) => line.split('\t'));
  const [head, ...rest] = rows;
  // A line that has other columns has a cell of several lines: as it was pasted it is clearer.
  if (!rest.length || head.length < 2 || rest.some((row) => row.length !== head.length)) return null;
  const line = (cells) => `| ${cells.map((cell) => cell.trim().replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rest.map(line)].join('\n');
}
