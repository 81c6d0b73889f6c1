package runtime_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/server"
)

// doubtful declares a policy of every kind, each of which AWS takes although
// nobody means it.
const doubtful = `accounts:
  "123456789012":
    policies:
      - {name: managed, document: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}}
    groups:
      - {name: group, policies: {inline: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}}}
    roles:
      - name: role
        trust: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: "*", Action: "sts:AssumeRole"}]}
        policies: {inline: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}}
    users:
      - {name: user, policies: {inline: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}}}
    keys:
      - alias: alias/open
        policy: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {Service: sns.amazonaws.com}, Action: ["kms:GenerateDataKey*", "kms:Decrypt"], Resource: "*"}]}
    queues:
      - {name: open, policy: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: "*", Action: "sqs:SendMessage", Resource: "*"}]}}
    topics:
      - {name: open, policy: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: "*", Action: "sns:Publish", Resource: "*"}]}}
`

// Fixtures are no request; a policy of theirs that may not be meant is warned of
// all the same, whatever it is of, and again after a reset.
func TestFixturePoliciesAreLinted(t *testing.T) {
	var log bytes.Buffer
	s := servertest.New(t, server.Config{Fixtures: parse(t, doubtful), Log: slog.New(slog.NewTextHandler(&log, nil))})
	check := func(when string) {
		t.Helper()
		for kind, want := range map[string]int{
			`kind="managed policy"`: 1, `kind="identity-based policy"`: 3, `kind="role trust policy"`: 1,
			`kind="key policy"`: 1, `kind="queue policy"`: 1, `kind="topic policy"`: 1,
		} {
			found := 0
			for line := range strings.Lines(log.String()) {
				if strings.Contains(line, kind) {
					found++
				}
			}
			if found < want {
				t.Errorf("%s there are %d warnings with %s, want %d at the least:\n%s", when, found, kind, want, log.String())
			}
		}
		if strings.Contains(log.String(), "request=") {
			t.Errorf("%s a warning names a request, and there was none:\n%s", when, log.String())
		}
	}
	check("at the start")
	log.Reset()
	if err := s.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	check("after a reset")
}
