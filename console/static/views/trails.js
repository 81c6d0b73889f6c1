import {html} from '../ui.js';
import {Arn, Badge, Empty, Facts, Section, Table, Time} from '../parts.js';
import {to} from '../router.js';
import {ListPage, Name, ThingPage, place} from '../resource.js';

export const title = 'Trails';

const columns = [
  {name: 'Trail', cell: (t) => html`<${Name} href=${to('trails', t.arn)} name=${t.name} under=${place(t) || t.arn} arn=${t.arn} />`},
  {name: 'Logs', cell: (t) => html`<${State} of=${t} />`},
  {name: 'Bucket', wide: true, cell: (t) => html`<${Arn} arn=${`arn:aws:s3:::${t.bucket}`} />`},
  {name: 'Regions', wide: true, cell: (t) => (t.multiRegion ? 'all' : 'its own')},
  {name: 'Last delivery', wide: true, cell: (t) => delivered(t)},
];

export function View({params: {id}, query}) {
  return id ? html`<${One} id=${id} />` : html`<${ListPage} title=${title} path="trails" what="trail" query=${query} columns=${columns}
    words=${(t) => `${t.arn} ${t.bucket}`} none=${{title: 'There are no trails.', children: 'What was called is remembered all the same: see waxseal events.'}} />`;
}

function State({of}) {
  if (of.lastError) return html`<${Badge} tone="bad">does not deliver<//>`;
  return html`<${Badge} tone=${of.logging ? 'good' : 'warn'}>${of.logging ? 'logging' : 'stopped'}<//>`;
}

const delivered = (t) => (t.lastDelivery ? html`<${Time} at=${t.lastDelivery} day />` : html`<span class="muted">none yet</span>`);

function One({id}) {
  return html`<${ThingPage} path="trails" id=${id} what="trail" render=${(t) => html`
    <${Facts} facts=${[
      ['State', html`<${State} of=${t} />`], ['Regions', t.multiRegion ? 'all' : 'its own'], ['Bucket', html`<${Arn} arn=${`arn:aws:s3:::${t.bucket}`} />`],
      ['Digests', t.validation ? 'yes, by which its files can be validated' : 'no'], ['Last delivery', delivered(t)], ['Last error', t.lastError],
    ]} />
    <${Section} title="Data events" note="Calls on these are logged besides all management events.">
      ${t.dataEvents?.length > 0 ? html`<${Table} caption="Data events" rows=${t.dataEvents} columns=${[{name: 'Resource', main: true, cell: (arn) => html`<${Arn} arn=${arn} whole />`}]} />`
        : html`<${Empty} title="None." />`}<//>`} />`;
}
