// The token tree of a message as nodes. There is no HTML on the way: a text is a text.

import { coveredParts } from '../lib/covered.js';
import { classes, html, useApp } from '../lib/ui.js';
import { t } from '../lib/words.js';
import { mentionOf } from '../store/said.js';

const SAFE_LINK = /^(https?:\/\/|mailto:)/i;
const DEPTH = 24;
/** So much without a space is no word; laid out with care it would keep everybody waiting. */
const UNBROKEN = /\S{500}/;

const NODES = {
  p: (node, inner) => html`<p>${inner}</p>`,
  strong: (node, inner) => html`<strong>${inner}</strong>`,
  em: (node, inner) => html`<em>${inner}</em>`,
  del: (node, inner) => html`<del>${inner}</del>`,
  code: (node, inner) => html`<code>${inner}</code>`,
  pre: (node, inner) => html`<pre tabindex="0"><code>${inner}</code></pre>`,
  quote: (node, inner) => html`<blockquote>${inner}</blockquote>`,
  ul: (node, inner) => html`<ul>${inner}</ul>`,
  ol: (node, inner) => html`<ol start=${node.start}>${inner}</ol>`,
  li: (node, inner) => html`<li>${inner}</li>`,
  table: (node, inner) => html`<div class="table-frame" tabindex="0" role="region" aria-label=${t('Table')}><table class="table">${inner}</table></div>`,
  tr: (node, inner) => html`<tr>${inner}</tr>`,
  th: (node, inner) => html`<th scope="col" class=${node.align ?? ''}>${inner}</th>`,
  td: (node, inner) => html`<td class=${node.align ?? ''}>${inner}</td>`,
  br: () => html`<br />`,
  a: (node, inner) =>
    SAFE_LINK.test(node.href ?? '')
      ? html`<a href=${node.href} ...${isHere(node.href) ? { onClick: again } : { target: '_blank', rel: 'noopener noreferrer' }}>${inner}</a>`
      : html`<span>${inner}</span>`,
  mention: (node, inner) => html`<${Mention} person=${node.person} typed=${node.c[0]} />`,
};

/** Tell whether an address is one of this page: of a conversation, or of a message. */
const isHere = (href) => href.startsWith(`${location.origin}${location.pathname}#`);

/** Who is where a link leads, and scrolled away since, is led there again. */
const again = ({ currentTarget }) => currentTarget.hash === location.hash && dispatchEvent(new Event('hashchange'));

/** @param {{tokens: (string|object)[]}} props */
export function Tokens({ tokens }) {
  return tokens.map((node) => nodeOf(node, 0));
}

function nodeOf(node, depth) {
  if (typeof node === 'string') return coveredParts(node).map(partOf);
  const make = NODES[node.t];
  const inner = depth < DEPTH ? (node.c ?? []).map((child) => nodeOf(child, depth + 1)) : [];
  return make ? make(node, inner) : inner;
}

function partOf({ text, covered }) {
  if (covered) return html`<span class="covered" title=${t('Covered by your firm’s policy')}>${text}</span>`;
  return UNBROKEN.test(text) ? html`<span class="unbroken">${text}</span>` : text;
}

/** Whom one means leads to who that is. The evidence, and what is copied, say what was typed. */
function Mention({ person, typed }) {
  const { client, me, showDialog } = useApp();
  const { people } = client.store.get();
  const known = showDialog && people[person];
  const [shown, rest] = mentionOf(people, person, typed);
  return html`<${known ? 'button' : 'span'} type=${known && 'button'} class=${classes(known && 'name', 'mention', person === me.id && 'of-me')} dir="auto" title=${typed}
    onClick=${known && (() => showDialog({ kind: 'profile', person: known }))}>${shown}<//>${rest}`;
}
