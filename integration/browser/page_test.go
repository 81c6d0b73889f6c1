//go:build !race

package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	browserpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/security"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take to show something, on a machine that is busy.
const patience = 40 * time.Second

// page is a tab with the console in it. It is clean: its storage is nobody else's.
type page struct {
	t    *testing.T
	ctx  context.Context
	base string // the server's origin

	mu       sync.Mutex
	faults   []string
	requests []string // URLs, in order
	received int64    // decoded bytes
	lenient  bool     // requests may fail: the server is away
}

// look is how a page is shown.
type look struct {
	width, height int64 // 1280 × 800 where they are 0
	dark          bool
	still         bool // prefers-reduced-motion
}

// open opens a tab at an address of the console, such as #/decisions, and waits for its view.
// When the test ends, whatever the page did that it must never do fails it.
func open(t *testing.T, base, address string, as look) *page {
	t.Helper()
	p := blank(t, base, as)
	p.visit(address)
	return p
}

// blank is an empty tab.
func blank(t *testing.T, base string, as look) *page {
	t.Helper()
	p := &page{t: t, base: base}
	ctx, closed := chromedp.NewContext(started(t), chromedp.WithNewBrowserContext(), chromedp.WithListener(p.heard))
	p.ctx = ctx
	t.Cleanup(closed)
	t.Cleanup(p.clean)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	call(p, security.SetIgnoreCertificateErrors, security.SetIgnoreCertificateErrorsParams{Ignore: true}) // of a CA made a moment ago
	call(p, browserpage.AddScriptToEvaluateOnNewDocument, browserpage.AddScriptToEvaluateOnNewDocumentParams{
		Source: `addEventListener('securitypolicyviolation', e => console.error('violates ' + e.violatedDirective + ': ' + e.blockedURI + ' ' + e.sample))`,
	})
	p.show(as)
	return p
}

// call sends a command of the protocol.
func call[P, R any](p *page, command cdp.Command[P, R], params P) R {
	p.t.Helper()
	r, err := chromedp.Call(p.ctx, command, params)
	if err != nil {
		p.t.Fatalf("%s: %v", command.Method, err)
	}
	return r
}

// show gives the page a size and what its user prefers.
func (p *page) show(as look) {
	p.t.Helper()
	width, height := max(as.width, 0), max(as.height, 0)
	if width == 0 {
		width, height = 1280, 800
	}
	scheme, motion := "light", "no-preference"
	if as.dark {
		scheme = "dark"
	}
	if as.still {
		motion = "reduce"
	}
	p.do(chromedp.EmulateViewport(width, height))
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: motion},
	}})
}

// heard notes what happens in the tab. It may ask nothing of it.
func (p *page) heard(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, e.Request.URL)
		if !p.own(e.Request.URL) {
			p.faults = append(p.faults, "asks "+e.Request.URL)
		}
	case *network.EventWebSocketCreated:
		p.faults = append(p.faults, "opens "+e.URL)
	case *network.EventDataReceived:
		p.received += e.DataLength
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		p.faults = append(p.faults, "throws "+text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			var words []string
			for _, a := range e.Args {
				words = append(words, string(a.Value)+a.Description)
			}
			p.faults = append(p.faults, "logs "+strings.Join(words, " "))
		}
	case *log.EventEntryAdded:
		if (e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning) && (e.Entry.Source != log.EntrySourceNetwork || !p.lenient) {
			p.faults = append(p.faults, fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	case *browserpage.EventJavascriptDialogOpening:
		p.faults = append(p.faults, "opens a dialog: "+e.Message)
	case *browserpage.EventWindowOpen:
		if !p.own(e.URL) {
			p.faults = append(p.faults, "opens the window "+e.URL)
		}
	}
}

// own reports whether a URL is the server's, or nobody's: what the page itself holds.
func (p *page) own(url string) bool {
	return strings.HasPrefix(url, p.base+"/") || url == "about:blank" ||
		strings.HasPrefix(url, "blob:"+p.base+"/") || strings.HasPrefix(url, "data:")
}

// clean fails the test where the page did what it must never do.
func (p *page) clean() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, fault := range slices.Compact(p.faults) {
		p.t.Errorf("the page %s", fault)
	}
}

// forgiven takes back the faults so far that begin so, and answers how many there were: of those
// that a test expects.
func (p *page) forgiven(prefix string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := len(p.faults)
	p.faults = slices.DeleteFunc(p.faults, func(f string) bool { return strings.HasPrefix(f, prefix) })
	return all - len(p.faults)
}

// failing says whether requests may fail without being a fault.
func (p *page) failing(may bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lenient = may
}

func (p *page) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatalf("%v\n%s", err, p.state())
	}
}

// eval is the value of an expression in the page, awaited if it is a promise.
func eval[T any](p *page, expression string) T {
	p.t.Helper()
	v, err := tryEval[T](p, expression)
	if err != nil {
		p.t.Fatalf("%s: %v\n%s", expression, err, p.state())
	}
	return v
}

func tryEval[T any](p *page, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// state is what the page shows, for a test that fails.
func (p *page) state() string {
	text, _ := tryEval[string](p, `location.href + '\n' + document.body.innerText.slice(0, 1500)`)
	p.mu.Lock()
	defer p.mu.Unlock()
	return text + "\nfaults: " + strings.Join(p.faults, "\n")
}

// until waits until an expression is true in the page.
func (p *page) until(what, expression string) {
	p.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		so, err := tryEval[bool](p, "!!("+expression+")")
		if err == nil && so {
			return
		}
		if time.Now().After(end) {
			p.t.Fatalf("%s does not come: %s %v\n%s", what, expression, err, p.state())
		}
	}
}

// visit goes to an address of the console and waits until its view has what it shows.
func (p *page) visit(address string) {
	p.t.Helper()
	// Another view has another heading than the one that is there.
	eval[chromedp.Void](p, `void ((location.hash || '#/decisions').split('?')[0] !== `+quoted(strings.Split(address, "?")[0])+` && document.querySelector('main h1')?.setAttribute('data-left', ''))`)
	p.do(chromedp.Navigate(p.base + "/_waxseal/" + address))
	p.settled()
}

// settled waits until the view is there, with its data.
func (p *page) settled() {
	p.t.Helper()
	p.until("the view", settled)
}

// settled is true of a page whose view has its heading and waits for nothing.
const settled = `document.querySelector('main h1:not([data-left])') && !document.querySelector('main .loading')`

// shows waits until an element has the text.
func (p *page) shows(selector, text string) {
	p.t.Helper()
	p.until(selector+" with "+text, `[...document.querySelectorAll(`+quoted(selector)+`)].some(e => e.textContent.includes(`+quoted(text)+`))`)
}

// reads waits until all the texts are to be read in the view.
func (p *page) reads(view string, texts []string) {
	p.t.Helper()
	list, _ := json.Marshal(append([]string{}, texts...))
	lacking := `((seen, texts) => texts.filter(t => !seen.includes(t)))(document.querySelector('main').textContent.replace(/\s+/g, ' '), ` + string(list) + `)`
	var missing []string
	for range 40 {
		if missing = eval[[]string](p, lacking); len(missing) == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	p.t.Errorf("%s does not say %q:\n%s", view, missing, regexp.MustCompile(`\s*\n\s*`).ReplaceAllString(p.text("main"), " | "))
}

// at is the address of one thing in a view.
func at(view, id string) string { return "#/" + view + "/" + url.PathEscape(id) }

// text is what the user reads in the first element that matches.
func (p *page) text(selector string) string {
	p.t.Helper()
	return eval[string](p, `document.querySelector(`+quoted(selector)+`)?.innerText ?? ''`)
}

// count is how many elements match.
func (p *page) count(selector string) int {
	p.t.Helper()
	return eval[int](p, `document.querySelectorAll(`+quoted(selector)+`).length`)
}

// click clicks with the mouse in the middle of (the first line of) the element that the expression finds,
// once it is what is to be seen there.
func (p *page) click(what, element string) {
	p.t.Helper()
	at := `(e => {
		if (!e) return [];
		e.scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'});
		const r = e.getClientRects()[0] ?? e.getBoundingClientRect(), x = r.x + r.width / 2, y = r.y + r.height / 2, top = document.elementFromPoint(x, y);
		return top && (e.contains(top) || top.contains(e) && top.matches('label')) ? [x, y] : [];
	})(` + element + `)`
	p.until(what+", to be clicked,", at+`.length === 2`)
	point := eval[[]float64](p, at)
	if len(point) != 2 {
		p.t.Fatalf("%s is gone before it can be clicked\n%s", what, p.state())
	}
	p.do(chromedp.MouseClickXY(point[0], point[1]))
}

// named finds a button, link, tab or field by what it is called, as a person or a screen
// reader does; kind is a selector.
func named(kind, name string) string {
	return `[...document.querySelectorAll(` + quoted(kind) + `)].find(e => e.checkVisibility() && ` +
		`[e.getAttribute('aria-label'), e.labels?.[0]?.innerText, e.innerText].some(n => n?.replace(/\s+/g, ' ').trim() === ` + quoted(name) + `))`
}

// press presses keys, such as kb.Tab or "n".
func (p *page) press(keys string, options ...chromedp.KeyOption) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(keys, options...))
}

// fill types into a field what shall be in it.
func (p *page) fill(what, element, text string) {
	p.t.Helper()
	p.click(what, element)
	eval[chromedp.Void](p, `document.activeElement.select?.()`)
	if text == "" {
		p.press("\b")
	}
	p.press(text)
}

// choose chooses an option of a select by its value.
func (p *page) choose(what, element, value string) {
	p.t.Helper()
	p.until(what, element)
	eval[chromedp.Void](p, `(e => { e.value = `+quoted(value)+`; e.dispatchEvent(new Event('input', {bubbles: true})); e.dispatchEvent(new Event('change', {bubbles: true})); })(`+element+`)`)
}

// lightness is how light the page's background is, 0 to 255.
const lightness = `Math.max(...(getComputedStyle(document.body).backgroundColor.match(/\d+(?:\.\d+)?/g) ?? []).slice(0, 3).map(Number))`

// quoted is a string in JavaScript.
func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string can be quoted
	}
	return string(b)
}
