// Times as people read them, in the language of the page and the browser's own zone.

import { formats, t, tn } from './words.js';

const clock = new Intl.DateTimeFormat(formats, { timeStyle: 'short' });
const weekday = new Intl.DateTimeFormat(formats, { weekday: 'long' });
const dayAndMonth = new Intl.DateTimeFormat(formats, { weekday: 'short', day: 'numeric', month: 'long' });
const withYear = new Intl.DateTimeFormat(formats, { day: 'numeric', month: 'long', year: 'numeric' });
const full = new Intl.DateTimeFormat(formats, { dateStyle: 'full', timeStyle: 'medium' });

/** @param {string} at RFC 3339 */
export const timeOf = (at) => clock.format(new Date(at));

/** @param {string} at RFC 3339 */
export const fullTimeOf = (at) => full.format(new Date(at));

/** @param {string} at RFC 3339 @param {Date} now */
export function dayName(at, now = new Date()) {
  const date = new Date(at);
  const days = Math.round((midnight(now) - midnight(date)) / 86_400_000);
  if (days === 0) return t('Today');
  if (days === 1) return t('Yesterday');
  if (days === -1) return t('tomorrow');
  if (days > 1 && days < 7) return weekday.format(date);
  return date.getFullYear() === now.getFullYear() ? dayAndMonth.format(date) : withYear.format(date);
}

/** @param {number} days @returns {string} `7 years`, `90 days` */
export function spanOf(days) {
  const years = Math.floor(days / 365);
  if (years && days % 365 <= Math.floor(days / 1460) + 1) return tn('{n} year', '{n} years', years);
  return tn('{n} day', '{n} days', days);
}

const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
