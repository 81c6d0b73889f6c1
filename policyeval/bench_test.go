package policyeval

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func must(tb testing.TB, text string) *Document {
	tb.Helper()
	d, err := Parse(text)
	if err != nil {
		tb.Fatalf("%v\n%s", err, text)
	}
	return d
}

// requestContext is the context that a server builds for one SendMessage.
func requestContext() *Context {
	c := NewContext(30)
	fillContext(c, time.Unix(1_780_000_000, 0))
	return c
}

var orgPaths = []string{"o-abcdefghij/r-ab12/ou-ab12-11111111/"}

func fillContext(c *Context, now time.Time) {
	c.Set("aws:principalarn", "arn:aws:iam::123456789012:role/notification-service")
	c.Set("aws:principalaccount", "123456789012")
	c.Set("aws:principaltype", "AssumedRole")
	c.Set("aws:userid", "AROA1234567890EXAMPLE:session")
	c.SetBool("aws:principalisawsservice", false)
	c.SetBool("aws:viaawsservice", false)
	c.SetBool("aws:securetransport", true)
	c.Set("aws:sourceip", "203.0.113.7")
	c.SetTime(now)
	c.Set("aws:requestedregion", "us-east-1")
	c.Set("aws:useragent", "aws-sdk-go-v2/1.30 os/linux")
	c.Set("aws:tokenissuetime", "2026-05-01T00:00:00Z")
	c.Set("aws:principaltag/environment", "production")
	c.Set("aws:principaltag/team", "notifications")
	c.Set("aws:principaltag/project", "pettracker")
	c.Set("aws:resourcetag/environment", "production")
	c.Set("aws:resourcetag/project", "pettracker")
	c.Set("aws:resourceaccount", "123456789012")
	c.Set("aws:resourceorgid", "o-abcdefghij")
	c.Set("aws:principalorgid", "o-abcdefghij")
	c.SetList("aws:principalorgpaths", orgPaths)
	c.Set("aws:multifactorauthpresent", "false")
	c.Set("aws:sourceidentity", "deploy")
	c.Set("aws:sourcevpc", "vpc-0123456789abcdef0")
	c.Set("aws:sourcevpce", "vpce-0123456789abcdef0")
	c.Set("aws:vpcsourceip", "10.0.0.5")
}

var caller = Principal{
	Type: AssumedRole, Account: "123456789012", ID: "AROA1234567890EXAMPLE",
	ARN:       "arn:aws:sts::123456789012:assumed-role/notification-service/session",
	IssuerARN: "arn:aws:iam::123456789012:role/notification-service",
}

// oneStatement is a request that one statement of a queue policy decides.
func oneStatement(tb testing.TB) (*Request, *Policies) {
	return &Request{
			Principal: caller, Action: "sqs:SendMessage", ResourceAccount: "123456789012",
			Resource: "arn:aws:sqs:us-east-1:123456789012:pettracker-alerts", Context: requestContext(),
		}, &Policies{Resource: &Policy{Name: "queue", Document: must(tb, `{
	"Version": "2012-10-17",
	"Statement": [{
		"Effect": "Allow",
		"Principal": {"AWS": "arn:aws:iam::123456789012:role/notification-service"},
		"Action": "sqs:SendMessage",
		"Resource": "arn:aws:sqs:*:123456789012:pettracker-*",
		"Condition": {
			"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]},
			"Bool": {"aws:SecureTransport": "true"}
		}
	}]}`)}}
}

// sendMessage is a typical call: a role with two policies and a boundary
// sends to a queue that has a policy of its own.
func sendMessage(tb testing.TB) (*Request, *Policies) {
	req, _ := oneStatement(tb)
	return req, &Policies{
		Identity: []*Policy{
			{Name: "arn:aws:iam::123456789012:policy/base", Document: must(tb, `{"Version":"2012-10-17","Statement":[
	{"Sid":"Logs","Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"},
	{"Sid":"Metrics","Effect":"Allow","Action":"cloudwatch:PutMetricData","Resource":"*"},
	{"Sid":"Read","Effect":"Allow","Action":["sqs:Get*","sqs:List*"],"Resource":"arn:aws:sqs:us-east-1:123456789012:*"},
	{"Sid":"Keys","Effect":"Allow","Action":["kms:Decrypt","kms:GenerateDataKey*"],"Resource":"arn:aws:kms:us-east-1:123456789012:key/*",
	 "Condition":{"StringEquals":{"kms:ViaService":"sqs.us-east-1.amazonaws.com"}}},
	{"Sid":"NoDelete","Effect":"Deny","Action":["sqs:DeleteQueue","sqs:PurgeQueue"],"Resource":"*"}]}`)},
			{Name: "send", Document: must(tb, `{"Version":"2012-10-17","Statement":[
	{"Sid":"Publish","Effect":"Allow","Action":"sns:Publish","Resource":"arn:aws:sns:us-east-1:123456789012:pettracker-*"},
	{"Sid":"Elsewhere","Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["us-east-1","eu-west-1"]}}},
	{"Sid":"Send","Effect":"Allow","Action":["sqs:SendMessage","sqs:GetQueueUrl"],
	 "Resource":"arn:aws:sqs:us-east-1:123456789012:${aws:PrincipalTag/Project}-*",
	 "Condition":{"StringEquals":{"aws:ResourceTag/Environment":"${aws:PrincipalTag/Environment}"}}},
	{"Sid":"Receive","Effect":"Allow","Action":["sqs:ReceiveMessage","sqs:DeleteMessage"],"Resource":"*"}]}`)},
		},
		Boundary: []*Policy{{Name: "arn:aws:iam::123456789012:policy/boundary", Document: must(tb, `{"Version":"2012-10-17","Statement":[
	{"Effect":"Allow","Action":["sqs:*","sns:*","kms:*","logs:*"],"Resource":"*"}]}`)}},
		Resource: &Policy{Name: req.Resource, Document: must(tb, `{"Version":"2012-10-17","Statement":[
	{"Sid":"Transport","Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}},
	{"Sid":"Topic","Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage",
	 "Resource":"arn:aws:sqs:us-east-1:123456789012:pettracker-alerts",
	 "Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:sns:us-east-1:123456789012:*"}}},
	{"Sid":"Roles","Effect":"Allow","Principal":{"AWS":"*"},"Action":"sqs:SendMessage",
	 "Resource":"arn:aws:sqs:us-east-1:123456789012:pettracker-alerts",
	 "Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/other-*"}}}]}`)},
	}
}

// manyStatements is one identity policy of 100 statements of which the last allows.
func manyStatements(tb testing.TB) (*Request, *Policies) {
	req, _ := oneStatement(tb)
	var b strings.Builder
	actions := []string{"sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:Get*", "sns:Publish", "kms:Decrypt"}
	for i := range 99 {
		fmt.Fprintf(&b, `{"Effect":"Allow","Action":"%s","Resource":"arn:aws:sqs:us-east-1:123456789012:queue-%d-*",
			"Condition":{"StringEquals":{"aws:PrincipalTag/Team":"team-%d"}}},`, actions[i%len(actions)], i, i)
	}
	return req, &Policies{Identity: []*Policy{{Name: "many", Document: must(tb, `{"Version":"2012-10-17","Statement":[`+b.String()+
		`{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:123456789012:pettracker-*"}]}`)}}}
}

// sameAction is the same with an action that all 100 statements name, so that
// no index helps.
func sameAction(tb testing.TB) (*Request, *Policies) {
	req, _ := oneStatement(tb)
	var b strings.Builder
	for i := range 99 {
		fmt.Fprintf(&b, `{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:123456789012:queue-%d-*"},`, i)
	}
	return req, &Policies{Identity: []*Policy{{Name: "many", Document: must(tb, `{"Version":"2012-10-17","Statement":[`+b.String()+
		`{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:123456789012:pettracker-*"}]}`)}}}
}

var shapes = []struct {
	name  string
	build func(testing.TB) (*Request, *Policies)
}{
	{"OneStatement", oneStatement},
	{"SendMessage", sendMessage},
	{"100Statements", manyStatements},
	{"100StatementsOneAction", sameAction},
}

func BenchmarkDecide(b *testing.B) {
	for _, shape := range shapes {
		b.Run(shape.name, func(b *testing.B) {
			req, policies := shape.build(b)
			if v := Decide(req, policies); !v.Allowed {
				b.Fatalf("denied: %+v", v)
			}
			b.ReportAllocs()
			for b.Loop() {
				Decide(req, policies)
			}
		})
	}
}

func BenchmarkEvaluate(b *testing.B) {
	for _, shape := range shapes {
		b.Run(shape.name, func(b *testing.B) {
			req, policies := shape.build(b)
			b.ReportAllocs()
			for b.Loop() {
				Evaluate(req, policies)
			}
		})
	}
}

// BenchmarkContext is what building the context of a request costs.
func BenchmarkContext(b *testing.B) {
	c := NewContext(30)
	now := time.Unix(1_780_000_000, 0)
	b.ReportAllocs()
	for b.Loop() {
		c.Reset()
		fillContext(c, now)
	}
}

// BenchmarkAdversarialGlob: twice the text costs twice the time, whatever the pattern.
func BenchmarkAdversarialGlob(b *testing.B) {
	for _, pattern := range []struct{ name, text string }{
		{"Stars", strings.Repeat("*a", 1000) + "*b*"},
		{"Literal", "*" + strings.Repeat("a", 2000) + "b*"},
		{"Questions", "*" + strings.Repeat("a?", 1000) + "b*"},
	} {
		p := newPattern(pattern.text, true, false)
		for _, n := range []int{2048, 4096, 8192} {
			text := strings.Repeat("a", n)
			b.Run(fmt.Sprintf("%s/%d", pattern.name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if p.matches(text, nil) {
						b.Fatal("matches")
					}
				}
			})
		}
	}
}

func BenchmarkParse(b *testing.B) {
	_, policies := sendMessage(b)
	text := policies.Identity[0].Document.Text()
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkObserve(b *testing.B) {
	req, policies := sendMessage(b)
	var c Coverage
	b.ReportAllocs()
	for b.Loop() {
		c.Observe(req, policies)
	}
}

func BenchmarkSuggest(b *testing.B) {
	req, policies := sendMessage(b)
	req.Action = "sqs:ReceiveMessages"
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := Suggest(req, policies); !ok {
			b.Fatal("nothing is suggested")
		}
	}
}
