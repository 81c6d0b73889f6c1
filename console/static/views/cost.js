import {html} from '../ui.js';
import {useFresh} from '../fresh.js';
import {Arn, Badge, Empty, Loaded, Page, Table, duration} from '../parts.js';
import {usd} from '../kms.js';
import {Key} from '../resource.js';

export const title = 'Cost of KMS';

const periods = [60, 300, 86400];

export function View() {
  const got = useFresh('kms-cost');
  return html`<${Page} title=${title} lead="What the calls of KMS for encrypted queues and topics cost in a month, by how long a data key is used.">
    <${Loaded} from=${got}>${({queues, usdPer10000, days}) => (queues.length === 0
      ? html`<${Empty} title="Nothing is encrypted with a key of KMS.">Queues and topics with a key are listed here.<//>` : html`
      <${Table} caption=${title} rows=${queues} keyOf=${(q) => q.arn} columns=${[
        {name: 'Queue or topic', main: true, cell: (q) => html`<${Arn} arn=${q.arn} />`},
        {name: 'Key', cell: (q) => html`<${Key} id=${q.keyId} />`},
        {name: 'Producers', number: true, cell: (q) => q.producers.length},
        {name: 'Consumers', number: true, cell: (q) => q.consumers.length},
        {name: 'Calls so far', number: true, cell: (q) => Object.values(q.calls).reduce((a, b) => a + b, 0).toLocaleString('en-US')},
        ...periods.map((p) => ({name: `At ${duration(p)}`, number: true, cell: (q) => html`<${Month} of=${q} period=${p} />`})),
      ]} />
      <p class="note">AWS's formula for ${days} days: R = B / D × (2 P + C), with B the seconds, D the reuse period, P the producers and C the consumers
        seen so far, who send and receive all the time. $${usdPer10000} for 10,000 calls.</p>`)}<//>
  <//>`;
}

function Month({of, period}) {
  const m = of.monthly.find((x) => x.reusePeriodSeconds === period);
  if (!m) return html`<span class="muted">–</span>`;
  return html`<span class=${of.reusePeriodSeconds === period ? 'strong' : ''}>${usd(m.usd)}</span><br />
    <span class="muted">${m.requests.toLocaleString('en-US')}</span>${of.reusePeriodSeconds === period && html` <${Badge}>as set<//>`}`;
}
