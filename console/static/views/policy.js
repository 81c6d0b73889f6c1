import {html} from '../ui.js';
import {useFresh} from '../fresh.js';
import {Arn, Facts, Loaded, Page, Section, Table, shortName} from '../parts.js';
import {to} from '../router.js';
import {Covered} from '../document.js';
import {Coverage, label} from './policies.js';

export const title = 'Policy';

export function View({params: {id}, query}) {
  const got = useFresh('policies', {key: id, owner: query.owner});
  const policies = got.data?.policies ?? [];
  const [p] = policies;
  return html`<${Page} title=${p ? `${p.kind === 'resource' ? 'Policy of ' : ''}${label(p)}` : shortName(id)}>
    <${Loaded} from=${got}>${() => (policies.length > 1 ? html`<${Several} list=${policies} />` : html`
      <${Facts} facts=${[
        ['Kind', p.kind], ['Of', html`<${Arn} arn=${p.owner} whole />`], ['Statements covered', html`<${Coverage} covered=${p.covered} statements=${p.statements.length} />`],
        ['Findings of lint', p.findings.length], ['From', p.file],
      ]} />
      <${Section} title="Document"><div class="whole"><${Covered} policy=${p} /></div><//>`)}<//>
  <//>`;
}

function Several({list}) {
  return html`<${Section} title="Several policies are called so">
    <${Table} caption="Policies" rows=${list} columns=${[
      {name: 'Policy', main: true, cell: (p) => html`<a href=${to('policies', p.key, {owner: p.owner})}>${label(p)}</a>`},
      {name: 'Of', cell: (p) => html`<${Arn} arn=${p.owner} />`}, {name: 'Kind', cell: (p) => p.kind},
    ]} /><//>`;
}
