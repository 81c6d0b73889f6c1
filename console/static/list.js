// A list of any length of which only what is seen is in the document.
import {html, useCallback, useLayoutEffect, useRef, useState} from './ui.js';

const beyond = 10; // rows above and below what is seen, for a quick scroll

// Where the reader was in a list, by its name, for when they come back.
const places = new Map();

// VirtualList shows items in rows of one height: columns are [{name, cls}]; row renders an
// item's cells; keyOf tells items apart. Where the reader has scrolled away from the top,
// what is put in above does not move what is read. The arrow keys go from row to row, by
// the first link of each.
export function VirtualList({items, columns, row, keyOf, label, cls = '', rowHeight = 40, rowClass = () => '', empty}) {
  const frame = useRef();
  const anchor = useRef(places.get(label) || null);
  const pending = useRef(0);
  const [view, setView] = useState({top: anchor.current?.top || 0, height: 600});
  const [active, setActive] = useState(null); // the key of the row that has the focus
  const wanted = useRef(null); // the key of the row that is to have it

  const measure = useCallback(() => {
    pending.current = 0;
    if (!frame.current) return;
    const {scrollTop: top, clientHeight: height} = frame.current;
    setView((old) => (old.top === top && old.height === height ? old : {top, height}));
  }, []);
  const soon = useCallback(() => {
    if (!pending.current) pending.current = requestAnimationFrame(measure);
  }, [measure]);

  useLayoutEffect(() => {
    if (anchor.current) frame.current.scrollTop = anchor.current.top;
    measure();
    const observer = new ResizeObserver(soon);
    observer.observe(frame.current);
    return () => {
      observer.disconnect();
      cancelAnimationFrame(pending.current);
    };
  }, []);

  // What is read stays where it is: the first row that was seen is found again.
  useLayoutEffect(() => {
    const at = frame.current;
    if (anchor.current && at.scrollTop > 0) {
      const {key, index} = anchor.current;
      const now = findNear(items, keyOf, key, index);
      if (now >= 0 && now !== index) at.scrollTop += (now - index) * rowHeight;
    }
    const first = Math.floor(at.scrollTop / rowHeight);
    anchor.current = items[first] ? {key: keyOf(items[first]), index: first, top: at.scrollTop} : null;
    places.set(label, anchor.current);
  }, [items, view, rowHeight]);

  useLayoutEffect(() => {
    if (wanted.current === null) return;
    const link = frame.current.querySelector(`[data-key="${CSS.escape(wanted.current)}"] a`);
    wanted.current = null;
    link?.focus({preventScroll: true});
  });

  const first = Math.max(0, Math.floor(view.top / rowHeight) - beyond);
  const last = Math.min(items.length, Math.ceil((view.top + view.height) / rowHeight) + beyond);
  const indices = Array.from({length: Math.max(0, last - first)}, (_, i) => first + i);
  const activeIndex = active === null ? -1 : findNear(items, keyOf, active, first);
  // The row with the focus stays in the document wherever it is, or the focus would be lost.
  if (activeIndex >= 0 && (activeIndex < first || activeIndex >= last)) indices.push(activeIndex);

  const move = (event) => {
    const page = Math.max(1, Math.floor(view.height / rowHeight) - 1);
    const steps = {ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -items.length, End: items.length};
    const step = steps[event.key];
    if (!step || items.length === 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const from = activeIndex >= 0 ? activeIndex : Math.ceil(view.top / rowHeight) - Math.sign(step);
    const to = Math.min(items.length - 1, Math.max(0, from + step));
    const at = frame.current;
    if (to * rowHeight < at.scrollTop) at.scrollTop = to * rowHeight;
    else if ((to + 1) * rowHeight > at.scrollTop + at.clientHeight) at.scrollTop = (to + 1) * rowHeight - at.clientHeight;
    wanted.current = String(keyOf(items[to]));
    setActive(keyOf(items[to]));
    measure();
  };
  const focused = (event) => {
    const key = event.target.closest('[data-key]')?.dataset.key;
    const found = key === undefined ? undefined : indices.find((i) => String(keyOf(items[i])) === key);
    setActive(found === undefined ? null : keyOf(items[found]));
  };
  const blurred = (event) => {
    if (!frame.current?.contains(event.relatedTarget)) setActive(null);
  };

  return html`
    <div class=${`vlist ${cls}`} role="table" aria-label=${label} aria-rowcount=${items.length + 1}>
      <div role="rowgroup" class="vlist-head"><div role="row" class="vrow" aria-rowindex="1">
        ${columns.map((c) => html`<span role="columnheader" class=${c.cls}>${c.name}</span>`)}</div></div>
      <div class="vlist-frame" ref=${frame} onScroll=${soon} onKeyDown=${move} onFocusIn=${focused} onFocusOut=${blurred}
          tabindex="0" role="rowgroup" aria-label=${`${label}, rows`} data-list>
        <div class="vlist-space" role="presentation" style=${{height: `${items.length * rowHeight}px`}}>
          ${indices.map((i) => {
    const item = items[i];
    return html`
            <div role="row" class=${`vrow ${rowClass(item)}`} key=${keyOf(item)} data-key=${keyOf(item)} aria-rowindex=${i + 2}
              style=${{transform: `translateY(${i * rowHeight}px)`, height: `${rowHeight}px`}}>${row(item)}</div>`;
  })}
        </div>
        ${items.length === 0 && empty}
      </div>
    </div>`;
}

// findNear is the index of the item with a key, sought from where it was; -1: it is gone.
function findNear(items, keyOf, key, index) {
  for (let distance = 0; distance < items.length; distance++) {
    const after = index + distance;
    const before = index - distance;
    if (after < items.length && keyOf(items[after]) === key) return after;
    if (before >= 0 && before < items.length && keyOf(items[before]) === key) return before;
    if (after >= items.length && before < 0) break;
  }
  return -1;
}
