// One request: what was decided for it, why, what would change it, and what came of it.
import {html, useMemo, useState} from '../ui.js';
import {useData} from '../api.js';
import {to} from '../router.js';
import {Arn, CopyButton, Facts, Json, Loaded, Page, Section, Time, Verdict, shortName} from '../parts.js';
import {DeliveryTable} from '../deliveries.js';
import {Layers} from './trace.js';
import {Again, ownKey} from './again.js';

export const title = 'Decision';

// chosen is the decision that is shown: the one that the address names, or the one that
// ended the call. One that a call only caused, as of a delivery, did not.
function chosen({decisions, event}, seq) {
  const denied = decisions.filter((d) => d.decision === 'Deny');
  const failed = !event || event.errorCode;
  return decisions.find((d) => String(d.seq) === seq) || denied.find((d) => d.own) || (failed && denied[0]) || decisions[0];
}

// Principal shows who called. A session is its role's, which a session's ARN names without
// its path.
function Principal({arn, identities}) {
  const [, account, role] = /^arn:[^:]*:sts::([0-9]*):assumed-role\/([^/]*)\//.exec(arn) || [];
  const found = role && identities.find((i) => i.kind === 'role' && i.account === account && i.name === role);
  return html`<${Arn} arn=${arn} whole />${found && html` (<${Arn} arn=${found.arn} />)`}`;
}

export function View({params: {id}, query}) {
  const identities = useData('identities').data?.identities || [];
  const from = useData(`decisions/${encodeURIComponent(id)}`);
  const d = from.data && chosen(from.data, query.seq);
  // One Page for both, or the heading would lose the focus when the decision is there.
  return html`<${Page} title=${d ? html`<${Verdict} decision=${d.decision} /> ${d.action}` : title}
      lead=${d ? html`by <${Principal} arn=${d.principal} identities=${identities} /> on <${Arn} arn=${d.resource} whole />` : html`Request <code>${id}</code>`}>
    <${Loaded} from=${from}>${(request) => html`
      ${d ? html`<${Shown} request=${request} d=${d} identities=${identities} />` : html`<p class="note">Nothing was decided for this request: it was refused before, or the decisions are forgotten.</p>`}
      ${request.deliveries?.length > 0 && html`<${Section} title="Deliveries" data-section="deliveries"><${DeliveryTable} deliveries=${request.deliveries} /><//>`}
      <${Section} title="As CloudTrail records it" data-section="event">
        ${request.event ? html`<${Json} value=${request.event} label="CloudTrail record" />` : html`<p class="note">There is no record of it, or it is forgotten.</p>`}<//>
      ${request.text && html`<${Section} title="Explained in text" note="As waxseal explain prints it." data-section="text"><${Json} value=${request.text} label="explanation" /><//>`}`}<//>
  <//>`;
}

function Shown({request, d, identities}) {
  const [draft, setDraft] = useState(null); // what is to be tried first: {key, statement}
  return html`
    ${d.message && html`<p class="problem" data-message>${d.message}</p>`}
    ${d.missing && html`<p class="note">What the request names does not exist: policies decide only whether the caller is told so.</p>`}
    <div class="card"><${Facts} facts=${[
    ['Time', html`<${Time} at=${d.time} day />`],
    ['Reason', d.reason],
    ['Request', html`<code>${d.requestId}</code> <${CopyButton} text=${d.requestId} label="Copy request id" />`],
    ['Made for', d.origin && html`<a href=${to('decisions', d.origin)}><code>${d.origin}</code></a>`],
    ['VPC endpoint', d.endpoint && html`<a class="arn" href=${to('network', d.endpoint)}>${d.endpoint}</a>`],
    ['Key alias', d.alias],
  ]} /></div>
    ${(request.decisions.length > 1 || request.origin) && html`<${Calls} request=${request} shown=${d} />`}
    <${Section} title="How it was decided" note="Layers in order of evaluation." data-section="layers"><${Layers} decision=${d} /><//>
    ${d.fix && html`<${Fix} fix=${d.fix} of=${d.fix.key || ownKey(d.principal)} onTry=${setDraft} />`}
    <${Again} key=${d.seq} decision=${d} draft=${draft} identities=${identities} />`;
}

// Calls are the decisions of the request: its own, and those that services made for it.
function Calls({request, shown}) {
  return html`<${Section} title="Calls" note="The request’s own decisions, and those of the calls that services made for it." data-section="calls">
    <ol class="calls">${request.decisions.map((d) => html`
      <li class=${d.own ? '' : 'inner'}>
        <a href=${to('decisions', request.requestId, {seq: d.seq})} aria-current=${d === shown ? 'true' : null}>
          <${Verdict} decision=${d.decision} /> <strong>${d.action}</strong> <span class="muted">on ${d.alias || shortName(d.resource)} by ${shortName(d.principal)}</span>
        </a></li>`)}
    </ol>
    ${request.origin && html`<p>A service made this call for <a href=${to('decisions', request.origin)}>request <code>${request.origin}</code></a>.</p>`}<//>`;
}

// stepsOf are the lines of a fix: what is to be done, and the statement that ends it.
function stepsOf(text) {
  return text.split('\n').map((line) => {
    const at = line.indexOf(': {');
    try {
      return {what: line.slice(0, at), statement: JSON.parse(line.slice(at + 2))};
    } catch {
      return {what: line};
    }
  });
}

// Fix shows what would allow the call; of is the policy that its statement is for.
function Fix({fix, of, onTry}) {
  const steps = useMemo(() => stepsOf(fix.text), [fix.text]);
  const tryIt = () => {
    onTry({key: of, statement: fix.statement});
    document.getElementById('again')?.scrollIntoView({block: 'start'});
  };
  return html`<${Section} title="Smallest fix" data-section="fix" note=${steps.length > 1 ? 'All of it is needed.' : ''}
      actions=${fix.statement && of && html`<button type="button" data-try-fix onClick=${tryIt}>${steps.length > 1 ? 'Try the first' : 'Try it'}</button>`}>
    <ol class=${steps.length > 1 ? 'fix' : 'fix single'}>${steps.map(({what, statement}) => html`<li>
      <p>${what}</p>
      ${statement ? html`<${Json} value=${statement} label="statement" />` : html`<${CopyButton} text=${what} label="Copy fix" />`}</li>`)}</ol><//>`;
}
