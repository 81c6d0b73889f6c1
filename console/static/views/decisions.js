// The decisions, live.
import {html} from '../ui.js';
import {useData} from '../api.js';
import {to} from '../router.js';
import {Arn, Empty, Loaded, Page, Time, Verdict} from '../parts.js';
import {VirtualList} from '../list.js';

export const title = 'Decisions';

const columns = [
  {name: 'Time', cls: 'c-time'}, {name: 'Verdict', cls: 'c-verdict'}, {name: 'Action', cls: 'c-action'},
  {name: 'Principal', cls: 'c-principal'}, {name: 'Resource', cls: 'c-resource'},
];

const keyOf = (d) => d.seq ?? `${d.requestId} ${d.action} ${d.time}`;

function cells(d) {
  return html`
    <span role="cell" class="c-time"><${Time} at=${d.time} /></span>
    <span role="cell" class="c-verdict"><${Verdict} decision=${d.decision} /></span>
    <span role="cell" class="c-action"><a class="row-link" href=${to('decisions', d.requestId)}>${d.action}</a></span>
    <span role="cell" class="c-principal"><${Arn} arn=${d.principal} link=${false} /></span>
    <span role="cell" class="c-resource"><${Arn} arn=${d.alias || d.resource} link=${false} /></span>`;
}

export function View() {
  const from = useData('decisions', {limit: 10000}, {every: 2000});
  return html`<${Page} title=${title} lead="Every authorization decision, newest first.">
    <${Loaded} from=${from}>${({decisions}) => html`
      <${VirtualList} label="Decisions" cls="decisions" items=${decisions} columns=${columns} keyOf=${keyOf} row=${cells}
        empty=${html`<${Empty} title="No decision yet.">Call the emulator with any SDK.<//>`} />`}<//>
  <//>`;
}
