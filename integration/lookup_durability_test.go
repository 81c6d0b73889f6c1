package integration

import (
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms"
)

// What boto3 looks up, by each attribute and page by page, and after a restart.
func TestLookupEventsInPython(t *testing.T) {
	t.Parallel()
	py := python(t)
	data := t.TempDir()
	p := serve(t, "--data", data)
	before := strings.Fields(run(t, scenarioEnv(p.url), py, "python/lookup_events.py", "fill"))
	if len(before) < 8 {
		t.Fatalf("boto3 sees %q", before)
	}
	if err := p.stop(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p = serve(t, "--data", data)
	if after := strings.Fields(run(t, scenarioEnv(p.url), py, "python/lookup_events.py")); !slices.Equal(before, after) {
		t.Errorf("after the restart boto3 sees\n%q\nand before\n%q", after, before)
	}
}

// A process that is killed loses the last second of the event history at most; one that
// is stopped loses nothing; a reset leaves nothing of it.
func TestHistorySurvives(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := serve(t, "--data", data)
	call := func() {
		t.Helper()
		if _, err := kms.NewFromConfig(p.config(p.url)).ListKeys(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	const calls = 300
	for range calls {
		call()
	}
	time.Sleep(time.Second)
	_ = p.stop(syscall.SIGKILL)
	p = serve(t, "--data", data)
	listed := func() int { return len(history(t, p.config(p.url), by("EventName", "ListKeys"))) }
	if n := listed(); n != calls {
		t.Errorf("after SIGKILL %d events are left of %d", n, calls)
	}
	call()
	if err := p.stop(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p = serve(t, "--data", data)
	if n := listed(); n != calls+1 {
		t.Errorf("after SIGTERM %d events are left of %d", n, calls+1)
	}
	response, err := http.Post(p.url+"/_waxseal/reset", "", nil)
	if err != nil || response.StatusCode != http.StatusNoContent {
		t.Fatalf("reset: %v, %v", response, err)
	}
	_ = response.Body.Close()
	if n := listed(); n != 0 {
		t.Errorf("after a reset %d events are left", n)
	}
}
