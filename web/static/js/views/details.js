// Who can read a conversation, for how long it is kept, and what can be changed about it.

import { fullTimeOf, spanOf } from '../lib/time.js';
import { classes, html, useApp, useEffect, useState, useTask } from '../lib/ui.js';
import { t, tn } from '../lib/words.js';
import { isChannel, personOf } from '../store/select.js';
import { Icon } from './icons.js';
import { Problem } from './notice.js';
import { Pane } from './pane.js';
import { PeoplePicker } from './people.js';

export function Details({ state, conversation }) {
  const { alone, me, showDialog } = useApp();
  const removes = conversation.opener === me.id && conversation.kind !== 'direct' && !conversation.closed;
  const title = alone ? 'h2' : 'h3';
  const readers = useReaders(conversation);
  const days = readers?.kept_days ?? state.retention[conversation.kind];
  return html`<${Pane} title=${t('Who can read this?')}>
    <div class="details">
      <section class="stack" aria-label=${t('Members')}>
        <${title}>${tn('{n} member', '{n} members', conversation.members.length)}<//>
        <ul class="members">${conversation.members.map((member) => html`<li key=${member.id}>
          <span class=${classes('dot', state.online.includes(member.id) && 'on')}></span>
          <span><button type="button" class="name" onClick=${() => showDialog({ kind: 'profile', person: member })}>${member.name}</button> <span class="soft">${member.username}</span>
            ${state.online.includes(member.id) && html`<span class="hidden">${t(', here now')}</span>`}</span>
          ${member.external && html`<span class="badge warn">${t('outside')}</span>`}
          ${removes && member.id !== me.id && html`<${Confirmed} event="remove" person=${member.id} label=${t('Remove')} name=${t('Remove {name}', { name: member.name })} conversation=${conversation}
            ask=${removing(conversation, member.name)} />`}</li>`)}</ul>
        <p class="hint">${conversation.kind === 'public'
          ? t('Whoever joins sees only what is said from then on; everybody whom policy allows can join.')
          : t('Whoever joins sees only what is said from then on.')}</p>
        <${History} state=${state} conversation=${conversation} />
      </section>
      <section class="stack" aria-label=${t('Compliance')}>
        <${title}>${t('Compliance officers')}<//>
        ${readers?.officers.named > 0 && html`<p>${tn('The directory names {n} person for this.', 'The directory names {n} people for this.', readers.officers.named)}</p>`}
        <p>${t('They can read it inside a matter, with a reason. Each reading is recorded. IT administrators cannot read it.')}</p>
      </section>
      <section class="stack" aria-label=${t('Retention')}>
        <${title}>${t('How long it is kept')}<//>
        <p>${days ? t('{span}, then it is destroyed, here and in the archive.', { span: spanOf(days) }) : t('As long as policy says.')}
          ${' '}${t('What you edit or delete stays in the archive for that long.')}</p>
      </section>
      <${Settings} key=${conversation.id} state=${state} conversation=${conversation} title=${title} />
    </div>
  <//>`;
}

const removing = ({ kind }, name) => (kind === 'public'
  ? t('Remove {name}? They keep what they have read. The channel is public: they can join it again.', { name })
  : t('Remove {name}? They keep what they have read, and see nothing that is said from now on.', { name }));

/** Ask the server who can read; its words on it are newer than what this page knows. */
function useReaders({ id, members }) {
  const { client } = useApp();
  const [readers, setReaders] = useState(null);
  useEffect(() => {
    let current = true;
    client.ask('readers', { conversation: id }).then((answer) => current && setReaders(answer), () => {});
    return () => {
      current = false;
    };
  }, [id, members]);
  return readers;
}

function History({ state, conversation }) {
  const { client } = useApp();
  const [open, setOpen] = useState(false);
  const [rows, setRows] = useState([]);
  const { error, run } = useTask();
  useEffect(() => {
    if (open) run(async () => setRows((await client.ask('members', { conversation: conversation.id })).history));
  }, [open, conversation.id, conversation.members]);
  return html`<details open=${open} onToggle=${(e) => setOpen(e.target.open)}>
    <summary>${t('Who was a member when')}</summary>
    <${Problem} error=${error} />
    <ul class="history">${rows.map((row) => html`<li key=${row.person + row.joined_at}><strong>${personOf(state, row.person).name}</strong>
      <span class="hint">${membershipOf(row)}</span></li>`)}</ul>
  </details>`;
}

function membershipOf({ joined_at, left_at }) {
  const from = fullTimeOf(joined_at);
  return left_at ? t('{from} to {until}', { from, until: fullTimeOf(left_at) }) : t('{from}, still here', { from });
}

function Settings({ state, conversation, title }) {
  const channel = isChannel(conversation);
  if (conversation.kind === 'direct' || conversation.closed) return null;
  return html`<section class="stack settings" aria-label=${t('Settings')}>
    <${title}>${t('Settings')}<//>
    ${channel && html`<${Change} event="rename" field="name" label=${t('Name')} save=${t('Save name')} value=${conversation.name} max="80" conversation=${conversation} />
      <${Change} event="topic" field="topic" label=${t('Topic')} save=${t('Save topic')} value=${conversation.topic} max="250" conversation=${conversation} />`}
    <${Invite} conversation=${conversation} />
    <${Confirmed} event="leave" label=${t('Leave')} conversation=${conversation} ask=${t('Leave? You keep nothing of what is said here, and see only what comes after if you join again.')} />
    ${channel && conversation.opener === state.me.id && html`<${Confirmed} event="close" label=${t('Close for everybody')} conversation=${conversation}
      ask=${t('Close it? It can still be read; nothing more can be said in it.')} />`}
  </section>`;
}

function Change({ event, field, label, save: saveLabel, value, max, conversation }) {
  const { client } = useApp();
  const [text, setText] = useState(value);
  const { busy, error, run } = useTask();
  useEffect(() => setText(value), [value]);
  const save = (submit) => {
    submit.preventDefault();
    run(() => client.command(event, { conversation: conversation.id, [field]: text.trim() }));
  };
  return html`<form class="change" onSubmit=${save}>
    <label class="field"><span>${label}</span><input value=${text} maxlength=${max} onInput=${(e) => setText(e.target.value)} autocomplete="off" dir="auto" /></label>
    ${text.trim() !== value && html`<button class="button" disabled=${busy}>${saveLabel}</button>`}
    <${Problem} error=${error} />
  </form>`;
}

function Invite({ conversation }) {
  const { client } = useApp();
  const [open, setOpen] = useState(false);
  const { error, run } = useTask();
  const invite = ([person]) => person && run(() => client.command('invite', { conversation: conversation.id, person: person.id }));
  if (!open) {
    return html`<div><button type="button" class="button" onClick=${() => setOpen(true)}><${Icon} name="add" />${t('Invite somebody')}</button></div>`;
  }
  return html`<div class="stack">
    <${PeoplePicker} picked=${[]} onChange=${invite} except=${conversation.members.map((member) => member.id)} label=${t('Invite')} />
    <${Problem} error=${error} />
  </div>`;
}

/** A button that asks before it acts; with `person` it is about one of the members, and small. */
function Confirmed({ event, person, label, name = label, ask, conversation }) {
  const { client } = useApp();
  const [asking, setAsking] = useState(false);
  const { busy, error, run } = useTask();
  const go = () => run(() => client.command(event, { conversation: conversation.id, ...(person && { person }) }));
  if (!asking) return html`<div><button type="button" class=${classes('button', person ? 'quiet' : 'danger')} aria-label=${name} onClick=${() => setAsking(true)}>${label}</button></div>`;
  return html`<div class="note bad" role="group" aria-label=${name}><p>${ask}</p>
    <div class="row"><button type="button" class="button danger" disabled=${busy} onClick=${go}>${label}</button>
      <button type="button" class="button quiet" onClick=${() => setAsking(false)}>${person ? t('Cancel') : t('Stay')}</button></div>
    <${Problem} error=${error} /></div>`;
}
