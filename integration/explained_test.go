package integration

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/waxseal/waxseal"
)

// start is waxseal.Start for the tests here, and holds every denial that they
// bring about to the promise that each explains itself.
func start(t *testing.T, options ...waxseal.Options) *waxseal.Server {
	t.Helper()
	cloud := waxseal.Start(t, options...)
	cloud.URL() // opened now, it is closed after the cleanup
	t.Cleanup(func() {
		var denials struct {
			Decisions []struct {
				RequestID, Action, Message, Reason string
				Trace                              struct{ Reason, Layer string }
			}
		}
		if err := json.Unmarshal([]byte(fetch(t, cloud.URL()+"/_waxseal/decisions?decision=Deny&limit=10000")), &denials); err != nil {
			t.Fatal(err)
		}
		for _, d := range denials.Decisions {
			text := fetch(t, cloud.URL()+"/_waxseal/explain?request-id="+d.RequestID)
			if d.Reason == "" || d.Message == "" || d.Trace.Reason == "" || d.Trace.Layer == "" ||
				!strings.Contains(text, "DENIED  "+d.Action) || !strings.Contains(text, strings.TrimSuffix(d.Trace.Layer, " policy")) {
				t.Errorf("a denial is not explained: %+v\n%s", d, text)
			}
		}
	})
	return cloud
}

func fetch(t *testing.T, url string) string {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s %v\n%s", url, answer.Status, err, body)
	}
	return string(body)
}
