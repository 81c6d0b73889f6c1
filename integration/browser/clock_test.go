//go:build !race

package browser

import (
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/server"
)

// The clock is turned, and everything is as at the start after a reset.
func TestClock(t *testing.T) {
	t.Parallel()
	e := emulate(t, "shop.yaml", func(c *server.Config) { c.Clock = clock.New() }) // not turned yet
	happen(t, e)
	type shown struct {
		Now    time.Time
		Offset string
	}
	p := open(t, e.url(), "#/clock", look{})
	p.click("five minutes", `document.querySelector('[data-advance="5m"]')`)
	p.shows("[data-said]", "5 minutes later")
	p.fill("a duration", `document.querySelector('[data-advance-by]')`, "36h")
	p.press(kb.Enter)
	p.shows("[data-offset]", "36h5m0s")
	if got := control[shown](e, http.MethodGet, "clock", ""); got.Offset != "36h5m0s" {
		t.Errorf("the server's clock is %s ahead", got.Offset)
	}
	p.visit("#/queues")
	p.shows("[data-clock-offset]", "+36h5m")
	p.visit("#/clock")
	p.failing(true) // 400 is one
	p.fill("a time", `document.querySelector('[data-set-to]')`, "tomorrow")
	p.press(kb.Enter)
	p.shows("main [role=alert]", "tomorrow")
	p.failing(false)
	p.fill("a time", `document.querySelector('[data-set-to]')`, "2030-01-01T00:00:00Z")
	p.press(kb.Enter)
	p.shows("[data-now]", "2030-01-01")
	p.click("real time", `document.querySelector('[data-real-time]')`)
	p.shows("[data-offset]", "0s")

	p.click("the reset", `document.querySelector('[data-reset]')`)
	p.until("a question", `document.querySelector('dialog[open]')`)
	p.accessible("the question")
	p.press(kb.Escape)
	p.until("no question", `!document.querySelector('dialog[open]')`)
	p.until("the focus where it was", `document.activeElement === document.querySelector('[data-reset]')`)
	type list struct{ Decisions []struct{ Action string } }
	if got := control[list](e, http.MethodGet, "decisions?trace=false", ""); len(got.Decisions) == 0 {
		t.Error("it is reset without an answer")
	}
	p.click("the reset", `document.querySelector('[data-reset]')`)
	p.click("the answer", `document.querySelector('[data-reset-confirm]')`)
	p.shows("[data-said]", "as it was at the start")
	if got := control[list](e, http.MethodGet, "decisions?trace=false", ""); len(got.Decisions) != 0 {
		t.Errorf("after a reset there are %d decisions", len(got.Decisions))
	}
	p.visit("#/decisions")
	p.shows("main", "No decision yet.")
	happen(t, e)
	p.shows("main [data-list]", "sqs:PurgeQueue")
}
