import {html} from '../ui.js';
import {Arn, Facts, Section, Table, Time} from '../parts.js';
import {Access} from '../access.js';
import {DataKeys} from '../kms.js';
import {PolicyPart} from '../document.js';
import {ThingPage, about} from '../resource.js';
import {State} from './keys.js';

export const title = 'Key';

const none = (word) => html`<span class="muted">${word}</span>`;

export function View({params: {id}}) {
  return html`<${ThingPage} path="keys" id=${id} what="key" name=${(k) => k.aliases[0] ?? k.id} render=${(k) => html`
    <${Facts} facts=${[
      ['Account', k.account], ['Region', k.region], ['Aliases', k.aliases.join(', ') || none('none')],
      ['State', html`<${State} of=${k} />`], ['Deleted', k.deletionDate && html`<${Time} at=${k.deletionDate} day />`],
      ['Managed by', k.manager === 'AWS' ? 'AWS' : 'the customer'], ['Spec', k.spec], ['Usage', k.usage], ['Origin', k.origin],
      ['Multi-Region', k.multiRegion ? 'yes' : ''], ['Rotation', html`<${Rotation} of=${k.rotation} />`],
      ['Last use', k.lastUsed ? html`<${Time} at=${k.lastUsed.time} day /> ${k.lastUsed.operation} by <${Arn} arn=${k.lastUsed.principal} />` : none('never')],
      ['Decisions', about(k.arn)],
    ]} />
    <${Users} list=${k.usedBy ?? []} />
    <${DataKeys} keyArn=${k.arn} />
    <${Access} of="resource" arn=${k.arn} title="Who may use it" />
    <${Grants} list=${k.grants ?? []} />
    <${PolicyPart} arn=${k.arn} byDefault="By the default one, identities of its account that their own policies allow may use it." />`} />`;
}

function Rotation({of}) {
  if (!of?.enabled) return none('off');
  return html`every ${of.periodInDays ?? 365} days${of.next && html`, next <${Time} at=${of.next} day />`}`;
}

function Users({list}) {
  return html`<${Section} title="Who has used it, and for what">
    <${Table} caption="Who has used it, and for what" rows=${list} empty=${{title: 'Nobody yet.'}} columns=${[
      {name: 'Who', main: true, cell: (u) => html`<${Arn} arn=${u.principal} />`},
      {name: 'For', cell: (u) => (u.for ? html`<${Arn} arn=${u.for} />` : none('–'))},
      {name: 'Through', cell: (u) => u.service || none('directly')},
      {name: 'Calls', number: true, cell: (u) => u.calls.toLocaleString('en-US')},
      {name: 'Last', cell: (u) => html`<${Time} at=${u.last} />`},
    ]} /><//>`;
}

function Grants({list}) {
  return html`<${Section} title="Grants">
    <${Table} caption="Grants" rows=${list} keyOf=${(g) => g.id} empty=${{title: 'None.'}} columns=${[
      {name: 'Grantee', main: true, cell: (g) => html`<${Arn} arn=${g.grantee} />`},
      {name: 'Operations', wide: true, cell: (g) => g.operations.join(', ')},
      {name: 'Constraints', wide: true, cell: (g) => (g.constraints ? html`<code class="break">${JSON.stringify(g.constraints)}</code>` : none('none'))},
      {name: 'Retired by', cell: (g) => (g.retiring ? html`<${Arn} arn=${g.retiring} />` : none('nobody named'))},
      {name: 'Id', cell: (g) => html`<code title=${g.id}>${g.id.slice(0, 10)}…</code>`},
    ]} /><//>`;
}
