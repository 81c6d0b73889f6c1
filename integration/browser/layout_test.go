//go:build !race

package browser

import "testing"

// laidOut lays a graph out twice, and says what is wrong with it: nodes that overlap, edges
// that do not go from their node to their node, callers that are not left of what they call.
const laidOut = `(async (nodes, edges) => {
	const {layout} = await import('/_waxseal/console/layout.js');
	const boxes = nodes.map(id => ({id, width: 60 + 7 * id.length, height: 28}));
	const {at, points, width, height} = layout(boxes, edges), wrong = [];
	for (const a of boxes) {
		const p = at.get(a.id);
		if (!(p.x - a.width / 2 >= 0 && p.x + a.width / 2 <= width && p.y - 14 >= 0 && p.y + 14 <= height)) wrong.push(a.id + ' is outside');
		for (const b of boxes) {
			const q = at.get(b.id);
			if (a.id < b.id && Math.abs(p.x - q.x) < (a.width + b.width) / 2 && Math.abs(p.y - q.y) < 27.9) wrong.push(a.id + ' is on ' + b.id);
		}
	}
	const calls = new Set(edges.map(e => e.from));
	for (const e of edges) {
		const way = points.get(e), from = at.get(e.from), to = at.get(e.to);
		if (e.from === e.to) {
			if (way) wrong.push(e.from + ' is on a way to itself');
			continue;
		}
		if (way[0].x !== from.x || way[0].y !== from.y || way.at(-1).x !== to.x || way.at(-1).y !== to.y) wrong.push(e.from + ' does not reach ' + e.to);
		if (!calls.has(e.to) && from.x >= to.x) wrong.push(e.from + ' is behind ' + e.to);
	}
	if (JSON.stringify([...layout(boxes, edges).at]) !== JSON.stringify([...at])) wrong.push('it is another one the second time');
	return wrong;
})`

func TestLayout(t *testing.T) {
	t.Parallel()
	e := emulate(t, "")
	p := open(t, e.url(), "", look{})
	for name, graph := range map[string]string{
		"nothing":          `[], []`,
		"one edge":         `['a', 'q'], [{from: 'a', to: 'q'}]`,
		"a call of itself": `['a'], [{from: 'a', to: 'a'}]`,
		"roles in a ring":  `['a', 'b', 'c', 'q'], [{from: 'a', to: 'b'}, {from: 'b', to: 'c'}, {from: 'c', to: 'a'}, {from: 'c', to: 'q'}]`,
		"a long chain":     `[...'abcdefgh'], [...'abcdefg'].map((c, i) => ({from: c, to: 'bcdefgh'[i]}))`,
		"there and back":   `['a', 'b'], [{from: 'a', to: 'b'}, {from: 'b', to: 'a'}]`,
		"two hundred nodes": `Array.from({length: 200}, (_, i) => 'n' + i),
			Array.from({length: 500}, (_, i) => ({from: 'n' + (i * 7919) % 80, to: 'n' + (80 + (i * 104729) % 120)}))
				.filter((e, i, all) => all.findIndex(o => o.from === e.from && o.to === e.to) === i)`,
	} {
		if wrong := eval[[]string](p, laidOut+"("+graph+")"); len(wrong) > 0 {
			t.Errorf("%s: %q", name, wrong)
		}
	}
}
