package policyeval

import (
	"encoding/json"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"weak"

	"github.com/google/go-cmp/cmp"
)

// caseNamed finds a case of the corpus.
func caseNamed(t *testing.T, name string) *corpusCase {
	t.Helper()
	for _, c := range readCorpus(t) {
		if strings.HasPrefix(c.name, name) {
			return c
		}
	}
	t.Fatalf("the corpus has no case %q", name)
	return nil
}

// TestDecisionJSON: a decision as GET /_waxseal/decisions shows it.
func TestDecisionJSON(t *testing.T) {
	c := caseNamed(t, "D11 the wrong external id")
	b, err := json.MarshalIndent(Evaluate(&c.request, &c.policies), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want := `{
  "allowed": false,
  "reason": "ImplicitDeny",
  "layer": "role trust policy",
  "by": [],
  "steps": [
    {
      "layer": "role trust policy",
      "policy": "resource",
      "statement": 0,
      "position": {
        "line": 1,
        "column": 38
      },
      "effect": "Allow",
      "outcome": "nearly",
      "elements": [
        {
          "element": "Principal",
          "wanted": [
            "AWS: 444455556666"
          ],
          "got": [
            "arn:aws:iam::444455556666:user/eve"
          ],
          "matched": true
        },
        {
          "element": "Action",
          "wanted": [
            "sts:AssumeRole"
          ],
          "got": [
            "sts:AssumeRole"
          ],
          "matched": true
        },
        {
          "element": "Condition",
          "operator": "StringEquals",
          "key": "sts:ExternalId",
          "wanted": [
            "secret"
          ],
          "got": [
            "guess"
          ],
          "matched": false
        }
      ]
    },
    {
      "layer": "identity-based policy",
      "policy": "identity",
      "statement": 0,
      "position": {
        "line": 1,
        "column": 38
      },
      "effect": "Allow",
      "outcome": "applies",
      "elements": [
        {
          "element": "Action",
          "wanted": [
            "sts:AssumeRole"
          ],
          "got": [
            "sts:AssumeRole"
          ],
          "matched": true
        },
        {
          "element": "Resource",
          "wanted": [
            "*"
          ],
          "got": [
            "arn:aws:iam::111122223333:role/target"
          ],
          "matched": true
        }
      ]
    }
  ]
}`
	if diff := cmp.Diff(want, string(b)); diff != "" {
		t.Error(diff)
	}
	c = caseNamed(t, "C8 an operation that the grant does not hold")
	if s := &Evaluate(&c.request, &c.policies).Steps[0]; s.Source() != nil || s.Grant().ID != "grant1" {
		t.Errorf("%+v", s)
	}
	b, err = json.Marshal(Evaluate(&c.request, &c.policies).Steps[0])
	if err != nil || !strings.Contains(string(b), `"layer":"grant","grant":"grant1","effect":"Allow","outcome":"nearly"`) {
		t.Errorf("%s %v", b, err)
	}
}

// TestBy: the statements that a verdict rests on.
func TestBy(t *testing.T) {
	for name, want := range map[string][]string{
		"D1 an identity-based policy allows":                        {"identity#1"},
		"D2 between accounts both must allow":                       {"resource#1", "identity#1"},
		"D3 the furthest of several allows counts":                  {"resource#2", "resource#3"},
		"D1 the first of several denies of a layer is reported":     {"identity2#2", "identity2#3"},
		"C8 a grant allows its grantee":                             {"grant#1"},
		"C8.2 grantees: an account delegates":                       {"identity#1", "grant#1"},
		"D1 the root user needs no identity-based policy":           {},
		"D1 the boundary must allow":                                {},
		"D11 GetCallerIdentity needs no permission":                 {},
		"D1 an explicit deny in the resource policy beats an allow": {"resource#1"},
		"E1 an explicit deny in the trust policy":                   {"resource#2"},
		"D11 same account: the trust policy names the principal":    {"resource#1"},
	} {
		c := caseNamed(t, name)
		d := Evaluate(&c.request, &c.policies)
		got := []string{}
		for _, s := range d.By() {
			policy := "grant"
			if s.Policy != nil {
				policy = s.Policy.Name
			}
			got = append(got, policy+"#"+string('1'+s.Statement))
		}
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestPasses: which layers let a request through, as IAM's simulator reports.
func TestPasses(t *testing.T) {
	for name, want := range map[string]map[Layer]bool{
		"D1 the boundary must allow":              {LayerIdentity: true, LayerBoundary: false, LayerSession: true, LayerSCP: true, LayerRCP: true, LayerEndpoint: true, LayerResource: false},
		"D1 an SCP must allow at every level":     {LayerSCP: false, LayerIdentity: true},
		"D1 an SCP denies at some level":          {LayerSCP: false},
		"D1 SCPs allow at all levels":             {LayerSCP: true},
		"D1 an RCP denies, and comes first":       {LayerRCP: false, LayerIdentity: true},
		"D1 the session policy must allow":        {LayerSession: false},
		"D1 the VPC endpoint's policy must allow": {LayerEndpoint: false},
		"D11 between accounts both are needed":    {LayerTrust: true},
	} {
		c := caseNamed(t, name)
		d := Evaluate(&c.request, &c.policies)
		for l, passes := range want {
			if d.Passes(l) != passes {
				t.Errorf("%s: the %s passes: %v", name, l, !passes)
			}
		}
	}
}

// TestText: an explanation that a person reads in ten seconds.
func TestText(t *testing.T) {
	queue := "arn:aws:sqs:us-east-1:111122223333:alerts"
	ctx := NewContext(2)
	ctx.Set("aws:PrincipalTag/Team", "b")
	ctx.SetBool("aws:SecureTransport", false)
	req := &Request{
		Principal: Principal{Type: AssumedRole, Account: "111122223333", ARN: "arn:aws:sts::111122223333:assumed-role/app/s1"},
		Action:    "sqs:SendMessage", Resource: queue, Context: ctx,
	}
	policies := &Policies{
		Identity: []*Policy{{Name: "send", Document: must(t, `{"Version": "2012-10-17", "Statement": [
  {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
  {"Sid": "Send", "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*",
   "Condition": {"StringEquals": {"aws:PrincipalTag/Team": "a"}, "Null": {"aws:PrincipalTag/Team": "false"}}}
]}`)}},
		Resource: &Policy{Name: queue, Document: must(t, `{"Statement": [
  {"Sid": "TLS", "Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*",
   "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
  {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:ReceiveMessage", "Resource": "*"},
  {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:ReceiveMessage", "Resource": "*"}
]}`)},
	}
	d := Evaluate(req, policies)
	s, _ := Suggest(req, policies)
	want := `DENIED  sqs:SendMessage
  on   arn:aws:sqs:us-east-1:111122223333:alerts
  by   arn:aws:sts::111122223333:assumed-role/app/s1
  why  with an explicit deny in a resource-based policy

resource-based policy  <- decides
  arn:aws:sqs:us-east-1:111122223333:alerts
    #1 "TLS" Deny (line 2) applies
        Bool aws:SecureTransport "false" (got "false")
    2 statements do not match

identity-based policy
  send
    #2 "Send" Allow (line 3) NEARLY applies
      x StringEquals aws:PrincipalTag/Team "a" (got "b")
        Null aws:PrincipalTag/Team "false" (got "b")
    1 statement does not match

To allow it:
  take statement #1 "TLS" out of the resource-based policy arn:aws:sqs:us-east-1:111122223333:alerts, or change the request so that not all of this holds: Bool aws:SecureTransport "false" (got "false")
  add to the identity-based policy send: {"Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:111122223333:alerts"}
`
	if diff := cmp.Diff(want, d.Text(TextOptions{Suggestion: s})); diff != "" {
		t.Error(diff)
	}
	all := d.Text(TextOptions{All: true})
	for _, line := range []string{
		`    #1 "Read" Allow (line 2) does not apply`, `      x Action "s3:GetObject" (got "sqs:SendMessage")`,
		`      x Principal "Service: sns.amazonaws.com" (got "arn:aws:sts::111122223333:assumed-role/app/s1")`,
	} {
		if !strings.Contains(all, line+"\n") {
			t.Errorf("all of it lacks %q:\n%s", line, all)
		}
	}
	nothing := Evaluate(req, &Policies{})
	if text := nothing.Text(TextOptions{}); !strings.Contains(text, "identity-based policy  <- decides\n  there is none\n") {
		t.Error(text)
	}
}

// TestSuggestions: what is suggested, in words.
func TestSuggestions(t *testing.T) {
	for name, want := range map[string][]string{
		"D1 E1.2 nothing allows":              {`add to a new identity-based policy: {"Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:111122223333:q"}`},
		"D1 an SCP must allow at every level": {`add to the service control policy scp2 of level 2: {"Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:111122223333:q"}`},
		"E1.2 priority: SCP before endpoint": {
			`take statement #1 out of the service control policy scp of level 1`, `take statement #1 out of the VPC endpoint policy endpoint`,
			`take statement #1 out of the identity-based policy identity`,
			`add to the service control policy scp of level 1: {"Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:111122223333:q"}`,
			`add to the VPC endpoint policy endpoint: {"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:111122223333:q"}`,
			`add to the identity-based policy identity: {"Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:111122223333:q"}`,
		},
		// One statement in the queue's policy does what three elsewhere would.
		"E1.2 missing allows: identity before boundary": {`add to a new resource-based policy: {"Effect":"Allow","Principal":{"AWS":"arn:aws:sts::111122223333:assumed-role/app/s1"},"Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:111122223333:q"}`},
		"D1 an anonymous caller needs a policy":         {`add to a new resource-based policy: {"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:111122223333:q"}`},
		"D4 B20 a service on behalf of another topic": {`add to the resource-based policy resource: {"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:111122223333:q",` +
			`"Condition":{"StringEquals":{"aws:SourceArn":"arn:aws:sns:us-east-1:444455556666:t","aws:SourceAccount":"444455556666"}}}`},
		"D4 another provider":           {`add to the role trust policy resource: {"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/evil.example.com"},"Action":"sts:AssumeRoleWithWebIdentity"}`},
		"C7.3 the root user has no way": {`add to the resource-based policy resource: {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:Decrypt","Resource":"*"}`},
		"C7.1 a key without any policy": {`add to a new resource-based policy: {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/app"},"Action":"kms:Decrypt","Resource":"*"}`},
		"D1 an RCP with a condition on the org": {
			`take statement #2 out of the resource control policy rcp of level 1, or change the request so that not all of this holds: StringNotEqualsIfExists aws:PrincipalOrgID "o-1" (got "o-2")`,
		},
		"D6 a deny of two conditions": {
			`take statement #2 "Net" out of the identity-based policy identity, or change the request so that not all of this holds: ` +
				`Null aws:SourceVpce "true" (the request lacks it); StringEquals aws:username "bob" (got "bob")`,
		},
		"D1 RCPs stop the root user": {`take statement #1 out of the resource control policy rcp of level 1`},
		"D6 StringEquals / if {\"StringEquals\": {\"aws:username\": \"bob\"}} / aws:username=Bob": {
			`add to the identity-based policy identity: {"Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:111122223333:q"}`,
		},
	} {
		c := caseNamed(t, name)
		s, ok := Suggest(&c.request, &c.policies)
		var got []string
		for _, change := range s.Changes {
			got = append(got, change.String())
		}
		if diff := cmp.Diff(want, got); diff != "" || !ok {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for _, name := range []string{"D1 an identity-based policy allows", "D2 some actions of SQS stay", "C8.7 RetireGrant from another account"} {
		c := caseNamed(t, name)
		if s, ok := Suggest(&c.request, &c.policies); ok {
			t.Errorf("%s: %v", name, s)
		}
	}
}

// TestSuggestWeirdResources: resources whose names mean something in a policy.
func TestSuggestWeirdResources(t *testing.T) {
	for _, resource := range []string{
		"arn:aws:sqs:us-east-1:111122223333:a*b?c${aws:username}", "arn:aws:s*s:us-east-1:111122223333:q", "arn:aws:sqs:${x}:111122223333:q", "nonsense", "*", "",
	} {
		req := &Request{Principal: Principal{Type: User, Account: "111122223333", ARN: "arn:aws:iam::111122223333:user/bob"}, Action: "sqs:X", Resource: resource, ResourceAccount: "111122223333"}
		s, ok := Suggest(req, &Policies{})
		if !ok || !Decide(req, s.Apply(req, &Policies{})).Allowed {
			t.Errorf("%s: %v", resource, s.Changes)
		}
	}
}

// TestSamePolicyTwice: a policy that a user has twice, as through a group.
func TestSamePolicyTwice(t *testing.T) {
	deny := &Policy{Name: "twice", Document: must(t, `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*"}]}`)}
	req := &Request{Principal: Principal{Type: User, Account: "1", ARN: "arn:aws:iam::1:user/b"}, Action: "sqs:X", Resource: "*"}
	policies := &Policies{Identity: []*Policy{deny, deny}, SCPs: [][]*Policy{{deny}, {deny}}}
	s, ok := Suggest(req, policies)
	if !ok || len(s.Changes) != 4 || !Decide(req, s.Apply(req, policies)).Allowed {
		t.Errorf("%v %v", s.Changes, ok)
	}
}

// TestServiceWithoutSource: nothing to tie a service's permission to.
func TestServiceWithoutSource(t *testing.T) {
	ctx := new(Context)
	ctx.Set("aws:SourceArn", "${weird}")
	req := &Request{Principal: Principal{Type: Service, Service: "sns.amazonaws.com"}, Action: "sqs:SendMessage", Resource: "arn:aws:sqs:us-east-1:1:q", Context: ctx}
	s, ok := Suggest(req, &Policies{})
	want := `add to a new resource-based policy: {"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:1:q"}`
	if !ok || s.Changes[0].String() != want {
		t.Errorf("%v", s.Changes)
	}
}

// TestNames: every layer, reason, kind and code has a name.
func TestNames(t *testing.T) {
	for l := LayerNone; l <= LayerGrant; l++ {
		if b, err := l.MarshalText(); err != nil || len(b) == 0 {
			t.Errorf("layer %d: %q %v", l, b, err)
		}
	}
	for r := ImplicitDeny; r <= AllowedAlways; r++ {
		if b, err := r.MarshalText(); err != nil || len(b) == 0 {
			t.Errorf("reason %d: %q %v", r, b, err)
		}
	}
	for k := IdentityPolicy; k <= RCP; k++ {
		if k.String() == "" {
			t.Errorf("kind %d has no name", k)
		}
	}
	for c := UnknownElement; c <= TooLarge; c++ {
		if c.String() == "" {
			t.Errorf("code %d has no name", c)
		}
	}
}

// TestCoverage: what requests have exercised so far.
func TestCoverage(t *testing.T) {
	d := must(t, `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"},
		{"Effect":"Deny","Action":"sqs:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}},
		{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}`)
	policies := &Policies{Identity: []*Policy{{Document: d}}}
	var c Coverage
	if diff := cmp.Diff(make([]Count, 3), c.Counts(d)); diff != "" {
		t.Error(diff)
	}
	for _, secure := range []bool{true, true, false} {
		ctx := new(Context)
		ctx.SetBool("aws:SecureTransport", secure)
		who := Principal{Type: User, Account: "1", ARN: "arn:aws:iam::1:user/b"}
		c.Observe(&Request{Principal: who, Action: "sqs:SendMessage", Resource: "*", Context: ctx}, policies)
		c.Observe(&Request{Principal: who, Action: "sts:GetCallerIdentity", Resource: "*", Context: ctx}, policies)
		c.Observe(&Request{Principal: Principal{Type: Service, Service: "x"}, Action: "sqs:SendMessage", Resource: "*", Context: ctx}, policies)
	}
	want := []Count{{Allowed: 3}, {Denied: 1, ConditionFailed: 2}, {Unmatched: 3}}
	if diff := cmp.Diff(want, c.Counts(d)); diff != "" {
		t.Error(diff)
	}
	(*Coverage)(nil).Observe(&Request{Principal: Principal{Type: Root, Account: "1"}, Action: "sqs:SendMessage", Resource: "*"}, policies)
	c.Observe(&Request{Principal: Principal{Type: Root, Account: "1"}, Action: "sqs:SendMessage", Resource: "*"}, policies)
	c.Reset()
	if diff := cmp.Diff(make([]Count, 3), c.Counts(d)); diff != "" {
		t.Error(diff)
	}
}

// TestCoverageCountsAnew: after a reset, and apart from another coverage; and it allocates
// nothing where it knows the policies.
func TestCoverageCountsAnew(t *testing.T) {
	d := must(t, `{"Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"*"}}`)
	policies := &Policies{Identity: []*Policy{{Document: d}}}
	req := &Request{Principal: caller, Action: "sqs:SendMessage", Resource: "*", Context: new(Context)}
	var c, other Coverage
	check := func(when string, c *Coverage, want uint64) {
		t.Helper()
		if got := c.Counts(d)[0]; got != (Count{Allowed: want}) {
			t.Errorf("%s: %+v, want %d allowed", when, got, want)
		}
	}
	c.Observe(req, policies)
	c.Reset()
	check("after the reset", &c, 0)
	c.Observe(req, policies)
	other.Observe(req, policies)
	c.Observe(req, policies)
	check("counted anew", &c, 2)
	check("another", &other, 1)
	c.documents.Store(weak.Make(d), &documentCounts{of: &c, statements: make([]statementCounts, 1)})
	d.counted.Store(nil)
	c.Observe(req, policies)
	check("stored during a reset", &c, 1)
	if n := testing.AllocsPerRun(100, func() { c.Observe(req, policies) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestCoverageForgets: policies that are replaced again and again, and session
// policies, leave no counts behind.
func TestCoverageForgets(t *testing.T) {
	var c Coverage
	req := &Request{Principal: Principal{Type: User, Account: "1"}, Action: "sqs:SendMessage", Resource: "*"}
	kept := must(t, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"*"}}`)
	c.Observe(req, &Policies{Identity: []*Policy{{Document: kept}}})
	for range 100 {
		replaced := must(t, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
		c.Observe(req, &Policies{Identity: []*Policy{{Document: replaced}}})
	}
	counted := func() (n int) {
		c.documents.Range(func(any, any) bool { n++; return true })
		return n
	}
	for deadline := time.Now().Add(10 * time.Second); counted() > 1; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d documents are counted, of which one is in use", counted())
		}
		runtime.GC()
	}
	if diff := cmp.Diff([]Count{{Allowed: 1}}, c.Counts(kept)); diff != "" {
		t.Error(diff)
	}
}

// TestDecideAllocatesNothing, whatever is decided.
func TestDecideAllocatesNothing(t *testing.T) {
	for _, c := range readCorpus(t) {
		if strings.Contains(c.name, "variable") || strings.Contains(c.name, "StringEqualsIgnoreCase") {
			continue // variables inside some values need room
		}
		if n := testing.AllocsPerRun(1, func() { Decide(&c.request, &c.policies) }); n != 0 {
			t.Errorf("%s: %v allocations", c.name, n)
		}
	}
}
