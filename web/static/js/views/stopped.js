// What the sender sees of a message that nobody else has seen: why, and what can be done.

import { dayName, fullTimeOf, timeOf } from '../lib/time.js';
import { classes, html, useApp, useEffect, useState, useTask } from '../lib/ui.js';
import { noticeWords, rich, t, tn } from '../lib/words.js';
import { isChannel, others } from '../store/select.js';
import { Files } from './files/files.js';
import { Icon } from './icons.js';
import { Problem } from './notice.js';
import { Forwarded, Quoted } from './quoted.js';
import { Report } from './report.js';
import { Tokens } from './tokens.js';

/** Every state of a stopped message: its word, its icon, how grave it is, its sentence, and whether it waits or waited. */
export const STATES = {
  checking: { word: t('Checking'), icon: 'clock', tone: '', says: t('Your files are being checked.'), waits: true },
  needs_confirmation: { word: t('Not sent yet'), icon: 'warn', tone: 'warn' },
  needs_reason: { word: t('Not sent: needs a reason'), icon: 'warn', tone: 'warn' },
  quarantined: { word: t('Waiting for Compliance'), icon: 'clock', tone: 'warn', waits: true },
  blocked: { word: t('Blocked'), icon: 'block', tone: 'bad' },
  withdrawn: { word: t('Withdrawn'), icon: 'back', tone: '', says: t('You took this back before it was decided.'), waits: true },
  rejected: { word: t('Not released'), icon: 'block', tone: 'bad', says: t('Compliance decided against it.'), waits: true },
  lapsed: { word: t('Lapsed'), icon: 'clock', tone: '', says: t('Nobody decided in time, so it was never delivered. Send it again if it still matters.') },
};

/** Nobody will see what came to this. */
const ENDED = new Set(['withdrawn', 'rejected', 'lapsed']);

const unknown = { word: t('Stopped'), icon: 'block', tone: 'bad' };

export function Stopped({ item, place, onEdit }) {
  const { client, me } = useApp();
  const state = STATES[item.state] ?? unknown;
  const notice = noticeWords(item.view.notice);
  const { people, conversations } = client.store.get();
  const { quote, forwarded } = item.view;
  const ended = ENDED.has(item.state);
  useEffect(() => void (ended && client.uploads.settled(item.view.files)), [ended]);
  const away = () => client.dismiss(item.conversation, item.id);
  return html`<li class=${`stopped ${state.tone}`} data-state=${item.state} ...${place}>
    <header class="author">
      <span class=${`badge ${state.tone}`}><${Icon} name=${state.icon} />${state.word}</span>
      <time datetime=${item.at} title=${fullTimeOf(item.at)}>${timeOf(item.at)}</time>
      <span class="hint">${t('only you see this')}</span>
    </header>
    <div class="body" dir="auto">
      ${quote && html`<${Quoted} quote=${quote} people=${people} />`}
      <${Tokens} tokens=${item.view.tokens} />
    </div>
    ${forwarded
      ? html`<${Forwarded} forwarded=${forwarded} people=${people} known=${conversations} files=${item.view.files} checked=${false} />`
      : html`<${Files} files=${item.view.files} checked=${false} />`}
    ${state.says
      ? html`<p class="why">${state.says}${state.waits && ` ${unseen(conversations[item.conversation], me.id)}`}</p>`
      : notice && html`<div class="why"><p dir="auto"><strong>${notice.title}</strong> ${notice.why}</p>
          ${item.state === 'blocked' && notice.actions.length > 0 && html`<p dir="auto">${notice.actions.join(' ')}</p>`}</div>`}
    ${state.waits && !state.says && html`<p class="why">${unseen(conversations[item.conversation], me.id)}</p>`}
    <${Why} item=${item} />
    <${Answer} item=${item} away=${away} onEdit=${() => { away(); onEdit(item); }} />
  </li>`;
}

/** Who has not seen it, by name. */
function unseen(conversation, me) {
  if (isChannel(conversation)) return t('Nobody in {channel} has seen it.', { channel: conversation.kind === 'public' ? `#${conversation.name}` : conversation.name });
  const [other, ...more] = others(conversation, me);
  return other && !more.length ? t('{name} has not seen it.', { name: other.name }) : t('Nobody else in this group has seen it.');
}

/** Why it was stopped, in full; and a word to Compliance where one thinks that this is wrong. */
function Why({ item }) {
  const { decision } = item.view;
  const notice = noticeWords(item.view.notice);
  const found = [...new Set((item.findings ?? []).map((each) => each.excerpt).filter(Boolean))];
  if (!notice || !decision) return null;
  // What is blocked says what to do, and asks for a review, in its own place.
  const told = item.state === 'blocked';
  return html`<details class="whole"><summary>${t('Why was this stopped?')}</summary>
    <div class="stack">
      <p>${t('Your firm’s policy checks each message before anybody sees it. Nobody but you has seen this one; it is on record, and Compliance can read it.')}</p>
      ${found.length > 0 && html`<p>${t('Found:')} ${found.map((each) => html`<code class="excerpt">${each}</code> `)}</p>`}
      ${!told && notice.actions.length > 0 && html`<ul>${notice.actions.map((each) => html`<li dir="auto">${each}</li>`)}</ul>`}
      ${!told && html`<${Report} conversation=${item.conversation} decision=${decision} />`}
    </div></details>`;
}

function Answer({ item, away, onEdit }) {
  if (item.state === 'quarantined' || item.state === 'checking') return html`<${Waiting} item=${item} />`;
  if (item.state === 'needs_confirmation' || item.state === 'needs_reason') {
    return html`<${Confirm} item=${item} away=${away} onEdit=${onEdit} />`;
  }
  // The words of somebody else are not changed: one forwards them again.
  const isEdited = !item.view.source;
  const change = isEdited && html`<button type="button" class="button" onClick=${onEdit}>${t('Edit')}</button>`;
  const put = html`<button type="button" class=${classes('button', isEdited && 'quiet')} onClick=${away}>${t('Put away')}</button>`;
  const { decision } = item.view;
  return item.state === 'blocked' && decision
    ? html`<${Report} conversation=${item.conversation} decision=${decision} label=${t('Ask for review')} before=${change} after=${put} />`
    : html`<div class="row">${change}${put}</div>`;
}

function Confirm({ item, away, onEdit }) {
  const { client } = useApp();
  const [reason, setReason] = useState('');
  const { busy, error, run } = useTask();
  const needsReason = item.state === 'needs_reason';
  const send = async (event) => {
    event.preventDefault();
    const confirms = { decision: item.view.decision, reason: reason.trim() };
    const { text, source, quote, quotes = quote?.item, files = [] } = item.view;
    if (source) {
      const request = { conversation: item.conversation, source, text, thread_root: item.thread_root, confirms };
      await run(async () => {
        await client.forward(request);
        away();
      });
      return;
    }
    client.send(item.conversation, text, { threadRoot: item.thread_root, confirms, quotes, files });
    away();
  };
  return html`<form class="confirm" onSubmit=${send}>
    ${needsReason && html`<label class="field"><span>${t('Your reason; it is kept with the message')}</span>
      <input required maxlength="1000" value=${reason} onInput=${(e) => setReason(e.target.value)} autocomplete="off" /></label>`}
    <div class="row">
      <button class="button" disabled=${busy || (needsReason && !reason.trim())}>${needsReason ? t('Send with this reason') : t('Send anyway')}</button>
      ${!item.view.source && html`<button type="button" class="button quiet" onClick=${onEdit}>${t('Edit')}</button>`}
      <button type="button" class="button quiet" onClick=${away}>${t('Discard')}</button>
    </div>
    <${Problem} error=${error} />
  </form>`;
}

/** A span as people say it: minutes, from two hours on hours. */
function spanOf(ms) {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  return minutes < 120 ? tn('{n} minute', '{n} minutes', minutes) : tn('{n} hour', '{n} hours', Math.round(minutes / 60));
}

function Waiting({ item }) {
  const { client } = useApp();
  const { busy, error, run } = useTask();
  const withdraw = () => run(() => client.command('withdraw', { conversation: item.conversation, item: item.id }));
  const until = item.view.expires_at;
  const usual = item.state === 'quarantined' && client.store.get().usualWait;
  return html`<div class="stack">
    ${usual && html`<p class="hint">${t('Usually decided within {span}.', { span: spanOf(usual) })}</p>`}
    ${until && html`<p class="hint">${rich('If nobody decides, it lapses {moment}.', {
      moment: html`<time datetime=${until} title=${fullTimeOf(until)}>${t('{day} at {time}', { day: dayName(until), time: timeOf(until) })}</time>`,
    })}</p>`}
    <div class="row"><button type="button" class="button" disabled=${busy} onClick=${withdraw}>${item.state === 'checking' ? t('Cancel') : t('Withdraw')}</button></div>
    <${Problem} error=${error} />
  </div>`;
}
