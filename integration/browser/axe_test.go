//go:build !race

package browser

import (
	"os"
	"strings"
	"sync"

	"github.com/chromedp/chromedp"

	"github.com/waxseal/waxseal/internal/testsize"
)

// axeCore is the script of axe-core, which npm has put beside the tests.
var axeCore = sync.OnceValues(func() ([]byte, error) { return os.ReadFile("node_modules/axe-core/axe.min.js") })

// finding is what axe has against an element.
type finding struct{ ID, Impact, Help, Node, Why string }

// accessible fails the test for everything that axe-core finds serious or critical in the page
// as it is now. rules are all of axe's where none is named.
func (p *page) accessible(what string, rules ...string) {
	p.t.Helper()
	script, err := axeCore()
	if err != nil {
		testsize.Missing(p.t, "axe-core (npm install in integration/browser)", err)
	}
	if !eval[bool](p, `'axe' in window`) {
		eval[chromedp.Void](p, string(script))
	}
	only := ""
	if len(rules) > 0 {
		only = `, runOnly: ['` + strings.Join(rules, "', '") + `']`
	}
	found := eval[[]finding](p, `axe.run(document, {resultTypes: ['violations']`+only+`}).then(r => r.violations
		.filter(v => v.impact === 'serious' || v.impact === 'critical')
		.flatMap(v => v.nodes.map(n => ({ID: v.id, Impact: v.impact, Help: v.help, Node: n.html.slice(0, 200), Why: n.failureSummary}))))`)
	for _, f := range found {
		p.t.Errorf("%s: %s (%s): %s\n  %s\n  %s", what, f.ID, f.Impact, f.Help, f.Node, strings.ReplaceAll(f.Why, "\n", "\n  "))
	}
}
