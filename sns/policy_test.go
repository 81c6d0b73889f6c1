package sns

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/policyeval"
)

// statementWith is a policy of one statement, with members given as JSON.
func statementWith(members string) string {
	return `{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Resource":"` + testTopic + `",` + members + `}]}`
}

func TestTopicPolicies(t *testing.T) { // [D9]
	const null, principal, scope = "Policy Error: null", "Policy Error: PrincipalNotFound", "Policy statement action out of service scope!"
	long := statementWith(`"Principal":"*","Action":"sns:Publish","Condition":{"StringEquals":{"aws:SourceArn":"` + strings.Repeat("a", 31000) + `"}}`)
	many := `{"Statement":[` + strings.Repeat(`{"Effect":"Allow","Principal":"*","Action":"sns:Publish","Resource":"`+testTopic+`"},`, 100) +
		`{"Effect":"Allow","Principal":"*","Action":"sns:Publish","Resource":"` + testTopic + `"}]}`
	var principals []string
	for i := range 201 {
		principals = append(principals, fmt.Sprintf(`"%012d"`, i))
	}
	for name, c := range map[string]struct{ policy, refused string }{
		"bad JSON":                   {`{"Version":`, null},
		"empty":                      {"", null},
		"no object":                  {"[]", null},
		"no statements":              {`{"Version":"2012-10-17","Statement":[]}`, null},
		"too long":                   {long, null},
		"too many statements":        {many, null},
		"two statements of one Sid":  {`{"Statement":[{"Sid":"a","Effect":"Allow","Principal":"*","Action":"sns:Publish","Resource":"x"},{"Sid":"a","Effect":"Deny","Principal":"*","Action":"sns:Publish","Resource":"x"}]}`, null},
		"no principal":               {statementWith(`"Action":"sns:Publish"`), null},
		"too many principals":        {statementWith(`"Principal":{"AWS":[` + strings.Join(principals, ",") + `]},"Action":"sns:Publish"`), null},
		"a service under AWS":        {statementWith(`"Principal":{"AWS":"s3.amazonaws.com"},"Action":"sns:Publish"`), principal},
		"no account":                 {statementWith(`"Principal":{"AWS":"arn:aws:iam::abc:root"},"Action":"sns:Publish"`), principal},
		"eleven digits":              {statementWith(`"Principal":{"AWS":"12345678901"},"Action":"sns:Publish"`), principal},
		"another partition":          {statementWith(`"Principal":{"AWS":"arn:aws-cn:iam::123456789012:root"},"Action":"sns:Publish"`), principal},
		"an ARN of no principal":     {statementWith(`"Principal":{"AWS":"` + testQueue + `"},"Action":"sns:Publish"`), principal},
		"a role that does not exist": {statementWith(`"Principal":{"AWS":"arn:aws:iam::123456789012:role/none"},"Action":"sns:Publish"`), principal},
		"a role in NotPrincipal":     {statementWith(`"NotPrincipal":{"AWS":"arn:aws:iam::123456789012:role/none"},"Action":"sns:Publish"`), principal},
		"sns:*":                      {statementWith(`"Principal":"*","Action":"sns:*"`), scope},
		"SNS:*":                      {statementWith(`"Principal":"*","Action":["SNS:Publish","SNS:*"]`), scope},
		"*":                          {statementWith(`"Principal":"*","Action":"*"`), scope},
		"not of a topic":             {statementWith(`"Principal":"*","Action":"sns:Unsubscribe"`), scope},
		"of another service":         {statementWith(`"Principal":"*","Action":"sqs:SendMessage"`), scope},
		"without a prefix":           {statementWith(`"Principal":"*","Action":"Publish"`), scope},

		"services":            {statementWith(`"Principal":{"Service":["s3.amazonaws.com","events.amazonaws.com"]},"Action":"sns:Publish"`), ""},
		"everybody":           {statementWith(`"Principal":"*","Action":["SNS:Publish","sns:subscribe","SNS:Receive"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}`), ""},
		"an account":          {statementWith(`"Principal":{"AWS":"999988887777"},"Action":"sns:Publish"`), ""},
		"a role":              {statementWith(`"Principal":{"AWS":"arn:aws:iam::123456789012:role/known"},"Action":"sns:Publish"`), ""},
		"a unique id":         {statementWith(`"Principal":{"AWS":"AROAEXAMPLEEXAMPLE123"},"Action":"sns:Publish"`), ""},
		"all but some":        {statementWith(`"Principal":"*","NotAction":"sns:Publish"`), ""},
		"no version, no list": {`{"Statement":{"Effect":"Deny","Principal":"*","Action":"sns:Publish","Resource":"` + testTopic + `"}}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTestbed(t, func(c *Config) {
				c.StrictPrincipals = true
				c.PrincipalExists = func(_ context.Context, arn string) bool {
					return strings.HasSuffix(arn, "/known") || strings.HasPrefix(arn, "AROA")
				}
			})
			w.createTopic("orders")
			_, err := w.SetTopicAttributes(request(), &SetTopicAttributesInput{TopicArn: testTopic, AttributeName: "Policy", AttributeValue: c.policy})
			_, createErr := w.CreateTopic(request(), &CreateTopicInput{Name: "new", Attributes: map[string]string{"Policy": c.policy}})
			if c.refused == "" {
				if err != nil || createErr != nil {
					t.Fatal(err, createErr)
				}
				shown := strings.ReplaceAll(c.policy, `"999988887777"`, `"arn:aws:iam::999988887777:root"`)
				if got := w.attributesOf(t, testTopic)["Policy"]; got != shown {
					t.Errorf("kept as %s", got)
				}
				return
			}
			wantError(t, err, "InvalidParameter", "Invalid parameter: "+c.refused)
			wantError(t, createErr, "InvalidParameter", "Invalid parameter: Attributes Reason: "+c.refused)
			if got := w.attributesOf(t, testTopic)["Policy"]; !strings.Contains(got, "__default_policy_ID") {
				t.Errorf("a refused policy is kept: %s", got)
			}
		})
	}
}

func TestPrincipalsThatDoNotExistAreWarnedOf(t *testing.T) {
	var log bytes.Buffer
	w := newTestbed(t, func(c *Config) {
		c.PrincipalExists = func(context.Context, string) bool { return false }
		c.Log = slog.New(slog.NewTextHandler(&log, nil))
	})
	w.createTopic("orders")
	w.set(t, testTopic, "Policy", statementWith(`"Principal":{"AWS":"arn:aws:iam::123456789012:role/later"},"Action":"sns:Publish"`))
	if !strings.Contains(log.String(), "arn:aws:iam::123456789012:role/later") {
		t.Errorf("logged %q", log.String())
	}
}

// TestDefaultPolicyDecides: it lets in who acts for the owner's account.
func TestDefaultPolicyDecides(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	target := targetOf(w.topicTarget(request(), testTopic, "TopicArn"))
	for owner, want := range map[string]bool{testAccount: true, otherAccount: false, "": false} {
		c := new(policyeval.Context)
		if owner != "" {
			c.Set("aws:sourceowner", owner)
		}
		r := &policyeval.Request{
			Principal: policyeval.Principal{Type: policyeval.Service, Service: "cloudwatch.amazonaws.com"},
			Action:    "sns:Publish", Resource: target.ARN, ResourceAccount: target.Account, Context: c,
		}
		if got := policyeval.Decide(r, &policyeval.Policies{Resource: target.Policy}).Allowed; got != want {
			t.Errorf("a service that acts for %q: %v", owner, got)
		}
	}
}

func TestDenial(t *testing.T) { // [E3]
	d := &api.Denial{
		Action: "sns:Publish", Target: &api.Target{ARN: testTopic},
		Caller: &api.Caller{Principal: policyeval.Principal{Type: policyeval.User, ARN: "arn:aws:iam::123456789012:user/u"}},
	}
	e := denied(d)
	if e.Query() != "AuthorizationError" || e.HTTPStatus() != 403 || !strings.HasPrefix(e.Message, "User: arn:aws:iam::123456789012:user/u is not authorized to perform: SNS:Publish on resource: "+testTopic+" ") {
		t.Errorf("%d %v", e.HTTPStatus(), e)
	}
	v := invalid([]api.Violation{{Path: "attributes", Null: true, Constraint: "Member must not be null"}})
	if v.Query() != "ValidationError" || v.HTTPStatus() != 400 || v.Message != "1 validation error detected: Value null at 'attributes' failed to satisfy constraint: Member must not be null" { // [N004]
		t.Errorf("%d %v", v.HTTPStatus(), v)
	}
}

func TestPermissions(t *testing.T) { // [N033]-[N037]
	w := newTestbed(t)
	w.createTopic("orders")
	before := w.attributesOf(t, testTopic)["Policy"]
	add := func(label string, accounts, actions []string) error {
		_, err := w.AddPermission(request(), &AddPermissionInput{TopicArn: testTopic, Label: label, AWSAccountId: accounts, ActionName: actions})
		return err
	}
	if err := add("one", []string{otherAccount}, []string{"Publish"}); err != nil {
		t.Fatal(err)
	}
	if err := add("two", []string{otherAccount, "111122223333"}, []string{"Publish", "GetTopicAttributes"}); err != nil {
		t.Fatal(err)
	}
	got := w.attributesOf(t, testTopic)["Policy"]
	one := `{"Sid":"one","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999988887777:root"},"Action":"SNS:Publish","Resource":"` + testTopic + `"}`
	two := `{"Sid":"two","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::999988887777:root","arn:aws:iam::111122223333:root"]},"Action":["SNS:Publish","SNS:GetTopicAttributes"],"Resource":"` + testTopic + `"}`
	if want := strings.TrimSuffix(before, "]}") + "," + one + "," + two + "]}"; got != want {
		t.Errorf("the policy is\n%s, want\n%s", got, want)
	}
	for name, c := range map[string]struct {
		label             string
		accounts, actions []string
		message           string
	}{
		"N034":       {"one", []string{otherAccount}, []string{"Publish"}, "Invalid parameter: Statement already exists"},
		"N035":       {"x", []string{otherAccount}, []string{"Nonsense"}, "Invalid parameter: Policy statement action out of service scope!"},
		"no account": {"x", []string{"nobody"}, []string{"Publish"}, "Invalid parameter: Policy Error: PrincipalNotFound"},
	} {
		t.Run(name, func(t *testing.T) {
			wantError(t, add(c.label, c.accounts, c.actions), "InvalidParameter", c.message)
		})
	}
	wantError(t, add("x", nil, []string{"Publish"}), "ValidationError", "1 validation error detected: Value null at 'aWSAccountId' failed to satisfy constraint: Member must not be null")
	wantError(t, add("x", []string{otherAccount}, nil), "ValidationError", "1 validation error detected: Value null at 'actionName' failed to satisfy constraint: Member must not be null")
	for _, label := range []string{"one", "none", "two"} {
		must(w.RemovePermission(request(), &RemovePermissionInput{TopicArn: testTopic, Label: label}))
	}
	if got := w.attributesOf(t, testTopic)["Policy"]; got != before {
		t.Errorf("the policy is\n%s, want\n%s", got, before)
	}
	_, err := w.AddPermission(request(), &AddPermissionInput{TopicArn: testTopic + "x", Label: "a", AWSAccountId: []string{otherAccount}, ActionName: []string{"Publish"}})
	wantError(t, err, "NotFound", "Topic does not exist") // [N036]
	_, err = w.RemovePermission(request(), &RemovePermissionInput{TopicArn: testTopic + "x", Label: "a"})
	wantError(t, err, "NotFound", "Topic does not exist")
}

func TestTags(t *testing.T) { // [N038] [N039]
	w := newTestbed(t)
	w.createTopic("orders")
	tag := func(tags ...Tag) error {
		_, err := w.TagResource(request(), &TagResourceInput{ResourceArn: testTopic, Tags: tags})
		return err
	}
	list := func() []Tag {
		return must(w.ListTagsForResource(request(), &ListTagsForResourceInput{ResourceArn: testTopic})).Tags
	}
	if got := list(); got == nil || len(got) != 0 { // [N005]
		t.Errorf("a new topic's tags are %v", got)
	}
	if err := tag(Tag{"a", "1"}, Tag{"b", ""}); err != nil {
		t.Fatal(err)
	}
	if err := tag(Tag{"a", "2"}, Tag{"c", "3"}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Tag{{"a", "2"}, {"b", ""}, {"c", "3"}}, list()); diff != "" {
		t.Error(diff)
	}
	must(w.UntagResource(request(), &UntagResourceInput{ResourceArn: testTopic, TagKeys: []string{"a", "b", "none"}}))
	if diff := cmp.Diff([]Tag{{"c", "3"}}, list()); diff != "" {
		t.Error(diff)
	}
	wantError(t, tag(Tag{"x", "1"}, Tag{"x", "2"}), "InvalidParameter", "Invalid parameter: Duplicated keys are not allowed.")
	var many []Tag
	for i := range 50 {
		many = append(many, Tag{fmt.Sprint("k", i), ""})
	}
	wantError(t, tag(many...), "TagLimitExceeded", "Could not complete request: tag quota of per resource exceeded")
	if diff := cmp.Diff([]Tag{{"c", "3"}}, list()); diff != "" {
		t.Error(diff)
	}
	target := targetOf(w.topicTarget(request(), testTopic, "TopicArn"))
	if diff := cmp.Diff(map[string]string{"c": "3"}, target.Tags); diff != "" {
		t.Error(diff)
	}
	missing := targetOf(w.listTagsTarget(request(), &ListTagsForResourceInput{ResourceArn: testTopic + "x"}))
	wantError(t, missing.Missing, "ResourceNotFound", "Resource does not exist")
}

func TestTagConditionKeys(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	targets := map[string]api.Target{
		"CreateTopic":   must(w.createTopicChecks(request(), &CreateTopicInput{Name: "n", Tags: []Tag{{"Team", "red"}, {"x", ""}}}))[0].Target,
		"TagResource":   targetOf(w.tagResourceTarget(request(), &TagResourceInput{ResourceArn: testTopic, Tags: []Tag{{"Team", "red"}, {"x", ""}}})),
		"UntagResource": targetOf(w.untagResourceTarget(request(), &UntagResourceInput{ResourceArn: testTopic, TagKeys: []string{"Team", "x"}})),
	}
	for name, target := range targets {
		c := new(policyeval.Context)
		target.Keys(c)
		keys, multi, ok := c.Get("aws:TagKeys")
		if !ok || !multi || len(keys) != 2 || keys[0] != "Team" {
			t.Errorf("%s: aws:TagKeys is %v", name, keys)
		}
		value, _, ok := c.Get("aws:RequestTag/Team")
		if want := name != "UntagResource"; ok != want || want && value[0] != "red" {
			t.Errorf("%s: aws:RequestTag/Team is %v", name, value)
		}
	}
}
