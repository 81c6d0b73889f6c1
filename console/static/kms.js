// What queues and topics ask of KMS: the data keys in memory, and what the calls cost.
import {html, useEffect, useState} from './ui.js';
import {useFresh} from './fresh.js';
import {Arn, Badge, Empty, Facts, Loaded, Section, Table, Time, duration} from './parts.js';
import {Key} from './resource.js';

// DataKeys shows the data keys in memory that belong to a queue or topic, or were made with a key.
export function DataKeys({owner, keyArn}) {
  const got = useFresh('data-keys');
  const list = (got.data?.dataKeys ?? []).filter((k) => (owner ? k.owner === owner : k.keyId === keyArn));
  return html`<${Section} title="Data keys in memory"
      note="One for each requester. Until it is renewed, KMS is not asked: a change of the key's policy takes effect only then."><${Loaded} from=${got}>${() => html`
    <${Table} caption="Data keys in memory" rows=${list} empty=${{title: 'None: the next message makes one.'}} columns=${[
      {name: 'Requester', main: true, cell: (k) => html`<${Arn} arn=${k.requester} />`},
      {name: 'For', cell: (k) => (k.purpose === 'encrypt' ? 'sending' : 'receiving')},
      owner ? {name: 'Key', cell: (k) => html`<${Key} id=${k.keyId} />`} : {name: 'Of', cell: (k) => html`<${Arn} arn=${k.owner} />`},
      {name: 'Since', cell: (k) => html`<${Time} at=${k.since} />`},
      {name: 'Renewals', number: true, cell: (k) => k.renewals},
      {name: 'Time left', cell: (k) => html`<${Left} seconds=${k.secondsLeft} of=${k.renewAt} />`},
    ]} />`}<//><//>`;
}

// Left counts down. The server's clock goes as fast as ours, from wherever it stands.
function Left({seconds, of}) {
  const [now, setNow] = useState(Date.now());
  const [end, setEnd] = useState(Date.now() + seconds * 1000);
  useEffect(() => setEnd(Date.now() + seconds * 1000), [seconds, of]);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const left = (end - now) / 1000;
  return left > 0 ? duration(left) : html`<span class="muted">used up</span>`;
}

export const usd = (x) => `$${x.toLocaleString('en-US', {minimumFractionDigits: 2, maximumFractionDigits: x < 1 ? 4 : 2})}`;

// Who lists principals.
const Who = ({list}) => (list.length === 0 ? html`<span class="muted">none</span>` : list.map((arn, i) => html`${i > 0 && ', '}<${Arn} arn=${arn} />`));

// Cost is what a queue's or topic's calls of KMS cost in a month, by the reuse period.
export function Cost({of}) {
  const {calls, monthly, producers, consumers} = of;
  return html`
    <${Table} caption="KMS calls and cost in a month" rows=${monthly} keyOf=${(m) => m.reusePeriodSeconds} columns=${[
      {name: 'Data key reuse period', main: true, cell: (m) => html`${duration(m.reusePeriodSeconds)}${m.reusePeriodSeconds === of.reusePeriodSeconds && html` <${Badge}>as set<//>`}`},
      {name: 'Calls in 30 days', number: true, cell: (m) => m.requests.toLocaleString('en-US')},
      {name: 'Cost', number: true, cell: (m) => usd(m.usd)},
    ]} />
    <${Facts} facts=${[
      ['Calls so far', `${calls.GenerateDataKey ?? 0} of GenerateDataKey, ${calls.Decrypt ?? 0} of Decrypt`],
      [`Producers seen so far: ${producers.length}`, html`<${Who} list=${producers} />`], [`Consumers seen so far: ${consumers.length}`, html`<${Who} list=${consumers} />`],
    ]} />
    <p class="note">If these send and receive all the time. Each producer makes two calls in a period, each consumer one.</p>`;
}

// CostOf is the part of the page of a queue or topic.
export function CostOf({arn}) {
  const got = useFresh('kms-cost');
  const of = got.data?.queues.find((q) => q.arn === arn);
  return html`<${Section} title="Calls of KMS"><${Loaded} from=${got}>${() => (of
    ? html`<${Cost} of=${of} />` : html`<${Empty} title="None: it has no key of KMS." />`)}<//><//>`;
}
