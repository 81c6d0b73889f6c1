package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// command runs the program's command line and answers its output and exit status.
func command(t *testing.T, stdin string, args ...string) (stdout string, status int, err error) {
	t.Helper()
	root := newRoot()
	var out bytes.Buffer
	root.SetIn(strings.NewReader(stdin))
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(args)
	err = root.ExecuteContext(t.Context())
	if e, ok := errors.AsType[*exitError](err); ok {
		return out.String(), e.status, err
	}
	if err != nil {
		return out.String(), exitUsage, err
	}
	return out.String(), 0, nil
}

const (
	queueARN  = `"resource":{"arn":"arn:aws:sqs:us-east-1:123456789012:q","accountId":"123456789012"}`
	asRole    = `"principal":"arn:aws:iam::123456789012:role/app"`
	sends     = `"action":"sqs:SendMessage"`
	mayAll    = `{"Version":"2012-10-17","Statement":{"Sid":"All","Effect":"Allow","Action":"sqs:*","Resource":"*"}}`
	mayList   = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:ListQueues","Resource":"*"}}`
	denyPlain = `{"Version":"2012-10-17","Statement":{"Sid":"Plain","Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}}`
)

func TestEval(t *testing.T) {
	for _, test := range []struct{ name, line, want string }{
		{"allowed", `{"id":"1",` + sends + `,` + queueARN + `,` + asRole + `,"identityPolicies":[` + mayAll + `],"expect":"Allowed"}`,
			`{"id":"1","decision":"Allowed","reason":"an identity-based policy allows it","by":[{"policy":"identityPolicies[0]","statement":0,"sid":"All"}]}`},
		{"policy as text", `{"id":2,` + sends + `,` + queueARN + `,` + asRole + `,"identityPolicies":` + quoted(mayAll) + `}`,
			`{"id":2,"decision":"Allowed","reason":"an identity-based policy allows it","by":[{"policy":"identityPolicies[0]","statement":0,"sid":"All"}]}`},
		{"explicit deny", `{"id":"3",` + sends + `,` + queueARN + `,` + asRole + `,"identityPolicies":[` + mayAll + `],"resourcePolicy":` + denyPlain + `,"context":{"aws:SecureTransport":false}}`,
			`{"id":"3","decision":"ExplicitlyDenied","reason":"with an explicit deny in a resource-based policy","by":[{"policy":"resourcePolicy","statement":0,"sid":"Plain"}]}`},
		{"boundary", `{"id":"4",` + sends + `,` + queueARN + `,` + asRole + `,"identityPolicies":[` + mayAll + `],"permissionBoundary":[` + mayList + `]}`,
			`{"id":"4","decision":"ImplicitlyDenied","reason":"because no permissions boundary allows the sqs:SendMessage action","by":[]}`},
		{"session policy", `{"id":"5",` + sends + `,` + queueARN + `,` + asRole + `,"identityPolicies":[` + mayAll + `],"sessionPolicy":` + mayList + `}`,
			`{"id":"5","decision":"ImplicitlyDenied","reason":"because no session policy allows the sqs:SendMessage action","by":[]}`},
		{"SCP at one of two levels", `{"id":"6",` + sends + `,` + queueARN + `,` + asRole + `,"identityPolicies":[` + mayAll + `],"scps":[[` + mayAll + `],[` + mayList + `]]}`,
			`{"id":"6","decision":"ImplicitlyDenied","reason":"because no service control policy allows the sqs:SendMessage action","by":[]}`},
		{"anonymous", `{"id":"7",` + sends + `,` + queueARN + `,"principal":"anonymous"}`,
			`{"id":"7","decision":"ImplicitlyDenied","reason":"because no resource-based policy allows the sqs:SendMessage action","by":[]}`},
		{"multivalued key", `{"id":"8",` + sends + `,` + queueARN + `,"principal":"sns.amazonaws.com","resourcePolicy":{"Statement":{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*","Condition":{"ForAnyValue:StringEquals":{"aws:TagKeys":"b"}}}},"context":{"aws:TagKeys":["a","b"]}}`,
			`{"id":"8","decision":"Allowed","reason":"the resource-based policy names the caller","by":[{"policy":"resourcePolicy","statement":0}]}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, status, err := command(t, test.line+"\n", "eval")
			if strings.TrimSpace(out) != test.want || status != 0 {
				t.Errorf("eval printed %s (%d, %v)\nwant %s", out, status, err, test.want)
			}
		})
	}
}

func quoted(s string) string {
	b, _ := json.Marshal(s) // a string always marshals
	return string(b)
}

func TestEvalUnexpected(t *testing.T) {
	out, status, err := command(t, `{"id":"1",`+sends+`,`+queueARN+`,`+asRole+`,"expect":"Allowed"}`, "eval", "--explain", "-")
	if status != exitNo || err.Error() != "not decided as expected: 1 case" {
		t.Errorf("exit %d, %v", status, err)
	}
	for _, want := range []string{`"decision":"ImplicitlyDenied"`, `"expected":"Allowed"`, `"explanation":"DENIED  sqs:SendMessage`} {
		if !strings.Contains(out, want) {
			t.Errorf("%s is missing in %s", want, out)
		}
	}
}

func TestEvalRefuses(t *testing.T) {
	for line, want := range map[string]string{
		`{`: "-:1:2: ",
		"\n" + `{"action":"sqs",` + queueARN + `,` + asRole + `}`:                                          `-:2:11: action: "sqs" is not an action`,
		`{` + sends + `,` + asRole + `}`:                                                                   "resource: ",
		`{` + sends + `,` + queueARN + `,"principal":"arn:aws:iam::123456789012:group/g"}`:                 "principal: ",
		`{` + sends + `,` + queueARN + `,"principal":"me"}`:                                                "principal: ",
		`{` + sends + `,` + queueARN + `,` + asRole + `,"context":{"k":{}}}`:                               "context: k: ",
		`{` + sends + `,` + queueARN + `,` + asRole + `,"identityPolicies":[{"Statement":5}]}`:             "identityPolicies[0]: ",
		`{` + sends + `,` + queueARN + `,` + asRole + `,"resourcePolicy":[` + mayAll + `,` + mayAll + `]}`: "a resource has one policy",
		`{` + sends + `,` + queueARN + `,` + asRole + `,"expect":"Maybe"}`:                                 `expect: "Maybe" is none of`,
	} {
		_, status, err := command(t, line, "eval")
		if status != exitUsage || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: exit %d, %v; want %q", line, status, err, want)
		}
	}
	if _, status, _ := command(t, "", "eval", "absent.jsonl"); status != exitUsage {
		t.Errorf("a file that is absent: exit %d", status)
	}
}
