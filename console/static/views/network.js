import {html} from '../ui.js';
import {Badge, Facts, Json, Section} from '../parts.js';
import {to} from '../router.js';
import {PolicyPart} from '../document.js';
import {ListPage, Name, ThingPage, place} from '../resource.js';

export const title = 'Endpoints';

const from = {path: 'vpc-endpoints', of: 'endpoints', params: {account: 'all'}};
const columns = [
  {name: 'Endpoint', cell: (e) => html`<${Name} href=${to('network', e.id)} name=${e.name || e.id} under=${`${e.name ? `${e.id} · ` : ''}${place(e)}`} />`},
  {name: 'Service', cell: (e) => e.service},
  {name: 'Type', wide: true, cell: (e) => e.type},
  {name: 'VPC', wide: true, cell: (e) => html`<code>${e.vpc}</code>`},
  {name: 'Private DNS', wide: true, cell: (e) => (e.privateDns ? 'yes' : html`<span class="muted">no</span>`)},
  {name: 'State', cell: (e) => html`<${State} of=${e} />`},
];

export function View({params: {id}, query}) {
  return id ? html`<${One} id=${id} />` : html`<${ListPage} ...${from} title=${title} what="endpoint" query=${query} columns=${columns} keyOf=${(e) => e.id}
    lead="VPC endpoints for services that are emulated."
    words=${(e) => `${e.id} ${e.service} ${e.vpc} ${e.type} ${e.account} ${e.region} ${e.name ?? ''}`}
    none=${{title: 'There are no VPC endpoints.', children: 'Calls come as from the internet.'}} />`;
}

const State = ({of}) => html`<${Badge} tone=${of.state === 'available' ? 'good' : 'warn'}>${of.state}<//>`;

function One({id}) {
  return html`<${ThingPage} ...${from} id=${id} what="endpoint" find=${(e) => id.endsWith(e.id)} back="network" name=${(e) => e.name || e.id} render=${(e) => html`
    <${Facts} facts=${[
      ['Service', e.service], ['Type', e.type], ['State', html`<${State} of=${e} />`], ['Account', e.account], ['Region', e.region], ['VPC', html`<code>${e.vpc}</code>`],
      ['Subnets', e.subnets.join(', ')], ['Security groups', e.securityGroups.join(', ')], ['Private DNS', e.privateDns ? 'yes' : 'no'],
    ]} />
    <${Section} title="Use it"><${Json} label="command" value=${`waxseal exec --through ${e.id} -- COMMAND`} /><//>
    <${PolicyPart} arn=${e.arn} byDefault="It lets everything through." />`} />`;
}
