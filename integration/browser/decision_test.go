//go:build !race

package browser

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"

	"github.com/google/go-cmp/cmp"
)

// A denial says which statement decided, what it wanted and what it got, what nearly let it
// through, and what would mend it.
func TestDenial(t *testing.T) {
	t.Parallel()
	e := emulate(t, "shop.yaml")
	s := happen(t, e)
	p := open(t, e.url(), at("decisions", s.untagged), look{})
	if got := p.text("main h1"); !strings.Contains(got, "Deny") || !strings.Contains(got, "sqs:SendMessage") {
		t.Errorf("its heading is %q", got)
	}
	layers := eval[[]string](p, `[...document.querySelectorAll('main [data-layer]')].map(l => l.dataset.layer + (l.dataset.decides ? ' decides' : ''))`)
	if want := []string{"resource-based policy", "identity-based policy decides"}; !cmp.Equal(layers, want) {
		t.Errorf("its layers are %q, want %q", layers, want)
	}
	nearly := eval[[]string](p, `[...document.querySelectorAll('main [data-decides] [data-outcome=nearly]')].map(s => s.querySelector('q').innerText)`)
	if want := []string{"SendFromProduction"}; !cmp.Equal(nearly, want) {
		t.Errorf("what nearly applies is %q, want %q", nearly, want)
	}
	missed := eval[[][]string](p, `[...document.querySelectorAll('main [data-decides] [data-outcome=nearly] [data-matched=false]')].map(r => [...r.cells].map(c => c.innerText.replace(/\s+/g, ' ').trim()))`)
	if want := [][]string{{"StringEquals aws:PrincipalTag/Environment", "production", "test", "✕ no"}}; !cmp.Equal(missed, want) {
		t.Errorf("what does not match is %q, want %q", missed, want)
	}
	p.grant("clipboard-read", "clipboard-write")
	p.click("the button that copies the fix", `document.querySelector('main [data-section=fix] button.copy')`)
	p.shows("main [data-section=fix] button.copy", "Copied")
	copied := eval[string](p, `navigator.clipboard.readText()`)
	var fix struct{ Effect, Action, Resource string }
	if err := json.Unmarshal([]byte(copied), &fix); err != nil || fix.Effect != "Allow" || fix.Action != "sqs:SendMessage" || fix.Resource != notifications {
		t.Errorf("what is copied is %q", copied)
	}
	if got := p.text("main [data-section=fix]"); !strings.Contains(got, "add to the identity-based policy send") {
		t.Errorf("the fix is %q", got)
	}
	p.reads("the denial", []string{`"eventName": "SendMessage"`, "DENIED sqs:SendMessage"})
}

// A call leads to those that services made for it, and back; so does a delivery that failed.
func TestCallsThatCallsCause(t *testing.T) {
	t.Parallel()
	e := emulate(t, "shop.yaml")
	s := happen(t, e)
	p := open(t, e.url(), at("decisions", s.sent), look{})
	calls := `[...document.querySelectorAll('main [data-section=calls] li')].map(c => c.className + '|' + c.querySelector('strong').innerText)`
	if got, want := eval[[]string](p, calls), []string{"|sqs:SendMessage", "inner|kms:GenerateDataKey", "inner|kms:Decrypt"}; !cmp.Equal(got, want) {
		t.Errorf("the calls are %q, want %q", got, want)
	}
	p.click("the call of KMS", `[...document.querySelectorAll('main [data-section=calls] a')].find(a => a.innerText.includes('kms:GenerateDataKey'))`)
	p.shows("main h1", "kms:GenerateDataKey")
	p.shows("main", "alias/notifications")
	p.click("the call that it was made for", `[...document.querySelectorAll('main [data-section=calls] a')].find(a => a.innerText.includes('sqs:SendMessage'))`)
	p.shows("main h1", "sqs:SendMessage")

	p.visit(at("decisions", s.published))
	p.shows("main [data-section=deliveries]", "failure")
	p.click("the delivery's decision", `document.querySelector('main [data-section=deliveries] a[href^="#/decisions/"]')`)
	p.shows("main h1", "sqs:SendMessage")
	p.reads("the denied delivery", []string{"sns.amazonaws.com", "NewsOfPets", "nearly applies", "arn:aws:sns:us-east-1:" + account + ":pet-event", petEvents})
	p.click("the call that it was made for", `document.querySelector('main a[href$="`+s.published+`"]')`)
	p.until("the publishing", `location.hash.includes('`+s.published+`')`)
}

// What was denied is decided again by somebody else, or with another policy. Nothing is recorded.
func TestTryAgain(t *testing.T) {
	t.Parallel()
	e := emulate(t, "shop.yaml")
	s := happen(t, e)
	type list struct {
		Decisions []struct{ RequestID string }
	}
	before := control[list](e, http.MethodGet, "decisions?trace=false", "")
	p := open(t, e.url(), at("decisions", s.untagged), look{})
	again := `document.querySelector('main [data-again-submit]')`
	p.fill("the principal", `document.querySelector('main [data-again-principal]')`, "role/order-service")
	p.click("the button", again)
	p.shows("main [data-beside=after] h3", "Allow")
	p.shows("main [data-beside=after]", "SendOrders")
	p.shows("main [data-beside=before] h3", "Deny")
	p.fill("the principal", `document.querySelector('main [data-again-principal]')`, "role/nobody")
	p.failing(true)
	p.click("the button", again)
	p.shows("main [data-again-result] [role=alert]", "nobody")
	p.failing(false)

	p.fill("no principal", `document.querySelector('main [data-again-principal]')`, "")
	p.choose("the policy", `document.querySelector('main [data-again-key]')`, "role/reporting/send")
	p.click("the button that edits it", `document.querySelector('main [data-again-edit]')`)
	editor := `document.querySelector('main [data-again-document]')`
	p.until("the document", editor+`?.value.includes('SendFromProduction')`)
	text, _ := json.Marshal(strings.ReplaceAll(eval[string](p, editor+`.value`), `production`, `test`))
	eval[chromedp.Void](p, `(e => { e.value = `+string(text)+`; e.dispatchEvent(new Event('input', {bubbles: true})); })(`+editor+`)`)
	p.click("the button", again)
	p.shows("main [data-beside=after] h3", "Allow")
	if after := control[list](e, http.MethodGet, "decisions?trace=false", ""); !cmp.Equal(before, after) {
		t.Errorf("trying again is recorded: %d decisions, before %d", len(after.Decisions), len(before.Decisions))
	}
}

// grant lets the page do what a browser asks its user for.
func (p *page) grant(permissions ...string) {
	p.t.Helper()
	for _, name := range permissions {
		if _, err := chromedp.CallBrowser(p.ctx, browser.SetPermission, browser.SetPermissionParams{
			Permission: &browser.PermissionDescriptor{Name: name}, Setting: browser.PermissionSettingGranted,
			BrowserContextID: chromedp.FromContext(p.ctx).BrowserContextID,
		}); err != nil {
			p.t.Fatal(name, err)
		}
	}
}
