//go:build !race

package browser

import (
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/waxseal/waxseal/internal/testsize"
)

// chromium is the one browser of all tests, with a profile that is gone with it. Each
// page has a context of its own in it, as a private window does.
var chromium struct {
	once sync.Once
	ctx  context.Context
	end  func()
	err  error
}

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if chromium.end != nil {
		chromium.end()
	}
	os.Exit(code)
}

// started is the context of the browser, which is started for the first page. It does not
// outlive the tests: the kernel kills it where they end without stopping it.
func started(t *testing.T) context.Context {
	t.Helper()
	path, err := installed()
	if err != nil {
		testsize.Missing(t, "Chromium (Debian's chromium)", err)
	}
	chromium.once.Do(func() {
		options := append(chromedp.DefaultExecAllocatorOptions[:],
			chromedp.ExecPath(path),
			chromedp.Flag("headless", "new"),
			chromedp.Flag("disable-gpu", true),
			chromedp.Flag("font-render-hinting", "none"), // screenshots look the same everywhere
			chromedp.Flag("hide-scrollbars", true),
			chromedp.Flag("lang", "en-US"),
			chromedp.Flag("host-resolver-rules", "MAP *.test 127.0.0.1, MAP *.localhost 127.0.0.1"),
		)
		if os.Getuid() == 0 {
			options = append(options, chromedp.NoSandbox) // which root cannot have
		}
		allocator, kill := chromedp.NewExecAllocator(context.Background(), options...)
		ctx, closed := chromedp.NewContext(allocator)
		chromium.ctx, chromium.end = ctx, func() { closed(); kill() }
		begun := make(chan error, 1)
		go func() { begun <- chromedp.Do(ctx) }()
		select {
		case chromium.err = <-begun:
		case <-time.After(time.Minute):
			chromium.err = errors.New("it does not start within a minute")
		}
	})
	if chromium.err != nil {
		t.Fatal("Chromium: ", chromium.err)
	}
	return chromium.ctx
}

// installed is the path of a browser.
func installed() (path string, err error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err = exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", err
}
