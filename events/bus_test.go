package events

import (
	"strings"
	"testing"
	"time"
)

func TestEventBuses(t *testing.T) {
	w := newTestbed(t)
	w.answers(t, []answerTo{
		{"V011 V014 made", "CreateEventBus", `{"Name":"orders"}`, `{"EventBusArn":"` + arnPrefix + `event-bus/orders"}`},
		{"V014 with a description", "CreateEventBus", `{"Name":"a.b-c_d","Description":"d"}`, `{"EventBusArn":"` + arnPrefix + `event-bus/a.b-c_d","Description":"d"}`},
		{"V015 again", "CreateEventBus", `{"Name":"orders"}`, `ResourceAlreadyExistsException: Event bus orders already exists.`},
		{"V010 the default bus is there", "CreateEventBus", `{"Name":"default"}`, `ResourceAlreadyExistsException: Event bus default already exists.`},
		{"V012 a slash", "CreateEventBus", `{"Name":"a/b"}`, `ValidationException: Parameter Name is not valid. Reason: The name of a custom event bus must not contain a slash.`},
		{"V005 a bad name", "CreateEventBus", `{"Name":"a b"}`, `ValidationException: 1 validation error detected: Value 'a b' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [/\.\-_A-Za-z0-9]+`},
		{"a partner's", "CreateEventBus", `{"Name":"p","EventSourceName":"aws.partner/a/b"}`, `ResourceNotFoundException: Event source aws.partner/a/b does not exist.`},
		{"a key", "CreateEventBus", `{"Name":"p","KmsKeyIdentifier":"k"}`, `ValidationException: Parameter KmsKeyIdentifier is not valid. Reason: Encryption of event buses with customer managed keys is not available.`},
		{"a log", "CreateEventBus", `{"Name":"p","LogConfig":{"Level":"INFO"}}`, `ValidationException: Parameter LogConfig is not valid. Reason: Logs of event buses are not available.`},
		{"V017 shown", "DescribeEventBus", `{"Name":"orders"}`, `{"Name":"orders","Arn":"` + arnPrefix + `event-bus/orders","CreationTime":1767323045.678,"LastModifiedTime":1767323045.678}`},
		{"V016 by ARN", "DescribeEventBus", `{"Name":"` + arnPrefix + `event-bus/orders"}`, `{"Name":"orders","Arn":"` + arnPrefix + `event-bus/orders","CreationTime":1767323045.678,"LastModifiedTime":1767323045.678}`},
		{"V016 the default bus", "DescribeEventBus", `{}`, `{"Name":"default","Arn":"` + arnPrefix + `event-bus/default"}`},
		{"V019 missing", "DescribeEventBus", `{"Name":"none"}`, `ResourceNotFoundException: Event bus none does not exist.`},
		{"V019 of another region", "DescribeEventBus", `{"Name":"` + strings.ReplaceAll(arnPrefix, "us-east-1", "eu-west-1") + `event-bus/orders"}`, `ResourceNotFoundException: Event bus orders does not exist.`},
		{"V010 the default bus cannot be deleted", "DeleteEventBus", `{"Name":"default"}`, `ValidationException: Cannot delete event bus default.`},
		{"V020 deleting none", "DeleteEventBus", `{"Name":"none"}`, `{}`},
		{"V008 deleted", "DeleteEventBus", `{"Name":"a.b-c_d"}`, `{}`},
		{"V020 deleted again", "DeleteEventBus", `{"Name":"a.b-c_d"}`, `{}`},
	})
}

func TestDeleteEventBusWithRules(t *testing.T) { // [V021]
	w := newTestbed(t)
	w.ok("CreateEventBus", `{"Name":"orders"}`)
	w.ok("PutRule", `{"Name":"r","EventBusName":"orders","EventPattern":"{\"source\":[\"a\"]}"}`)
	if got := w.call("DeleteEventBus", `{"Name":"orders"}`); !strings.HasSuffix(got, "can't be deleted since it has rules.") {
		t.Error(got)
	}
	w.ok("DeleteRule", `{"Name":"r","EventBusName":"orders"}`)
	w.ok("DeleteEventBus", `{"Name":"orders"}`)
}

func TestUpdateEventBus(t *testing.T) { // [V024]
	w := newTestbed(t)
	w.ok("CreateEventBus", `{"Name":"orders","Description":"d"}`)
	w.clock.Advance(time.Second)
	const queue = `"DeadLetterConfig":{"Arn":"` + testQueue + `"}`
	w.answers(t, []answerTo{
		{"V024 a bus", "UpdateEventBus", `{"Name":"orders",` + queue + `,"LogConfig":{"Level":"OFF"}}`,
			`{"Arn":"` + arnPrefix + `event-bus/orders","Name":"orders",` + queue + `,"LogConfig":{"Level":"OFF"}}`},
		{"what was left out is gone", "DescribeEventBus", `{"Name":"orders"}`,
			`{"Arn":"` + arnPrefix + `event-bus/orders","Name":"orders",` + queue + `,"LogConfig":{"Level":"OFF"},"CreationTime":1767323045.678,"LastModifiedTime":1767323046.678}`},
		{"V024 the default bus", "UpdateEventBus", `{"Description":"mine"}`, `{"Arn":"` + arnPrefix + `event-bus/default","Name":"default","Description":"mine"}`},
		{"V024 none", "UpdateEventBus", `{"Name":"none"}`, `ResourceNotFoundException: Event bus none does not exist.`},
		{"a key", "UpdateEventBus", `{"KmsKeyIdentifier":"k"}`, `ValidationException: Parameter KmsKeyIdentifier is not valid. Reason: Encryption of event buses with customer managed keys is not available.`},
	})
	if got := w.ok("DescribeEventBus", `{}`); !strings.Contains(got, `"Description":"mine"`) || !strings.Contains(got, `"CreationTime":`) {
		t.Error(got)
	}
}

// The default bus stands in its place in lists, whether it has a record or not.
func TestListEventBuses(t *testing.T) { // [V022] [V023]
	w := newTestbed(t)
	for _, name := range []string{"a", "d", "default2", "e"} {
		w.ok("CreateEventBus", `{"Name":"`+name+`"}`)
	}
	w.ok("CreateEventBus", `{"Name":"elsewhere"}`, in("eu-west-1"))
	w.ok("CreateEventBus", `{"Name":"others"}`, as(otherAccount))
	list := func(in string) (names []string) {
		t.Helper()
		for token := ""; ; {
			var out struct {
				EventBuses []struct{ Name string }
				NextToken  string
			}
			answer := w.ok("ListEventBuses", strings.ReplaceAll(in, "TOKEN", token))
			unmarshal(t, answer, &out)
			var page []string
			for _, b := range out.EventBuses {
				page = append(page, b.Name)
			}
			names = append(names, strings.Join(page, " "))
			if out.NextToken == "" {
				return names
			}
			token = `,"NextToken":"` + out.NextToken + `"`
		}
	}
	for range 2 {
		for input, want := range map[string]string{
			`{}`:                                "a d default default2 e",
			`{"Limit":2TOKEN}`:                  "a d|default default2|e",
			`{"Limit":3TOKEN}`:                  "a d default|default2 e",
			`{"Limit":1TOKEN}`:                  "a|d|default|default2|e",
			`{"NamePrefix":"d","Limit":2TOKEN}`: "d default|default2",
			`{"NamePrefix":"e"}`:                "e",
			`{"NamePrefix":"default2"}`:         "default2",
			`{"NamePrefix":"default"}`:          "default default2",
			`{"NamePrefix":"none"}`:             "",
		} {
			if got := strings.Join(list(input), "|"); got != want {
				t.Errorf("%s: %s, want %s", input, got, want)
			}
		}
		w.ok("UpdateEventBus", `{"Description":"now it has a record"}`)
	}
	if got := w.call("ListEventBuses", `{"NextToken":"!"}`); got != "ValidationException: Parameter NextToken is not valid." {
		t.Error(got)
	}
	if got := w.call("ListEventBuses", `{"Limit":101}`); !strings.Contains(got, "less than or equal to 100") {
		t.Error(got)
	}
}

func TestPermissions(t *testing.T) {
	w := newTestbed(t)
	w.ok("CreateEventBus", `{"Name":"orders"}`)
	policy := func() string {
		t.Helper()
		var out struct{ Policy string }
		unmarshal(t, w.ok("DescribeEventBus", `{"Name":"orders"}`), &out)
		return out.Policy
	}
	const bus = arnPrefix + "event-bus/orders"
	one := `{"Sid":"one","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999988887777:root"},"Action":"events:PutEvents","Resource":"` + bus + `"}`
	two := `{"Sid":"two","Effect":"Allow","Principal":"*","Action":"events:PutEvents","Resource":"` + bus + `","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}`
	given := `{"Version": "2012-10-17", "Statement": [{"Sid":"s3","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"events:PutEvents","Resource":"*"}]}`
	document := func(statements ...string) string {
		return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
	}
	const missing = "ResourceNotFoundException: Statement with the provided id does not exist."
	for _, c := range []struct{ name, operation, input, want, policy string }{
		{"V036 no policy", "RemovePermission", `{"StatementId":"one"}`, missing, ""},
		{"V028 V029 an account", "PutPermission", `{"StatementId":"one","Action":"events:PutEvents","Principal":"999988887777"}`, `{}`, document(one)},
		{"V029 V032 an organization", "PutPermission", `{"StatementId":"two","Action":"events:PutEvents","Principal":"*","Condition":{"Type":"StringEquals","Key":"aws:PrincipalOrgID","Value":"o-1"}}`, `{}`, document(one, two)},
		{"V030 under another id", "PutPermission", `{"StatementId":"three","Action":"events:PutEvents","Principal":"999988887777"}`, `{}`, document(one, two, strings.Replace(one, "one", "three", 1))},
		{"V034 taken away", "RemovePermission", `{"StatementId":"three"}`, `{}`, document(one, two)},
		{"V036 unknown id", "RemovePermission", `{"StatementId":"three"}`, missing, document(one, two)},
		{"the same id", "PutPermission", `{"StatementId":"one","Action":"events:PutEvents","Principal":"999988887777"}`, `{}`, document(two, one)},
		{"V031 a document", "PutPermission", `{"Policy":` + text(given) + `}`, `{}`, given},
		{"V035 all", "RemovePermission", `{"RemoveAllPermissions":true}`, `{}`, ""},
		{"V036 all again", "RemovePermission", `{"RemoveAllPermissions":true}`, `{}`, ""},
		{"the only statement", "PutPermission", `{"StatementId":"one","Action":"events:PutEvents","Principal":"999988887777"}`, `{}`, document(one)},
		{"the only statement taken away", "RemovePermission", `{"StatementId":"one"}`, `{}`, ""},
		{"V032 another condition", "PutPermission", `{"StatementId":"a","Action":"events:PutEvents","Principal":"*","Condition":{"Type":"StringLike","Key":"aws:PrincipalOrgID","Value":"o-*"}}`, "ValidationException: Parameter Condition is not valid. Reason: The type must be StringEquals and the key aws:PrincipalOrgID.", ""},
		{"no JSON", "PutPermission", `{"Policy":"{"}`, "ValidationException: Parameter Policy is not valid. Reason: The policy is malformed.", ""},
		{"another service's action", "PutPermission", `{"Policy":` + text(document(`{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*"}`)) + `}`, "ValidationException: Parameter Policy is not valid. Reason: sqs:SendMessage is no action of EventBridge", ""},
		{"no principal", "PutPermission", `{"Policy":` + text(document(`{"Effect":"Allow","Action":"events:PutEvents","Resource":"*"}`)) + `}`, "ValidationException: Parameter Policy is not valid. Reason: Missing required field Principal", ""},
		{"V038 too long", "PutPermission", `{"Policy":` + text(given+strings.Repeat(" ", 10240)) + `}`, "PolicyLengthExceededException: The policy is longer than 10240 characters.", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := w.call(c.operation, `{"EventBusName":"orders",`+strings.TrimPrefix(c.input, "{")); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if got := policy(); got != c.policy {
				t.Errorf("the policy is\n%s, want\n%s", got, c.policy)
			}
		})
	}
	for _, c := range []answerTo{
		{"nothing said", "PutPermission", `{"EventBusName":"orders"}`, "ValidationException: Parameter(s) Action must be specified."},
		{"no id", "RemovePermission", `{"EventBusName":"orders"}`, "ValidationException: Parameter(s) StatementId must be specified."},
		{"V033 no bus", "PutPermission", `{"EventBusName":"none","StatementId":"one","Action":"events:PutEvents","Principal":"*"}`, "ResourceNotFoundException: Event bus none does not exist."},
		{"V037 no bus", "RemovePermission", `{"EventBusName":"none","StatementId":"one"}`, "ResourceNotFoundException: Event bus none does not exist."},
	} {
		t.Run(c.name, func(t *testing.T) { wantJSON(t, w.call(c.operation, c.input), c.want) })
	}
	w.ok("PutPermission", `{"StatementId":"mine","Action":"events:PutEvents","Principal":"*"}`) // of the default bus
	if policies, err := w.PoliciesInForce(t.Context()); err != nil || len(policies) != 1 || policies[0].Owner != arnPrefix+"event-bus/default" {
		t.Errorf("%v, %v", policies, err)
	}
}
