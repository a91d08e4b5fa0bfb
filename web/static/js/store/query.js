// What is asked of the search, put together from what was typed and what was chosen. Pure.

/**
 * Return a query in the language of the server: words, and `in:`, `from:`, `sent:`, `has:`.
 * @param {{words: string, conversation: string, from: string, since: string, until: string, link: boolean, file: boolean}} asked
 *   `conversation` is an id or empty; `from` a name; `since` and `until` days as YYYY-MM-DD, both included
 */
export function queryOf({ words, conversation, from, since, until, link, file }) {
  return [
    words.trim(),
    conversation && `in:${conversation}`,
    from.trim() && `from:${quoted(from.trim())}`,
    sent(since, until),
    link && 'has:link',
    file && 'has:file',
  ].filter(Boolean).join(' ');
}

function sent(since, until) {
  if (since && until) return `sent:${since}..${until}`;
  if (since) return `sent:>=${since}`;
  return until ? `sent:<=${until}` : '';
}

/** A name of several words is a phrase; a quotation mark inside one could not be asked for. */
const quoted = (name) => (/^[\w.@-]+$/.test(name) ? name : `"${name.replaceAll('"', ' ')}"`);
