// What a key means where one writes.

/**
 * Tell whether a key says "done": Enter, or with Control where one prefers that; never while an input
 * method composes (Safari says so by the code only).
 * @param {KeyboardEvent} event
 * @param {boolean} withControl whether Enter alone begins a new line
 */
export function isSending(event, withControl = false) {
  if (event.key !== 'Enter' || event.isComposing || event.keyCode === 229) return false;
  const control = event.ctrlKey || event.metaKey;
  return withControl ? control : !event.shiftKey && !event.altKey;
}
