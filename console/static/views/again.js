// Try again as…: the same request decided once more, by another principal or with other
// policies. It performs and records nothing.
import {html, useEffect, useId, useState} from '../ui.js';
import {get, post, useData} from '../api.js';
import {Choice, Field, Problem, Section, Verdict} from '../parts.js';
import {Layers, policyKey} from './trace.js';

const blank = '{\n  "Version": "2012-10-17",\n  "Statement": []\n}';

// ownKey is the key of an inline policy that the caller may get: empty where it can have none.
export function ownKey(principal) {
  const [, kind, path] = /^arn:[^:]*:(?:sts|iam)::[0-9]*:(assumed-role|user)\/(.*)$/.exec(principal) || [];
  if (kind === 'assumed-role') return `role/${path.split('/')[0]}/new`;
  return kind === 'user' ? `user/${path.split('/').pop()}/new` : '';
}

// keysOf are the policies that can be edited: first those that took part, and the resource's
// own, then a new one of the caller, then the others that there are.
function keysOf(decision, policies) {
  const near = new Set(decision.trace.steps.map(policyKey).filter(Boolean));
  if (decision.resource.startsWith('arn:')) near.add(decision.resource);
  if (decision.fix?.key) near.add(decision.fix.key);
  const own = ownKey(decision.principal);
  const others = policies.filter((p) => !near.has(p.key)).map((p) => p.key);
  return [...[...near].map((key) => [key, `${key} (takes part)`]), ...(own ? [[own, `${own} (one more policy)`]] : []), ...[...new Set(others)].map((key) => [key, key])];
}

// documentOf is the text of a policy as it is; blank: there is none yet. Of those of several
// accounts that have the same key it is the caller's.
async function documentOf(key, principal) {
  const account = principal.split(':')[4];
  try {
    const {policies} = await get('policies', {key});
    return (policies.find((p) => p.owner.split(':')[4] === account) || policies[0])?.document || blank;
  } catch (error) {
    if (error.status === 404) return blank;
    throw error;
  }
}

// withStatement is a document with one statement more.
function withStatement(text, statement) {
  const document = JSON.parse(text);
  document.Statement = [...[document.Statement || []].flat(), statement];
  return JSON.stringify(document, null, 2);
}

export function Again({decision, draft, identities}) {
  const known = useData('policies');
  const [principal, setPrincipal] = useState('');
  const [edits, setEdits] = useState([]); // [{key, text}]
  const [key, setKey] = useState('');
  const [result, setResult] = useState(null); // {decision} or {error}
  const [isBusy, setBusy] = useState(false);
  const list = useId();
  const keys = keysOf(decision, known.data?.policies || []);
  const next = keys.some(([k]) => k === key) ? key : keys[0]?.[0] || '';

  const edit = async (wanted, statement) => {
    try {
      const text = edits.find((e) => e.key === wanted)?.text ?? await documentOf(wanted, decision.principal);
      const entry = {key: wanted, text: statement ? withStatement(text, statement) : text};
      setEdits((all) => [...all.filter((e) => e.key !== wanted), entry]);
      setResult(null);
    } catch (error) {
      setResult({error});
    }
  };
  useEffect(() => {
    if (draft) edit(draft.key, draft.statement);
  }, [draft]);

  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    try {
      const policies = Object.fromEntries(edits.map((e) => [e.key, parsed(e)]));
      const answer = await post('evaluate', {
        requestId: decision.requestId,
        ...(principal.trim() && {principal: principal.trim()}),
        ...(edits.length > 0 && {policies}),
      });
      setResult({decision: answer});
    } catch (error) {
      setResult({error});
    }
    setBusy(false);
  };

  return html`<${Section} id="again" title="Try again as…" data-section="again"
      note="Decides the same request once more, by another principal or with other policies. It performs and records nothing, and changes no policy.">
    <form class="card again" onSubmit=${submit}>
      <${Field} label="Principal" value=${principal} onInput=${setPrincipal} placeholder=${decision.principal} list=${list}
        note="An ARN, role/NAME or user/NAME, a service such as sns.amazonaws.com, or anonymous. Left empty: the same." data-again-principal />
      <datalist id=${list}>${identities.filter((i) => i.kind !== 'group').map((i) => html`<option value=${i.arn}>${i.name}</option>`)}</datalist>
      <div class="again-add"><${Choice} label="Policy" value=${next} onInput=${setKey} options=${keys} data-again-key />
        <button type="button" disabled=${!next} onClick=${() => edit(next)} data-again-edit>Edit it</button></div>
      ${edits.map((e) => html`<${Editor} key=${e.key} edit=${e}
        onInput=${(text) => setEdits((all) => all.map((o) => (o.key === e.key ? {...o, text} : o)))}
        onRemove=${() => setEdits((all) => all.filter((o) => o.key !== e.key))} />`)}
      <div class="actions"><button type="submit" class="primary" disabled=${isBusy} data-again-submit>Decide again</button></div>
    </form>
    <div aria-live="polite" data-again-result>
      ${result?.error && html`<${Problem} error=${result.error} />`}
      ${result?.decision && html`<${Beside} before=${decision} after=${result.decision} />`}
    </div><//>`;
}

// parsed is the document of an edit. Where it is no JSON the text is sent as it is, for the
// server says what is wrong with it, and where.
function parsed({text}) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function Editor({edit, onInput, onRemove}) {
  const id = useId();
  return html`<div class="editor">
    <div class="editor-head"><label for=${id}>${edit.key}</label><button type="button" class="small" onClick=${onRemove}>Leave as it is</button></div>
    <textarea id=${id} rows=${Math.min(24, edit.text.split('\n').length + 1)} spellcheck="false" value=${edit.text}
      onInput=${(e) => onInput(e.target.value)} data-again-document=${edit.key}></textarea></div>`;
}

function Beside({before, after}) {
  return html`<div class="beside">${[['As it was', before], ['As it would be', after]].map(([name, d]) => html`
    <section aria-label=${name} data-beside=${d === after ? 'after' : 'before'}>
      <h3>${name}: <${Verdict} decision=${d.decision} /> ${d.action}</h3>
      <p class="muted">${d.reason} · by <span class="arn">${d.principal}</span></p>
      ${d.message && html`<p class="problem">${d.message}</p>`}
      <${Layers} decision=${d} />
    </section>`)}</div>`;
}
