// What more than one view is made of.
import {html, useEffect, useId, useRef, useState} from './ui.js';
import {to} from './router.js';

// Page is a view's frame. The heading takes the focus where a person comes to the view
// (app.js), so each view has exactly one Page, also while it loads.
export function Page({title, lead, actions, children}) {
  return html`
    <header class="page-head">
      <div>
        <h1 tabindex="-1">${title}</h1>
        ${lead && html`<p class="lead">${lead}</p>`}
      </div>
      ${actions && html`<div class="actions">${actions}</div>`}
    </header>
    ${children}`;
}

// Section is a part of a page with a heading of its own.
export function Section({title, note, actions, children, ...rest}) {
  const id = useId();
  return html`
    <section class="section" aria-labelledby=${id} ...${rest}>
      <header class="section-head">
        <h2 id=${id}>${title}</h2>
        ${note && html`<p class="note">${note}</p>`}
        ${actions && html`<div class="actions">${actions}</div>`}
      </header>
      ${children}
    </section>`;
}

// Verdict is Allow or Deny, told apart by shape and word as well as by color.
export function Verdict({decision}) {
  const allowed = decision === 'Allow';
  return html`<span class=${`verdict ${allowed ? 'allow' : 'deny'}`} data-verdict=${decision}>
    <span aria-hidden="true">${allowed ? '✓' : '✕'}</span> ${decision}</span>`;
}

// Badge is a short word about something; tone is good, bad, warn or none.
export function Badge({tone = '', title, children}) {
  return html`<span class=${`badge ${tone}`} title=${title}>${children}</span>`;
}

// CopyButton copies text; label says to those who do not see what it stands beside what.
export function CopyButton({text, label = 'Copy', children = 'Copy'}) {
  const [state, setState] = useState('');
  useEffect(() => {
    if (!state) return undefined;
    const timer = setTimeout(() => setState(''), 2000);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = async () => setState((await copied(text)) ? 'Copied' : 'Not copied');
  return html`<button type="button" class="copy small" aria-label=${label} onClick=${copy}>
    ${state || children}<span class="hidden" role="status">${state}</span></button>`;
}

// copied puts text into the clipboard. Browsers have the API for pages of HTTPS and of
// this machine only; elsewhere a selection is copied.
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'hidden';
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}

// What an ARN's service and resource are shown at.
const placesOf = [
  [/^arn:[^:]*:sqs:/, 'queues'],
  [/^arn:[^:]*:sns:[^:]*:[^:]*:[^:]*$/, 'topics'],
  [/^arn:[^:]*:kms:[^:]*:[^:]*:key\//, 'keys'],
  [/^arn:[^:]*:iam::[^:]*:(user|role|group)\//, 'identities'],
  [/^arn:[^:]*:iam::[^:]*:policy\//, 'policies'],
  [/^arn:[^:]*:s3:::/, 'buckets'],
  [/^arn:[^:]*:ec2:[^:]*:[^:]*:vpc-endpoint\//, 'network'],
  [/^arn:[^:]*:events:[^:]*:[^:]*:rule\//, 'rules'],
  [/^arn:[^:]*:cloudtrail:[^:]*:[^:]*:trail\//, 'trails'],
];

// placeOf is the address at which a thing is shown; empty: it is shown nowhere.
export function placeOf(arn) {
  const place = placesOf.find(([pattern]) => pattern.test(arn));
  return place ? to(place[1], arn) : '';
}

// shortName is what tells an ARN from others of its kind.
export function shortName(arn) {
  const parts = arn.split(':');
  return parts[0] === 'arn' && parts.length >= 6 ? parts.slice(5).join(':') || arn : arn;
}

// Arn shows an ARN by its last part, the whole in its title, and leads to what it names.
// whole: all of it is shown.
export function Arn({arn, whole = false, link = true}) {
  if (!arn) return html`<span class="muted">–</span>`;
  const place = link ? placeOf(arn) : '';
  const text = whole ? arn : shortName(arn);
  return place
    ? html`<a class="arn" href=${place} title=${arn} data-arn=${arn}>${text}</a>`
    : html`<span class="arn" title=${arn} data-arn=${arn}>${text}</span>`;
}

// Time shows a time of the server's clock in UTC, as AWS's records have it; all of it is in
// the title. day: with its date.
export function Time({at, day = false}) {
  if (!at) return html`<span class="muted">–</span>`;
  const time = new Date(at);
  if (Number.isNaN(time.getTime())) return html`<span>${at}</span>`;
  const iso = time.toISOString();
  return html`<time datetime=${iso} title=${at}>${day ? `${iso.slice(0, 10)} ${iso.slice(11, 19)}` : iso.slice(11, 19)}</time>`;
}

// duration is seconds as a person reads them: 4 min 20 s.
export function duration(seconds) {
  const total = Math.max(0, Math.round(seconds));
  const parts = [[Math.floor(total / 86400), 'd'], [Math.floor(total / 3600) % 24, 'h'], [Math.floor(total / 60) % 60, 'min'], [total % 60, 's']];
  const shown = parts.filter(([n]) => n > 0).slice(0, 2);
  return shown.length === 0 ? '0 s' : shown.map(([n, unit]) => `${n} ${unit}`).join(' ');
}

// Table is rows of things. A column is {name, cell: (row) => …, number?, main?, wide?}; main is
// the one that names the row.
export function Table({caption, columns, rows, keyOf, empty}) {
  if (rows.length === 0) return html`<${Empty} ...${empty || {title: 'None.'}} />`;
  return html`
    <div class="table-frame" tabindex="0" role="group" aria-label=${caption}>
      <table>
        <caption class="hidden">${caption}</caption>
        <thead><tr>${columns.map((c) => html`<th scope="col" class=${c.number ? 'number' : ''}>${c.name}</th>`)}</tr></thead>
        <tbody>
          ${rows.map((row, i) => html`<tr key=${keyOf ? keyOf(row) : i} data-key=${keyOf ? keyOf(row) : null}>
            ${columns.map((c) => (c.main
    ? html`<th scope="row">${c.cell(row)}</th>`
    : html`<td class=${`${c.number ? 'number' : ''} ${c.wide ? 'wide' : ''}`}>${c.cell(row)}</td>`))}
          </tr>`)}
        </tbody>
      </table>
    </div>`;
}

// Facts are names and what they are: pairs, of which those without a value are left out.
export function Facts({facts}) {
  const shown = facts.filter(([, value]) => value !== undefined && value !== null && value !== '');
  return html`<dl class="facts">${shown.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

// Empty says that there is nothing, and what to do about it.
export function Empty({title, children}) {
  return html`<div class="empty"><p class="empty-title">${title}</p>${children && html`<div class="note">${children}</div>`}</div>`;
}

// Loaded shows what useData has, and before that that it is coming, or why it is not.
export function Loaded({from, children}) {
  if (from.error) return html`<${Problem} error=${from.error} />`;
  if (from.data === undefined) return html`<p class="loading" role="status">Loading…</p>`;
  return children(from.data);
}

// Problem is an error in the server's words.
export function Problem({error}) {
  return html`<div class="problem" role="alert"><strong>${error.status === 404 ? 'Not there.' : 'That did not work.'}</strong> ${error.message}</div>`;
}

// Json shows a value as JSON, or a text as it is, with a button that copies it.
export function Json({value, label = 'JSON'}) {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return html`<div class="code-frame"><${CopyButton} text=${text} label=${`Copy ${label}`} />
    <pre class="code" tabindex="0" role="region" aria-label=${label}><code>${text}</code></pre></div>`;
}

// Lines shows a document with numbered lines. marks are {line, endLine?, tone, sign?, label},
// which paint lines and stand beside them; notes are {line, tone, text}, which stand below their line.
export function Lines({text, marks = [], notes = [], label = 'document'}) {
  const lines = text.replace(/\n$/, '').split('\n');
  const markOf = (n) => marks.find((m) => n >= m.line && n <= (m.endLine ?? m.line));
  return html`<div class="code-frame"><${CopyButton} text=${text} label=${`Copy ${label}`} />
    <div class="lines" tabindex="0" role="region" aria-label=${label}>
      ${lines.map((line, i) => {
    const mark = markOf(i + 1);
    return html`
        <div class=${`line ${mark ? mark.tone : ''}`} data-line=${i + 1}>
          <span class="line-number" aria-hidden="true">${i + 1}</span>
          ${marks.length > 0 && html`<span class="sign" aria-hidden="true">${mark?.sign}</span>`}
          <code>${line || ' '}</code>
          ${mark && mark.line === i + 1 && mark.label && html`<span class="line-label">${mark.label}</span>`}
        </div>
        ${notes.filter((n) => n.line === i + 1).map((n) => html`<div class=${`line-note ${n.tone || ''}`}>${n.text}</div>`)}`;
  })}
    </div></div>`;
}

// Dialog is a modal dialog; onClose is called where it is closed by Escape, too. A browser
// need not ask before it closes one: a dialog that is still wanted opens again.
export function Dialog({title, onClose, children}) {
  const ref = useRef();
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    ref.current.showModal();
    return () => before?.focus?.();
  }, []);
  const closed = () => {
    onClose();
    setTimeout(() => ref.current?.isConnected && !ref.current.open && ref.current.showModal());
  };
  return html`<dialog ref=${ref} aria-labelledby=${id} onCancel=${(e) => { e.preventDefault(); onClose(); }} onClose=${closed}>
    <h2 id=${id}>${title}</h2>${children}</dialog>`;
}

// useWide is whether the window is as wide as a table of several columns needs.
export function useWide() {
  const [query] = useState(() => matchMedia('(min-width: 721px)'));
  const [isWide, setWide] = useState(query.matches);
  useEffect(() => {
    const look = () => setWide(query.matches);
    query.addEventListener('change', look);
    return () => query.removeEventListener('change', look);
  }, [query]);
  return isWide;
}

// Field is an input with its label.
export function Field({label, value, onInput, type = 'text', placeholder, list, note, ...rest}) {
  const id = useId();
  return html`<div class="field"><label for=${id}>${label}</label>
    <input id=${id} type=${type} value=${value} placeholder=${placeholder} list=${list} autocomplete="off" spellcheck="false"
      onInput=${(e) => onInput(e.target.value)} ...${rest} />
    ${note && html`<p class="note">${note}</p>`}</div>`;
}

// Choice is a select with its label; options are [value, name].
export function Choice({label, value, onInput, options, ...rest}) {
  const id = useId();
  return html`<div class="field"><label for=${id}>${label}</label>
    <select id=${id} value=${value} onInput=${(e) => onInput(e.target.value)} ...${rest}>
      ${options.map(([v, name]) => html`<option value=${v} selected=${v === value}>${name}</option>`)}
    </select></div>`;
}
