// Where the nodes of a graph stand: in layers from left to right, callers before what they
// call, with few crossings. What is found depends on nothing but the graph, so that it looks
// the same each time.

const rowGap = 14;
const pointGap = 3; // between lines that only pass by

// layout gives nodes, which are {id, width, height}, x and y, and each edge, which is {from,
// to}, the points that it goes through. Nothing of what it is given is changed.
export function layout(nodes, edges) {
  if (nodes.length === 0) return {at: new Map(), points: new Map(), width: 0, height: 0};
  const boxes = new Map(nodes.map((n) => [n.id, {id: n.id, width: n.width, height: n.height, in: [], out: []}]));
  const links = edges.filter((e) => e.from !== e.to).map((edge) => ({edge, from: boxes.get(edge.from), to: boxes.get(edge.to)}));
  breakCycles([...boxes.values()], links);
  const layers = intoLayers([...boxes.values()], links);
  const chains = links.map((link) => (link.from.rank === link.to.rank ? [link.from, link.to] : subdivide(link, layers)));
  order(layers);
  place(layers);
  const at = new Map([...boxes.values()].map((b) => [b.id, {x: b.x, y: b.y}]));
  const points = new Map(links.map(({edge, reversed}, i) => {
    const way = chains[i].map((b) => ({x: b.x, y: b.y, width: b.width}));
    return [edge, reversed ? way.reverse() : way];
  }));
  const all = layers.flat();
  return {
    at, points,
    width: Math.max(0, ...all.map((b) => b.x + b.width / 2)) + 16,
    height: Math.max(0, ...all.map((b) => b.y + b.height / 2)) + 16,
  };
}

// breakCycles turns links round until no way leads back to where it began.
function breakCycles(boxes, links) {
  const leaving = new Map(boxes.map((b) => [b, []]));
  for (const link of links) leaving.get(link.from).push(link);
  const state = new Map();
  const visit = (root) => {
    const stack = [{box: root, next: 0}];
    state.set(root, 'open');
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      const link = leaving.get(top.box)[top.next++];
      if (!link) {
        state.set(top.box, 'done');
        stack.pop();
      } else if (state.get(link.to) === 'open') {
        link.reversed = true;
      } else if (!state.has(link.to)) {
        state.set(link.to, 'open');
        stack.push({box: link.to, next: 0});
      }
    }
  };
  // From those that nobody calls, so that what is turned round is rarely what a reader begins with.
  const called = new Set(links.map((l) => l.to));
  for (const box of [...boxes.filter((b) => !called.has(b)), ...boxes]) if (!state.has(box)) visit(box);
  for (const link of links) {
    if (link.reversed) [link.from, link.to] = [link.to, link.from];
    link.from.out.push(link.to);
    link.to.in.push(link.from);
  }
}

const deepest = 3; // layers of what calls: roles that assume roles, at the most

// intoLayers puts each box behind all that call it, and those that call nothing last. Chains
// that are longer than fits share a layer.
function intoLayers(boxes, links) {
  const waiting = new Map(boxes.map((b) => [b, b.in.length]));
  const ready = boxes.filter((b) => b.in.length === 0);
  for (const box of boxes) box.rank = 0;
  for (let box = ready.shift(); box; box = ready.shift()) {
    for (const next of box.out) {
      next.rank = Math.max(next.rank, box.rank + 1);
      waiting.set(next, waiting.get(next) - 1);
      if (waiting.get(next) === 0) ready.push(next);
    }
  }
  for (const box of boxes) if (box.out.length > 0) box.rank = Math.min(box.rank, deepest - 1);
  const last = Math.max(0, ...boxes.map((b) => (b.out.length > 0 ? b.rank + 1 : 0)));
  for (const box of boxes) if (box.out.length === 0) box.rank = last;
  const layers = Array.from({length: last + 1}, () => []);
  for (const box of boxes) {
    layers[box.rank].push(box);
    box.in = [];
    box.out = [];
  }
  return layers;
}

// subdivide puts a point into each layer that a link passes, and answers all that it touches.
function subdivide({from, to}, layers) {
  const chain = [from];
  for (let rank = from.rank + 1; rank < to.rank; rank++) {
    const point = {rank, width: 0, height: 4, in: [], out: []};
    layers[rank].push(point);
    chain.push(point);
  }
  chain.push(to);
  for (let i = 1; i < chain.length; i++) {
    chain[i - 1].out.push(chain[i]);
    chain[i].in.push(chain[i - 1]);
  }
  return chain;
}

const sweeps = 16;

// order sorts layers by the middle of what each box is linked to, there and back, and keeps
// the order that has the fewest crossings.
function order(layers) {
  const number = () => layers.forEach((layer) => layer.forEach((box, i) => { box.index = i; }));
  number();
  let best = layers.map((l) => [...l]);
  let fewest = crossings(layers);
  for (let sweep = 0; sweep < sweeps && fewest > 0; sweep++) {
    const down = sweep % 2 === 0;
    for (const layer of down ? layers : [...layers].reverse()) {
      for (const box of layer) box.middle = mean((down ? box.in : box.out).map((b) => b.index), box.index);
      layer.sort((a, b) => a.middle - b.middle || a.index - b.index);
      layer.forEach((box, i) => { box.index = i; });
    }
    const now = crossings(layers);
    if (now < fewest) {
      fewest = now;
      best = layers.map((l) => [...l]);
    }
  }
  layers.forEach((layer, i) => layer.splice(0, layer.length, ...best[i]));
  number();
}

function mean(values, otherwise) {
  return values.length === 0 ? otherwise : values.reduce((sum, v) => sum + v, 0) / values.length;
}

// crossings counts those between neighboring layers: pairs of links that are the other way
// round at their other ends, counted by a tree of sums.
function crossings(layers) {
  let count = 0;
  for (let i = 1; i < layers.length; i++) {
    const size = layers[i].length;
    const tree = new Array(size + 1).fill(0);
    let total = 0;
    for (const box of layers[i - 1]) {
      const ends = box.out.map((b) => b.index).sort((a, b) => a - b);
      for (const end of ends) {
        let before = 0;
        for (let at = end + 1; at > 0; at -= at & -at) before += tree[at];
        count += total - before;
      }
      for (const end of ends) {
        total++;
        for (let at = end + 1; at <= size; at += at & -at) tree[at]++;
      }
    }
  }
  return count;
}

// place gives boxes their coordinates, which are those of their middles: as near to what
// they are linked to as the order allows.
function place(layers) {
  let x = 16;
  // The more lines there are, the more room they need to be told apart.
  const layerGap = Math.min(360, 120 + 20 * Math.max(...layers.map((l) => l.filter((b) => b.width).length)));
  for (const layer of layers) {
    const width = Math.max(...layer.map((b) => b.width));
    for (const box of layer) box.x = x + (box.width || width) / 2;
    x += width + layerGap;
    layer.forEach((box, i) => { box.y = i === 0 ? 0 : layer[i - 1].y + distance(layer[i - 1], box); });
  }
  const tallest = Math.max(...layers.map((l) => l[l.length - 1].y));
  for (const layer of layers) {
    const shift = (tallest - layer[layer.length - 1].y) / 2;
    for (const box of layer) box.y += shift;
  }
  for (let round = 0; round < 8; round++) {
    for (const layer of round % 2 === 0 ? layers : [...layers].reverse()) settle(layer);
  }
  const top = Math.min(...layers.flat().map((b) => b.y - b.height / 2));
  for (const box of layers.flat()) box.y += 16 - top;
}

// settle moves a layer's boxes as near to what they are linked to as their order lets them.
// Boxes that would overlap form a block, which is where it suits all in it best.
function settle(layer) {
  const offsets = [0];
  for (let i = 1; i < layer.length; i++) offsets.push(offsets[i - 1] + distance(layer[i - 1], layer[i]));
  const blocks = [];
  layer.forEach((box, i) => {
    blocks.push({sum: mean([...box.in, ...box.out].map((o) => o.y), box.y) - offsets[i], count: 1});
    for (let last = blocks.length - 1; last > 0 && blocks[last - 1].sum / blocks[last - 1].count > blocks[last].sum / blocks[last].count; last--) {
      const {sum, count} = blocks.pop();
      blocks[last - 1].sum += sum;
      blocks[last - 1].count += count;
    }
  });
  let i = 0;
  for (const {sum, count} of blocks) {
    for (const end = i + count; i < end; i++) layer[i].y = sum / count + offsets[i];
  }
}

// distance is how far apart the middles of neighbors are at the least.
function distance(a, b) {
  return (a.height + b.height) / 2 + (a.width && b.width ? rowGap : pointGap);
}
