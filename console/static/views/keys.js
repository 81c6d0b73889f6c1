import {html} from '../ui.js';
import {Badge, Time} from '../parts.js';
import {to} from '../router.js';
import {ListPage, Name, place} from '../resource.js';

export const title = 'Keys';

const tones = {Enabled: 'good', Disabled: 'bad', PendingDeletion: 'bad', PendingImport: 'warn', Unavailable: 'bad'};

// State is a key's state, in KMS's word.
export function State({of}) {
  return html`<${Badge} tone=${tones[of.state] ?? 'warn'}>${of.state}<//>`;
}

const columns = [
  {name: 'Key', cell: (k) => html`<${Name} href=${to('keys', k.arn)} name=${k.aliases[0] ?? k.id} arn=${k.arn} under=${`${k.aliases.length > 0 ? `${k.id.slice(0, 8)}… · ` : ''}${place(k)}`} />`},
  {name: 'State', cell: (k) => html`<${State} of=${k} />`},
  {name: 'Spec', wide: true, cell: (k) => html`<span class="two"><span>${k.spec}</span><span class="muted">${k.manager === 'AWS' ? 'AWS managed' : k.usage}</span></span>`},
  {name: 'Rotation', wide: true, cell: (k) => (k.rotation?.enabled ? `every ${k.rotation.periodInDays ?? 365} days` : html`<span class="muted">off</span>`)},
  {name: 'Grants', number: true, wide: true, cell: (k) => (k.grants?.length ?? 0)},
  {name: 'Last use', wide: true, cell: (k) => (k.lastUsed ? html`<span class="two"><${Time} at=${k.lastUsed.time} /><span class="muted">${k.lastUsed.operation}</span></span>` : html`<span class="muted">never</span>`)},
];

export function View({query}) {
  return html`<${ListPage} title=${title} path="keys" what="key" query=${query} columns=${columns}
    words=${(k) => `${k.arn} ${k.aliases.join(' ')} ${k.state} ${k.spec} ${k.manager === 'AWS' ? 'aws managed' : 'customer managed'}`}
    none=${{title: 'There are no keys.', children: html`<code>waxseal aws kms create-key</code> makes one.`}} />`;
}
