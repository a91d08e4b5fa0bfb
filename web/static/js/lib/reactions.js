// The reactions that are offered: the alias under which each is sent and decided, and its icon.

export const REACTIONS = {
  thumbs_up: 'thumb',
  check: 'check',
  eyes: 'eye',
  heart: 'heart',
  star: 'star',
  smile: 'smile',
  sad: 'sad',
  question: 'question',
};

/** @param {string} alias */
export const nameOf = (alias) => alias.replaceAll('_', ' ');
