// The reactions that are offered, by the alias under which they are sent and decided.

export const REACTIONS = {
  thumbs_up: '👍',
  check: '✅',
  eyes: '👀',
  heart: '❤️',
  tada: '🎉',
  smile: '😄',
  thinking: '🤔',
  question: '❓',
  rocket: '🚀',
  pray: '🙏',
  sad: '😢',
  hundred: '💯',
};

/** @param {string} alias */
export const glyphOf = (alias) => REACTIONS[alias] ?? `:${alias}:`;

/** @param {string} alias */
export const nameOf = (alias) => alias.replaceAll('_', ' ');
