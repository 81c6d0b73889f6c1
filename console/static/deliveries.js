// What became of messages on their way to endpoints.
import {html} from './ui.js';
import {to} from './router.js';
import {Arn, Badge, Table, Time} from './parts.js';

const tones = {SUCCESS: 'good', FAILURE: 'bad', PENDING: 'warn'};

// DeliveryTable shows deliveries with the endpoints' answers and the decisions that ended them.
export function DeliveryTable({deliveries, empty}) {
  return html`<${Table} caption="Deliveries" rows=${deliveries} empty=${empty} columns=${[
    {name: 'Time (UTC)', cell: (d) => html`<${Time} at=${d.time} />`},
    {name: 'To', main: true, cell: (d) => html`<${Arn} arn=${d.endpoint} /> <span class="muted">${d.protocol}</span>`},
    {name: 'Status', cell: (d) => html`<${Badge} tone=${tones[d.status] || ''}>${d.status.toLowerCase()}<//>`},
    {name: 'Attempts', number: true, cell: (d) => d.attempts},
    {name: 'Answer', wide: true, cell: (d) => html`${d.providerResponse || ''} <${Decision} id=${d.decisionRequestId} />
      ${d.deadLetter && html`<p>Dead-letter queue <${Arn} arn=${d.deadLetter.queueArn} />: ${d.deadLetter.status.toLowerCase()}
        ${d.deadLetter.providerResponse || ''} <${Decision} id=${d.deadLetter.decisionRequestId} /></p>`}`},
  ]} />`;
}

function Decision({id}) {
  return id ? html`<a href=${to('decisions', id)}>Decision</a>` : null;
}
