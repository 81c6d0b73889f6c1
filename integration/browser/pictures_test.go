//go:build !race

package browser

import (
	"bytes"
	"cmp"
	"flag"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/server"
)

var update = flag.Bool("update", false, "write the pictures of the documents anew")

const (
	pictures    = "../../docs/images"
	mostOfImage = 120_000 // bytes
	exercise    = "who-needs-the-key"
)

// The documents' pictures are of this console, of what happens in every run alike: with -update
// they are made anew.
func TestPictures(t *testing.T) {
	e := emulate(t, "shop.yaml", func(c *server.Config) { c.Clock = clock.NewStill(time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)) })
	e.still = true
	s := happen(t, e)
	control[struct{ Name string }](e, http.MethodPost, "learn/start", `{"exercise":"`+exercise+`"}`)
	narrow := look{width: 390, height: 844}
	for _, picture := range []struct {
		name, address string
		look          look
		ready         string // an expression
	}{
		{"decisions", "#/decisions", look{}, rows + ` > 10`},
		{"decision", at("decisions", s.undelivered), look{}, `document.querySelector('main [data-layer]')`},
		{"queue", at("queues", notifications), look{width: 1280, height: 1060}, `document.querySelector('main ol.messages')`},
		{"policy", at("policies", notifications), look{}, `document.querySelector('main [data-line]')`},
		{"graph", "#/graph", look{}, `document.querySelector('main [data-edge]')`},
		{"learn", at("learn", exercise), look{}, `document.querySelector('main ul.checks')`},
		{"graph-dark", "#/graph", look{dark: true}, `document.querySelector('main [data-edge]')`},
		{"decision-narrow", at("decisions", s.undelivered), narrow, `document.querySelector('main [data-layer]')`},
	} {
		file := filepath.Join(pictures, picture.name+".png")
		p := open(t, e.url(), picture.address, picture.look)
		p.until("what is pictured", picture.ready)
		time.Sleep(200 * time.Millisecond) // what moves has come to rest
		// The clock has been turned so that the calls have times of their own, and for nothing else.
		eval[chromedp.Void](p, `void document.querySelector('[data-clock-offset]')?.remove()`)
		shot, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		small := fewColors(t, shot)
		if *update {
			if err := os.WriteFile(file, small, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		there, err := os.ReadFile(file)
		if err != nil {
			t.Fatalf("%v: go test ./integration/browser -run TestPictures -update makes it", err)
		}
		want, err := png.DecodeConfig(bytes.NewReader(small))
		if err != nil {
			t.Fatal(err)
		}
		got, err := png.DecodeConfig(bytes.NewReader(there))
		if err != nil || got.Width != want.Width || got.Height != want.Height || len(there) > mostOfImage {
			t.Errorf("%s: %d × %d, want %d × %d; %d bytes, want at most %d; %v", file, got.Width, got.Height, want.Width, want.Height, len(there), mostOfImage, err)
		}
	}
}

// fewColors is a picture with the 256 colors that it has most of; what has others gets the nearest.
func fewColors(t *testing.T, shot []byte) []byte {
	t.Helper()
	from, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(err)
	}
	counts := map[color.RGBA]int{}
	each := func(do func(x, y int, c color.RGBA)) {
		b := from.Bounds()
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				do(x, y, color.RGBAModel.Convert(from.At(x, y)).(color.RGBA))
			}
		}
	}
	each(func(_, _ int, c color.RGBA) { counts[c]++ })
	colors := make([]color.RGBA, 0, len(counts))
	for c := range counts {
		colors = append(colors, c)
	}
	slices.SortFunc(colors, func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	var palette color.Palette
	for _, c := range colors[:min(256, len(colors))] {
		palette = append(palette, c)
	}
	nearest := map[color.RGBA]uint8{}
	for _, c := range colors {
		nearest[c] = uint8(palette.Index(c))
	}
	to := image.NewPaletted(from.Bounds(), palette)
	each(func(x, y int, c color.RGBA) { to.SetColorIndex(x, y, nearest[c]) })
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, to); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
