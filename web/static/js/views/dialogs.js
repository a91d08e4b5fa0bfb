// Starting a conversation and finding a channel, in native dialogs: focus goes in and comes back.

import { classes, html, useApp, useEffect, useState, useTask } from '../lib/ui.js';
import { t, tn } from '../lib/words.js';
import { Dialog } from './dialog.js';
import { Problem } from './notice.js';
import { PeoplePicker } from './people.js';
import { Skeleton } from './skeleton.js';

const LONGEST_NAME = 80;

export function NewConversation({ onClose }) {
  const { client, enter } = useApp();
  const [mode, setMode] = useState('people');
  const [people, setPeople] = useState([]);
  const [name, setName] = useState('');
  const [open, setOpen] = useState(true);
  const { busy, error, run, clear } = useTask();
  const channel = mode === 'channel';
  const ready = channel ? name.trim() : people.length;
  const start = async (event) => {
    event.preventDefault();
    const kind = channel ? (open ? 'public' : 'private') : people.length === 1 ? 'direct' : 'group';
    const request = { kind, people: people.map((person) => person.id), name: channel ? name.trim() : '' };
    const answer = await run(() => client.command('open', request));
    if (!answer) return;
    onClose();
    enter(answer.conversation);
  };
  const choose = (next) => () => {
    clear();
    setMode(next);
  };
  return html`<${Dialog} title=${t('New conversation')} onClose=${onClose}>
    <div class="tabs" role="group" aria-label=${t('Kind of conversation')}>
      <button type="button" aria-pressed=${!channel} onClick=${choose('people')}>${t('Message people')}</button>
      <button type="button" aria-pressed=${channel} onClick=${choose('channel')}>${t('Make a channel')}</button>
    </div>
    <form onSubmit=${start}>
      ${channel && html`<label class="field"><span>${t('Name')}</span><input value=${name} maxlength=${LONGEST_NAME} onInput=${(e) => { clear(); setName(e.target.value); }} autocomplete="off" /></label>
        ${name.length >= LONGEST_NAME && html`<p class="hint" role="status">${t('A name has at most {n} characters.', { n: LONGEST_NAME })}</p>`}
        <fieldset class="choices"><legend>${t('Who can join')}</legend>
          <label><input type="radio" name="open" checked=${open} onChange=${() => setOpen(true)} /> ${t('Everybody whom policy allows')}</label>
          <label><input type="radio" name="open" checked=${!open} onChange=${() => setOpen(false)} /> ${t('Only who is invited')}</label>
        </fieldset>`}
      <${PeoplePicker} picked=${people} onChange=${(next) => { clear(); setPeople(next); }} label=${channel ? t('Invite people (optional)') : t('To')} />
      <${Problem} error=${error} />
      <div class="row"><button class="button main" disabled=${!ready || busy}>${channel ? t('Make channel') : people.length > 1 ? t('Start group') : t('Start')}</button></div>
    </form>
  <//>`;
}

const byName = (channels) => [...channels].sort((one, other) => one.name.localeCompare(other.name));

export function ChannelBrowser({ onClose }) {
  const { client, enter } = useApp();
  const [channels, setChannels] = useState(null);
  const [filter, setFilter] = useState('');
  const { busy, error, run } = useTask();
  useEffect(() => void run(async () => setChannels(byName((await client.ask('channels')).channels))), []);
  const wanted = filter.trim().toLocaleLowerCase();
  const shown = (channels ?? []).filter((channel) => channel.name.toLocaleLowerCase().includes(wanted));
  const go = (channel) => run(async () => {
    if (!channel.joined) await client.command('join', { conversation: channel.id });
    onClose();
    enter(channel.id);
  });
  return html`<${Dialog} title=${t('Channels')} onClose=${onClose}>
    <label class="field"><span>${t('Find a channel')}</span><input value=${filter} onInput=${(e) => setFilter(e.target.value)} autocomplete="off" /></label>
    <${Problem} error=${error} />
    ${!channels && !error && html`<${Skeleton} />`}
    <ul class="results tall" aria-label=${t('Channels')}>
      ${shown.map((channel) => html`<li key=${channel.id} class="channel">
        <div><strong>${channel.name}</strong><p class="hint">${channel.topic ? `${channel.topic} · ` : ''}${tn('{n} member', '{n} members', channel.members)}</p></div>
        <button type="button" class=${classes('button', channel.joined && 'quiet')} disabled=${busy} aria-label=${channel.joined ? t('Open {name}', { name: channel.name }) : t('Join {name}', { name: channel.name })}
          onClick=${() => go(channel)}>${channel.joined ? t('Open') : t('Join')}</button></li>`)}
      ${channels && !shown.length && html`<li class="hint">${wanted ? t('No channel has this in its name.') : t('There are no public channels yet. Make one.')}</li>`}
    </ul>
  <//>`;
}
