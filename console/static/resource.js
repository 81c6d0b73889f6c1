// What the views of resources share: the page of a list, and the page of one thing.
import {html, useMemo} from './ui.js';
import {useFresh} from './fresh.js';
import {setQuery, to} from './router.js';
import {VirtualList} from './list.js';
import {Arn, Choice, CopyButton, Empty, Field, Loaded, Page, shortName} from './parts.js';

// plural is a number and what is counted.
export function plural(n, one, many = `${one}s`) {
  return `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;
}

// ListPage is a list that is found by words and, where there is more than one, by account
// and region. path is what answers it, of its name there; words says what of an item is
// searched. A column is {name, cell: (item) => …, number?, wide?}; wide ones are left out on a narrow page.
export function ListPage({title, lead, path, of = path, what, many = `${what}s`, query, words, columns, keyOf = (x) => x.arn, none, params = {}}) {
  const got = useFresh(path, params);
  const list = got.data?.[of];
  const shown = useMemo(() => sought(list ?? [], query, words), [list, query.filter, query.account, query.region]);
  return html`<${Page} title=${title} lead=${lead}>
    <${Loaded} from=${got}>${() => (list.length === 0 ? html`<${Empty} ...${none} />` : html`
      <${Filters} list=${list} query=${query} what=${what} />
      <p class="muted count" role="status">${shown.length === list.length ? plural(list.length, what, many) : `${shown.length.toLocaleString('en-US')} of ${plural(list.length, what, many)}`}</p>
      <${VirtualList} label=${title} cls=${of} items=${shown} keyOf=${keyOf} columns=${columns.map((c) => ({name: c.name, cls: cls(c)}))}
        row=${(x) => columns.map((c) => html`<span role="cell" class=${cls(c)}>${c.cell(x)}</span>`)} rowHeight=${52} empty=${html`<${Empty} title="None is like that." />`} />`)}<//>
  <//>`;
}

const cls = (c) => `${c.number ? 'number' : ''} ${c.wide ? 'only-wide' : ''}`;

function sought(list, {filter = '', account, region}, words) {
  const wanted = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return list.filter((x) => (!account || x.account === account) && (!region || x.region === region)
    && wanted.every((w) => words(x).toLowerCase().includes(w)));
}

function Filters({list, query, what}) {
  return html`<form class="filters" role="search" onSubmit=${(e) => e.preventDefault()}>
    <${Field} label=${`Find ${/^[aeiou]/.test(what) ? 'an' : 'a'} ${what}`} type="search" value=${query.filter ?? ''} onInput=${(filter) => setQuery({filter})} />
    <${Among} label="Account" of="account" list=${list} query=${query} />
    <${Among} label="Region" of="region" list=${list} query=${query} /></form>`;
}

// Among lets one value be chosen where the list has several.
function Among({label, of, list, query}) {
  const values = useMemo(() => [...new Set(list.map((x) => x[of]).filter(Boolean))].sort(), [list]);
  if (values.length < 2 && !query[of]) return null;
  return html`<${Choice} label=${label} value=${query[of] ?? ''} onInput=${(v) => setQuery({[of]: v})}
    options=${[['', 'All'], ...values.map((v) => [v, v])]} />`;
}

// Name leads from a list to one thing in it; under is what tells it from its namesakes.
export function Name({href, name, under, arn}) {
  return html`<span class="two"><a class="row-link" href=${href} title=${arn}>${name}</a>${under && html`<span class="muted">${under}</span>`}</span>`;
}

// place is where a thing is, for lists.
export const place = (x) => [x.account, x.region].filter(Boolean).join(' · ');

// ThingPage is the page of one thing that is found in a list of the control API. what is
// what it is called, such as queue; render shows it.
export function ThingPage({path, of = path, id, what, name = (x) => x.name, render, find = (x) => x.arn === id, params = {}, back = path}) {
  const got = useFresh(path, params);
  const thing = got.data?.[of]?.find(find);
  return html`<${Page} title=${thing ? name(thing) : shortName(id)} lead=${html`<span class="thing"><code class="break">${id}</code> <${CopyButton} text=${id} label=${id.startsWith('arn:') ? 'Copy the ARN' : 'Copy the id'} /></span>`}>
    <${Loaded} from=${got}>${() => (thing ? render(thing) : html`
      <${Empty} title=${`There is no such ${what}.`}>It was deleted, or the server was reset. <a href=${to(back)}>What there is</a><//>`)}<//>
  <//>`;
}

// about leads to the decisions about a resource.
export const about = (arn) => html`<a href=${to('decisions', '', {resource: arn})}>those about it</a>`;

// Key is a key as its user names it: by ARN, id or alias.
export function Key({id}) {
  if (id.includes(':key/')) return html`<${Arn} arn=${id} />`;
  return html`<a class="arn" href=${to('keys', '', {filter: shortName(id)})} title=${id}>${shortName(id)}</a>`;
}
