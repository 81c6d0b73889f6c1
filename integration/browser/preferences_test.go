//go:build !race

package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// Where the user wants no motion nothing moves; where the user wants another theme than the
// system's, it is kept.
func TestPreferences(t *testing.T) {
	t.Parallel()
	e := emulate(t, "shop.yaml")
	happen(t, e)
	p := open(t, e.url(), "#/decisions", look{still: true})
	moving := eval[[]string](p, `[...document.querySelectorAll('*')].filter(e => ['', '::before', '::after'].some(part => {
		const s = getComputedStyle(e, part || undefined);
		return [s.transitionDuration, s.animationDuration].some(d => d.split(',').some(x => parseFloat(x) > 0.01)) || s.scrollBehavior === 'smooth';
	})).map(e => e.outerHTML.slice(0, 80))`)
	if len(moving) > 0 {
		t.Errorf("these move: %q", moving)
	}
	theme := `document.querySelector('[data-theme-switch]')`
	p.choose("dark", theme, "dark")
	p.until("a dark page", lightness+` < 128`)
	p.do(chromedp.Reload())
	p.settled()
	p.until("a dark page", lightness+` < 128`)
	p.show(look{dark: true})
	p.choose("light", theme, "light")
	p.until("a light page", lightness+` > 128`)
	p.choose("the system's", theme, "")
	p.until("a dark page", lightness+` < 128`)
}
