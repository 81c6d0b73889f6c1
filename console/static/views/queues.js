import {html} from '../ui.js';
import {Badge, shortName} from '../parts.js';
import {to} from '../router.js';
import {ListPage, Name, place} from '../resource.js';

export const title = 'Queues';

// Encryption says how a queue's messages are stored.
export function Encryption({of}) {
  return html`<${Badge} tone=${of.encryption === 'none' ? 'bad' : 'good'}>${of.encryption === 'none' ? 'not encrypted' : of.encryption}<//>`;
}

const columns = [
  {name: 'Queue', cell: (q) => html`<${Name} href=${to('queues', q.arn)} name=${q.name} under=${place(q)} arn=${q.arn} />`},
  {name: 'Encryption', cell: (q) => html`<${Encryption} of=${q} />`},
  {name: 'Messages', number: true, cell: (q) => q.visible.toLocaleString('en-US')},
  {name: 'In flight', number: true, wide: true, cell: (q) => q.inFlight},
  {name: 'Delayed', number: true, wide: true, cell: (q) => q.delayed},
  {name: 'Dead letters to', wide: true, cell: (q) => (q.deadLetterTarget ? shortName(q.deadLetterTarget) : html`<span class="muted">none</span>`)},
  {name: 'Policy', wide: true, cell: (q) => (q.hasPolicy ? 'yes' : html`<span class="muted">none</span>`)},
];

export function View({query}) {
  return html`<${ListPage} title=${title} path="queues" what="queue" query=${query} columns=${columns}
    words=${(q) => `${q.arn} ${q.encryption} ${q.keyId ?? ''}`} none=${{title: 'There are no queues.', children: html`<code>waxseal aws sqs create-queue --queue-name orders</code> makes one.`}} />`;
}
