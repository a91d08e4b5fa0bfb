// Reactions: the alias under which each is sent and decided, its sign, and its name.

import { t } from './words.js';

/** Those that are offered first. All others are loaded when one looks for them. */
export const QUICK = {
  thumbs_up: '👍',
  check: '✅',
  eyes: '👀',
  heart: '❤️',
  star: '⭐',
  smile: '🙂',
  sad: '🙁',
  question: '❓',
};

const NAMES = {
  thumbs_up: t('thumbs up'),
  check: t('check'),
  eyes: t('eyes'),
  heart: t('heart'),
  star: t('star'),
  smile: t('smile'),
  sad: t('sad'),
  question: t('question'),
};

/** @param {string} alias */
export const nameOf = (alias) => NAMES[alias] ?? alias.replaceAll('_', ' ');
