//go:build !race

package browser

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"

	"github.com/waxseal/waxseal/internal/testsize"
)

// rows is how many decisions the list has, as it says itself; without its head.
const rows = `Number(document.querySelector('main [role=table][aria-rowcount], main table[aria-rowcount]').getAttribute('aria-rowcount')) - 1`

// calls makes n calls that are decided, so many a second, and returns when all are answered.
// SDKs are too slow for this.
func (e *emulator) calls(n, perSecond int) {
	e.t.Helper()
	work := make(chan int)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i := range work {
				form := url.Values{"Action": {"SendMessage"}, "Version": {"2012-11-05"}, "MessageBody": {fmt.Sprint("message ", i)}}
				r, err := http.NewRequest(http.MethodPost, e.url()+"/"+account+"/audit", strings.NewReader(form.Encode()))
				if err != nil {
					e.t.Error(err)
					continue
				}
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				if i%2 == 0 { // the others are nobody's
					r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0")
				}
				answer, err := http.DefaultClient.Do(r)
				if err != nil {
					e.t.Error(err)
					continue
				}
				_ = answer.Body.Close()
			}
		})
	}
	begun := time.Now()
	for i := range n {
		if perSecond > 0 {
			time.Sleep(time.Until(begun.Add(time.Duration(i) * time.Second / time.Duration(perSecond))))
		}
		work <- i
	}
	close(work)
	all.Wait()
}

// measured begins to count what the page's main thread computes: by the processor's time,
// which tells the same on a machine that has much else to do.
func (p *page) measured() {
	p.t.Helper()
	call(p, performance.Enable, performance.EnableParams{TimeDomain: performance.EnableTimeDomainThreadTicks})
}

// busy is for how long the main thread has computed since measured.
func (p *page) busy() time.Duration {
	p.t.Helper()
	for _, m := range call(p, performance.GetMetrics, cdp.Empty{}).Metrics {
		if m.Name == "TaskDuration" {
			return time.Duration(m.Value * float64(time.Second))
		}
	}
	p.t.Fatal("the browser does not say how long its tasks take")
	return 0
}

// While 200 calls a second are decided none is lost, the page has time to spare, and obeys its user.
func TestLive(t *testing.T) { // not in parallel: it is about time
	e := emulate(t, "shop.yaml")
	p := open(t, e.url(), "#/decisions", look{})
	p.measured()
	n := testsize.Of(1600, 600)
	begun, before := time.Now(), p.busy()
	done := make(chan time.Duration)
	go func() {
		e.calls(n, 200)
		done <- time.Since(begun)
	}()
	p.until("the first hundred", rows+` > 100`)
	var slowest time.Duration
	p.fill("the filter", named("main input", "Action"), "s")
	typed := "s"
	for _, letter := range "qs:SendMessage" {
		typed += string(letter)
		pressed := time.Now()
		p.press(string(letter))
		p.until("what is typed", named("main input", "Action")+`.value === `+quoted(typed))
		slowest = max(slowest, time.Since(pressed))
		time.Sleep(50 * time.Millisecond)
	}
	took := <-done
	p.until(fmt.Sprint(n, " decisions"), rows+` === `+fmt.Sprint(n))
	busy := p.busy() - before
	t.Logf("of %v the page computes %v, and shows what is typed within %v", took, busy, slowest)
	if busy > took/2 {
		t.Errorf("of %v the page computes %v", took, busy)
	}
	p.visit("#/decisions?decision=Deny")
	p.until("the denials", rows+` === `+fmt.Sprint(n/2))
}

// Ten thousand decisions are a list like any other.
func TestLongList(t *testing.T) {
	const n, screens = 10_000, 120
	e := emulate(t, "shop.yaml")
	e.calls(n, 0)
	p := blank(t, e.url(), look{})
	p.measured()
	p.visit("#/decisions")
	p.until("all of them", rows+` >= `+fmt.Sprint(n-1))
	loading := p.busy()
	// Scrolled to the end, in steps of many screens, each in a frame of its own.
	eval[chromedp.Void](p, `new Promise(done => {
		const list = document.querySelector('main [data-list]'), step = list.scrollHeight / `+fmt.Sprint(screens)+`;
		const frame = () => {
			if (list.scrollTop + list.clientHeight >= list.scrollHeight - 1) return done();
			list.scrollTop += step;
			requestAnimationFrame(frame);
		};
		requestAnimationFrame(frame);
	})`)
	each, nodes := (p.busy()-loading)/screens, eval[int](p, `document.querySelectorAll('*').length`)
	t.Logf("%d elements; the page computes %v while it loads, and %v for each of %d frames", nodes, loading, each, screens)
	if nodes > 1500 {
		t.Errorf("the document has %d elements", nodes)
	}
	if each > 40*time.Millisecond || loading > 4*time.Second {
		t.Errorf("the page computes %v while it loads, and %v for each frame", loading, each)
	}
	p.until("the oldest at the end", `[...document.querySelectorAll('main [data-list] [data-key]')].some(r => r.getAttribute('aria-rowindex') === String(`+rows+` + 1))`)
}
