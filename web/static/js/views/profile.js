// Who somebody is, as far as the one who looks may know.

import { html, useApp, useEffect, useState, useTask } from '../lib/ui.js';
import { spoken, t } from '../lib/words.js';
import { Dialog } from './dialog.js';
import { Face } from './message.js';
import { Notice, Problem } from './notice.js';
import { Skeleton } from './skeleton.js';

export function Profile({ person, onClose }) {
  const { client, enter, me } = useApp();
  const [profile, setProfile] = useState(null);
  const { busy, error, run } = useTask();
  useEffect(() => void run(async () => setProfile((await client.ask('profile', { person: person.id })).profile)), [person.id]);
  const start = () => run(async () => {
    const answer = await client.command('open', { kind: 'direct', people: [person.id] });
    onClose();
    enter(answer.conversation);
  });
  return html`<${Dialog} title=${profile?.name ?? person.name} onClose=${onClose}>
    ${!profile && !error && html`<${Skeleton} />`}
    ${profile && html`<p class="row profile"><${Face} person=${person} /><span>${profile.left ? t('No longer here') : profile.here ? t('Here now') : t('Not here now')}</span>
        ${profile.external && html`<span class="badge warn">${t('outside')}</span>`}
        ${profile.segments.map(spoken).map((title) => html`<span class="badge" key=${title}>${title}</span>`)}</p>
      <dl class="facts">
        <${Fact} name=${t('User name')} value=${profile.username} />
        <${Fact} name=${t('Title')} value=${profile.title} />
        <${Fact} name=${t('Department')} value=${profile.department} />
        <${Fact} name=${t('Email')} value=${profile.email} />
      </dl>
      ${profile.barred && html`<${Notice} notice=${profile.barred} tone="warn" icon="block" />`}
      ${!profile.takes_part && !profile.left && html`<p class="hint">${t('This account takes no part in conversations.')}</p>`}
      ${profile.takes_part && !profile.barred && !profile.left && person.id !== me.id && html`<div class="row"><button type="button" class="button main" disabled=${busy} onClick=${start}>${t('Message {name}', { name: profile.name })}</button></div>`}`}
    <${Problem} error=${error} />
  <//>`;
}

function Fact({ name, value }) {
  return value ? html`<div><dt>${name}</dt><dd dir="auto">${value}</dd></div>` : null;
}
