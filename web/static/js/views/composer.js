// Where one writes. While one pauses, the policy is asked about the draft; the answer is a tip and
// never a gate: the server decides again when the message is sent, and keeps nothing of drafts.

import { choicesIn } from '../lib/choices.js';
import { boxOf, planOf } from '../lib/drafts.js';
import { typed } from '../lib/typed.js';
import { classes, html, later, lazy, useApp, useEffect, useLayoutEffect, useRef, useState, useTask } from '../lib/ui.js';
import { noticeWords, t, tn } from '../lib/words.js';
import { pressed } from '../shortcuts.js';
import { isDeserted, lastOf, lastOwn, waitingIn } from '../store/select.js';
import { useCompletion } from './complete.js';
import { EmojiButton } from './emojibutton.js';
import { AttachButtons, useAttachments } from './files/attach.js';
import { Icon, IconButton } from './icons.js';
import { Problem } from './notice.js';
import { Quoted } from './quoted.js';

const IDLE_MS = 400;
const TYPING_EVERY_MS = 3_000;
const NEAR_LIMIT = 0.9;

const Closed = lazy(() => import('./closed.js'), 'Closed');
const forming = later(() => import('./formatting.js'));
const Formatting = lazy(forming, 'Formatting');
const choices = choicesIn(globalThis.localStorage);
const Length = lazy(() => import('./length.js'), 'Length');
const LaterMenu = lazy(() => import('./later.js'), 'LaterMenu', html`<span class="icon-button"></span>`);
const Waiting = lazy(() => import('./later.js'), 'Waiting');
const Tray = lazy(() => import('./files/tray.js'), 'Tray');
const Missing = lazy(() => import('./files/tray.js'), 'Missing');
const Planned = lazy(() => import('./planned.js'), 'Planned');
const Tip = lazy(() => import('./tip.js'), 'Tip');

export function Composer({ state, conversation, root = null, onEditLast, label }) {
  const { client, drafts, openThread, showDialog } = useApp();
  const key = boxOf(conversation.id, root);
  const [text, write] = useDraft(drafts, key);
  const [planned, plan] = useDraft(drafts, planOf(key));
  const box = useRef(null);
  const told = useRef(0);
  const planning = useRef(null);
  const quoted = state.quoting[key] ?? null;
  const quote = (item) => client.store.dispatch({ type: 'quoting', key, item });
  const [wrong, setWrong] = useState(false);
  const [missing, setMissing] = useState(null);
  const [formatting, setFormatting] = useState(choices.has('formatting'));
  const { error, run, clear } = useTask();
  const over = Array.from(text).length - state.limits.max_chars;
  const attach = useAttachments(key, conversation.id, { main: root === null, onAdded: () => box.current?.focus(), onFormed: (text) => put(text) });
  const tip = useTip(client, state, conversation.id, over > 0 ? '' : text, quoted, attach.done());

  useLayoutEffect(() => box.current?.focus({ preventScroll: true }), [key, quoted?.id]);
  useEffect(() => drafts.onReplaced(key, (next, { here }) => {
    write(next);
    if (here) box.current?.focus();
  }), [key]);

  useEffect(() => setWrong(false), [key, tip === null]);
  useEffect(() => setMissing(null), [key, attach.failed.length === 0]);

  /** Put words in where the cursor is; several lines are lines of their own. */
  const put = (words) => {
    const { selectionStart: from, value } = box.current;
    const own = words.includes('\n') ? `${from && value[from - 1] !== '\n' ? '\n' : ''}${words}\n` : words;
    typed(box.current, own);
  };
  const send = (more = {}) => {
    // What is in the box now: a key may come before the last letter was drawn.
    const written = drafts.get(key);
    if ((!written.trim() && !attach.ready) || attach.busy || Array.from(written).length > state.limits.max_chars) return;
    // A file that is missing is for its sender to see before others miss it.
    if (client.uploads.in(key).some((entry) => entry.state === 'failed')) {
      setMissing(more);
      return;
    }
    if (planned) {
      // Pressed twice it is meant once.
      planning.current ??= run(() => schedule(new Date(planned))).then(() => {
        planning.current = null;
      });
      return;
    }
    client.send(conversation.id, written.trim() ? written : '', { threadRoot: root, quotes: quoted?.id, files: attach.take(), reports: wrong, codes: completion.early(written), ...more });
    write('');
    if (quoted) quote(null);
    box.current?.focus();
  };
  const waiting = waitingIn(state, conversation.id, root);
  const canWait = (Boolean(text.trim()) || attach.ready) && !attach.busy && !attach.failed.length && over <= 0;
  const schedule = async (at) => {
    const written = drafts.get(key);
    const said = completion.early(written) ? await client.queue.signed(written) : written;
    const entry = await client.schedule(conversation.id, said, at, { threadRoot: root, quotes: quoted?.id, files: attach.done() });
    attach.take();
    if (quoted) quote(null);
    plan('');
    // What was typed meanwhile is another message.
    if (drafts.get(key) === written) write('');
    box.current?.focus();
    return entry;
  };
  const onInput = (event) => {
    write(event.target.value);
    if (planned && !event.target.value) plan('');
    setMissing(null);
    clear();
    const now = Date.now();
    if (now - told.current > TYPING_EVERY_MS && event.target.value) {
      told.current = now;
      client.typing(conversation.id);
    }
  };
  const completion = useCompletion({ box, text, people: conversation.members, id: `complete-${key}` });
  const onKey = (event) => {
    if (completion.onKey(event)) return;
    const on = {
      send: () => send(),
      editLast: () => !text && lastOwn(state, conversation, root),
      replyLast: () => !text && !root && lastOf(state, conversation),
    };
    const what = pressed(event, 'writing', state.preferences);
    const found = on[what]?.();
    if (what === 'editLast' && found) onEditLast(found.id);
    if (what === 'replyLast' && found) openThread(found.id);
    const named = what ? null : pressed(event, 'forms');
    if (named) forming().then(({ form }) => form(box.current, named), () => {});
    if (what === 'send' || found || named) event.preventDefault();
  };
  const toggle = () => {
    choices.set('formatting', !formatting);
    setFormatting(!formatting);
    box.current?.focus();
  };
  if (conversation.closed) {
    return html`<${Closed} text=${text} discard=${() => write('')} />`;
  }
  return html`<div class="composer" ref=${attach.place}>
    ${completion.list}
    ${quoted && html`<div class="quoting"><${Quoted} quote=${{ ...quoted.view, sender: quoted.sender, at: quoted.at }} people=${state.people} />
      <${IconButton} icon="close" label=${t('Do not quote it')} onClick=${() => { quote(null); box.current?.focus(); }} /></div>`}
    ${planned && html`<${Planned} at=${planned} forget=${() => { plan(''); box.current?.focus(); }} />`}
    <${Tray} attach=${attach} />
    ${isDeserted(conversation) && html`<p class="hint">${t('Nobody else is here any more: nobody receives what you write.')}</p>`}
    <div class=${classes('write', tip && 'tipped')}>
      ${formatting && html`<${Formatting} box=${box} id=${`write-${key}`} />`}
      <${AttachButtons} attach=${attach} />
      <textarea id=${`write-${key}`} ref=${box} rows="1" aria-label=${label} placeholder=${root ? t('Reply…') : t('Message…')} value=${text} onInput=${onInput} onKeyDown=${onKey} onPaste=${attach.onPaste}
        aria-describedby=${tip ? `tip-${key}` : undefined} dir="auto" ...${completion.props}></textarea>
      <${IconButton} icon="format" label=${t('Formatting')} aria-pressed=${formatting} onClick=${toggle} />
      <${EmojiButton} box=${box} />
      <button type="button" class="button main" disabled=${(!text.trim() && !attach.ready) || attach.busy || over > 0} onClick=${() => send()}><${Icon} name=${planned ? 'clock' : 'send'} /><span>${planned ? t('Schedule') : t('Send')}</span></button>
      <${LaterMenu} ready=${canWait} schedule=${(at) => run(() => schedule(at))} own=${() => showDialog({ kind: 'later', schedule })} />
    </div>
    ${missing && attach.failed.length > 0 && html`<${Missing} attach=${attach} send=${() => send(missing)} />`}
    <${Problem} error=${error} />
    ${waiting.length > 0 && html`<${Waiting} entries=${waiting} />`}
    <div role="status">${tip && html`<${Tip} id=${`tip-${key}`} tip=${tip} text=${text} asks=${!attach.entries.length} write=${write} leave=${() => box.current?.focus()} send=${send} wrong=${wrong} setWrong=${setWrong} />`}</div>
    ${over > -state.limits.max_chars * (1 - NEAR_LIMIT) && html`<${Length} over=${over} max=${state.limits.max_chars} />`}
  </div>`;
}

/** Keep what is written for each conversation. */
function useDraft(drafts, key) {
  const [, again] = useState(0);
  const write = (text) => {
    drafts.set(key, text);
    again((n) => n + 1);
  };
  return [drafts.get(key), write];
}

/** Ask about the draft once one pauses; an answer that comes after more was typed is dropped. */
function useTip(client, state, conversation, text, quoted, files) {
  const [tip, setTip] = useState(null);
  const draft = { conversation, text, files: files.map(({ id }) => id), quotes: quoted?.id };
  const wanted = text.trim() || files.length;
  useEffect(() => {
    let current = true;
    if (!wanted) {
      setTip(null);
      return undefined;
    }
    const timer = setTimeout(async () => {
      const found = await client.ask('draft', draft).then((answer) => tipOf(answer, text), () => ({ unreachable: true }));
      if (current) setTip(found);
    }, IDLE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [JSON.stringify(draft)]);
  return wanted && !(tip?.unreachable && state.link.status !== 'online') ? tip : null;
}

function tipOf({ verdict, notice, findings }, text) {
  if (verdict === 'allow' || !notice) return null;
  const { length } = Array.from(text);
  return {
    verdict,
    title: notice.title,
    notice: noticeWords(notice),
    excerpts: [...new Set(findings.map((finding) => finding.excerpt).filter(Boolean))],
    // What stands in a file's name or in a quote is not in the box.
    removable: findings.filter((finding) => finding.end > finding.start && finding.start < length && !finding.preceding),
  };
}
