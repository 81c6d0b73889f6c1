import {html} from '../ui.js';
import {Arn, Badge, Facts, Section, Table} from '../parts.js';
import {to} from '../router.js';
import {Access} from '../access.js';
import {Deliveries} from '../deliveries.js';
import {PolicyPart} from '../document.js';
import {Key, ListPage, Name, ThingPage, about, place} from '../resource.js';

export const title = 'Buckets';

const columns = [
  {name: 'Bucket', cell: (b) => html`<${Name} href=${to('buckets', b.arn)} name=${b.name} under=${place(b)} arn=${b.arn} />`},
  {name: 'Objects', number: true, cell: (b) => b.objects.toLocaleString('en-US')},
  {name: 'Encryption', wide: true, cell: (b) => b.encryption},
  {name: 'Tells', wide: true, cell: (b) => (b.notifications?.length || html`<span class="muted">nobody</span>`)},
  {name: 'Public', cell: (b) => html`<${Public} of=${b} />`},
];

export function View({params: {id}, query}) {
  return id ? html`<${One} id=${id.split('/')[0]} />` : html`<${ListPage} title=${title} path="buckets" what="bucket" query=${query} columns=${columns}
    words=${(b) => `${b.arn} ${b.account} ${b.region} ${b.encryption} ${b.public ? 'public' : ''}`} none=${{title: 'There are no buckets.', children: html`<code>waxseal aws s3 mb s3://NAME</code> makes one.`}} />`;
}

const Public = ({of}) => (of.public ? html`<${Badge} tone="bad">public<//>` : html`<span class="muted">no</span>`);

function One({id}) {
  return html`<${ThingPage} path="buckets" id=${id} what="bucket" render=${(b) => html`
    <${Facts} facts=${[
      ['Account', b.account], ['Region', b.region], ['Objects', b.objects.toLocaleString('en-US')], ['Public', html`<${Public} of=${b} />`],
      ['Encryption', `${b.encryption}${b.bucketKey ? ', with a bucket key' : ''}`], ['Key', b.keyId && html`<${Key} id=${b.keyId} />`], ['Decisions', about(b.arn)],
    ]} />
    <${Access} of="resource" arn=${b.arn} title="Who may put and get objects" />
    <${Section} title="Notifications">
      <${Table} caption="Notifications" rows=${b.notifications ?? []} empty=${{title: 'None.'}} columns=${[
        {name: 'To', main: true, cell: (n) => html`<${Arn} arn=${n.destination} />`},
        {name: 'Of', wide: true, cell: (n) => n.events.join(', ')},
        {name: 'Only', cell: (n) => (n.filter ? html`<code>${typeof n.filter === 'string' ? n.filter : JSON.stringify(n.filter)}</code>` : html`<span class="muted">all objects</span>`)},
        {name: 'Id', cell: (n) => html`<code class="break">${n.id}</code>`},
      ]} /><//>
    <${PolicyPart} arn=${b.arn} byDefault="Only identities of its account that their own policies allow may use it." />
    <${Deliveries} query=${{bucket: b.name}} />`} />`;
}
