package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/trail"
)

// A summary for a person tells of the first kinds of denials alone, and says
// where the others are.
func TestSummary(t *testing.T) {
	s := &summary{reached: true, Calls: 12, Coverage: coverageSummary{1, 3, 33.333}, NotEmulated: []string{"s3", "dynamodb"}}
	for _, resource := range []string{"a", "b", "b", "c", "d", "e", "f", "g", "b"} {
		s.deny(denials{Action: "sqs:SendMessage", Resource: resource, Principal: "role/r", Why: why("User: role/r is not authorized to perform: sqs:SendMessage because no policy allows it")})
	}
	var out bytes.Buffer
	if err := s.print(&out, false); err != nil {
		t.Fatal(err)
	}
	want := `waxseal: 12 calls, 9 denied; 1 of 3 policy statements covered (33.3 %)
  not emulated, and called: s3, dynamodb
  1× sqs:SendMessage on a by role/r: because no policy allows it
  3× sqs:SendMessage on b by role/r: because no policy allows it
  1× sqs:SendMessage on c by role/r: because no policy allows it
  1× sqs:SendMessage on d by role/r: because no policy allows it
  1× sqs:SendMessage on e by role/r: because no policy allows it
  and 2 more kinds; --summary FILE has them all
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What is counted says how much of it is known.
func TestSummaryOfCalls(t *testing.T) {
	for _, c := range []struct {
		summary summary
		want    string
	}{
		{summary{}, "waxseal: no call reached the server; does COMMAND take its endpoint from AWS_ENDPOINT_URL?\n"},
		{summary{reached: true}, "waxseal: no call is recorded: what reached the server was refused before it was authorized, or a reset made it forgotten\n"},
		{summary{reached: true, Calls: 1}, "waxseal: 1 call\n"},
		{summary{reached: true, Calls: 2, Denials: []*denials{{Count: 1, Action: "sqs:SendMessage", Resource: "q", Principal: "p", Why: "a message of another form"}}}, "waxseal: 2 calls, 1 denied\n  1× sqs:SendMessage on q by p: a message of another form\n"},
		{summary{reached: true, Calls: trail.Capacity, Coverage: coverageSummary{1, 1, 100}}, " calls or more; 1 of 1 policy statement covered (100.0 %)\n"},
	} {
		var out bytes.Buffer
		if err := c.summary.print(&out, false); err != nil || !strings.HasSuffix(out.String(), c.want) {
			t.Errorf("%q, %v; want %q", out.String(), err, c.want)
		}
	}
}

// What AWS's message of a denial says after its first words is the reason.
func TestWhy(t *testing.T) {
	for message, want := range map[string]string{
		"User: u is not authorized to perform: a on resource: r because no identity-based policy allows the a action":       "because no identity-based policy allows the a action",
		"User: u is not authorized to perform: a on resource: r with an explicit deny in a resource-based policy":           "with an explicit deny in a resource-based policy",
		"The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you may not": "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you may not",
	} {
		if got := why(message); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
