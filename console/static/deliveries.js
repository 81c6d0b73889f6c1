// What became of messages on their way from a topic, a rule or a bucket.
import {html, useState} from './ui.js';
import {useFresh} from './fresh.js';
import {to} from './router.js';
import {Arn, Badge, Loaded, Section, Table, Time} from './parts.js';
import {plural} from './resource.js';

const tones = {SUCCESS: 'good', FAILURE: 'bad', PENDING: 'warn'};
const atOnce = 20;

// DeliveryTable shows deliveries with the endpoints' answers and the decisions that ended
// them. from: also with what they came from.
export function DeliveryTable({deliveries, empty, from = false}) {
  return html`<${Table} caption="Deliveries" rows=${deliveries} empty=${empty} columns=${[
    {name: 'Time (UTC)', cell: (d) => html`<${Time} at=${d.time} />`},
    ...(from ? [{name: 'From', cell: (d) => html`<${Arn} arn=${d.topicArn ?? d.ruleArn ?? `arn:aws:s3:::${d.bucket}`} />`}] : []),
    {name: 'To', main: true, cell: (d) => html`<${Arn} arn=${d.endpoint} /> <span class="muted">${d.protocol}</span>`},
    {name: 'Outcome', wide: true, cell: Outcome},
  ]} />`;
}

function Outcome(d) {
  return html`<${Badge} tone=${tones[d.status]}>${d.status.toLowerCase()}<//>
    ${d.attempts > 1 && html` <span class="muted">${plural(d.attempts, 'attempt')}</span>`} <${Decision} id=${d.decisionRequestId} />
    ${d.status !== 'SUCCESS' && html`<${Answer} of=${d} />`}
    ${d.deadLetter && html`<p>Dead-letter queue <${Arn} arn=${d.deadLetter.queueArn} />: ${d.deadLetter.status.toLowerCase()}
      <${Answer} of=${d.deadLetter} /> <${Decision} id=${d.deadLetter.decisionRequestId} /></p>`}`;
}

function Decision({id}) {
  return id ? html`<a href=${to('decisions', id)}>the decision</a>` : null;
}

// Answer is what a person reads of an endpoint's response, which is JSON or text.
function Answer({of: {providerResponse = ''}}) {
  let text = providerResponse;
  try {
    const r = JSON.parse(providerResponse);
    text = r.ErrorMessage ?? r.errorMessage ?? providerResponse;
  } catch {
    // text it is
  }
  return text ? html`<span class="why">${text}</span>` : null;
}

// Deliveries lists those that the control API finds by query (topic, rule, bucket), or,
// of all, those for which only is true.
export function Deliveries({query = {}, only = () => true, title = 'Deliveries'}) {
  const got = useFresh('deliveries', query);
  const [shown, setShown] = useState(atOnce);
  const list = (got.data?.deliveries ?? []).filter(only);
  return html`<${Section} title=${title}><${Loaded} from=${got}>${() => html`
    <${DeliveryTable} deliveries=${list.slice(0, shown)} from=${Object.keys(query).length === 0} empty=${{title: 'None yet.'}} />
    ${list.length > shown && html`<p><button type="button" onClick=${() => setShown(shown + 100)}>Show more of ${plural(list.length, 'delivery', 'deliveries')}</button></p>`}`}<//><//>`;
}
