//go:build !race

package browser

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// mostBytes is how large the page may be at its first load, decoded.
const mostBytes = 400_000

// The page is small, comes from its server alone, and runs no script but files of it.
func TestPage(t *testing.T) {
	t.Parallel()
	e := emulate(t, "")
	p := open(t, e.url(), "", look{})
	if got := p.text("main h1"); got != "Decisions" {
		t.Errorf("it begins with %q", got)
	}
	p.mu.Lock()
	received, requests := p.received, len(p.requests)
	p.mu.Unlock()
	t.Logf("%d bytes in %d requests", received, requests)
	if received > mostBytes || received == 0 {
		t.Errorf("its first load takes %d bytes, want at most %d", received, mostBytes)
	}
	got, err := http.Get(e.url() + "/_waxseal/")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	for what, pattern := range map[string]string{
		"an inline script": `<script(?:\s[^>]*)?>[^<]`, "an inline style": `<style|\sstyle\s*=`, "an event handler": `\son\w+\s*=`, "an address elsewhere": `(?:src|href)\s*=\s*"?(?:https?:)?//`,
	} {
		if m := regexp.MustCompile(pattern).Find(text); m != nil {
			t.Errorf("its HTML has %s: %s", what, m)
		}
	}
	policy := got.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("its content security policy lacks %s: %s", want, policy)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") || strings.Contains(policy, "*") {
		t.Errorf("its content security policy lets too much in: %s", policy)
	}
	if got.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Error("browsers may guess what its files are")
	}
}

// What every test here relies on: that it fails where a page does what it must not do.
func TestFaultsAreNoticed(t *testing.T) {
	t.Parallel()
	e := emulate(t, "")
	p := open(t, e.url(), "", look{})
	for _, test := range []struct{ what, script, fault string }{
		{"an inline script", `document.head.append(Object.assign(document.createElement('script'), {textContent: 'alert(1)'}))`, "logs \"violates script-src"},
		{"an event handler", `document.body.insertAdjacentHTML('beforeend', '<img alt="" src="console/none.png" onerror="alert(1)">')`, "logs \"violates script-src"},
		{"a style attribute", `document.body.insertAdjacentHTML('beforeend', '<p style="color: red">x</p>')`, "logs \"violates style-src"},
		{"another origin", `fetch('http://127.0.0.1:1/').catch(() => 0)`, "logs \"violates connect-src"},
		{"an exception", `setTimeout(() => { throw new Error('oh') })`, "throws "},
	} {
		t.Run(test.what, func(t *testing.T) {
			p.forgiven("")
			eval[chromedp.Void](p, "void ("+test.script+")")
			e.eventually("the fault", func() bool { return p.forgiven(test.fault) > 0 })
		})
	}
	eval[chromedp.Void](p, `new Promise(r => setTimeout(r, 200))`)
	p.forgiven("")
}

// The server is missed, and found again, without anybody doing anything.
func TestServerGoesAndComes(t *testing.T) {
	t.Parallel()
	e := emulate(t, "shop.yaml")
	happen(t, e)
	p := open(t, e.url(), "#/decisions", look{})
	p.shows("main [data-list]", "sqs:PurgeQueue")
	p.failing(true)
	e.kill()
	p.shows("[role=status]", "The server is away.")
	p.shows("main [data-list]", "sqs:PurgeQueue") // what was there can be read
	e.come()
	p.until("the end of the message", `!document.body.innerText.includes('The server is away.')`)
	p.until("the list of the new server", `!document.querySelector('main [data-list]')?.innerText.includes('sqs:PurgeQueue')`)
	happen(t, e)
	p.shows("main [data-list]", "sqs:PurgeQueue")
	p.until("each decision once", `(k => new Set(k).size === k.length)([...document.querySelectorAll('main [data-list] [data-key]')].map(r => r.dataset.key))`)
}

// Each address shows its view again: after a reload, and on the way back and forth.
func TestAddresses(t *testing.T) {
	t.Parallel()
	e := emulate(t, "shop.yaml")
	s := happen(t, e)
	p := open(t, e.url(), "#/decisions", look{})
	link := `document.querySelector('main [data-list] a[href*="` + s.purged + `"]')`
	p.click("the link to a decision", link)
	there := "#/decisions/" + s.purged
	at := func(hash, heading string) {
		t.Helper()
		p.until(hash, `location.hash.split('?')[0] === `+quoted(hash)+` && document.querySelector('main h1')?.innerText.includes(`+quoted(heading)+`)`)
	}
	at(there, "sqs:PurgeQueue")
	p.until("the heading with the focus", `document.activeElement === document.querySelector('main h1')`)
	p.do(chromedp.NavigateBack())
	at("#/decisions", "Decisions")
	p.do(chromedp.NavigateForward())
	at(there, "sqs:PurgeQueue")
	p.do(chromedp.Reload())
	p.settled()
	at(there, "sqs:PurgeQueue")
	p.visit("#/decisions?decision=Deny&action=sqs%3ASendMessage")
	p.until("only denials of SendMessage", `document.querySelectorAll('main [data-list] [data-key]').length === 5 &&
		[...document.querySelectorAll('main [data-list] [data-key]')].every(r => r.innerText.includes('Deny') && r.innerText.includes('sqs:SendMessage'))`)
	p.visit("#/nothing-like-that")
	p.shows("main", "There is no such view.")
}
