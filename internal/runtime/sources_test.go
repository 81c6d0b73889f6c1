package runtime_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/explain"
	"github.com/waxseal/waxseal/internal/fixture"
	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/internal/store/storetest/disk"
	"github.com/waxseal/waxseal/policyeval"
	"github.com/waxseal/waxseal/server"
)

// declaredFiles hold policies in every way in which a fixture file can: written
// out, in one line, as a text, in a file of their own, among the attributes.
var declaredFiles = map[string]string{
	"fixtures.yaml": `accounts:
  "123456789012":
    policies:
      - name: managed
        document:
          Version: "2012-10-17"
          Statement:
            - Sid: Managed
              Effect: Allow
              Action: sqs:GetQueueUrl
              Resource: "*"
    groups:
      - name: group
        policies:
          inline:
            Version: "2012-10-17"
            Statement: [{Sid: Group, Effect: Allow, Action: "sqs:ListQueues", Resource: "*"}]
    users:
      - name: user
        groups: [group]
        policies:
          inline:
            Version: "2012-10-17"
            Statement:
              - {Sid: User1, Effect: Allow, Action: "sqs:ReceiveMessage", Resource: "*"}
              - {Sid: User2, Effect: Deny, Action: "sqs:PurgeQueue", Resource: "*"}
    roles:
      - name: role
        path: /team/
        trust:
          Version: "2012-10-17"
          Statement:
            Sid: Trust
            Effect: Allow
            Principal: {AWS: 123456789012}
            Action: sts:AssumeRole
        policies:
          inline: |
            {
              "Version": "2012-10-17",
              "Statement": {
                "Sid": "Role", "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"
              }
            }
    keys:
      - id: 11111111-2222-3333-4444-555555555555
        alias: alias/shop
        policy:
          Version: "2012-10-17"
          Statement:
            - Sid: Key
              Effect: Allow
              Principal: {AWS: 123456789012}
              Action: kms:*
              Resource: "*"
    queues:
      - name: versionless
        policy:
          Statement:
            - Effect: Allow
              Sid: Versionless
              Principal: "*"
              Action: sqs:SendMessage
              Resource: "*"
      - name: json
        policy: queue.json
      - name: yaml
        policy: queue.yaml
      - name: quoted
        policy: "{\n\n\"Statement\":\n{\"Sid\":\"Quoted\",\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"sqs:PurgeQueue\",\"Resource\":\"*\"}}"
    topics:
      - name: topic
        attributes:
          DisplayName: shop
          Policy:
            Version: "2012-10-17"
            Statement:
              - Sid: Topic
                Effect: Allow
                Principal: "*"
                Action: sns:Publish
                Resource: "*"
`,
	"queue.json": `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "JSON",
      "Effect": "Deny", "Principal": "*", "Action": "sqs:PurgeQueue", "Resource": "*"
    }
  ]
}`,
	"queue.yaml": `Version: "2012-10-17"
Statement:
  - Sid: YAML
    Effect: Deny
    Principal: "*"
    Action: sqs:PurgeQueue
    Resource: "*"
`,
}

// declaredSet writes the files and answers the set, and where a statement begins:
// on the line of its Sid, or so many lines above it.
func declaredSet(t *testing.T) (set *fixture.Set, at func(sid string, above int) string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range declaredFiles {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	set, err := fixture.Load(filepath.Join(dir, "fixtures.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return set, func(sid string, above int) string {
		for name, text := range declaredFiles {
			for i, line := range strings.Split(text, "\n") {
				for _, form := range []string{"Sid: " + sid, `"Sid": "` + sid + `"`, `\"Sid\":\"` + sid + `\"`} {
					if _, after, found := strings.Cut(line, form); found && !strings.HasPrefix(after, "e") {
						return fmt.Sprintf("%s:%d", filepath.Join(dir, name), i+1-above)
					}
				}
			}
		}
		t.Fatalf("no statement %s", sid)
		return ""
	}
}

// coveredAt are the places of the statements by Sid, as coverage tells them.
func coveredAt(t *testing.T, s *server.Server) map[string]string {
	t.Helper()
	_, body := servertest.Ask(s, "GET", "/_waxseal/coverage", "")
	var report explain.Coverage
	if err := json.Unmarshal([]byte(body), &report); err != nil {
		t.Fatal(err)
	}
	places := map[string]string{}
	for _, p := range report.Policies {
		for _, st := range p.Statements {
			places[st.Sid] = fmt.Sprintf("%s:%d", st.File, st.Line)
			if st.EndLine < st.Line {
				t.Errorf("statement %s ends on line %d and begins on line %d", st.Sid, st.EndLine, st.Line)
			}
		}
	}
	return places
}

func TestPositionsAreThoseOfTheFilesThatDeclareThePolicies(t *testing.T) {
	set, at := declaredSet(t)
	var log bytes.Buffer
	s := servertest.New(t, server.Config{Fixtures: set, Log: slog.New(slog.NewTextHandler(&log, nil))})
	want := map[string]string{}
	for sid, above := range map[string]int{
		"Managed": 0, "Group": 0, "User1": 0, "User2": 0, "Trust": 0, "Role": 1, "Key": 0, "Versionless": 1, "JSON": 1, "YAML": 0, "Quoted": 0, "Topic": 0,
	} {
		want[sid] = at(sid, above)
	}
	check := func(when string) {
		t.Helper()
		got := coveredAt(t, s)
		for sid, place := range want {
			if got[sid] != place {
				t.Errorf("%s statement %s is at %s, want %s", when, sid, got[sid], place)
			}
		}
	}
	check("at the start")
	for _, place := range []string{want["Versionless"], want["Topic"]} {
		if !strings.Contains(log.String(), `finding="`+place+": ") {
			t.Errorf("no finding is at %s:\n%s", place, log.String())
		}
	}
	if err := s.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	check("after a reset")
}

func TestExplainNamesTheLineOfTheFile(t *testing.T) {
	set, at := declaredSet(t)
	s := servertest.New(t, server.Config{Fixtures: set})
	explained := func(as, action, params string) string {
		_, body := servertest.Ask(s, "POST", "/_waxseal/act", `{"as":"`+as+`","action":"`+action+`","params":`+params+`}`)
		var answer struct{ RequestID string }
		if err := json.Unmarshal([]byte(body), &answer); err != nil || answer.RequestID == "" {
			t.Fatalf("%s: %v", body, err)
		}
		return explain.Explainer{Runtime: s.Runtime()}.Request(t.Context(), answer.RequestID, policyeval.TextOptions{})
	}
	const versionless = `{"QueueUrl":"http://localhost/123456789012/versionless","MessageBody":"m"}`
	for _, test := range []struct{ as, action, params, want string }{
		{"user/user", "sqs:PurgeQueue", `{"QueueUrl":"http://localhost/123456789012/versionless"}`, `#2 "User2" Deny (` + at("User2", 0) + ")"},
		{"user/user", "sqs:ListQueues", `{}`, `#1 "Group" Allow (` + at("Group", 0) + ")"},
		{"role/team/role", "sqs:SendMessage", versionless, `#1 "Role" Allow (` + at("Role", 1) + ")"},
		{"role/team/role", "sqs:SendMessage", versionless, `#1 "Versionless" Allow (` + at("Versionless", 1) + ")"},
		{"role/team/role", "kms:DescribeKey", `{"KeyId":"alias/shop"}`, "key/11111111-2222-3333-4444-555555555555 (alias/shop)\n"},
		{"role/team/role", "kms:DescribeKey", `{"KeyId":"alias/shop"}`, `#1 "Key" Allow (` + at("Key", 0) + ")"},
		{"root", "sqs:PurgeQueue", `{"QueueUrl":"http://localhost/123456789012/json"}`, `#1 "JSON" Deny (` + at("JSON", 1) + ")"},
	} {
		if text := explained(test.as, test.action, test.params); !strings.Contains(text, test.want) {
			t.Errorf("%s by %s: no %s in\n%s", test.action, test.as, test.want, text)
		}
	}
}

// A policy that was replaced is another: the file's lines are not its own.
func TestAReplacedPolicyHasNoPlaceInTheFile(t *testing.T) {
	set, at := declaredSet(t)
	s := servertest.New(t, server.Config{Fixtures: set})
	status, body := servertest.SQS(s, "SetQueueAttributes", `{"QueueUrl":"http://localhost/123456789012/json","Attributes":{"Policy":`+
		`"{\"Version\":\"2012-10-17\",\n\"Statement\":{\"Sid\":\"JSON\",\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"sqs:PurgeQueue\",\"Resource\":\"*\"}}"}}`)
	servertest.WantAnswer(t, status, body, 200, "")
	places := coveredAt(t, s)
	if places["JSON"] != ":2" || places["YAML"] != at("YAML", 0) {
		t.Errorf("the replaced policy is at %q, the other at %q", places["JSON"], places["YAML"])
	}
}

// After a restart positions are known again where the fixtures are given.
func TestPositionsAfterARestart(t *testing.T) {
	set, at := declaredSet(t)
	file, key := filepath.Join(t.TempDir(), "waxseal.db"), bytes.Repeat([]byte{7}, 32)
	places := func(set *fixture.Set) map[string]string {
		engine := disk.Open(t, file)
		s, err := server.New(t.Context(), server.Config{Engine: engine, RootKey: key, Fixtures: set})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}()
		return coveredAt(t, s)
	}
	for when, set := range map[string]*fixture.Set{"at first": set, "again": set} {
		if got := places(set)["Managed"]; got != at("Managed", 0) {
			t.Errorf("%s the statement is at %s, want %s", when, got, at("Managed", 0))
		}
	}
	if got := places(nil)["Managed"]; got != ":1" {
		t.Errorf("without fixtures the statement is at %s, want its document's line", got)
	}
}
