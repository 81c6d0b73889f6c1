//go:build !race

package browser

import (
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// focused is what has the focus, as a screen reader says it, and whether that can be seen.
const focused = `(e => {
	const seen = [e, e.closest('.vrow'), ...e.querySelectorAll('path, rect')].some(x => {
		const s = x && getComputedStyle(x);
		return s && (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== 'none' || s.filter !== 'none');
	});
	return {Name: (e.getAttribute('aria-label') ?? e.labels?.[0]?.innerText ?? e.innerText ?? '').replace(/\s+/g, ' ').trim(), Tag: e.tagName, Seen: seen};
})(document.activeElement)`

type focus struct {
	Name, Tag string
	Seen      bool
}

// tab presses the tab key until what has the focus is called so, and answers all names on the way.
func (p *page) tab(name string) (way []string) {
	p.t.Helper()
	for range 80 {
		p.press(kb.Tab)
		f := eval[focus](p, focused)
		if !f.Seen && f.Tag != "BODY" && f.Tag != "H1" { // where one comes to a view, and can do nothing
			p.t.Errorf("nobody sees that %s %q has the focus", f.Tag, f.Name)
		}
		way = append(way, f.Name)
		if f.Name == name {
			return way
		}
	}
	p.t.Fatalf("the tab key does not come to %q, but to %q", name, way)
	return nil
}

// All is done by the keyboard, and it can be seen where one is.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	e := emulate(t, "shop.yaml")
	happen(t, e)
	p := open(t, e.url(), "#/decisions", look{})
	p.shows("main [data-list]", "sqs:PurgeQueue")
	way := p.tab("Skip to the content")
	if len(way) != 1 {
		t.Errorf("before the link that skips the navigation come %q", way)
	}
	p.press(kb.Enter)
	p.until("the content with the focus", `document.querySelector('main').contains(document.activeElement)`)
	way = p.tab("sqs:PurgeQueue")
	for _, want := range []string{"Principal", "Action", "Resource", "All", "Denied"} {
		if !slices.Contains(way, want) {
			t.Errorf("on the way to a decision is no %s: %q", want, way)
		}
	}
	p.press(kb.Enter)
	p.shows("main h1", "sqs:PurgeQueue")
	p.until("the heading with the focus", `document.activeElement === document.querySelector('main h1')`)
	p.tab("Copy request id")

	// The navigation, and a view's list.
	p.do(chromedp.Reload())
	p.settled()
	p.tab("Queues")
	p.press(kb.Enter)
	p.shows("main h1", "Queues")
	p.until("the heading with the focus", `document.activeElement === document.querySelector('main h1')`)
	p.tab("notifications-dead")
	p.press(kb.Enter)
	p.until("the queue", `location.hash.endsWith('notifications-dead')`)

	// A list is scrolled by the keyboard, too.
	e.calls(300, 0)
	p.visit("#/decisions")
	p.until("many decisions", rows+` > 300`)
	p.tab("Decisions, rows")
	p.press(kb.End)
	p.until("the end of the list", `(l => l.scrollTop + l.clientHeight >= l.scrollHeight - 2)(document.querySelector('main [data-list]'))`)

	// A dialog keeps the focus until it is closed.
	p.visit("#/clock")
	p.tab("Reset everything…")
	p.press(kb.Enter)
	p.until("the question", `document.querySelector('dialog[open]')?.contains(document.activeElement)`)
	for range 6 {
		p.press(kb.Tab)
		if !eval[bool](p, `document.activeElement === document.body || document.querySelector('dialog[open]').contains(document.activeElement)`) {
			t.Errorf("the focus leaves the dialog: %+v", eval[focus](p, focused))
		}
	}
	p.press(kb.Escape)
	p.until("the focus where it was", `document.activeElement === document.querySelector('[data-reset]')`)
}
