// How long to wait before trying again.

const FIRST_MS = 400;
const LONGEST_MS = 15_000;

/**
 * Return a wait with full jitter, so that a thousand browsers do not come back at once.
 * @param {number} attempt 1 for the first retry
 * @param {() => number} random in [0, 1)
 */
export function waitBefore(attempt, random) {
  const bound = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 10));
  return Math.round(bound / 2 + (random() * bound) / 2);
}

/** Return the wait before a request is repeated: what the server asked for, or more. */
export function waitAfter(error, attempt, random) {
  return Math.max(waitBefore(attempt, random), (error.answer?.retry_after ?? 0) * 1000);
}
