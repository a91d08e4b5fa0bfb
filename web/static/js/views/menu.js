// A button that opens a short list of things to do.

import { classes, html, useEffect, useRef, useState } from '../lib/ui.js';
import { Icon, IconButton } from './icons.js';

/**
 * @param {{label: string, icon?: string, items: {label: string, icon?: string, danger?: boolean, checked?: boolean, act?: () => void, href?: string}[],
 *   up?: boolean, onToggle?: (open: boolean) => void, children?: any}} props
 *   an item that is `checked` or not is a choice that stays, one with `href` leads elsewhere; children stand on the button instead of an icon
 */
export function Menu({ label, icon = 'more', items, up = false, onToggle = () => {}, children }) {
  const [open, setOpen] = useState(false);
  const frame = useRef(null);
  const toggle = (next) => {
    setOpen(next);
    onToggle(next);
  };
  useEffect(() => {
    if (!open) return undefined;
    frame.current.querySelector('.menu').scrollIntoView({ block: 'nearest' });
    frame.current.querySelector('[role^="menuitem"]')?.focus();
    const away = (event) => frame.current?.contains(event.target) || toggle(false);
    document.addEventListener('pointerdown', away);
    return () => document.removeEventListener('pointerdown', away);
  }, [open]);
  const close = () => {
    toggle(false);
    frame.current.querySelector('button')?.focus();
  };
  const onKey = (event) => {
    if (!open) return;
    const entries = [...frame.current.querySelectorAll('[role^="menuitem"]')];
    const at = entries.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: entries.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      entries[(to + entries.length) % entries.length].focus();
    } else if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === 'Tab') {
      toggle(false);
    }
  };
  const choose = (item) => () => {
    close();
    item.act?.();
  };
  const opener = { 'aria-haspopup': 'menu', 'aria-expanded': open, onClick: () => toggle(!open) };
  return html`<div class="menu-frame" ref=${frame} onKeyDown=${onKey}>
    ${children ? html`<button type="button" class="entry" aria-label=${label} title=${label} ...${opener}>${children}</button>` : html`<${IconButton} icon=${icon} label=${label} ...${opener} />`}
    ${open && html`<div class=${classes('menu', up && 'up')} role="menu" aria-label=${label}>
      ${items.map((item) => html`<${item.href ? 'a' : 'button'} key=${item.label} href=${item.href} type=${item.href ? undefined : 'button'} tabindex="-1" class=${item.danger ? 'danger' : ''} onClick=${choose(item)}
        role=${item.checked === undefined ? 'menuitem' : 'menuitemcheckbox'} aria-checked=${item.checked}>
        ${item.icon ? html`<${Icon} name=${item.icon} />` : html`<span class="icon"></span>`}<span>${item.label}</span>
        ${item.checked && html`<${Icon} name="check" />`}<//>`)}
    </div>`}
  </div>`;
}
