package provision

import (
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/template"
)

func TestMadeUpNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("s", 100)
	for _, test := range []struct {
		stack, id string
		limit     int
		suffix    string
		want      string
	}{
		{"stack", "Queue", 80, "", "stack-Queue-aB3dE6gH9jKl"},
		{"stack", "Queue", 80, ".fifo", "stack-Queue-aB3dE6gH9jKl.fifo"},
		{long, "Queue", 40, "", long[:21] + "-Queue-aB3dE6gH9jKl"},
		{long, long, 40, "", long[:13] + "-" + long[:13] + "-aB3dE6gH9jKl"},
		{"stack", long, 40, ".fifo", "stack-" + long[:16] + "-aB3dE6gH9jKl.fifo"},
		{"a", "b", 1, "", "a-b-aB3dE6gH9jKl"},
	} {
		j := &Job{Stack: Stack{Name: test.stack}, LogicalID: test.id, Token: "aB3dE6gH9jKl"}
		got := j.madeUp(test.limit, test.suffix)
		if got != test.want || len(got) > test.limit && test.limit > 20 {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
	j := &Job{Properties: (*template.Node)(nil).With("QueueName", template.Text("mine")), Token: "aB3dE6gH9jKl"}
	if got := j.named("QueueName", 80); got != "mine" {
		t.Errorf("a given name: %q", got)
	}
}
