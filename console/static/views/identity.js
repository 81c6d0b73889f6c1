import {html} from '../ui.js';
import {Facts, Section, Table, shortName} from '../parts.js';
import {to} from '../router.js';
import {Access} from '../access.js';
import {ThingPage} from '../resource.js';
import {lastCall} from './identities.js';

export const title = 'Identity';

export function View({params: {id}}) {
  return html`<${ThingPage} path="identities" id=${id} what="identity" render=${(i) => html`
    <${Facts} facts=${[
      ['Kind', i.kind], ['Account', i.account], ['Path', i.path !== '/' && i.path],
      ['Permissions boundary', i.boundary ? html`<a href=${to('policies', i.boundary)}>${shortName(i.boundary)}</a>` : i.kind !== 'group' && html`<span class="muted">none</span>`],
      ['Last call', i.kind !== 'group' && lastCall(i.lastUsed)],
      ['Decisions', i.kind !== 'group' && html`<a href=${to('decisions', '', {principal: i.kind === 'role' ? `:assumed-role/${i.name}/` : i.arn})}>those about its calls</a>`],
    ].filter(([, value]) => value !== false)} />
    <${Tags} tags=${i.tags} />
    <${Policies} of=${i} />
    <${SCPs} list=${i.scps ?? []} />
    ${i.kind !== 'group' && html`<${Access} of="principal" arn=${i.arn} title="What it may do" />`}`} />`;
}

function Tags({tags = {}}) {
  const list = Object.entries(tags);
  if (list.length === 0) return null;
  return html`<${Section} title="Tags"><${Facts} facts=${list} /><//>`;
}

function Policies({of}) {
  return html`<${Section} title="Policies">
    <${Table} caption="Policies" rows=${of.policies} empty=${{title: 'None.', children: 'It may do what the policies of resources let it.'}} columns=${[
      {name: 'Policy', main: true, cell: (p) => html`<a href=${to('policies', p.key, p.kind === 'inline' && !p.via ? {owner: of.arn} : {})}>${p.name}</a>`},
      {name: 'Kind', cell: (p) => p.kind},
      {name: 'Through', cell: (p) => (p.via ? html`group ${shortName(p.via)}` : html`<span class="muted">itself</span>`)},
    ]} /><//>`;
}

function SCPs({list}) {
  if (list.length === 0) return null;
  return html`<${Section} title="Service control policies" note="What these do not allow, nobody in the account may do.">
    <${Table} caption="Service control policies" rows=${list} columns=${[
      {name: 'Policy', main: true, cell: (p) => html`<a href=${to('policies', '', {filter: p.id})}>${p.name}</a>`},
      {name: 'Id', cell: (p) => html`<code>${p.id}</code>`},
      {name: 'Attached to', cell: (p) => p.target},
    ]} /><//>`;
}
