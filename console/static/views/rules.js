import {html} from '../ui.js';
import {Arn, Badge, Facts, Json, Section, Table, Time} from '../parts.js';
import {to} from '../router.js';
import {Deliveries} from '../deliveries.js';
import {ListPage, Name, ThingPage, place} from '../resource.js';

export const title = 'Rules';

const columns = [
  {name: 'Rule', cell: (r) => html`<${Name} href=${to('rules', r.arn)} name=${r.name} under=${place(r) || r.arn} arn=${r.arn} />`},
  {name: 'Bus', cell: (r) => r.bus},
  {name: 'Begins with', wide: true, cell: (r) => (r.schedule ? r.schedule : html`<code>${pattern(r)}</code>`)},
  {name: 'Targets', number: true, cell: (r) => r.targets.length},
  {name: 'State', cell: (r) => html`<${State} of=${r} />`},
];

export function View({params: {id}, query}) {
  return id ? html`<${One} id=${id} />` : html`<${ListPage} title=${title} path="rules" what="rule" query=${query} columns=${columns} lead="Rules of EventBridge."
    words=${(r) => `${r.arn} ${r.bus} ${r.schedule ?? ''} ${pattern(r)} ${r.targets.map((t) => t.arn).join(' ')}`} none=${{title: 'There are no rules.'}} />`;
}

const State = ({of}) => html`<${Badge} tone=${of.state === 'DISABLED' ? 'warn' : 'good'}>${of.state.toLowerCase()}<//>`;

const pattern = (r) => (r.pattern ? (typeof r.pattern === 'string' ? r.pattern : JSON.stringify(r.pattern)) : '');

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function One({id}) {
  return html`<${ThingPage} path="rules" id=${id} what="rule" render=${(r) => html`
    <${Facts} facts=${[['Bus', r.bus], ['State', html`<${State} of=${r} />`], ['Account', r.account], ['Region', r.region], ['Schedule', r.schedule], ['Next', r.next && html`<${Time} at=${r.next} day />`]]} />
    ${r.pattern && html`<${Section} title="Pattern"><${Json} label="event pattern" value=${pretty(pattern(r))} /><//>`}
    <${Section} title="Targets">
      <${Table} caption="Targets" rows=${r.targets} keyOf=${(t) => t.id} empty=${{title: 'None.'}} columns=${[
        {name: 'Target', main: true, cell: (t) => html`<${Arn} arn=${t.arn} />`},
        {name: 'Id', cell: (t) => html`<code>${t.id}</code>`},
        {name: 'Acts as', cell: (t) => (t.roleArn ? html`<${Arn} arn=${t.roleArn} />` : html`<span class="muted">events.amazonaws.com</span>`)},
        {name: 'Dead letters to', cell: (t) => (t.deadLetterTarget ? html`<${Arn} arn=${t.deadLetterTarget} />` : html`<span class="muted">none</span>`)},
      ]} /><//>
    <${Deliveries} query=${{rule: r.arn}} />`} />`;
}
