// Sizes of files as people read them.

import { formats, t } from './words.js';

const UNITS = ['kilobyte', 'megabyte', 'gigabyte'];

/** Return a number of bytes in words: `840 kB`, `2.4 MB`. */
export function sizeOf(bytes) {
  let size = bytes / 1024;
  let unit = 0;
  while (size >= 1000 && unit < UNITS.length - 1) {
    size /= 1024;
    unit += 1;
  }
  const digits = size < 10 && unit > 0 ? 1 : 0;
  return new Intl.NumberFormat(formats, { style: 'unit', unit: UNITS[unit], maximumFractionDigits: digits }).format(Math.max(size, 1));
}

const KINDS = [
  [/^image[/]/, t('Image')],
  [/^audio[/]/, t('Audio')],
  [/^video[/]/, t('Video')],
  [/pdf$/, t('PDF')],
  [/wordprocessing|msword|opendocument\.text|rtf$/, t('Document')],
  [/spreadsheet|excel/, t('Spreadsheet')],
  [/presentation|powerpoint/, t('Presentation')],
  [/^text[/]/, t('Text')],
  [/zip|tar|7z|rar/, t('Archive')],
  [/rfc822|outlook/, t('Mail')],
];

/** Return what a file is, in a word. */
export const kindOf = (type = '') => KINDS.find(([form]) => form.test(type))?.[1] ?? t('File');
