// A policy's document with what each statement has done so far, and what lint says.
import {html} from './ui.js';
import {useFresh} from './fresh.js';
import {to} from './router.js';
import {Empty, Lines, Loaded, Section} from './parts.js';

// covers are what a statement can have done. The sign says it too, so that no color is needed.
const covers = {
  allowed: {sign: '✓', words: 'has allowed a request'},
  denied: {sign: '✕', words: 'has denied a request'},
  conditionFailed: {sign: '≠', words: 'matched a request but for its conditions'},
  unmatched: {sign: '·', words: 'has never matched a request'},
};

// cover is the most telling of what a statement has done.
const cover = (s) => ['denied', 'allowed', 'conditionFailed'].find((c) => s[c] > 0) ?? 'unmatched';

// counts tells what a statement has done.
function counts(s) {
  const said = [['allowed', s.allowed], ['denied', s.denied], ['condition failed', s.conditionFailed], ['did not match', s.unmatched]]
    .filter(([, n]) => n > 0).map(([what, n]) => `${what} ${n.toLocaleString('en-US')}`);
  return said.join(', ') || 'never asked';
}

// Covered shows a document of /policies.
export function Covered({policy}) {
  const {document, statements = [], findings = []} = policy;
  return html`<${Legend} findings=${findings.length > 0} />
    <${Lines} text=${document} label="Lines of the document"
      marks=${statements.map((s) => ({line: s.line, endLine: s.endLine, tone: `cover-${cover(s)}`, sign: covers[cover(s)].sign, label: counts(s)}))}
      notes=${findings.map((f) => ({line: f.line, tone: 'warn', text: `${f.severity ? `${f.severity}: ` : ''}${f.message}`}))} />`;
}

function Legend({findings}) {
  return html`<ul class="legend" aria-label="What the signs mean">
    ${Object.entries(covers).map(([c, {sign, words}]) => html`<li key=${c}><span class=${`sign cover-${c}`} aria-hidden="true">${sign}</span> ${words}</li>`)}
    ${findings && html`<li><span class="sign warn" aria-hidden="true">!</span> may not be meant</li>`}</ul>`;
}

// PolicyPart is the policy of a resource on its page. byDefault says what holds where nobody
// has set one.
export function PolicyPart({arn, byDefault}) {
  const all = useFresh('policies');
  const has = all.data?.policies.some((p) => p.key === arn);
  const got = useFresh(has ? 'policies' : null, {key: arn});
  return html`<${Section} title="Its policy" actions=${has && html`<a href=${to('policies', arn)}>On its own page</a>`}>
    <${Loaded} from=${has ? got : all}>${() => (has ? html`<${Covered} policy=${got.data.policies[0]} />`
      : html`<${Empty} title="Nobody has set one.">${byDefault}<//>`)}<//>
  <//>`;
}
