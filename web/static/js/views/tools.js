// What can be done with a message.

import { QUICK, nameOf } from '../lib/reactions.js';
import { classes, html, lazy, useApp, useEffect, useRef, useTask } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { isWithin } from '../store/select.js';
import { IconButton } from './icons.js';
import { Menu } from './menu.js';
import { Problem } from './notice.js';

const EmojiPicker = lazy(() => import('./emoji.js'), 'EmojiPicker');

export function Tools({ item, own, inThread, onEdit, open, setOpen }) {
  const { client, openThread, say, showDialog, boxOf } = useApp();
  const { busy, error, run, clear } = useTask();
  const { usage } = client.store.get();
  const row = useRef(null);
  const picker = useRef(null);
  useEffect(() => {
    // By touch the row is there only when it was asked for, and stands below the message.
    if (open) (picker.current ?? row.current).scrollIntoView({ block: 'nearest' });
  }, [open]);
  const show = (what) => {
    clear();
    setOpen(open === what ? null : what);
  };
  const about = { conversation: item.conversation, item: item.id };
  const pick = ({ alias }) => run(() => client.command('react', { ...about, alias, add: true })).then((done) => done && setOpen(null));
  const remove = () => run(() => client.command('delete', about));
  const pin = () => run(() => client.command(item.view.pinned ? 'unpin' : 'pin', about));
  const unread = () => run(() => client.unread(item.conversation, item.created_cseq));
  const copied = (text, words) => run(() => navigator.clipboard.writeText(text).then(() => say(words)));
  const more = [
    { label: t('Quote'), icon: 'quote', act: () => client.store.dispatch({ type: 'quoting', key: boxOf(item.conversation, inThread ? item.thread_root ?? item.id : null), item }) },
    { label: t('Forward'), icon: 'forward', act: () => showDialog({ kind: 'forward', item }) },
    { label: t('Copy link'), icon: 'link', act: () => copied(`${location.origin}${location.pathname}#${item.conversation}/${item.id}`, t('Link copied')) },
    // As it was typed: pasted into a box it is the same message again, its marks and mentions included.
    { label: t('Copy text'), icon: 'copy', act: () => copied(item.view.text, t('Text copied')) },
    { label: item.view.pinned ? t('Unpin') : t('Pin for everybody here'), icon: 'pin', act: pin },
  ];
  if (!own && !inThread) more.push({ label: t('Mark as unread from here on'), icon: 'unread', act: unread });
  if (own && isWithin(usage.delete_minutes, item, Date.now())) more.push({ label: t('Delete'), icon: 'trash', danger: true, act: () => show('delete') });
  return html`<div class="tools" ref=${row}>
      <${IconButton} icon="smile" label=${t('React')} aria-expanded=${open === 'react'} onClick=${() => show('react')} />
      ${!inThread && html`<${IconButton} icon="reply" label=${t('Reply in thread')} onClick=${() => openThread(item.id)} />`}
      ${own && isWithin(usage.edit_minutes, item, Date.now()) && html`<${IconButton} icon="edit" label=${t('Edit')} onClick=${() => onEdit(item.id)} />`}
      <${Menu} label=${t('More actions')} items=${more} onToggle=${(on) => setOpen(on ? 'menu' : (held) => (held === 'menu' ? null : held))} />
    </div>
    ${open === 'react' && html`<div class="picker" ref=${picker} role="group" aria-label=${t('Reactions')}>
      ${Object.entries(QUICK).map(([alias, sign]) => html`<button type="button" key=${alias} disabled=${busy}
        aria-label=${nameOf(alias)} title=${nameOf(alias)} onClick=${() => pick({ alias })}>${sign}</button>`)}
      <${IconButton} icon="add" label=${t('Another emoji')} onClick=${() => show('emoji')} />
    </div>`}
    ${open === 'emoji' && html`<div class="picker tall" ref=${picker}><${EmojiPicker} onPick=${pick} onClose=${() => setOpen(null)} /></div>`}
    ${open === 'delete' && html`<div class="picker ask" ref=${picker} role="group" aria-label=${t('Delete this message?')}>
      <p>${t('Delete it for everybody? A note that it was deleted stays.')}</p>
      <button type="button" class=${classes('button', 'danger')} disabled=${busy} onClick=${remove}>${t('Delete')}</button>
      <button type="button" class="button quiet" onClick=${() => show('delete')}>${t('Keep')}</button>
    </div>`}
    <${Problem} error=${error} />`;
}
