// Who may do what: a table of what /access answers.
import {html, useState} from './ui.js';
import {useFresh} from './fresh.js';
import {Arn, Loaded, Section, Table, Verdict} from './parts.js';
import {plural} from './resource.js';

const atOnce = 50;

const verb = (action) => action.slice(action.indexOf(':') + 1);

// Access says of a resource who may do the usual things with it, and of a principal what
// it may do where. of is 'resource' or 'principal', arn the one asked about.
export function Access({of, arn, title}) {
  const got = useFresh('access', {[of]: arn});
  const [all, setAll] = useState(false);
  const [shown, setShown] = useState(atOnce);
  const other = of === 'resource' ? 'principal' : 'resource';
  const groups = grouped(got.data?.access ?? [], other);
  const able = groups.filter((g) => g.cells.some((c) => c.decision === 'Allow'));
  const more = groups.length - able.length;
  const wanted = all ? groups : able;
  return html`<${Section} title=${title} note="Decided by the policies as they are now, as a call would be. Nothing is recorded.">
    <${Loaded} from=${got}>${() => html`
    ${able.length === 0 && !all && html`<p class="muted">${of === 'resource' ? 'Nobody may do anything with it.' : 'It may do nothing with what there is.'}</p>`}
    <${Matrix} groups=${wanted.slice(0, shown)} other=${other} title=${title} />
    ${wanted.length > shown && html`<p><button type="button" onClick=${() => setShown(shown + 10 * atOnce)}>Show more of ${plural(wanted.length, other)}</button></p>`}
    ${more > 0 && html`<p><button type="button" aria-expanded=${all} onClick=${() => setAll(!all)}>
      ${all ? `Hide the ${more} that ${of === 'resource' ? 'may do nothing' : 'it may do nothing with'}`
        : `Show ${plural(more, other)} more, with why ${of === 'resource' ? 'they may' : 'it may'} do nothing`}</button></p>`}`}<//>
  <//>`;
}

// grouped has one row for each principal (or resource), in the order in which they come.
function grouped(access, other) {
  const groups = new Map();
  for (const a of access) {
    if (!groups.has(a[other])) groups.set(a[other], {id: a[other], kind: a.kind, cells: []});
    groups.get(a[other]).cells.push(a);
  }
  return [...groups.values()];
}

// Matrix has a table for each set of actions: those of queues and of keys do not fit one.
function Matrix({groups, other, title}) {
  const sets = new Map();
  for (const g of groups) {
    const actions = g.cells.map((c) => c.action).join();
    if (!sets.has(actions)) sets.set(actions, []);
    sets.get(actions).push(g);
  }
  return [...sets].map(([actions, list]) => html`<${Table} key=${actions} caption=${title} rows=${list} keyOf=${(g) => g.id} columns=${[
    {name: other === 'principal' ? 'Who' : 'What', main: true, cell: (g) => html`<${Arn} arn=${g.id} />${other === 'principal' && html` <span class="muted">${g.kind}</span>`}`},
    ...actions.split(',').map((action) => ({name: verb(action), cell: (g) => html`<${Answer} of=${g.cells.find((c) => c.action === action)} />`})),
  ]} />`);
}

// reasons are why something is allowed. Why something is denied, the message says.
const reasons = {
  AllowedByIdentity: 'by its own policies', AllowedByResource: 'by the policy of the resource', AllowedByBoth: 'by its own policies and that of the resource',
  AllowedByGrant: 'by a grant', AllowedAsRoot: 'as the root user', AllowedAlways: 'needs no permission', AllowedToUnlock: 'to mend the policy',
};

function Answer({of: {decision, reason, message = '', conditions = []}}) {
  const why = reasons[reason] ?? (message.match(/ because (.*)$/s)?.[1] || (reason === 'ExplicitDeny' ? 'with an explicit deny' : message));
  return html`<${Verdict} decision=${decision} /> <span class="why" title=${message || null}>${why}</span>
    ${conditions.length > 0 && html`<ul class="conditions">${conditions.map((c) => html`<li key=${c}>if ${c}</li>`)}</ul>`}`;
}
