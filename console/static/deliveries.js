// What became of messages on their way from a topic, a rule or a bucket.
import {html, useState} from './ui.js';
import {useData} from './api.js';
import {Arn, Badge, Loaded, Section, Table, Time} from './parts.js';
import {to} from './router.js';
import {plural} from './resource.js';

const tones = {SUCCESS: 'good', FAILURE: 'bad', PENDING: 'warn'};
const atOnce = 20;

// Deliveries lists those that the control API finds by query (topic, rule, bucket), or,
// of all, those for which only is true.
export function Deliveries({query = {}, only = () => true, title = 'Deliveries'}) {
  const got = useData('deliveries', query, {every: 5000});
  const [shown, setShown] = useState(atOnce);
  const list = (got.data?.deliveries ?? []).filter(only);
  const all = Object.keys(query).length === 0;
  return html`<${Section} title=${title}><${Loaded} from=${got}>${() => html`
    <${Table} caption=${title} rows=${list.slice(0, shown)} empty=${{title: 'None yet.'}} columns=${[
      {name: 'When', main: true, cell: (d) => html`<${Time} at=${d.time} />`},
      ...(all ? [{name: 'From', cell: (d) => html`<${Arn} arn=${d.topicArn ?? d.ruleArn ?? `arn:aws:s3:::${d.bucket}`} />`}] : []),
      {name: 'To', cell: (d) => html`<span class="muted">${d.protocol}</span> <${Arn} arn=${d.endpoint} />`},
      {name: 'Outcome', cell: Outcome},
    ]} />
    ${list.length > shown && html`<p><button type="button" onClick=${() => setShown(shown + 100)}>Show more of ${plural(list.length, 'delivery', 'deliveries')}</button></p>`}`}<//><//>`;
}

function Outcome(d) {
  return html`<${Badge} tone=${tones[d.status]}>${d.status.toLowerCase()}<//>
    ${d.attempts > 1 && html` <span class="muted">${plural(d.attempts, 'attempt')}</span>`}
    ${d.status !== 'SUCCESS' && d.providerResponse && html` <span class="why">${response(d.providerResponse)}</span>`}
    ${d.decisionRequestId && html` <a class="nowrap" href=${to('decisions', d.decisionRequestId)}>the decision</a>`}
    ${d.deadLetter && html`<div>dead letter: ${d.deadLetter.status.toLowerCase()} to <${Arn} arn=${d.deadLetter.queueArn} />
      ${d.deadLetter.decisionRequestId && html` <a href=${to('decisions', d.deadLetter.decisionRequestId)}>the decision</a>`}</div>`}`;
}

// response is what a person reads of a provider's response, which is JSON or text.
function response(text) {
  try {
    const r = JSON.parse(text);
    return r.ErrorMessage ?? r.errorMessage ?? text;
  } catch {
    return text;
  }
}
