// Who talks to whom, of the decisions so far.
import {html, useEffect, useMemo, useRef, useState} from '../ui.js';
import {useFresh} from '../fresh.js';
import {setQuery, to} from '../router.js';
import {Arn, Empty, Field, Loaded, Page, Section, Table, Verdict, placeOf} from '../parts.js';
import {layout} from '../layout.js';

export const title = 'Graph';

const font = 'system-ui, sans-serif';
const height = 28;
const longest = 34; // characters of a label

// kindOf is the kind of a node, where its label does not say it.
const kindOf = (node) => (node.kind === node.label ? '' : node.kind);

function short(text) {
  return text.length > longest ? `${text.slice(0, longest / 2 - 1)}…${text.slice(-longest / 2)}` : text;
}

// usePalette is the colors of the theme. They are attributes of the picture, which looks the
// same where it is saved without the page's style.
function usePalette() {
  const read = () => {
    const style = getComputedStyle(document.documentElement);
    const color = (name) => style.getPropertyValue(`--${name}`).trim();
    return {paper: color('sheet'), ink: color('ink'), soft: color('soft'), line: color('line-strong'), good: color('good'), bad: color('bad'), sunk: color('sunk')};
  };
  const [palette, setPalette] = useState(read);
  useEffect(() => {
    const again = () => setPalette(read());
    const observer = new MutationObserver(again);
    observer.observe(document.documentElement, {attributes: true, attributeFilter: ['data-theme']});
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', again);
    return () => {
      observer.disconnect();
      dark.removeEventListener('change', again);
    };
  }, []);
  return palette;
}

// chosen is the part of a graph that the query wants.
function chosen({nodes, edges}, {find = '', denied = ''}) {
  const text = find.trim().toLowerCase();
  const labels = new Map(nodes.map((n) => [n.id, `${n.id} ${n.label}`.toLowerCase()]));
  const kept = edges.filter((e) => (!denied || e.denied > 0) &&
    (!text || [e.from, e.to, e.through].some((id) => id && (labels.get(id) || id).includes(text))));
  const ids = new Set(kept.flatMap((e) => [e.from, e.to, e.through].filter(Boolean)));
  const known = nodes.filter((n) => ids.has(n.id));
  const named = new Set(known.map((n) => n.id));
  // An endpoint that an edge leads through is a node, whether or not the server lists it.
  const further = [...ids].filter((id) => !named.has(id)).map((id) => ({id, kind: 'endpoint', label: id}));
  return {nodes: [...known, ...further], edges: kept};
}

// arranged is a graph with places. It is arranged anew only where nodes or edges are others:
// counts go up all the time, and what is looked at is not to move.
function useArranged({nodes, edges}) {
  const key = JSON.stringify([nodes.map((n) => n.id).sort(), edges.map((e) => [e.from, e.through, e.to])]);
  return useMemo(() => {
    const sorted = [...nodes].sort((a, b) => a.kind.localeCompare(b.kind) || a.label.localeCompare(b.label));
    const boxes = sorted.map((n) => ({id: n.id, height, width: 26 + 7.1 * short(n.label).length + 6.4 * kindOf(n).length}));
    const legs = edges.flatMap((e) => (e.through ? [{from: e.from, to: e.through}, {from: e.through, to: e.to}] : [{from: e.from, to: e.to}]));
    const byEnds = new Map(legs.map((leg) => [`${leg.from} ${leg.to}`, leg]));
    const {at, points, width, height: total} = layout(boxes, [...byEnds.values()]);
    return {at, width, height: total, sizes: new Map(boxes.map((b) => [b.id, b])), way: (from, to) => points.get(byEnds.get(`${from} ${to}`))};
  }, [key]);
}

// curve is the path from node to node, by points; the ends are at the nodes' sides. sign is
// where on it a sign stands, 0 to 1 of its last part.
function curve(points, sign) {
  const first = points[0];
  const last = points[points.length - 1];
  if (first.x - first.width / 2 === last.x - last.width / 2) return arc(first, last);
  const leftward = last.x < first.x;
  const side = (p, out) => p.x + ((out ? 1 : -1) * (leftward ? -1 : 1) * p.width) / 2;
  const stops = points.map((p, i) => ({x: i === 0 ? side(p, true) : i === points.length - 1 ? side(p, false) : p.x, y: p.y}));
  let d = `M${round(stops[0].x)} ${round(stops[0].y)}`;
  for (let i = 1; i < stops.length; i++) {
    const [a, b] = [stops[i - 1], stops[i]];
    const middle = round((a.x + b.x) / 2);
    d += `C${middle} ${round(a.y)} ${middle} ${round(b.y)} ${round(b.x)} ${round(b.y)}`;
  }
  const [a, b] = stops.slice(-2);
  const t = sign;
  const u = 1 - t;
  const middle = (a.x + b.x) / 2;
  return {
    d,
    x: u ** 3 * a.x + 3 * u * t * middle + t ** 3 * b.x,
    y: (u ** 3 + 3 * u * u * t) * a.y + (3 * u * t * t + t ** 3) * b.y,
  };
}

// arc is the path between two nodes of the same layer, or of a node to itself.
function arc(a, b) {
  const [ax, bx] = [a.x + a.width / 2, b.x + b.width / 2];
  const out = round(Math.max(ax, bx) + 30 + Math.min(60, Math.abs(a.y - b.y) / 4));
  const [from, to] = a === b ? [a.y - 6, b.y + 6] : [a.y, b.y];
  return {d: `M${round(ax)} ${round(from)}C${out} ${round(from)} ${out} ${round(to)} ${round(bx)} ${round(to)}`, x: (ax + bx) / 8 + (out * 3) / 4, y: (a.y + b.y) / 2};
}

function round(n) {
  return Math.round(n * 10) / 10;
}

function edgeText(e, labelOf) {
  const actions = e.actions.map((a) => `${a.action} (${[a.allowed && `${a.allowed} allowed`, a.denied && `${a.denied} denied`].filter(Boolean).join(', ')})`).join(', ');
  return `${labelOf(e.from)} to ${labelOf(e.to)}${e.through ? ` through ${e.through}` : ''}: ${actions}`;
}

function Edge({edge, sign, arranged, palette, labelOf}) {
  const denied = edge.denied > 0;
  const color = denied ? palette.bad : palette.good;
  const {at, sizes, way} = arranged;
  const legs = edge.through ? [[edge.from, edge.through], [edge.through, edge.to]] : [[edge.from, edge.to]];
  const curves = legs.map(([from, to]) => {
    const self = {...at.get(from), width: sizes.get(from)?.width};
    const points = way(from, to);
    return from === to ? arc(self, self) : points && curve(points, sign);
  }).filter(Boolean);
  const last = curves[curves.length - 1];
  if (!last) return null;
  const text = edgeText(edge, labelOf);
  // Denied is told by dashes and a cross as well: not everybody sees the color.
  return html`<a href=${to('decisions', edge.last.requestId)} class="edge" aria-label=${`${text}. Last decision`} data-edge=${denied ? 'denied' : 'allowed'} data-from=${edge.from} data-to=${edge.to}>
    <title>${text}</title>
    ${curves.map(({d}, i) => html`<path d=${d} fill="none" stroke=${color} stroke-width=${1.2 + Math.min(2.4, Math.log10(edge.allowed + edge.denied))}
      stroke-dasharray=${denied ? (edge.allowed > 0 ? '10 4' : '5 4') : null} marker-end=${i === curves.length - 1 ? `url(#${denied ? 'denied' : 'allowed'}-end)` : null} />
      <path d=${d} fill="none" stroke="transparent" stroke-width="14" />`)}
    ${denied && html`<g transform=${`translate(${round(last.x)} ${round(last.y)})`}><circle r="8" fill=${palette.paper} stroke=${color} stroke-width="1.5" />
      <path d="M-3-3 3 3M3-3-3 3" fill="none" stroke=${color} stroke-width="1.8" stroke-linecap="round" /></g>`}
  </a>`;
}

function Node({node, arranged, palette}) {
  const {x, y} = arranged.at.get(node.id);
  const {width} = arranged.sizes.get(node.id);
  const place = node.kind === 'endpoint' ? to('network', node.id) : placeOf(node.id);
  const body = html`<title>${`${node.kind} ${node.id}`}</title>
    <rect x=${round(-width / 2)} y=${-height / 2} width=${round(width)} height=${height} rx=${node.kind === 'principal' || node.kind === 'service' || node.kind === 'anonymous' ? 14 : 4}
      fill=${palette.paper} stroke=${palette.line} stroke-width="1" />
    <text x=${round(-width / 2 + 10)} y="4" font-family=${font} font-size="12" fill=${palette.ink}><tspan fill=${palette.soft} font-size="11">${kindOf(node)}</tspan> ${short(node.label)}</text>`;
  const transform = `translate(${round(x)} ${round(y)})`;
  return place
    ? html`<a href=${place} class="node" transform=${transform} data-node=${node.id} aria-label=${`${node.kind} ${node.label}`}>${body}</a>`
    : html`<g class="node" transform=${transform} data-node=${node.id}>${body}</g>`;
}

function Marker({id, color}) {
  return html`<marker id=${id} viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0 8 4 0 8z" fill=${color} /></marker>`;
}

function Picture({graph, zoom, picture}) {
  const palette = usePalette();
  const arranged = useArranged(graph);
  const labels = new Map(graph.nodes.map((n) => [n.id, n.label]));
  const labelOf = (id) => labels.get(id) || id;
  const {width, height: total} = arranged;
  const edges = [...graph.edges].sort((a, b) => (a.denied > 0) - (b.denied > 0)); // denied ones above the others
  // The signs of what leads to one node stand side by side.
  const signs = new Map();
  for (const e of edges) if (e.denied > 0) signs.set(e.to, [...(signs.get(e.to) || []), e]);
  const signOf = (e) => (e.denied > 0 ? 0.25 + (0.5 * (signs.get(e.to).indexOf(e) + 0.5)) / signs.get(e.to).length : 0.5);
  const size = zoom === 'fit' ? {width: '100%'} : {width: width * zoom, height: total * zoom};
  return html`<div class="graph-frame" tabindex="0" role="region" aria-label="Picture of the graph">
    <svg ref=${picture} xmlns="http://www.w3.org/2000/svg" viewBox=${`0 0 ${Math.ceil(width)} ${Math.ceil(total)}`} ...${size} role="group" aria-label="Who talks to whom" data-graph data-fit=${zoom === 'fit'}>
      <defs><${Marker} id="allowed-end" color=${palette.good} /><${Marker} id="denied-end" color=${palette.bad} /></defs>
      ${edges.map((e) => html`<${Edge} key=${`${e.from} ${e.through || ''} ${e.to}`} edge=${e} sign=${signOf(e)} arranged=${arranged} palette=${palette} labelOf=${labelOf} />`)}
      ${graph.nodes.map((n) => html`<${Node} key=${n.id} node=${n} arranged=${arranged} palette=${palette} />`)}
    </svg></div>`;
}

// save gives the picture to the person as a file. Its links lead to this page's views, and so
// nowhere from a file.
function save(svg) {
  const copy = svg.cloneNode(true);
  const [, , width, height] = svg.getAttribute('viewBox').split(' ');
  copy.setAttribute('width', width);
  copy.setAttribute('height', height);
  const space = 'http://www.w3.org/2000/svg';
  const ground = document.createElementNS(space, 'rect');
  ground.setAttribute('width', width);
  ground.setAttribute('height', height);
  ground.setAttribute('fill', getComputedStyle(document.documentElement).getPropertyValue('--sheet').trim());
  copy.prepend(ground);
  for (const link of copy.querySelectorAll('a')) {
    const group = document.createElementNS(space, 'g');
    for (const name of ['transform', 'data-edge', 'data-node']) if (link.hasAttribute(name)) group.setAttribute(name, link.getAttribute(name));
    group.append(...link.childNodes);
    link.replaceWith(group);
  }
  // XML has no place for the control characters that a name may have.
  const text = new XMLSerializer().serializeToString(copy).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
  const url = URL.createObjectURL(new Blob([text], {type: 'image/svg+xml'}));
  const link = document.createElement('a');
  link.href = url;
  link.download = 'waxseal-graph.svg';
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

const zooms = [['fit', 'Fit'], [0.5, '50 %'], [1, '100 %'], [1.5, '150 %']];

export function View({query}) {
  const from = useFresh('graph');
  const [zoom, setZoom] = useState(1);
  const picture = useRef();
  const graph = useMemo(() => from.data && chosen(from.data, query), [from.data, query.find, query.denied]);
  const isEmpty = from.data && from.data.edges.length === 0;
  return html`<${Page} title=${title} lead="Who talks to whom, of the decisions that are remembered. An edge leads to its last decision."
      actions=${html`<button type="button" data-save-svg disabled=${!graph || graph.edges.length === 0} onClick=${() => save(picture.current)}>Save as SVG</button>`}>
    <form class="filters" role="search" aria-label="Filter the graph" onSubmit=${(e) => e.preventDefault()}>
      <${Field} label="Name" value=${query.find || ''} onInput=${(find) => setQuery({find})} placeholder="orders" />
      <button type="button" aria-pressed=${query.denied ? 'true' : 'false'} onClick=${() => setQuery({denied: query.denied ? '' : 'true'})}>Denied only</button>
      <div class="choice" role="group" aria-label="Size">${zooms.map(([value, name]) => html`
        <button type="button" aria-pressed=${zoom === value ? 'true' : 'false'} onClick=${() => setZoom(value)}>${name}</button>`)}</div>
      <p class="legend"><span class="line-allowed" aria-hidden="true"></span> allowed <span class="line-denied" aria-hidden="true"></span> <span aria-hidden="true">✕</span> denied</p>
    </form>
    <${Loaded} from=${from}>${() => (isEmpty || graph.edges.length === 0
    ? html`<${Empty} title=${isEmpty ? 'Nobody has called yet.' : 'Nothing matches.'} />`
    : html`<${Picture} graph=${graph} zoom=${zoom} picture=${picture} /><${Edges} graph=${graph} />`)}<//>
  <//>`;
}

// Edges says in a table what the picture shows.
function Edges({graph}) {
  const labels = new Map(graph.nodes.map((n) => [n.id, n.label]));
  const name = (id) => html`<${Arn} arn=${id} /> ${labels.get(id) !== id && !id.endsWith(labels.get(id)) && html`<span class="muted">${labels.get(id)}</span>`}`;
  return html`<${Section} title="As a table"><${Table} caption="Who talks to whom" rows=${graph.edges} keyOf=${(e) => `${e.from} ${e.through || ''} ${e.to}`} columns=${[
    {name: 'From', main: true, cell: (e) => name(e.from)},
    {name: 'To', cell: (e) => html`${name(e.to)}${e.through && html`<p class="muted">through ${e.through}</p>`}`},
    {name: 'Actions', cell: (e) => e.actions.map((a) => a.action).join(', ')},
    {name: 'Allowed', number: true, cell: (e) => e.allowed},
    {name: 'Denied', number: true, cell: (e) => e.denied},
    {name: 'Last decision', cell: (e) => html`<a href=${to('decisions', e.last.requestId)}><${Verdict} decision=${e.last.decision} /> ${e.last.action}</a>`},
  ]} /><//>`;
}
