// The decisions, live.
import {html, useEffect, useMemo, useRef, useState, useStore} from '../ui.js';
import {follow, live} from '../live.js';
import {setQuery, to} from '../router.js';
import {Arn, Badge, Empty, Field, Page, Problem, Time, Verdict, shortName, useWide} from '../parts.js';
import {VirtualList} from '../list.js';
import {plural} from '../resource.js';

export const title = 'Decisions';

const columns = [
  {name: 'Time (UTC)', cls: 'c-time'}, {name: 'Verdict', cls: 'c-verdict'}, {name: 'Action', cls: 'c-action'},
  {name: 'Principal', cls: 'c-principal'}, {name: 'Resource', cls: 'c-resource'},
];

const keyOf = (d) => d.seq;

function Cells({d}) {
  return html`
    <span role="cell" class="c-time"><${Time} at=${d.time} /></span>
    <span role="cell" class="c-verdict"><${Verdict} decision=${d.decision} /></span>
    <span role="cell" class="c-action">${d.origin && html`<span class="muted" title="A service made this call for another one">↳ </span>`}<a
      class="row-link" href=${to('decisions', d.requestId, {seq: d.seq})}>${d.action}</a></span>
    <span role="cell" class="c-principal"><${Arn} arn=${d.principal} link=${false} /></span>
    <span role="cell" class="c-resource"><span class="arn" title=${d.resource}>${d.alias || shortName(d.resource)}</span></span>`;
}

// matcher is whether a decision is as the query wants: each field has the text somewhere.
function matcher({principal = '', action = '', resource = '', decision = ''}) {
  const has = (text, part) => text.toLowerCase().includes(part);
  const [p, a, r] = [principal, action, resource].map((text) => text.trim().toLowerCase());
  return (d) => (!decision || d.decision === decision) && (!p || has(d.principal, p)) && (!a || has(d.action, a)) &&
    (!r || has(d.resource, r) || has(d.alias || '', r));
}

// useMatching is what of all matches. As they come, only the new ones are looked at.
function useMatching(all, query) {
  const {principal, action, resource, decision} = query;
  const matches = useMemo(() => matcher({principal, action, resource, decision}), [principal, action, resource, decision]);
  const known = useRef({matches: null, all: [], shown: []});
  return useMemo(() => {
    const before = known.current;
    let shown;
    const added = before.matches === matches && before.all.length > 0 ? all.indexOf(before.all[0]) : -1;
    if (added < 0) {
      shown = all.filter(matches);
    } else {
      const fresh = all.slice(0, added).filter(matches);
      const oldest = all[all.length - 1].seq;
      let kept = before.shown;
      while (kept.length > 0 && kept[kept.length - 1].seq < oldest) kept = kept.slice(0, kept.findLastIndex((d) => d.seq >= oldest) + 1);
      shown = fresh.length > 0 ? [...fresh, ...kept] : kept;
    }
    known.current = {matches, all, shown};
    return shown;
  }, [all, matches]);
}

const verdicts = [['', 'All'], ['Allow', 'Allowed'], ['Deny', 'Denied']];

function Filters({query}) {
  const clear = {principal: '', action: '', resource: '', decision: ''};
  const isFiltered = Object.keys(clear).some((name) => query[name]);
  return html`
    <form class="filters" role="search" aria-label="Filter decisions" onSubmit=${(e) => e.preventDefault()}>
      <${Field} label="Principal" value=${query.principal || ''} onInput=${(principal) => setQuery({principal})} placeholder="role/shop" data-filter="principal" />
      <${Field} label="Action" value=${query.action || ''} onInput=${(action) => setQuery({action})} placeholder="sqs:SendMessage" data-filter="action" />
      <${Field} label="Resource" value=${query.resource || ''} onInput=${(resource) => setQuery({resource})} placeholder="orders" data-filter="resource" />
      <div class="choice" role="group" aria-label="Verdict">
        ${verdicts.map(([value, name]) => html`<button type="button" aria-pressed=${(query.decision || '') === value ? 'true' : 'false'}
          data-filter-verdict=${value || 'all'} onClick=${() => setQuery({decision: value})}>${name}</button>`)}
      </div>
      ${isFiltered && html`<button type="button" onClick=${() => setQuery(clear)}>Clear</button>`}
    </form>`;
}

function State({state, frozen, behind}) {
  const text = frozen ? 'Paused' : {live: 'Live', connecting: 'Connecting', broken: 'Stopped'}[state];
  const tone = frozen ? 'warn' : {live: 'good', connecting: 'warn', broken: 'bad'}[state];
  return html`<span role="status" aria-live="polite" data-stream=${frozen ? 'paused' : state}><${Badge} tone=${tone}>${text}<//></span>
    ${frozen && html`<span class="muted" data-behind=${behind}>${behind} new</span>`}`;
}

export function View({query}) {
  useEffect(follow, []);
  const now = useStore(live);
  const [frozen, setFrozen] = useState(null); // what was there when it was paused
  const isWide = useWide();
  const all = frozen || now.all;
  const shown = useMatching(all, query);
  const behind = frozen ? now.all.filter((d) => d.seq > (frozen[0]?.seq ?? 0)).length : 0;
  const isFiltered = shown.length !== all.length;
  return html`<${Page} title=${title} actions=${html`
      <${State} state=${now.state} frozen=${frozen} behind=${behind} />
      <button type="button" data-pause onClick=${() => setFrozen(frozen ? null : now.all)}>${frozen ? 'Resume' : 'Pause'}</button>`}>
    <${Filters} query=${query} />
    ${now.state === 'broken' && html`<${Problem} error=${now.error} />`}
    ${now.missed > 0 && html`<p class="note" role="status">${plural(now.missed, 'decision was', 'decisions were')} made faster than they could be sent, and ${now.missed === 1 ? 'is' : 'are'} missing here.</p>`}
    <${VirtualList} label="Decisions" cls="decisions" items=${shown} columns=${columns} keyOf=${keyOf} rowHeight=${isWide ? 36 : 60}
      rowClass=${(d) => (d.decision === 'Allow' ? '' : 'denied')} row=${(d) => html`<${Cells} d=${d} />`}
      empty=${all.length === 0
    ? html`<${Empty} title="No decision yet.">Each call that an SDK makes to this server is decided on, and appears here.<//>`
    : html`<${Empty} title="No decision matches.">Without the filters there are ${plural(all.length, 'decision')}.<//>`} />
    <p class="note list-count" data-count=${shown.length}>${isFiltered ? `${shown.length.toLocaleString('en-US')} of ` : ''}${plural(all.length, 'decision')}</p>
  <//>`;
}
