import {html} from '../ui.js';
import {Badge, Time, shortName} from '../parts.js';
import {to} from '../router.js';
import {ListPage, Name} from '../resource.js';

export const title = 'Identities';

const columns = [
  {name: 'Identity', cell: (i) => html`<${Name} href=${to('identities', i.arn)} name=${`${i.path && i.path !== '/' ? i.path.slice(1) : ''}${i.name}`} under=${i.account} arn=${i.arn} />`},
  {name: 'Kind', cell: (i) => html`<${Badge}>${i.kind}<//>`},
  {name: 'Policies', number: true, cell: (i) => (i.policies.length || html`<span class="muted">none</span>`)},
  {name: 'Boundary', wide: true, cell: (i) => (i.boundary ? shortName(i.boundary) : html`<span class="muted">none</span>`)},
  {name: 'SCPs', number: true, wide: true, cell: (i) => (i.scps?.length ?? 0)},
  {name: 'Last call', wide: true, cell: (i) => lastCall(i.lastUsed)},
];

export function View({query}) {
  return html`<${ListPage} title=${title} path="identities" what="identity" many="identities" query=${query} columns=${columns}
    lead="Users, roles and groups, of all accounts. The root users are there without being listed."
    words=${(i) => `${i.arn} ${i.kind} ${Object.entries(i.tags ?? {}).flat().join(' ')} ${i.policies.map((p) => p.name).join(' ')}`}
    none=${{title: 'There are no users and roles.', children: 'Every account has its root user all the same.'}} />`;
}

// lastCall is when an identity was seen last.
export function lastCall(used) {
  if (!used) return html`<span class="muted">never</span>`;
  return html`<${Time} at=${used.time ?? used} day />`;
}
