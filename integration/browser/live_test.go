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

	"github.com/chromedp/chromedp"

	browserpage "github.com/chromedp/cdproto/page"

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

// longest notes how long the page's thread was busy without a break, from its start on.
const longest = `window.longest = 0;
new PerformanceObserver(list => { for (const e of list.getEntries()) longest = Math.max(longest, e.duration) }).observe({type: 'longtask', buffered: true});`

// While 200 calls a second are decided none is lost and the page obeys its user.
func TestLive(t *testing.T) { // not in parallel: it is about time
	e := emulate(t, "shop.yaml")
	p := blank(t, e.url(), look{})
	call(p, browserpage.AddScriptToEvaluateOnNewDocument, browserpage.AddScriptToEvaluateOnNewDocumentParams{Source: longest})
	p.visit("#/decisions")
	n := testsize.Of(1600, 600)
	done := make(chan struct{})
	go func() {
		defer close(done)
		e.calls(n, 200)
	}()
	p.until("the first hundred", rows+` > 100`)
	eval[chromedp.Void](p, `window.longest = 0`)
	var slowest time.Duration
	typed := ""
	for _, letter := range "sqs:SendMessage" {
		typed += string(letter)
		begun := time.Now()
		if typed == "s" {
			p.fill("the filter", named("main input", "Action"), typed)
		} else {
			p.press(string(letter))
		}
		p.until("what is typed", named("main input", "Action")+`.value === `+quoted(typed))
		slowest = max(slowest, time.Since(begun))
		time.Sleep(50 * time.Millisecond)
	}
	<-done
	p.until(fmt.Sprint(n, " decisions"), rows+` === `+fmt.Sprint(n))
	busy := time.Duration(eval[float64](p, `window.longest`) * float64(time.Millisecond))
	t.Logf("the page is busy for %v at most, and shows what is typed within %v", busy, slowest)
	if busy > 400*time.Millisecond || slowest > time.Second {
		t.Errorf("the page is busy for %v, and shows what is typed after %v", busy, slowest)
	}
	p.visit("#/decisions?decision=Deny")
	p.until("the denials", rows+` === `+fmt.Sprint(n/2))
}

// Ten thousand decisions are a list like any other.
func TestLongList(t *testing.T) {
	const n = 10_000
	e := emulate(t, "shop.yaml")
	e.calls(n, 0)
	p := blank(t, e.url(), look{})
	call(p, browserpage.AddScriptToEvaluateOnNewDocument, browserpage.AddScriptToEvaluateOnNewDocumentParams{Source: longest})
	p.visit("#/decisions")
	p.until("all of them", rows+` >= `+fmt.Sprint(n-1))
	loaded := eval[float64](p, `window.longest`)
	// Scrolled to the end and back, a screen per frame.
	frames := eval[[]float64](p, `new Promise(done => {
		const list = document.querySelector('main [data-list]'), times = [];
		let last = performance.now(), step = list.scrollHeight / 120;
		window.longest = 0;
		const frame = now => {
			times.push(now - last);
			last = now;
			if (list.scrollTop + list.clientHeight >= list.scrollHeight - 1) return done(times.slice(1));
			list.scrollTop += step;
			requestAnimationFrame(frame);
		};
		requestAnimationFrame(frame);
	})`)
	slow := 0
	for _, ms := range frames {
		if ms > 100 {
			slow++
		}
	}
	nodes, busy := eval[int](p, `document.querySelectorAll('*').length`), eval[float64](p, `window.longest`)
	t.Logf("%d elements; %d of %d frames take more than 100 ms; busy for %.0f ms while scrolling, for %.0f ms while loading", nodes, slow, len(frames), busy, loaded)
	if nodes > 1500 {
		t.Errorf("the document has %d elements", nodes)
	}
	if slow > len(frames)/5 || len(frames) < 100 {
		t.Errorf("%d of %d frames are slow", slow, len(frames))
	}
	p.until("the oldest at the end", `[...document.querySelectorAll('main [data-list] [data-key]')].some(r => r.getAttribute('aria-rowindex') === String(`+rows+` + 1))`)
}
