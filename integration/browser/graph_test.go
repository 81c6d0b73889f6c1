//go:build !race

package browser

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
)

// The graph shows who talks to whom, and where that is denied; an edge leads to its last
// decision, and the picture is a file that can be given away.
func TestGraph(t *testing.T) {
	t.Parallel()
	e := emulate(t, "shop.yaml")
	s := happen(t, e)
	p := open(t, e.url(), "#/graph", look{})
	edge := `document.querySelector('[data-graph] [data-edge=denied][data-from$="role/reporting"][data-to="` + notifications + `"]')`
	p.until("the denied edge", edge)
	red := eval[[]float64](p, `(() => {
		const probe = document.body.appendChild(document.createElement('i'));
		probe.style.color = `+edge+`.querySelector('path').getAttribute('stroke');
		const rgb = getComputedStyle(probe).color.match(/[\d.]+/g).map(Number);
		probe.remove();
		return rgb;
	})()`)
	if red[0] < 1.5*red[1] || red[0] < 1.5*red[2] {
		t.Errorf("a denied edge has the color %v", red)
	}
	if !eval[bool](p, `document.querySelector('[data-graph] [data-edge=allowed][data-from$="role/order-service"][data-to="`+petEvents+`"]')`+` !== null`) {
		t.Error("nobody publishes to the topic")
	}
	file := p.download(t, func() { p.click("the button that saves it", named("main button", "Save as SVG")) })
	wellFormed(t, file)

	p.until("the edge", edge)
	middle := eval[[]float64](p, `(e => {
		const path = e.querySelector('path'), at = path.getPointAtLength(path.getTotalLength() * 0.4).matrixTransform(path.getScreenCTM());
		return [at.x, at.y];
	})(`+edge+`)`)
	p.do(chromedp.MouseClickXY(middle[0], middle[1]))
	p.until("a decision", `location.hash.startsWith('#/decisions/')`)
	p.settled()

	p.visit("#/graph?find=reporting&denied=1")
	p.until("one edge", `document.querySelectorAll('[data-graph] [data-edge]').length === 1`)
	p.click("the edge in the table", `document.querySelector('main table a[href^="#/decisions/"]')`)
	p.until("the denial", `location.hash.includes('`+s.untagged+`')`)
}

// download is the file that the page saves when act is done.
func (p *page) download(t *testing.T, act func()) []byte {
	t.Helper()
	folder := t.TempDir()
	if _, err := chromedp.CallBrowser(p.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: folder, BrowserContextID: chromedp.FromContext(p.ctx).BrowserContextID,
	}); err != nil {
		t.Fatal(err)
	}
	act()
	for range 200 {
		files, _ := filepath.Glob(filepath.Join(folder, "*.svg"))
		if len(files) == 1 {
			if text, err := os.ReadFile(files[0]); err == nil && len(text) > 0 {
				return text
			}
		}
		eval[chromedp.Void](p, `new Promise(r => setTimeout(r, 50))`)
	}
	t.Fatal("no file is saved")
	return nil
}

// wellFormed fails the test where a picture is no XML, or does more than to be looked at.
func wellFormed(t *testing.T, file []byte) {
	t.Helper()
	elements := map[string]int{}
	for d := xml.NewDecoder(strings.NewReader(string(file))); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("it is no XML: %v\n%.500s", err, file)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if start.Name.Space != "http://www.w3.org/2000/svg" {
			t.Errorf("it has the element %s of %q", start.Name.Local, start.Name.Space)
		}
		elements[start.Name.Local]++
		for _, a := range start.Attr {
			if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "href" || strings.Contains(a.Value, "javascript:") {
				t.Errorf("it has %s=%q", a.Name.Local, a.Value)
			}
		}
	}
	for _, name := range []string{"script", "foreignObject", "image", "style", "use"} {
		if elements[name] > 0 {
			t.Errorf("it has %d elements %s", elements[name], name)
		}
	}
	if elements["svg"] != 1 || elements["path"] < 5 || elements["text"] < 5 {
		t.Errorf("its elements are %v", elements)
	}
}
