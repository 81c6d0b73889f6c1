//go:build !race

package browser

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/waxseal/waxseal/server"
)

// With a control token the page asks for it, and keeps it for as long as its tab is open.
func TestControlToken(t *testing.T) {
	t.Parallel()
	e := emulate(t, "shop.yaml", func(c *server.Config) { c.ControlToken = "s3cret" })
	happen(t, e)
	p := blank(t, e.url(), look{})
	p.failing(true) // 401 is one
	p.do(chromedp.Navigate(e.url() + "/_waxseal/#/decisions"))
	token := `document.querySelector('dialog[open] input')`
	p.until("the question", token)
	p.until("the focus in it", token+` === document.activeElement`)
	p.accessible("the token's dialog")
	p.press(kb.Escape)
	p.until("the question still", token)
	p.fill("the token", token, "wrong")
	p.press(kb.Enter)
	p.shows("dialog [role=alert]", "refused")
	p.fill("the token", token, "s3cret")
	p.press(kb.Enter)
	p.shows("main [data-list]", "sqs:PurgeQueue")
	p.failing(false)
	p.forgiven("network: ")
	if kept := eval[string](p, `JSON.stringify([...Object.values(sessionStorage), Object.values(localStorage).length, document.cookie])`); kept != `["s3cret",0,""]` {
		t.Errorf("it keeps %s", kept)
	}
	p.do(chromedp.Reload())
	p.settled()
	p.shows("main [data-list]", "sqs:PurgeQueue")
	if p.count("dialog[open]") != 0 {
		t.Error("it asks again after a reload")
	}
	another := blank(t, e.url(), look{})
	another.failing(true)
	another.do(chromedp.Navigate(e.url() + "/_waxseal/"))
	another.until("the question of another tab", token)
	for path, want := range map[string]int{"": http.StatusOK, "console/app.js": http.StatusOK, "decisions": http.StatusUnauthorized} {
		answer, err := http.Get(e.url() + "/_waxseal/" + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("/_waxseal/%s without the token: %s", path, answer.Status)
		}
	}
}

// The page is reached by HTTPS, by the names of this machine and by those of --allow-host.
func TestNames(t *testing.T) {
	t.Parallel()
	e := emulate(t, "shop.yaml", func(c *server.Config) { c.AllowHosts = []string{"waxseal.test"} })
	s := happen(t, e)
	port := e.addr[strings.LastIndex(e.addr, ":"):]
	for _, base := range []string{"https://127.0.0.1" + port, "http://localhost" + port, "https://aws.localhost" + port, "http://waxseal.test" + port} {
		t.Run(base[:strings.LastIndex(base, ":")], func(t *testing.T) {
			p := open(t, base, "#/decisions", look{})
			p.until("a decision", `document.querySelector('main [data-list] a[href*="`+s.purged+`"]')`)
			p.forgiven("other: The Cross-Origin-Opener-Policy header has been ignored, because the URL's origin was untrustworthy.") // that of HTTP by such a name is
		})
	}
	p := blank(t, "http://other.test"+port, look{})
	p.failing(true)
	p.do(chromedp.Navigate("http://other.test" + port + "/_waxseal/"))
	if got := eval[string](p, `document.body.innerText`); !strings.Contains(got, "--allow-host") {
		t.Errorf("by another name it shows %q", got)
	}
}
