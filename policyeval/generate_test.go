package policyeval

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// generator makes requests and policies that nearly match each other: what
// goes wrong in an evaluator goes wrong one character, one second or one bit
// away from a match.
type generator struct {
	*rand.Rand
	oracle oracleRequest
	judged bool // the oracle is to have the policies, too
}

func newGenerator(seed uint64) *generator {
	const keys = 16 // as many as a context has at the most
	return &generator{Rand: rand.New(rand.NewPCG(seed, 17)), oracle: oracleRequest{
		context: make(map[string][]string, keys), multi: make(map[string]bool, keys), encryptionContext: map[string]string{},
	}}
}

// chance is true n times in 100.
func (g *generator) chance(n int) bool { return g.IntN(100) < n }

func pick[T any](g *generator, values ...T) T { return values[g.IntN(len(values))] }

const (
	accountA = "111122223333"
	accountB = "444455556666"
)

func (g *generator) account() string {
	if g.chance(75) {
		return accountA
	}
	return accountB
}

// caller makes up who calls.
func (g *generator) caller() {
	o := &g.oracle
	o.account, o.arn, o.issuer, o.id, o.service, o.serviceRole = g.account(), "", "", "", "", false
	o.kind = pick(g, "user", "user", "user", "session", "session", "session", "session", "root", "federated", "service", "anonymous", "web")
	iam, sts := "arn:aws:iam::"+o.account+":", "arn:aws:sts::"+o.account+":"
	switch o.kind {
	case "user":
		o.arn = iam + pick(g, "user/bob", "user/bob", "user/team/bob")
		o.id = pick(g, "", "AIDA1111111111111111")
	case "session":
		o.arn = sts + "assumed-role/app/" + pick(g, "s1", "s2")
		o.issuer = pick(g, "", iam+"role/app", iam+"role/team/app")
		o.id = pick(g, "", "AROA1111111111111111")
		switch {
		case g.chance(5):
			o.issuer, o.serviceRole = iam+"role/aws-service-role/x.amazonaws.com/app", true
		case g.chance(10):
			o.arn, o.issuer = iam+"role/app", iam+"role/app"
		}
	case "root":
		o.arn = iam + "root"
	case "federated":
		o.arn, o.issuer, o.id = sts+"federated-user/fed", iam+"user/bob", "AIDA1111111111111111"
	case "service":
		o.account, o.service = "", "sns.amazonaws.com"
	case "web":
		o.account, o.arn = "", "arn:aws:iam::"+accountA+":oidc-provider/token.example.com"
	default:
		o.account = ""
	}
}

// act makes up what is called.
func (g *generator) act() {
	o := &g.oracle
	o.owner = accountA
	o.action = pick(g, "sqs:SendMessage", "sqs:SendMessage", "sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteQueue", "sqs:PurgeQueue",
		"sns:Publish", "kms:Decrypt", "kms:Decrypt", "kms:DescribeKey", "kms:RetireGrant", "kms:PutKeyPolicy", "sts:AssumeRole", "sts:AssumeRole",
		"sts:TagSession", "sts:GetCallerIdentity", "s3:GetObject", "iam:GetRole", "kms:ListKeys")
	service, _, _ := strings.Cut(o.action, ":")
	o.rcpSupported = service == "sqs" || service == "kms" || service == "sts" || service == "s3"
	o.rcpSupported = o.rcpSupported && o.action != "kms:RetireGrant"
	switch service {
	case "sqs", "sns":
		o.resource = "arn:aws:" + service + ":" + pick(g, "us-east-1", "us-east-1", "eu-west-1") + ":" + o.owner + ":" + pick(g, "q", "app-q", "app-dlq", "bob-q", "a*b")
	case "kms":
		o.resource = "arn:aws:kms:us-east-1:" + o.owner + ":" + pick(g, "key/1234", "key/1234", "alias/x")
	case "sts", "iam":
		o.resource = "arn:aws:iam::" + o.owner + ":role/" + pick(g, "target", "team/target")
	case "s3":
		o.resource = "arn:aws:s3:::" + pick(g, "b/k", "b/x:y/z", "b")
	}
	if o.action == "kms:ListKeys" || o.action == "sts:GetCallerIdentity" {
		o.resource, o.owner = "*", o.account
	}
	if g.chance(5) {
		o.action = g.spell(o.action)
	}
}

// spell changes the case of a text.
func (g *generator) spell(s string) string {
	return pick(g, strings.ToUpper, strings.ToLower, func(s string) string { return s })(s)
}

// keys are what a context is made of, with values near each other.
var generatedKeys = []struct {
	name, family string
	multi        bool
	values       []string
}{
	{"aws:username", "String", false, []string{"bob", "Bob", "bobb", "b*b", ""}},
	{"aws:PrincipalTag/team", "String", false, []string{"a", "A", "app", "ab"}},
	{"aws:ResourceTag/team", "String", false, []string{"a", "A", "app"}},
	{"aws:SourceIp", "IpAddress", false, []string{"10.0.0.0", "10.0.0.255", "10.0.1.0", "9.255.255.255", "2001:db8::1", "2001:db7:ffff::1", "::ffff:10.0.0.0", "10.0.0"}},
	{"aws:SecureTransport", "Bool", false, []string{"true", "false", "True", "1"}},
	{"aws:CurrentTime", "Date", false, []string{"2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z", "2026-01-01T00:00:01Z", "2026-01-01T02:00:00+02:00", "2026-01-01", "1767225600", "1767225599", "soon"}},
	{"aws:MultiFactorAuthAge", "Numeric", false, []string{"10", "10.0", "9", "11", "-10", "010", "ten", "9.999"}},
	{"aws:SourceArn", "Arn", false, []string{"arn:aws:sns:us-east-1:111122223333:t", "arn:aws:sns:us-east-1:111122223334:t", "arn:aws:sns:us-east-1:111122223333:T", "arn:aws:s3:::b", "arn:aws:sns:us-east-1:t", "arn:aws:sns:us-east-1:111122223333:t:u"}},
	{"aws:PrincipalArn", "Arn", false, []string{"arn:aws:iam::111122223333:role/app", "arn:aws:iam::111122223333:user/bob"}},
	{"aws:TagKeys", "String", true, []string{"team", "Team", "cost", "te", ""}},
	{"aws:CalledVia", "String", true, []string{"sqs.amazonaws.com", "sns.amazonaws.com"}},
	{"x:data", "Binary", false, []string{"aGVsbG8=", "aGVsbG8", "aGVsbG9=", "b3RoZXI="}},
	{"x:region", "String", false, []string{"us-east-1", "us-east-1:111122223333"}},
}

// generatedLower are their names in lower case.
var generatedLower = func() (names []string) {
	for _, k := range generatedKeys {
		names = append(names, strings.ToLower(k.name))
	}
	return names
}()

// environment makes up the context.
func (g *generator) environment() {
	o := &g.oracle
	o.keys = o.keys[:0]
	clear(o.context)
	clear(o.multi)
	clear(o.encryptionContext)
	set := func(key string, multi bool, values ...string) {
		o.context[key], o.multi[key] = values, multi
		o.keys = append(o.keys, key)
	}
	for i, k := range generatedKeys {
		if g.chance(35) {
			continue
		}
		multi := k.multi != g.chance(4)
		values := []string{pick(g, k.values...)}
		for multi && g.chance(50) {
			values = append(values, pick(g, k.values...))
		}
		set(generatedLower[i], multi, values...)
	}
	if strings.HasPrefix(strings.ToLower(o.action), "kms:") && g.chance(70) {
		for _, k := range []string{"Dept", "Team"} {
			if g.chance(60) {
				o.encryptionContext[k] = pick(g, "IT", "it")
			}
		}
	}
	keys := slices.Sorted(maps.Keys(o.encryptionContext))
	for _, k := range keys {
		set("kms:encryptioncontext:"+strings.ToLower(k), false, o.encryptionContext[k])
	}
	if keys != nil {
		set("kms:encryptioncontextkeys", true, keys...)
	}
}

// near changes little or nothing about a text.
func (g *generator) near(s string, wild bool) string {
	if s == "" || g.chance(45) {
		return s
	}
	i := g.IntN(len(s))
	j := i + g.IntN(len(s)-i+1)
	switch n := g.IntN(100); {
	case n < 25 && wild:
		return s[:i] + "*" + s[j:]
	case n < 40 && wild:
		return s[:i] + "?" + s[i+1:]
	case n < 50:
		return g.variable(s)
	case n < 60:
		return s[:i] + g.spell(s[i:i+1]) + s[i+1:]
	case n < 70:
		return s[:i] + s[i+1:]
	case n < 80:
		return s[:i] + "x" + s[i:]
	case n < 85:
		return s + "x"
	case n < 90:
		return s[:i] + pick(g, "1", "4", "b", ":", "/") + s[i+1:]
	default:
		return s[:i] + pick(g, "*", "?", "${*}", "${?}", "${$}", "$") + s[j:]
	}
}

// variable puts a variable where its value stands, or somewhere.
func (g *generator) variable(s string) string {
	for _, key := range g.oracle.keys {
		if value := g.oracle.context[key][0]; value != "" && strings.Contains(s, value) && g.chance(60) {
			text := "${" + key + "}"
			if g.chance(30) {
				text = "${" + key + ", '" + pick(g, value, "other", "*") + "'}"
			}
			return strings.Replace(s, value, text, 1)
		}
	}
	i := g.IntN(len(s) + 1)
	return s[:i] + pick(g, "${aws:username}", "${aws:missing}", "${aws:PrincipalTag/team, 'a'}", "${aws:missing,'x'}", "${", "${}") + s[i:]
}

// one or several.
func (g *generator) list(values []string) any {
	if len(values) == 1 && g.chance(60) {
		return values[0]
	}
	return values
}

func (g *generator) some(one func() string) any {
	values := []string{one()}
	for g.chance(30) {
		values = append(values, one())
	}
	return g.list(values)
}

func (g *generator) actionText() string {
	if g.chance(15) {
		return pick(g, "*", "sqs:*", "kms:*", "s?s:*", "sts:AssumeRole", "sqs:Send*", "*:*")
	}
	a := g.near(g.oracle.action, true)
	return strings.ReplaceAll(a, "${", "")
}

func (g *generator) resourceText() string {
	o := &g.oracle
	if o.resource == "*" || g.chance(20) {
		return pick(g, "*", "*", "arn:aws:sqs:us-east-1:111122223333:*", "arn:aws:sqs", "arn:aws:*:*:*:*", "q", "arn:aws:kms:us-east-1")
	}
	parts := strings.SplitN(o.resource, ":", 6)
	if g.chance(40) {
		i := 1 + g.IntN(5)
		parts[i] = pick(g, "*", g.near(parts[i], true), parts[i]+"*", "")
		return strings.Join(parts, ":")
	}
	parts[5] = g.near(parts[5], true)
	return strings.Join(parts, ":")
}

// principalValue is near one of the caller's names.
func (g *generator) principalValue() string {
	o := &g.oracle
	account := pick(g, o.account, o.account, accountA, accountB)
	names := []string{
		o.arn, o.arn, account, "arn:aws:iam::" + account + ":root", "arn:aws:iam::" + account + ":user/bob",
		"arn:aws:iam::" + account + ":role/app", "arn:aws:iam::" + account + ":role/team/app",
		"arn:aws:sts::" + account + ":assumed-role/app/s1", "arn:aws:sts::" + account + ":federated-user/fed",
		"AIDA1111111111111111", "AROA1111111111111111",
	}
	if o.issuer != "" {
		names = append(names, o.issuer, o.issuer)
	}
	return strings.ReplaceAll(g.near(pick(g, names...), true), "$", "")
}

func (g *generator) principalMap() any {
	if g.chance(12) {
		return "*"
	}
	p := map[string]any{}
	if g.chance(85) {
		p["AWS"] = g.some(func() string {
			if g.chance(4) {
				return "*"
			}
			return g.principalValue()
		})
	}
	if g.chance(20) {
		p["Service"] = pick(g, "sns.amazonaws.com", "s3.amazonaws.com", "sns.us-east-1.amazonaws.com")
	}
	if g.chance(10) {
		p["Federated"] = pick(g, "arn:aws:iam::"+accountA+":oidc-provider/token.example.com", "arn:aws:iam::"+accountA+":oidc-provider/other")
	}
	return p
}

var generatedOperators = map[string][]string{
	"String": {"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike"},
	"Numeric": {
		"NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals",
	},
	"Date":      {"DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"},
	"Bool":      {"Bool"},
	"Binary":    {"BinaryEquals"},
	"IpAddress": {"IpAddress", "NotIpAddress"},
	"Arn":       {"ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"},
}

var generatedFamilies = slices.Sorted(maps.Keys(generatedOperators))

func (g *generator) conditions() map[string]any {
	all := map[string]any{}
	for range 1 + g.IntN(2) {
		k := generatedKeys[g.IntN(len(generatedKeys))]
		family := k.family
		if g.chance(10) {
			family = pick(g, generatedFamilies...)
		}
		operator := pick(g, generatedOperators[family]...)
		values := g.some(func() string { return g.conditionValue(family, k.name, k.values) })
		switch {
		case g.chance(8):
			operator, values = "Null", pick[any](g, "true", "false", true, "x")
		case k.multi && g.chance(85) || g.chance(10):
			operator = pick(g, "ForAllValues:", "ForAnyValue:") + operator
			fallthrough
		default:
			if g.chance(15) {
				operator += "IfExists"
			}
		}
		if g.chance(3) {
			operator = pick(g, "StringMatches", "NotBool", strings.ToUpper(operator), strings.ToLower(operator))
		}
		keys, _ := all[operator].(map[string]any)
		if keys == nil {
			keys = map[string]any{}
		}
		keys[k.name] = values
		all[operator] = keys
	}
	return all
}

func (g *generator) conditionValue(family, key string, values []string) string {
	value := pick(g, values...)
	if got := g.oracle.context[strings.ToLower(key)]; got != nil && g.chance(70) {
		value = pick(g, got...)
	}
	switch family {
	case "IpAddress":
		return pick(g, value, "10.0.0.0/24", "10.0.0.0/23", "10.0.0.128/25", "9.0.0.0/8", "0.0.0.0/0", "2001:db8::/32", "2001:db8::/31", "::/0", "10.0.0.0/33")
	case "Date":
		if t, err := time.Parse(time.RFC3339, value); err == nil && g.chance(50) {
			t = t.Add(time.Duration(g.IntN(3)-1) * time.Second)
			return pick(g, t.UTC().Format(time.RFC3339), t.In(time.FixedZone("", 3600*(g.IntN(25)-12))).Format(time.RFC3339), fmt.Sprint(t.Unix()))
		}
		return value
	case "Binary":
		return pick(g, value, base64.StdEncoding.EncodeToString([]byte("hello")), "?")
	case "Numeric", "Bool":
		return pick(g, value, value, "10", "10.00", "-9.5", "true", "FALSE", "${aws:username}")
	default:
		return g.near(value, true)
	}
}

// statement is near the request. kind is the layer's.
func (g *generator) statement(kind string) map[string]any {
	s := map[string]any{"Effect": "Allow"}
	if g.chance(22) {
		s["Effect"] = "Deny"
	}
	if g.chance(92) {
		s["Action"] = g.some(g.actionText)
	} else {
		s["NotAction"] = g.some(g.actionText)
	}
	switch {
	case g.chance(80):
		s["Resource"] = g.some(g.resourceText)
	case g.chance(40):
		s["NotResource"] = g.some(g.resourceText)
	case kind != "resource" && g.chance(80):
		s["Resource"] = "*"
	}
	switch kind {
	case "resource":
		switch {
		case g.chance(85):
			s["Principal"] = g.principalMap()
		case g.chance(80):
			s["NotPrincipal"] = g.principalMap()
		}
	case "endpoint", "rcp":
		s["Principal"] = pick[any](g, "*", "*", g.principalMap())
	default:
		if g.chance(2) {
			s["Principal"] = g.principalMap()
		}
	}
	if g.chance(45) {
		s["Condition"] = g.conditions()
	}
	return s
}

// document is the text of a document near the request.
func (g *generator) document(kind string) string {
	d := map[string]any{}
	if g.chance(85) {
		d["Version"] = "2012-10-17"
	} else if g.chance(50) {
		d["Version"] = "2008-10-17"
	}
	statements := []any{}
	for range 1 + g.IntN(3) {
		statements = append(statements, g.statement(kind))
	}
	if (kind == "scp" || kind == "boundary" || kind == "endpoint" || kind == "session") && g.chance(60) {
		statements = append(statements, map[string]any{"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"})
		if kind != "endpoint" {
			delete(statements[len(statements)-1].(map[string]any), "Principal")
		}
	}
	d["Statement"] = statements
	if len(statements) == 1 && g.chance(40) {
		d["Statement"] = statements[0]
	}
	b, err := json.Marshal(d)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// generated is a request and its policies, for the package.
type generated struct {
	request  Request
	policies Policies
}

func (g *generator) policies(tb testing.TB) Policies {
	o := &g.oracle
	o.identity, o.boundary, o.session, o.endpoint, o.resourcePolicy, o.scps, o.rcps, o.grants = nil, nil, nil, nil, nil, nil, nil, nil
	var p Policies
	one := func(kind string, list *[]map[string]any) *Policy {
		text := g.document(kind)
		if g.judged {
			*list = append(*list, oracleDocument(text))
		}
		return &Policy{Name: kind, Document: must(tb, text)}
	}
	for g.chance(65) && len(p.Identity) < 3 {
		p.Identity = append(p.Identity, one("identity", &o.identity))
	}
	if g.chance(20) {
		p.Boundary = []*Policy{one("boundary", &o.boundary)}
	}
	if g.chance(20) || o.kind == "federated" && g.chance(80) {
		p.Session = []*Policy{one("session", &o.session)}
	}
	if g.chance(8) {
		p.Endpoint = []*Policy{one("endpoint", &o.endpoint)}
	}
	if g.chance(75) {
		var list []map[string]any
		p.Resource = one("resource", &list)
		if g.judged {
			o.resourcePolicy = list[0]
		}
	}
	for g.chance(15) && len(p.SCPs) < 3 {
		var list []map[string]any
		p.SCPs = append(p.SCPs, []*Policy{one("scp", &list)})
		o.scps = append(o.scps, list)
	}
	if g.chance(8) {
		var list []map[string]any
		p.RCPs = append(p.RCPs, []*Policy{one("rcp", &list)})
		o.rcps = append(o.rcps, list)
	}
	if strings.HasPrefix(strings.ToLower(o.action), "kms:") {
		for g.chance(40) && len(p.Grants) < 2 {
			p.Grants = append(p.Grants, g.grant())
		}
	}
	return p
}

func (g *generator) grant() Grant {
	_, verb, _ := strings.Cut(g.oracle.action, ":")
	grant := Grant{ID: fmt.Sprint(g.IntN(1000)), Grantee: g.principalValue(), Operations: []string{pick(g, verb, verb, "Encrypt", "RetireGrant")}}
	if g.oracle.kind == "service" && g.chance(50) {
		grant.Grantee = "sns.amazonaws.com"
	}
	if g.chance(30) {
		grant.Retiring = g.principalValue()
	}
	pairs := maps.Clone(g.oracle.encryptionContext)
	if g.chance(30) {
		pairs["Dept"] = pick(g, "IT", "it")
	}
	if g.chance(20) {
		delete(pairs, "Team")
	}
	switch {
	case g.chance(25):
		grant.EncryptionContextEquals = pairs
	case g.chance(25):
		grant.EncryptionContextSubset = pairs
	}
	g.oracle.grants = append(g.oracle.grants, oracleGrant{
		grant.Grantee, grant.Retiring, grant.Operations, grant.EncryptionContextEquals, grant.EncryptionContextSubset,
	})
	return grant
}

var generatedTypes = map[string]PrincipalType{
	"anonymous": Anonymous, "root": Root, "user": User, "session": AssumedRole, "federated": FederatedUser, "service": Service, "web": WebIdentity,
}

// request is the oracle's request for the package.
func (g *generator) request() Request {
	o := &g.oracle
	c := NewContext(len(o.context))
	for _, k := range o.keys {
		if o.multi[k] {
			c.SetList(k, o.context[k])
		} else {
			c.Set(k, o.context[k][0])
		}
	}
	return Request{
		Principal: Principal{
			Type: generatedTypes[o.kind], Account: o.account, ARN: o.arn, IssuerARN: o.issuer, ID: o.id, Service: o.service,
		},
		Action: o.action, Resource: o.resource, ResourceAccount: o.owner, Context: c,
	}
}

// next makes a request with policies near it.
func (g *generator) next(tb testing.TB) *generated {
	g.caller()
	g.act()
	g.environment()
	p := g.policies(tb)
	return &generated{g.request(), p}
}

// vary changes the request a little and keeps the policies.
func (g *generator) vary(c *generated) {
	if g.chance(40) {
		grants, kind := g.oracle.grants, g.oracle.kind
		g.caller()
		g.oracle.grants = grants
		if g.chance(50) && kind != g.oracle.kind {
			g.caller()
		}
	}
	if g.oracle.resource == "*" {
		g.oracle.owner = g.oracle.account
	}
	g.environment()
	c.request = g.request()
}

func (c *generated) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "principal %+v\naction %s\nresource %s of %q\n", c.request.Principal, c.request.Action, c.request.Resource, c.request.ResourceAccount)
	for k, v := range c.request.Context.All() {
		_, multi, _ := c.request.Context.Get(k)
		fmt.Fprintf(&b, "  %s = %q %v\n", k, v, multi)
	}
	for _, p := range everyPolicy(&c.policies) {
		fmt.Fprintf(&b, "%s: %s\n", p.Name, p.Document.Text())
	}
	for _, grant := range c.policies.Grants {
		fmt.Fprintf(&b, "grant %+v\n", grant)
	}
	return b.String()
}

func everyPolicy(p *Policies) []*Policy {
	var all []*Policy
	p.each(func(policy *Policy) { all = append(all, policy) })
	return all
}
