// A list of any length of which only what is seen is in the document.
import {html, useCallback, useLayoutEffect, useRef, useState} from './ui.js';

const beyond = 10; // rows above and below what is seen, for a quick scroll

// VirtualList shows items in rows of one height. columns are [{name, cls}]; row renders an
// item's cells. Where the reader has scrolled away from the top, what is put in above does
// not move what is read; keyOf tells items apart.
export function VirtualList({items, columns, row, keyOf, label, cls = '', rowHeight = 40, rowClass = () => '', empty}) {
  const frame = useRef();
  const [view, setView] = useState({top: 0, height: 600});
  const anchor = useRef(null);
  const pending = useRef(0);

  const measure = useCallback(() => {
    pending.current = 0;
    const {scrollTop, clientHeight} = frame.current || {};
    if (clientHeight === undefined) return;
    setView((old) => (old.top === scrollTop && old.height === clientHeight ? old : {top: scrollTop, height: clientHeight}));
  }, []);
  const soon = useCallback(() => {
    if (!pending.current) pending.current = requestAnimationFrame(measure);
  }, [measure]);

  useLayoutEffect(() => {
    measure();
    const observer = new ResizeObserver(soon);
    observer.observe(frame.current);
    return () => {
      observer.disconnect();
      cancelAnimationFrame(pending.current);
    };
  }, []);

  // What is read stays where it is: the first row that is seen is found again.
  useLayoutEffect(() => {
    const at = frame.current;
    if (anchor.current && at.scrollTop > rowHeight) {
      const {key, index} = anchor.current;
      const now = findNear(items, keyOf, key, index);
      if (now >= 0 && now !== index) at.scrollTop += (now - index) * rowHeight;
    }
    const first = Math.floor(at.scrollTop / rowHeight);
    anchor.current = items[first] ? {key: keyOf(items[first]), index: first} : null;
  }, [items, view]);

  const first = Math.max(0, Math.floor(view.top / rowHeight) - beyond);
  const last = Math.min(items.length, Math.ceil((view.top + view.height) / rowHeight) + beyond);
  const shown = items.slice(first, last);
  return html`
    <div class=${`vlist ${cls}`} role="table" aria-label=${label} aria-rowcount=${items.length + 1}>
      <div role="rowgroup" class="vlist-head"><div role="row" class="vrow" aria-rowindex="1">
        ${columns.map((c) => html`<span role="columnheader" class=${c.cls}>${c.name}</span>`)}</div></div>
      <div class="vlist-frame" ref=${frame} onScroll=${soon} tabindex="0" role="rowgroup" aria-label=${`${label}, rows`} data-list>
        <div class="vlist-space" role="presentation" style=${{height: `${items.length * rowHeight}px`}}>
          ${shown.map((item, i) => html`
            <div role="row" class=${`vrow ${rowClass(item)}`} key=${keyOf(item)} data-key=${keyOf(item)} aria-rowindex=${first + i + 2}
              style=${{transform: `translateY(${(first + i) * rowHeight}px)`, height: `${rowHeight}px`}}>${row(item)}</div>`)}
        </div>
        ${items.length === 0 && empty}
      </div>
    </div>`;
}

// findNear is the index of the item with a key, sought from where it was.
function findNear(items, keyOf, key, index) {
  for (let distance = 0; distance < items.length; distance++) {
    const after = index + distance;
    const before = index - distance;
    if (after < items.length && keyOf(items[after]) === key) return after;
    if (before >= 0 && keyOf(items[before]) === key) return before;
    if (after >= items.length && before < 0) break;
  }
  return -1;
}
