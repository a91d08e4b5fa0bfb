import assert from 'node:assert/strict';
import test from 'node:test';

process.env.TZ = 'UTC';
globalThis.document = { documentElement: { lang: 'en', dataset: {} } };
Object.defineProperty(globalThis, 'navigator', { value: { languages: ['en-US'] }, configurable: true });
const { dayName, spanOf, timeOf } = await import('../../../web/static/js/lib/time.js');

const NOW = new Date('2026-03-31T09:14:00Z');

test('a time is said as its country says it', () => {
  assert.equal(timeOf('2026-03-31T20:11:00Z').replace(/\s/u, ' '), '8:11 PM');
});

test('a day near by has a name, another a date, and one of another year its year', () => {
  const named = (at) => dayName(at, NOW);
  assert.deepEqual(
    ['2026-03-31T23:59:00Z', '2026-03-30T00:00:00Z', '2026-04-01T00:00:00Z', '2026-03-26T12:00:00Z'].map(named),
    ['Today', 'Yesterday', 'tomorrow', 'Thursday'],
  );
  assert.equal(named('2026-03-02T12:00:00Z'), 'Mon, March 2');
  assert.equal(named('2025-12-31T12:00:00Z'), 'December 31, 2025');
});

test('a span is whole years, leap days or not, else days', () => {
  assert.deepEqual([90, 365, 366, 400, 1_826, 2_557].map(spanOf), ['90 days', '1 year', '1 year', '400 days', '5 years', '7 years']);
});
