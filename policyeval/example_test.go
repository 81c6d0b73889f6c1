package policyeval_test

import (
	"fmt"

	"github.com/waxseal/waxseal/policyeval"
)

// document compiles a text that is known to be good.
func document(text string) *policyeval.Document {
	d, err := policyeval.Parse(text)
	if err != nil {
		panic(err)
	}
	return d
}

func ExampleParse() {
	_, err := policyeval.Parse(`{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "allow", "Action": "sqs:*", "Resource": "*"}]
}`)
	fmt.Println(err)

	d, err := policyeval.Parse(`{"Statement": {"Sid": "All", "Effect": "Allow", "Action": "sqs:*", "Resource": "*"}}`)
	fmt.Println(d.Statements()[0].Sid, err)
	// Output:
	// line 3, column 28: Effect must be "Allow" or "Deny"
	// All <nil>
}

func ExampleDecide() {
	bob, err := policyeval.ParsePrincipal("arn:aws:iam::123456789012:user/bob")
	if err != nil {
		panic(err)
	}
	ctx := policyeval.NewContext(1)
	ctx.SetBool("aws:SecureTransport", false)
	request := &policyeval.Request{
		Principal: bob, Action: "sqs:SendMessage", Resource: "arn:aws:sqs:us-east-1:123456789012:alerts", Context: ctx,
	}
	policies := &policyeval.Policies{
		Identity: []*policyeval.Policy{{Name: "send", Document: document(
			`{"Statement": {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}}`)}},
		Resource: &policyeval.Policy{Name: request.Resource, Document: document(
			`{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*",
			  "Condition": {"Bool": {"aws:SecureTransport": "false"}}}}`)},
	}
	v := policyeval.Decide(request, policies)
	fmt.Println(v.Allowed, v.Reason, v.Because("sqs:sendmessage"))

	ctx.SetBool("aws:SecureTransport", true)
	v = policyeval.Decide(request, policies)
	fmt.Println(v.Allowed, v.Reason)
	// Output:
	// false ExplicitDeny with an explicit deny in a resource-based policy
	// true AllowedByIdentity
}

// teamRequest is denied, by a hair.
func teamRequest() (*policyeval.Request, *policyeval.Policies) {
	bob, err := policyeval.ParsePrincipal("arn:aws:iam::123456789012:user/bob")
	if err != nil {
		panic(err)
	}
	ctx := policyeval.NewContext(1)
	ctx.Set("aws:PrincipalTag/Team", "billing")
	return &policyeval.Request{
			Principal: bob, Action: "sqs:SendMessage", Resource: "arn:aws:sqs:us-east-1:123456789012:alerts", Context: ctx,
		}, &policyeval.Policies{
			Identity: []*policyeval.Policy{{Name: "send", Document: document(`{"Version": "2012-10-17", "Statement": [
  {"Sid": "Send", "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*",
   "Condition": {"StringEquals": {"aws:PrincipalTag/Team": "alerts"}}},
  {"Sid": "Keys", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}]}`)}},
		}
}

func ExampleEvaluate() {
	d := policyeval.Evaluate(teamRequest())
	for _, s := range d.Steps {
		fmt.Println(s.Source().Sid, "applies:", s.Applies(), "nearly:", s.Nearly())
	}
	fmt.Print(d.Text(policyeval.TextOptions{}))
	// Output:
	// Send applies: false nearly: true
	// Keys applies: false nearly: false
	// DENIED  sqs:SendMessage
	//   on   arn:aws:sqs:us-east-1:123456789012:alerts
	//   by   arn:aws:iam::123456789012:user/bob
	//   why  because no identity-based policy allows the sqs:SendMessage action
	//
	// identity-based policy  <- decides
	//   send
	//     #1 "Send" Allow (line 2) NEARLY applies
	//       x StringEquals aws:PrincipalTag/Team "alerts" (got "billing")
	//     1 statement does not match
}

func ExampleSuggest() {
	request, policies := teamRequest()
	s, ok := policyeval.Suggest(request, policies)
	fmt.Println(ok, s.Changes[0])
	fmt.Println(policyeval.Decide(request, s.Apply(request, policies)).Allowed)
	// Output:
	// true add to the identity-based policy send: {"Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:123456789012:alerts"}
	// true
}

func ExampleLint() {
	d := document(`{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
   "Resource": "https://sqs.us-east-1.amazonaws.com/123456789012/alerts"}]}`)
	for _, f := range policyeval.Lint(d, policyeval.LintContext{Kind: policyeval.QueuePolicy}) {
		fmt.Println(f)
	}
	// Output:
	// line 2: Resource "https://sqs.us-east-1.amazonaws.com/123456789012/alerts" is a URL, not an ARN: the statement never applies (resource-is-url)
	// line 2: the service may act for anybody: add a condition on aws:SourceArn or aws:SourceAccount (confused-deputy)
}

func ExampleValidate() {
	d := document(`{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sns:*", "Resource": "*"}}`)
	for _, p := range policyeval.Validate(d, policyeval.ValidateOptions{Kind: policyeval.TopicPolicy}) {
		fmt.Println(p.Code, p.Value)
	}
	// Output:
	// ActionOutOfScope sns:*
}

func ExampleCoverage() {
	var coverage policyeval.Coverage
	request, policies := teamRequest()
	coverage.Observe(request, policies)
	for i, n := range coverage.Counts(policies.Identity[0].Document) {
		fmt.Println(i, n.Allowed, n.ConditionFailed, n.Unmatched)
	}
	// Output:
	// 0 0 1 0
	// 1 0 0 1
}
