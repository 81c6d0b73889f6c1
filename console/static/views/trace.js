// How a decision came about: layer by layer, statement by statement, element by element.
import {html} from '../ui.js';
import {to} from '../router.js';
import {Arn, Badge} from '../parts.js';

// policyKey is the name that the control API has for the policy of a step: an ARN, or
// KIND/NAME/POLICY for an inline one.
export function policyKey({policy, owner}) {
  if (!policy) return '';
  if (!owner) return policy;
  const [kind, ...path] = owner.split(':').slice(5).join(':').split('/');
  return `${kind}/${path[path.length - 1]}/${policy}`;
}

// layersOf groups steps by layer, in the order of evaluation, and within one by policy. A
// layer that decided for nothing in it applies is there, too.
function layersOf({steps, layer}) {
  const layers = [];
  for (const step of steps) {
    let group = layers.find((l) => l.name === step.layer);
    if (!group) layers.push(group = {name: step.layer, steps: []});
    group.steps.push(step);
  }
  if (layer && layer !== 'no policy' && !layers.some((l) => l.name === layer)) layers.push({name: layer, steps: []});
  return layers;
}

function isSame(a, b) {
  return a.layer === b.layer && a.policy === b.policy && a.owner === b.owner && a.statement === b.statement && a.grant === b.grant;
}

function outcomeOf({steps}) {
  const applied = steps.filter((s) => s.outcome === 'applies');
  if (applied.some((s) => s.effect === 'Deny')) return ['bad', 'denies'];
  if (applied.length === 0) return ['', 'no statement applies'];
  if (applied.every((s) => s.delegates)) return ['info', 'leaves it to the caller’s own policies'];
  return ['good', 'allows'];
}

const outcomes = {applies: ['good', 'applies'], nearly: ['warn', 'nearly applies'], 'no match': ['', 'does not match']};

// Layers shows the trace of a decision.
export function Layers({decision}) {
  const {trace} = decision;
  const layers = layersOf(trace);
  if (layers.length === 0) return html`<p class="note">No policy took part: ${decision.reason}.</p>`;
  return html`<ol class="layers">${layers.map((layer) => {
    const [tone, word] = outcomeOf(layer);
    const decides = layer.name === trace.layer;
    return html`<li class=${`layer ${decides ? 'decides' : ''}`} data-layer=${layer.name} data-decides=${decides ? 'true' : null}>
      <header><h3>${layer.name}</h3><${Badge} tone=${tone}>${word}<//>${decides && html`<${Badge} tone=${trace.allowed ? 'good' : 'bad'}>decides<//>`}</header>
      ${layer.steps.length === 0 && html`<p class="note">There is none, so nothing in it allows the call.</p>`}
      ${policiesOf(layer.steps).map(({policy, owner, steps}) => html`
        ${policy && html`<p class="policy-name"><a class="arn" href=${to('policies', policyKey(steps[0]))}>${policy}</a>${owner && html` <span class="muted">of <${Arn} arn=${owner} /></span>`}</p>`}
        ${steps.map((step) => html`<${Statement} step=${step} decides=${trace.by.some((by) => isSame(by, step))} />`)}`)}
    </li>`;
  })}</ol>`;
}

function policiesOf(steps) {
  const policies = [];
  for (const step of steps) {
    const last = policies[policies.length - 1];
    if (last && last.policy === step.policy && last.owner === step.owner) last.steps.push(step);
    else policies.push({policy: step.policy, owner: step.owner, steps: [step]});
  }
  return policies;
}

function Statement({step, decides}) {
  const [tone, word] = step.outcome === 'applies' && step.effect === 'Deny' ? ['bad', 'applies'] : outcomes[step.outcome] || ['', step.outcome];
  const name = step.grant ? `Grant ${step.grant}` : `#${step.statement + 1}`;
  return html`<details class=${`statement ${decides ? 'decides' : ''}`} open=${decides || step.outcome !== 'no match'} data-outcome=${step.outcome} data-decides=${decides ? 'true' : null}>
    <summary><span class="statement-name">${name}${step.sid && html` <q>${step.sid}</q>`}</span> <span class=${step.effect === 'Deny' ? 'effect deny' : 'effect'}>${step.effect}</span>
      <${Badge} tone=${tone}>${word}<//>${decides && html`<${Badge} tone="info">deciding statement<//>`}
      ${step.position?.line > 1 && html`<span class="muted">line ${step.position.line}</span>`}</summary>
    <div class="table-frame" tabindex="0" role="region" aria-label=${`Elements of statement ${name}`}>
    <table class="elements">
      <thead><tr><th scope="col">Element</th><th scope="col">Wanted</th><th scope="col">Got</th><th scope="col">Matches</th></tr></thead>
      <tbody>${step.elements.map((e) => html`<${Element} e=${e} />`)}</tbody>
    </table></div>
  </details>`;
}

function Element({e}) {
  const name = e.operator || e.key ? `${e.operator || e.element} ${e.key || ''}` : e.element;
  return html`<tr class=${e.matched ? '' : 'missed'} data-matched=${e.matched ? 'true' : 'false'}>
    <th scope="row">${name}${e.note && html`<p class="note">${e.note}</p>`}</th>
    <td><${Values} values=${e.wanted} /></td>
    <td>${e.got ? html`<${Values} values=${e.got} />` : html`<em class="muted">not in the request</em>`}</td>
    <td>${e.matched ? html`<span class="verdict allow"><span aria-hidden="true">✓</span> yes</span>` : html`<span class="verdict deny"><span aria-hidden="true">✕</span> no</span>`}</td>
  </tr>`;
}

function Values({values}) {
  if (!values || values.length === 0) return html`<em class="muted">nothing</em>`;
  return html`<ul class="values">${values.map((v) => html`<li><code>${v === '' ? '""' : v}</code></li>`)}</ul>`;
}
