package inventory_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/servertest"
)

const policyFixtures = `accounts:
  "123456789012":
    roles:
      - name: sender
        policies:
          send:
            Version: "2012-10-17"
            Statement:
              - {Sid: Send, Effect: Allow, Action: "sqs:SendMessage", Resource: "*"}
              - {Sid: Never, Effect: Deny, Action: "sqs:PurgeQueue", Resource: "*"}
    keys:
      - id: 11111111-2222-3333-4444-555555555555
        alias: alias/orders
        policy:
          Version: "2012-10-17"
          Statement: [{Effect: Allow, Principal: {AWS: "arn:aws:iam::123456789012:root"}, Action: "kms:*", Resource: "*"}]
  "210987654321":
    roles:
      - name: sender
        policies:
          send: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "sqs:SendMessage", Resource: "*"}]}
`

type policyEntry struct {
	Key, Owner, Kind, Name, Alias, File string
	Statements, Covered, Findings       int
}

// Policies are listed by the key that names them, with what was counted and found in each.
func TestPolicies(t *testing.T) {
	w := newWorld(t, policyFixtures)
	c := sqs.NewFromConfig(w.config("123456789012"))
	const queue = "arn:aws:sqs:us-east-1:123456789012:q"
	must(c.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("q"), Attributes: map[string]string{
		"Policy": servertest.PolicyText(`{"Sid":"Open","Effect":"Allow","Principal":"*","Action":"sqs:ReceiveMessage","Resource":"` + queue + `"}`),
	}}))(t)
	servertest.ActAs(t, w.Server, "role/sender", "sqs:SendMessage", object{"QueueUrl": "http://127.0.0.1:4566/123456789012/q", "MessageBody": "x"})
	if status, _ := servertest.TryAs(t, w.Server, "role/sender", "sqs:PurgeQueue", object{"QueueUrl": "http://127.0.0.1:4566/123456789012/q"}); status != http.StatusForbidden {
		t.Fatalf("PurgeQueue answered %d", status)
	}

	const key, role = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555", "arn:aws:iam::123456789012:role/sender"
	ours := []policyEntry{
		{Key: "role/sender/send", Owner: role, Kind: "identity", Name: "send", File: ":9", Statements: 2, Covered: 2},
		{Key: key, Owner: key, Kind: "resource", Name: "resource", Alias: "alias/orders", File: ":16", Statements: 1},
		{Key: queue, Owner: queue, Kind: "resource", Name: "resource", Statements: 1, Findings: 1},
	}
	theirs := policyEntry{Key: "role/sender/send", Owner: "arn:aws:iam::210987654321:role/sender", Kind: "identity", Name: "send", File: ":21", Statements: 1}
	for query, want := range map[string][]policyEntry{
		"":                                       {ours[0], theirs, ours[1], ours[2]},
		"?account=123456789012":                  ours,
		"?account=123456789012&region=eu-west-1": ours[:1],
	} {
		var got struct{ Policies []policyEntry }
		w.get("policies"+query, &got)
		for i, p := range got.Policies { // the folder is another each time
			got.Policies[i].File = p.File[max(0, strings.LastIndexByte(p.File, ':')):]
		}
		if diff := cmp.Diff(want, got.Policies); diff != "" {
			t.Errorf("policies%s (-want +got):\n%s", query, diff)
		}
	}
}

// A document is shown with its statements and findings at their lines.
func TestPolicyDocuments(t *testing.T) {
	w := newWorld(t, policyFixtures)
	const queue = "arn:aws:sqs:us-east-1:123456789012:q"
	c := sqs.NewFromConfig(w.config("123456789012"))
	made := must(c.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("q"), Attributes: map[string]string{
		"Policy": servertest.PolicyText(`{"Sid":"Open","Effect":"Allow","Principal":"*","Action":"sqs:ReceiveMessage","Resource":"` + queue + `"}`),
	}}))(t)
	stranger := sqs.NewFromConfig(w.config("111122223333"))
	must(stranger.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: made.QueueUrl}))(t)

	var got struct{ Policies []object }
	w.get("policies?key="+url.QueryEscape(queue), &got)
	want := []object{{
		"key": queue, "owner": queue, "kind": "resource", "name": "resource", "covered": 1.0,
		"document": `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Open",
      "Effect": "Allow",
      "Principal": "*",
      "Action": "sqs:ReceiveMessage",
      "Resource": "arn:aws:sqs:us-east-1:123456789012:q"
    }
  ]
}`,
		"statements": []any{object{"sid": "Open", "effect": "Allow", "line": 4.0, "endLine": 10.0, "allowed": 1.0, "denied": 0.0, "conditionFailed": 0.0, "unmatched": 0.0}},
		"findings":   []any{object{"rule": "public-access", "severity": "warning", "line": 4.0, "column": 5.0, "message": ""}},
	}}
	for _, p := range got.Policies {
		for _, f := range p["findings"].([]any) {
			if f.(object)["message"] == "" {
				t.Error("a finding says nothing")
			}
			f.(object)["message"] = ""
		}
	}
	if diff := cmp.Diff(want, got.Policies); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for query, owners := range map[string]int{"": 2, "&owner=arn:aws:iam::210987654321:role/sender": 1} {
		var got struct{ Policies []object }
		if w.get("policies?key=role/sender/send"+query, &got); len(got.Policies) != owners {
			t.Errorf("%s: %d policies, want %d", query, len(got.Policies), owners)
		}
	}
	for query, status := range map[string]int{"key=role/none/p": http.StatusNotFound, "key=": http.StatusNotFound, "key=x&account=123456789012": http.StatusBadRequest, "owner=x": http.StatusBadRequest} {
		if got, body := servertest.Ask(w.Server, http.MethodGet, "/_waxseal/policies?"+query, ""); got != status {
			t.Errorf("%s answered %d %s, want %d", query, got, body, status)
		}
	}
}

// A list of many policies comes at once.
func TestManyPolicies(t *testing.T) {
	w := newWorld(t, "")
	w.fillPolicies(many)
	for range 2 {
		began := time.Now()
		var got struct{ Policies []policyEntry }
		w.get("policies", &got)
		if took := time.Since(began); len(got.Policies) != many || took > slow {
			t.Errorf("%d policies took %s", len(got.Policies), took)
		} else {
			t.Logf("%d policies in %s", many, took)
		}
	}
}
