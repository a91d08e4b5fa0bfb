// Words that come from elsewhere than the keys.

/**
 * Put words into a box, in the place of what is selected or stands from `from` to `to`, as if one had typed
 * them: the box tells of it, and the browser's own undo takes them back.
 * @param {HTMLTextAreaElement} box
 * @param {string} words
 */
export function typed(box, words, from = box.selectionStart, to = box.selectionEnd) {
  box.focus();
  box.setSelectionRange(from, to);
  // Nothing else puts a text in so that it can be undone.
  if (words) document.execCommand('insertText', false, words);
  else if (from < to) document.execCommand('delete');
}
