//go:build !race

package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Filters are typed and clicked, stand in the address, and hold for what is decided later.
func TestFilters(t *testing.T) {
	t.Parallel()
	e := emulate(t, "shop.yaml")
	happen(t, e)
	p := open(t, e.url(), "#/decisions", look{})
	p.until("all", rows+` === 16`)
	p.fill("the principal", named("main input", "Principal"), "ROLE/order")
	p.until("one principal's", rows+` === 4`)
	p.click("the denied", named("main button", "Denied"))
	p.shows("main", "No decision matches.")
	p.fill("the principal", named("main input", "Principal"), "")
	p.fill("the resource", named("main input", "Resource"), "notifications")
	p.until("the denied", rows+` === 3`)
	if got := eval[string](p, `location.hash`); got != "#/decisions?resource=notifications&decision=Deny" && got != "#/decisions?decision=Deny&resource=notifications" {
		t.Errorf("the address is %s", got)
	}
	p.do(chromedp.Reload())
	p.settled()
	p.until("the denied", rows+` === 3`)
	happen(t, e) // with the data keys that are there, so without three calls of KMS
	p.until("the later ones", rows+` === 6`)
	p.click("the button that clears them", named("main button", "Clear"))
	p.until("all", rows+` === 29`)

	p.click("the button that holds the list", named("main button", "Pause"))
	happen(t, e)
	p.shows("[data-behind]", "13 new")
	if n := eval[int](p, rows); n != 29 {
		t.Errorf("while it is paused the list has %d decisions", n)
	}
	p.click("the button that lets it go on", named("main button", "Resume"))
	p.until("all", rows+` === 42`)

	// The arrow keys go from row to row.
	p.tab("Decisions, rows")
	p.press(kb.Tab)
	row := func() int {
		return eval[int](p, `Number(document.activeElement.closest('[aria-rowindex]')?.getAttribute('aria-rowindex') ?? 0)`)
	}
	first := row()
	p.press(kb.ArrowDown + kb.ArrowDown)
	if second := row(); first == 0 || second != first+2 {
		t.Errorf("the arrow keys lead from row %d to row %d", first, second)
	}
}
