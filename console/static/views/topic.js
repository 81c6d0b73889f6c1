import {html} from '../ui.js';
import {Arn, Badge, Facts, Section, Table} from '../parts.js';
import {Access} from '../access.js';
import {CostOf, DataKeys} from '../kms.js';
import {Deliveries} from '../deliveries.js';
import {PolicyPart} from '../document.js';
import {Key, ThingPage, about} from '../resource.js';

export const title = 'Topic';

export function View({params: {id}}) {
  return html`<${ThingPage} path="topics" id=${id} what="topic" render=${(t) => html`
    <${Facts} facts=${[
      ['Account', t.account], ['Region', t.region], ['Kind', t.fifo ? 'FIFO' : 'standard'],
      ['Key', t.keyId ? html`<${Key} id=${t.keyId} />` : 'none: messages wait unencrypted'],
      ['Decisions', about(t.arn)],
    ]} />
    <${Access} of="resource" arn=${t.arn} title="Who may publish and subscribe" />
    <${Subscriptions} list=${t.subscriptions} />
    ${t.keyId && html`<${DataKeys} owner=${t.arn} /><${CostOf} arn=${t.arn} />`}
    <${PolicyPart} arn=${t.arn} byDefault="By the default one, identities of its account that their own policies allow may use it." />
    <${Deliveries} query=${{topic: t.arn}} />`} />`;
}

function Subscriptions({list}) {
  return html`<${Section} title="Subscriptions">
    <${Table} caption="Subscriptions" rows=${list} keyOf=${(s) => s.arn} empty=${{title: 'None.'}} columns=${[
      {name: 'Endpoint', main: true, cell: (s) => html`<span class="muted">${s.protocol}</span> <${Arn} arn=${s.endpoint} />`},
      {name: 'State', cell: (s) => html`<${Badge} tone=${s.pending ? 'warn' : 'good'}>${s.pending ? 'not confirmed' : 'confirmed'}<//>`},
      {name: 'Gets', cell: (s) => (s.raw ? 'the message as it is' : 'an envelope in JSON')},
      {name: 'Filter policy', wide: true, cell: (s) => (s.filterPolicy ? html`<code class="break">${text(s.filterPolicy)}</code>` : html`<span class="muted">none</span>`)},
    ]} /><//>`;
}

const text = (policy) => (typeof policy === 'string' ? policy : JSON.stringify(policy));
