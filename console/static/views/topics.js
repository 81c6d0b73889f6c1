import {html} from '../ui.js';
import {Badge} from '../parts.js';
import {to} from '../router.js';
import {Key, ListPage, Name, place, plural} from '../resource.js';

export const title = 'Topics';

const columns = [
  {name: 'Topic', cell: (t) => html`<${Name} href=${to('topics', t.arn)} name=${t.name} under=${place(t)} arn=${t.arn} />`},
  {name: 'Encryption', cell: (t) => html`<${Badge} tone=${t.keyId ? 'good' : ''}>${t.keyId ? 'SSE-KMS' : 'none'}<//>`},
  {name: 'Subscriptions', cell: (t) => subscribed(t.subscriptions)},
  {name: 'Key', wide: true, cell: (t) => (t.keyId ? html`<${Key} id=${t.keyId} />` : html`<span class="muted">none</span>`)},
];

export function View({query}) {
  return html`<${ListPage} title=${title} path="topics" what="topic" query=${query} columns=${columns}
    words=${(t) => `${t.arn} ${t.keyId ?? ''} ${t.subscriptions.map((s) => s.endpoint).join(' ')}`}
    none=${{title: 'There are no topics.', children: html`<code>waxseal aws sns create-topic --name news</code> makes one.`}} />`;
}

function subscribed(list) {
  const pending = list.filter((s) => s.pending).length;
  if (list.length === 0) return html`<span class="muted">none</span>`;
  return html`${list.length.toLocaleString('en-US')}${pending > 0 && html` <${Badge} tone="warn">${plural(pending, 'pending', 'pending')}<//>`}`;
}
