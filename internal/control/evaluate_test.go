package control_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/servertest"
)

const (
	evaluatedEndpoint = "vpce-0123456789abcdef0"
	evaluatedQueue    = "arn:aws:sqs:us-east-1:123456789012:orders"
	evaluatedLimits   = "arn:aws:iam::123456789012:policy/limits"
	evaluatedSends    = "arn:aws:iam::123456789012:policy/sends"
)

const evaluateFixtures = `
keys: [{id: 11111111-1111-1111-1111-111111111111, alias: alias/orders, policy: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {AWS: "arn:aws:iam::123456789012:root"}, Action: "kms:*", Resource: "*"}]}}]
policies:
  - {name: limits, document: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: ["sqs:SendMessage", "kms:*", "s3:*"], Resource: "*"}]}}
  - {name: sends, document: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "sqs:SendMessage", Resource: "*"}]}}
groups: [{name: staff, policies: {all: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}}}]
users:
  - {name: alice, groups: [staff], tags: {team: blue}}
  - {name: bob, tags: {team: red}, policies: {send: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "sqs:SendMessage", Resource: "*"}]}}}
roles:
  - {name: shop, tags: {team: red}, policies: {send: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "sqs:*", Resource: "*"}]}}}
  - {name: bound, tags: {team: blue}, boundary: "` + evaluatedLimits + `", managedPolicies: ["` + evaluatedSends + `"]}
queues:
  - {name: orders}
  - {name: sealed, attributes: {KmsMasterKeyId: alias/orders}}
  - {name: blue, policy: {Version: "2012-10-17", Statement: [{Effect: Deny, Principal: "*", Action: "sqs:SendMessage", Resource: "*", Condition: {StringNotEquals: {"aws:PrincipalTag/team": blue}}}]}}
vpcs: [{id: vpc-12345678, cidr: 10.0.0.0/16, subnets: [{id: subnet-12345678, cidr: 10.0.1.0/24, az: us-east-1a}], endpoints: [{id: ` + evaluatedEndpoint + `, service: sqs, subnets: [subnet-12345678], policy: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: "*", Action: "sqs:SendMessage", Resource: "*", Condition: {StringEquals: {"aws:PrincipalTag/team": blue}}}]}}]}]`

// evaluated is the answer to a request decided again; change are members of JSON.
func evaluated(t *testing.T, s http.Handler, id, change string) (d decision) {
	t.Helper()
	status, body := servertest.Ask(s, http.MethodPost, "/_waxseal/evaluate", `{"requestId":"`+id+`"`+change+`}`)
	if err := json.Unmarshal([]byte(body), &d); err != nil || status != 200 {
		t.Fatalf("%s answered %d %s (%v)", change, status, body, err)
	}
	return d
}

const (
	allowAll = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	denyAll  = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`
	letIn    = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"%s","Resource":"*"}]}`
	keepOut  = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"%s","Resource":"*"}]}`
)

// send sends a message as a principal and answers the id of the request.
func send(t *testing.T, s http.Handler, as, queue string) string {
	t.Helper()
	servertest.TryAs(t, s, as, "sqs:SendMessage", map[string]any{"QueueUrl": queue, "MessageBody": "m"})
	for _, d := range decisions(t, s, "action=sqs:SendMessage&limit=1&trace=false") {
		return d.RequestID
	}
	t.Fatal("nothing was decided")
	return ""
}

func TestRequestsAreDecidedAgain(t *testing.T) {
	s := withFixtures(t, strings.TrimSpace(evaluateFixtures))
	queue := func(policy, action string) string { return `"` + evaluatedQueue + `":` + fmt.Sprintf(policy, action) }
	sent := map[string]string{
		"shop": send(t, s, "role/shop", "orders"), "bound": send(t, s, "role/bound", "orders"), "alice": send(t, s, "user/alice", "orders"),
		"bob": send(t, s, "user/bob", "blue"), "root": send(t, s, "root", "orders"), "sealed": send(t, s, "role/shop", "sealed"),
	}
	for name, test := range map[string]struct{ of, change, want, principal string }{
		"nothing":                  {"shop", ``, "Allow AllowedByIdentity", "assumed-role/shop/waxseal"},
		"a queue's policy":         {"shop", `,"policies":{` + queue(keepOut, "sqs:*") + `}`, "Deny ExplicitDeny", "assumed-role/shop/waxseal"},
		"as a string":              {"shop", `,"policies":{"` + evaluatedQueue + `":` + quoted(fmt.Sprintf(keepOut, "sqs:*")) + `}`, "Deny ExplicitDeny", ""},
		"an inline policy":         {"shop", `,"policies":{"role/shop/send":` + denyAll + `}`, "Deny ExplicitDeny", ""},
		"without it":               {"shop", `,"policies":{"role/shop/send":null}`, "Deny ImplicitDeny", ""},
		"without it, let in":       {"shop", `,"policies":{"role/shop/send":null,` + queue(letIn, "sqs:*") + `}`, "Allow AllowedByResource", ""},
		"another inline policy":    {"shop", `,"policies":{"role/shop/more":` + denyAll + `}`, "Deny ExplicitDeny", ""},
		"somebody else's":          {"shop", `,"policies":{"user/bob/send":` + denyAll + `}`, "Allow AllowedByIdentity", ""},
		"a boundary":               {"bound", `,"policies":{"` + evaluatedLimits + `":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}}`, "Deny ImplicitDeny", ""},
		"no boundary's policy":     {"bound", `,"policies":{"` + evaluatedLimits + `":null}`, "Deny ImplicitDeny", ""},
		"no managed policy":        {"bound", `,"policies":{"` + evaluatedSends + `":null}`, "Deny ImplicitDeny", ""},
		"a group's policy":         {"alice", `,"policies":{"group/staff/all":null}`, "Deny ImplicitDeny", "user/alice"},
		"a group's new policy":     {"alice", `,"policies":{"group/staff/none":` + denyAll + `}`, "Deny ExplicitDeny", "user/alice"},
		"a policy of AWS":          {"alice", `,"policies":{"arn:aws:iam::aws:policy/AmazonSQSFullAccess":` + denyAll + `}`, "Allow AllowedByIdentity", ""},
		"another principal":        {"shop", `,"principal":"user/alice"`, "Allow AllowedByIdentity", "arn:aws:iam::123456789012:user/alice"},
		"by its ARN":               {"root", `,"principal":"arn:aws:iam::123456789012:role/bound"`, "Allow AllowedByIdentity", "arn:aws:sts::123456789012:assumed-role/bound/waxseal"},
		"with its boundary":        {"root", `,"principal":"role/bound","policies":{"` + evaluatedLimits + `":null}`, "Deny ImplicitDeny", ""},
		"another's old policies":   {"shop", `,"principal":"role/bound","policies":{"role/shop/send":` + denyAll + `}`, "Allow AllowedByIdentity", ""},
		"of another account":       {"root", `,"principal":"arn:aws:iam::999988887777:root"`, "Deny ImplicitDeny", "arn:aws:iam::999988887777:root"},
		"anonymous":                {"root", `,"principal":"anonymous"`, "Deny ImplicitDeny", "anonymous"},
		"a service":                {"root", `,"principal":"sns.amazonaws.com","policies":{` + queue(letIn, "sqs:SendMessage") + `}`, "Allow AllowedByResource", "sns.amazonaws.com"},
		"its tags":                 {"bob", `,"principal":"user/alice"`, "Allow AllowedByIdentity", "user/alice"},
		"as it was":                {"bob", ``, "Deny ExplicitDeny", "user/bob"},
		"one without them":         {"bob", `,"principal":"root"`, "Deny ExplicitDeny", ":root"},
		"its key":                  {"sealed", ``, "Deny ImplicitDeny kms:GenerateDataKey", ""},
		"lets it use the key":      {"sealed", `,"policies":{"role/shop/send":` + allowAll + `}`, "Allow AllowedByBoth kms:GenerateDataKey", ""},
		"may not even send":        {"sealed", `,"policies":{"role/shop/send":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}}`, "Deny ImplicitDeny sqs:SendMessage", ""},
		"another may":              {"sealed", `,"principal":"user/alice"`, "Allow AllowedByBoth kms:GenerateDataKey", "user/alice"},
		"the key's policy":         {"sealed", `,"principal":"user/alice","policies":{"arn:aws:kms:us-east-1:123456789012:key/11111111-1111-1111-1111-111111111111":` + fmt.Sprintf(keepOut, "kms:Gen*") + `}`, "Deny ExplicitDeny kms:GenerateDataKey", ""},
		"without the key's policy": {"sealed", `,"principal":"root","policies":{"arn:aws:kms:us-east-1:123456789012:key/11111111-1111-1111-1111-111111111111":null}`, "Deny ImplicitDeny kms:GenerateDataKey", ""},
	} {
		d := evaluated(t, s, sent[test.of], test.change)
		var trace struct{ Allowed bool }
		if err := json.Unmarshal(d.Trace, &trace); err != nil || trace.Allowed != (d.Decision == "Allow") {
			t.Errorf("%s: the trace is %s", name, d.Trace)
		}
		if got := d.Decision + " " + d.Reason + " " + d.Action; !strings.HasPrefix(got, test.want) || !strings.HasSuffix(d.Principal, test.principal) {
			t.Errorf("%s: decided %s for %s", name, got, d.Principal)
		}
		if d.Decision == "Deny" && !strings.HasPrefix(d.Message, "User: "+d.Principal+" is not authorized to perform: ") || d.Decision == "Allow" && d.Message != "" || d.Seq != 0 {
			t.Errorf("%s: number %d, message %q", name, d.Seq, d.Message)
		}
	}
}

func quoted(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// The policy of the VPC endpoint that a call came through has its say for another caller, too.
func TestDecidedAgainThroughAnEndpoint(t *testing.T) {
	s := withFixtures(t, strings.TrimSpace(evaluateFixtures))
	endpoint := "arn:aws:ec2:us-east-1:123456789012:vpc-endpoint/" + evaluatedEndpoint
	status, body := servertest.Ask(s, http.MethodPost, "/_vpce/"+evaluatedEndpoint+"/", `{"QueueUrl":"orders","MessageBody":"m"}`,
		"X-Amz-Target", "AmazonSQS.SendMessage", "Content-Type", "application/x-amz-json-1.0", "Authorization", servertest.Scope)
	servertest.WantAnswer(t, status, body, 403, "VPC endpoint policy")
	id := decisions(t, s, "")[0].RequestID
	for change, want := range map[string]string{
		``: "Deny", `,"principal":"user/alice"`: "Allow", `,"principal":"role/shop"`: "Deny",
		`,"policies":{"` + endpoint + `":null}`: "Allow", `,"policies":{"` + endpoint + `":` + fmt.Sprintf(letIn, "sqs:*") + `}`: "Allow",
		`,"principal":"user/alice","policies":{"` + endpoint + `":` + fmt.Sprintf(letIn, "sqs:Receive*") + `}`: "Deny",
	} {
		if d := evaluated(t, s, id, change); d.Decision != want || d.Endpoint != evaluatedEndpoint {
			t.Errorf("%s: %+v, want %s", change, d, want)
		}
	}
}

// Deciding again changes nothing that anybody can see.
func TestDecidingAgainLeavesNoTrace(t *testing.T) {
	s := withFixtures(t, strings.TrimSpace(evaluateFixtures))
	id := send(t, s, "role/shop", "sealed")
	look := func() (all string) {
		for _, path := range []string{"decisions", "events", "deliveries", "coverage", "at-rest/123456789012/us-east-1/sealed"} {
			status, body := servertest.Ask(s, http.MethodGet, "/_waxseal/"+path, "")
			if status != http.StatusOK {
				t.Fatalf("%s: %d %s", path, status, body)
			}
			all += body
		}
		return all
	}
	before := look()
	for _, change := range []string{``, `,"principal":"user/alice"`, `,"policies":{"role/shop/send":` + allowAll + `}`, `,"policies":{"role/shop/send":null}`} {
		evaluated(t, s, id, change)
	}
	if after := look(); after != before {
		t.Errorf("before %s\nafter %s", before, after)
	}
}

func TestWhatCannotBeDecidedAgain(t *testing.T) {
	s := withFixtures(t, strings.TrimSpace(evaluateFixtures))
	id := send(t, s, "role/shop", "orders")
	many := strings.TrimSuffix(fmt.Sprintf(strings.Repeat(`"role/shop/%d":null,`, 1001), numbers(1001)...), ",")
	deep := strings.Repeat(`[`, 100_000) + strings.Repeat(`]`, 100_000)
	for body, want := range map[string]struct {
		status int
		reason string
	}{
		`{"requestId":"absent"}`:                            {404, "no decision of request absent is remembered"},
		`{"requestId":"` + strings.Repeat("x", 5000) + `"}`: {404, strings.Repeat("x", 64) + " is remembered"},
		`{}`:                                {400, "requestId is to say"},
		``:                                  {400, "the body is not the JSON"},
		`[]`:                                {400, "the body is not the JSON"},
		`{"requestId":1}`:                   {400, "the body is not the JSON"},
		`{"requestId":"$","policy":{}}`:     {400, `unknown field \"policy\"`},
		`{"requestId":"$","requestId":"$"}`: {400, `doubled field \"requestId\"`},
		`{"requestId":"$","policies":{"role/shop/send":null,"role/shop/send":` + allowAll + `}}`: {400, "doubled field \\\"role/shop/send\\\" at /policies"},
		`{"requestId":"$"}{}`:                                                                                        {400, "the body is not the JSON"},
		`{"requestId":"$","principal":"role/absent"}`:                                                                {400, "principal: no such principal: role/absent"},
		`{"requestId":"$","principal":"arn:aws:iam::1:x"}`:                                                           {400, "principal: no such principal"},
		`{"requestId":"$","policies":{"":null}}`:                                                                     {400, "there is no policy"},
		`{"requestId":"$","policies":{"send":` + allowAll + `}}`:                                                     {400, `there is no policy \"send\": a key is`},
		`{"requestId":"$","policies":{"role/shop/absent":null}}`:                                                     {400, "there is no policy"},
		`{"requestId":"$","policies":{"role/absent/x":` + allowAll + `}}`:                                            {400, "there is no policy"},
		`{"requestId":"$","policies":{"role/shop/a/b":` + allowAll + `}}`:                                            {400, "there is no policy"},
		`{"requestId":"$","policies":{"arn:aws:sqs:us-east-1:123456789012:absent":` + fmt.Sprintf(letIn, "*") + `}}`: {400, "there is no policy"},
		`{"requestId":"$","policies":{"arn:aws:cloudtrail:us-east-1:123456789012:trail/t":` + allowAll + `}}`:        {400, "there is no policy"},
		`{"requestId":"$","policies":{"role/shop/send":{}}}`:                                                         {400, `the policy \"role/shop/send\": `},
		`{"requestId":"$","policies":{"role/shop/send":""}}`:                                                         {400, `the policy \"role/shop/send\": `},
		`{"requestId":"$","policies":{"role/shop/send":7}}`:                                                          {400, `the policy \"role/shop/send\": `},
		`{"requestId":"$","policies":{"role/shop/send":"{\"Statement\":["}}`:                                         {400, `the policy \"role/shop/send\": `},
		`{"requestId":"$","policies":{"role/shop/send":` + fmt.Sprintf(letIn, "*") + `}}`:                            {400, "Principal"},
		`{"requestId":"$","policies":{"` + evaluatedQueue + `":` + allowAll + `}}`:                                   {400, "Principal"},
		`{"requestId":"$","policies":{` + many + `}}`:                                                                {400, "at most 1000 policies are changed at a time, not 1001"},
		`{"requestId":"$","policies":{"role/shop/send":` + deep + `}}`:                                               {400, ""},
		`{"requestId":"$","policies":{"role/shop/send":"` + strings.Repeat("[", 500_000) + `"}}`:                     {400, `the policy \"role/shop/send\": `},
		`{"requestId":"$","policies":{"role/shop/send":"` + strings.Repeat(" ", 1<<20) + `"}}`:                       {413, "the body is larger than 1048576 bytes"},
	} {
		status, answer := servertest.Ask(s, http.MethodPost, "/_waxseal/evaluate", strings.ReplaceAll(body, "$", id))
		if status != want.status || !strings.Contains(answer, want.reason) || len(answer) > 2000 {
			t.Errorf("%.200s\nanswered %d %.500s\nwant %d with %s", body, status, answer, want.status, want.reason)
		}
	}
	if status, body := servertest.Ask(s, http.MethodPost, "/_waxseal/evaluate?x=1", `{"requestId":"`+id+`"}`); status != 400 {
		t.Errorf("an unknown parameter answered %d %s", status, body)
	}
}

// numbers are those from 0 below n.
func numbers(n int) []any {
	list := make([]any, n)
	for i := range list {
		list[i] = i
	}
	return list
}
