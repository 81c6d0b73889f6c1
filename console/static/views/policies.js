import {html} from '../ui.js';
import {Badge, shortName} from '../parts.js';
import {to} from '../router.js';
import {ListPage, Name, plural} from '../resource.js';

export const title = 'Policies';

const columns = [
  {name: 'Policy', cell: (p) => html`<${Name} href=${to('policies', p.key, {owner: p.owner})} name=${label(p)} under=${p.owner} arn=${p.key} />`},
  {name: 'Kind', wide: true, cell: (p) => p.kind},
  {name: 'Covered', cell: (p) => html`<${Coverage} covered=${p.covered} statements=${p.statements} />`},
  {name: 'Lint', wide: true, cell: (p) => (p.findings > 0 ? html`<${Badge} tone="warn">${plural(p.findings, 'finding')}<//>` : html`<span class="muted">clean</span>`)},
  {name: 'From', wide: true, cell: (p) => (p.file || html`<span class="muted">${origin(p)}</span>`)},
];

export function View({query}) {
  return html`<${ListPage} title=${title} path="policies" what="policy" many="policies" query=${query} columns=${columns} keyOf=${(p) => `${p.key} ${p.owner}`}
    lead="A statement is covered once it has allowed or denied a request."
    words=${(p) => `${p.key} ${p.owner} ${p.kind} ${p.name} ${p.alias ?? ''} ${p.file ?? ''} ${p.covered < p.statements ? 'uncovered' : 'covered'} ${p.findings > 0 ? 'findings' : ''}`}
    none=${{title: 'There are no policies.'}} />`;
}

// origin is where a policy that stands in no file comes from.
const origin = (p) => (/^arn:[^:]*:iam::aws:/.test(p.owner) ? 'AWS' : 'a call');

// label names a policy: a resource's by the resource, an identity's by its own name.
export function label(p) {
  const owner = p.alias || shortName(p.owner || p.key);
  return p.name && p.name !== p.kind && p.name !== p.owner && !owner.endsWith(`/${p.name}`) ? `${owner} / ${p.name}` : owner;
}

// Coverage is how many statements of a policy are covered.
export function Coverage({covered, statements}) {
  const tone = covered === statements ? 'good' : covered === 0 ? 'bad' : 'warn';
  return html`<${Badge} tone=${tone}>${covered} of ${statements}<//>`;
}
