import assert from 'node:assert/strict';
import test from 'node:test';

const ADDRESS = '../../../web/static/js/lib/words.js';
const PUT_IN = { who: '\u05d3\u05e0\u05d4' };

/** The module as a page in this language loads it: a copy of its own. */
async function pageIn(lang, words, { dir = 'ltr', languages = [], answers = true } = {}) {
  globalThis.document = { documentElement: { lang, dir, dataset: words ? { words: `/assets/0/words/${lang}.json` } : {} } };
  Object.defineProperty(globalThis, 'navigator', { value: { languages }, configurable: true });
  globalThis.fetch = async () => {
    if (!answers) throw new TypeError('Failed to fetch');
    return { json: async () => words };
  };
  return import(`${ADDRESS}?${lang}-${Math.random()}`);
}

const GERMAN = {
  messages: { Send: 'Senden', '{n} reply': ['{n} Antwort', '{n} Antworten'], '{who} added {person}': '{who} hat {person} hinzugefügt',
    'There is no such message.': 'Diese Nachricht gibt es nicht.',
    'Wait {seconds} s (at most).': 'Warten Sie {seconds} s (höchstens).' },
  plurals: { one: 0, other: 1 },
  errors: ['Wait {seconds} s (at most).'],
};

test('without a catalogue everything is said in English', async () => {
  const { t, tn } = await pageIn('en', null);
  assert.equal(t('Remove {name}', { name: 'Ben' }), 'Remove Ben');
  assert.equal(tn('{n} reply', '{n} replies', 1), '1 reply');
  assert.equal(tn('{n} reply', '{n} replies', 1200), '1,200 replies');
});

test('sentences and plural forms come from the catalogue of the page', async () => {
  const { t, tn } = await pageIn('de', GERMAN);
  assert.equal(t('Send'), 'Senden');
  assert.equal(tn('{n} reply', '{n} replies', 1), '1 Antwort');
  assert.equal(tn('{n} reply', '{n} replies', 0), '0 Antworten');
  assert.equal(tn('{n} reply', '{n} replies', 1200), '1.200 Antworten');
});

test('a sentence that the catalogue lacks, or a catalogue that does not come, is English', async () => {
  assert.equal((await pageIn('de', GERMAN)).t('Retry'), 'Retry');
  assert.equal((await pageIn('de', GERMAN, { answers: false })).t('Send'), 'Send');
});

test('nodes are put in where the language wants them', async () => {
  const { rich } = await pageIn('de', GERMAN);
  const [who, person] = [{ node: 'Ann' }, { node: 'Ben' }];
  assert.deepEqual(rich('{who} added {person}', { who, person }), [who, ' hat ', person, ' hinzugefügt']);
});

test('what is put in cannot turn the sentence around it', async () => {
  const english = await pageIn('en', null);
  assert.equal(english.t('{who} left', PUT_IN), `\u2068${PUT_IN.who}\u2069 left`);
  assert.equal(english.t('{who} left', { who: 'a\u202eb' }), '\u2068a\u202eb\u2069 left');
  const hebrew = await pageIn('he', null, { dir: 'rtl' });
  assert.equal(hebrew.t('{who} left', { who: 'Ann' }), '\u2068Ann\u2069 left');
});

test('an error is told in the language of the page, with what was put into it; an unknown one as it was said', async () => {
  const { errorWords } = await pageIn('de', GERMAN);
  assert.equal(errorWords({ code: 'no_message', message: 'There is no such message.' }), 'Diese Nachricht gibt es nicht.');
  assert.equal(errorWords({ code: 'rate', message: 'Wait 3 s (at most).' }), 'Warten Sie 3 s (höchstens).');
  assert.equal(errorWords({ code: 'unheard_of', message: 'It broke.' }), 'It broke.');
  assert.equal(errorWords({ code: 'unheard_of' }), undefined);
});

test('what a policy says is told in the language of the page, an author’s own words as they are', async () => {
  const words = { ...GERMAN,
    messages: { 'Blocked: {what}.': 'Blockiert: {what}.', 'Nothing was sent.': 'Nichts wurde gesendet.', file: 'Datei', 'This {surface} was not taken.': 'Nicht angenommen: {surface}.' },
    errors: ['This {surface} was not taken.', 'Blocked: {what}.'] };
  const { noticeWords } = await pageIn('de', words);
  assert.deepEqual(
    noticeWords({ title: 'Blocked: client number (••••).', why: 'Nothing was sent.', actions: ['Ask Ida, she knows.', 'This file was not taken.'] }),
    { title: 'Blockiert: client number (••••).', why: 'Nichts wurde gesendet.', actions: ['Ask Ida, she knows.', 'Nicht angenommen: Datei.'] },
  );
  assert.equal(noticeWords(null), null);
});

test('dates and numbers follow the browser’s own variety of the language', async () => {
  assert.equal((await pageIn('en', null, { languages: ['de-DE', 'en-GB'] })).formats, 'en-GB');
  assert.equal((await pageIn('de', GERMAN, { languages: ['en-GB'] })).formats, 'de');
});

test('a notice is told in the language of the page where its author wrote it, else in English', async () => {
  const { noticeWords, spoken } = await pageIn('de', GERMAN);
  const notice = { title: 'Stop.', why: '', actions: [], translations: { de: { title: 'Halt.', why: '', actions: ['Send'] } } };
  assert.equal(noticeWords(notice).title, 'Halt.');
  assert.deepEqual(noticeWords(notice).actions, ['Senden']);
  assert.equal(spoken({ en: 'Research', de: 'Forschung' }), 'Forschung');
  assert.equal(spoken({ en: 'Research', fr: 'Recherche' }), 'Research');
  const { noticeWords: swiss } = await pageIn('de-CH', null);
  assert.equal(swiss(notice).title, 'Halt.');
  const { noticeWords: french } = await pageIn('fr', null);
  assert.equal(french(notice).title, 'Stop.');
});
