import { t } from './words.js';

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
