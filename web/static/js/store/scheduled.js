// What is to be said later, as the server tells of it. Pure.

const OVER = new Set(['sent', 'removed']);

/** Return the list with one entry as it is now: it changes in its place, comes in by its time, or goes. */
export function withEntry(entries, entry) {
  const held = entries.find((each) => each.id === entry.id);
  const rest = entries.filter((each) => each.id !== entry.id);
  if (OVER.has(entry.state)) return held ? rest : entries;
  return [...rest, { ...held, ...entry }].sort((a, b) => (a.at < b.at ? -1 : 1));
}

/** Tell whether a change is of something whose words this page does not have yet. */
export const isUnknown = (entries, entry) => !OVER.has(entry.state) && !entries.some((each) => each.id === entry.id);
