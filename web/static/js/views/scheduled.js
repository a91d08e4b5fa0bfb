// What one wants to say later, and what could not be said.

import { planOf } from '../lib/drafts.js';
import { fullTimeOf } from '../lib/time.js';
import { html, useApp, useEffect, useTask } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { titleOf } from '../store/select.js';
import { Files } from './files/shown.js';
import { Icon } from './icons.js';
import { momentOf } from './later.js';
import { Listing } from './lists.js';
import { Problem } from './notice.js';
import { Quoted } from './quoted.js';
import { STATES } from './stopped.js';

const WHY = {
  no_conversation: t('You are no longer in this conversation.'),
  conversation_closed: t('This channel was closed.'),
  denied: t('Your account could not send messages at that time.'),
};

export function Scheduled({ state }) {
  const { client } = useApp();
  const { error, run } = useTask();
  useEffect(() => void run(() => client.readScheduled()), []);
  return html`<${Listing} title=${t('Scheduled messages')}>
    <${Problem} error=${error} />
    <ul class="entries">${state.scheduled.map((entry) => html`<${Entry} key=${entry.id} state=${state} entry=${entry} />`)}</ul>
    ${state.scheduled.length > 0
      ? html`<p class="hint">${t('Each is checked when it goes, as if you sent it at that moment. Until then only you see it.')}</p>`
      : html`<p class="hint">${t('Nothing waits to be sent. Write a message and choose “Send later” beside Send.')}</p>`}
  <//>`;
}

function Entry({ state, entry }) {
  const { boxOf, client, drafts, enter, me, openThread } = useApp();
  const { busy, error, run } = useTask();
  const conversation = state.conversations[entry.conversation];
  const remove = (how) => run(async () => {
    await client.unschedule(entry.id, how);
    return true;
  });
  const edit = async () => {
    if (!(await remove({ keepFiles: true }))) return;
    // First what it says, then the box that shows it.
    const box = boxOf(entry.conversation, entry.thread_root);
    if (entry.state === 'waiting' && !drafts.get(box).trim()) drafts.bringBack(planOf(box), entry.at);
    drafts.bringBack(box, entry.text);
    client.uploads.giveBack(box, entry.conversation, entry.files ?? []);
    if (entry.quote) client.store.dispatch({ type: 'quoting', key: box, item: quotedItem(entry.quote) });
    enter(entry.conversation);
    if (entry.thread_root) openThread(entry.thread_root);
  };
  const failed = entry.state === 'failed' || entry.state === 'stopped';
  const waits = entry.state === 'waiting';
  return html`<li class="entry-card" data-state=${entry.state}>
    <p class="author"><strong dir="auto">${conversation ? titleOf(conversation, me.id) : t('A conversation that you are no longer in')}</strong>
      <time datetime=${entry.at} title=${fullTimeOf(entry.at)}>${momentOf(entry.at)}</time></p>
    <div class="body" dir="auto">
      ${entry.quote && html`<${Quoted} quote=${entry.quote} people=${state.people} />`}
      ${entry.text && html`<p class="plain">${entry.text}</p>`}
      <${Files} files=${entry.files} checked=${false} />
    </div>
    ${entry.quotes && !entry.quote && html`<p class="hint">${t('What it quotes is gone. It goes without the quote.')}</p>`}
    ${failed && html`<p class="why-not"><${Icon} name="warn" /><span><strong>${t('Not sent.')}</strong> ${whyNot(entry)}</span></p>`}
    ${entry.state === 'sending' && html`<p class="hint"><${Icon} name="clock" /> ${t('It is being sent now.')}</p>`}
    ${(failed || waits) && html`<div class="row">
      ${entry.state === 'stopped'
        ? conversation && html`<button type="button" class="button" onClick=${() => enter(entry.conversation)}>${t('Go to conversation')}</button>`
        : conversation && html`<button type="button" class="button" disabled=${busy} onClick=${edit}>${t('Edit')}</button>`}
      <button type="button" class="button quiet" disabled=${busy} onClick=${() => remove()}>${failed ? t('Put away') : t('Do not send')}</button></div>`}
    <${Problem} error=${error} />
  </li>`;
}

const quotedItem = ({ item, sender, at, text, tokens }) => ({ id: item, sender, at, view: { text, tokens } });

function whyNot({ state, code }) {
  if (state === 'stopped') return t('When it was checked: {word}. The conversation says what you can do.', { word: STATES[code]?.word ?? t('Stopped') });
  return WHY[code] ?? t('The server refused it when its time came ({code}).', { code });
}
