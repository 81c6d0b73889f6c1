package policyeval

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestContext(t *testing.T) {
	c := new(Context)
	c.Set("aws:UserName", "ann")
	c.Set("aws:username", "bob")
	c.SetList("aws:TagKeys", []string{"a", "b"})
	c.SetBool("aws:SecureTransport", true)
	c.SetInt("aws:MultiFactorAuthAge", 3600)
	c.SetTime(time.Unix(1767225600, 999).In(time.FixedZone("", 3600)))
	c.Set("k", "short key")
	c.Set("aws:PrincipalTag/É", "é")
	want := map[string][]string{
		"aws:username": {"bob"}, "aws:tagkeys": {"a", "b"}, "aws:securetransport": {"true"}, "aws:multifactorauthage": {"3600"},
		"aws:currenttime": {"2026-01-01T00:00:00Z"}, "aws:epochtime": {"1767225600"}, "k": {"short key"}, "aws:principaltag/é": {"é"},
	}
	check := func(c *Context) {
		t.Helper()
		got := map[string][]string{}
		for k, v := range c.All() {
			got[k] = v
		}
		if diff := cmp.Diff(want, got); diff != "" || c.Len() != len(want) {
			t.Error(diff, c.Len())
		}
	}
	check(c)
	for range c.All() {
		break
	}
	copied := c.Clone()
	c.Set("aws:username", "eve")
	c.SetList("aws:tagkeys", nil)
	c.SetList("aws:absent", nil)
	check(copied)
	if _, _, ok := c.Get("aws:TagKeys"); ok {
		t.Error("an empty list is a present key")
	}
	if v, multi, ok := copied.Get("AWS:TAGKEYS"); !ok || !multi || len(v) != 2 {
		t.Error(v, multi, ok)
	}
	c.Reset()
	if c.Len() != 0 {
		t.Error("reset left keys")
	}
	var none *Context
	if _, _, ok := none.Get("aws:username"); ok {
		t.Error("no context has a key")
	}
}

// TestTimesShareTexts: requests within one second share the texts of their time.
func TestTimesShareTexts(t *testing.T) {
	c := NewContext(2)
	now := time.Unix(1_780_000_123, 0)
	c.SetTime(now)
	if n := testing.AllocsPerRun(100, func() { c.SetTime(now.Add(300 * time.Millisecond)) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestContextIsCheap: keys in lower case are set without a copy, in the memory of those before.
func TestContextIsCheap(t *testing.T) {
	c := NewContext(30)
	now := time.Unix(1_780_000_000, 0)
	list := []string{"x"}
	if n := testing.AllocsPerRun(100, func() {
		c.Reset()
		c.Set("aws:principalarn", "a")
		c.Set("aws:principaltag/environment", "b")
		c.SetBool("aws:securetransport", true)
		c.SetTime(now)
		c.SetList("aws:principalorgpaths", list)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestCollidingKeys: keys of equal hash are told apart.
func TestCollidingKeys(t *testing.T) {
	c := new(Context)
	a, b := "aws:prin"+"x"+"/project", "aws:prin"+"y"+"/project"
	if hashKey(a) != hashKey(b) {
		t.Fatal("the keys were to collide")
	}
	c.Set(a, "1")
	c.Set(b, "2")
	if v, _, _ := c.Get(a); v[0] != "1" {
		t.Error(v)
	}
	if v, _, _ := c.Get(b); v[0] != "2" {
		t.Error(v)
	}
}

// TestManyActions: actions without end do not fill the memory.
func TestManyActions(t *testing.T) {
	old := knownActions.Load()
	defer knownActions.Store(old)
	full := map[string]*action{}
	for i := range maxActions {
		full[fmt.Sprint(i)] = nil
	}
	knownActions.Store(&full)
	if a := actionOf("SQS:Sendmessage"); a.name != "sqs:sendmessage" || len(*knownActions.Load()) != maxActions {
		t.Errorf("%+v, %d known", a, len(*knownActions.Load()))
	}
	knownActions.Store(nil)
	if a := actionOf("sqs:SendMessage"); a.verb != "sendmessage" || len(*knownActions.Load()) != 1 {
		t.Errorf("%+v", a)
	}
}

// TestOlderNames: a key that was renamed is one key by both names.
func TestOlderNames(t *testing.T) {
	p := must(t, statementOf(`"Effect":"Allow","Action":"kms:*","Resource":"*","Condition":{"StringEquals":{"kms:CustomerMasterKeySpec":"RSA_2048","kms:KeyUsage":"SIGN_VERIFY"}}`))
	for spec, want := range map[string]bool{"RSA_2048": true, "RSA_4096": false} {
		c := new(Context)
		c.Set("kms:KeySpec", spec)
		c.Set("kms:CustomerMasterKeyUsage", "SIGN_VERIFY")
		policies := &Policies{Identity: []*Policy{{Document: p}}}
		got := Decide(&Request{Principal: Principal{Type: User, Account: "111122223333"}, Action: "kms:Sign", Resource: "*", Context: c}, policies).Allowed
		if got != want {
			t.Errorf("with %s: %v", spec, got)
		}
	}
}

// TestLookupKey: keys are found in any case, tags and contexts by their prefix.
func TestLookupKey(t *testing.T) {
	for name, want := range map[string]string{
		"AWS:USERNAME": "aws:username", "aws:PrincipalTag/x/y": "aws:PrincipalTag/", "kms:EncryptionContext:aws:sqs:arn": "kms:EncryptionContext:",
		"kms:RecipientAttestation:PCR0": "kms:RecipientAttestation:", "sqs:anything": "", "aws:PrincipalTags/x": "", "": "",
	} {
		if key, ok := LookupKey(name); key.Name != want || ok != (want != "") {
			t.Errorf("%s: %+v %v", name, key, ok)
		}
	}
	for _, k := range keyTable {
		if k.Present == "" || k.Type == "" {
			t.Errorf("%s is not described", k.Name)
		}
	}
}

func TestParsePrincipal(t *testing.T) {
	const a = "arn:aws-cn:iam::111122223333:"
	for text, want := range map[string]Principal{
		"anonymous":                       {Type: Anonymous},
		"*":                               {Type: Anonymous},
		"111122223333":                    {Type: Root, Account: "111122223333", ARN: "arn:aws:iam::111122223333:root"},
		a + "root":                        {Type: Root, Account: "111122223333", ARN: a + "root"},
		a + "user/team/bob":               {Type: User, Account: "111122223333", ARN: a + "user/team/bob"},
		a + "role/app":                    {Type: AssumedRole, Account: "111122223333", ARN: a + "role/app", IssuerARN: a + "role/app"},
		"sns.amazonaws.com":               {Type: Service, Service: "sns.amazonaws.com"},
		"sns.amazonaws.com.cn":            {Type: Service, Service: "sns.amazonaws.com.cn"},
		a + "oidc-provider/x.com":         {Type: WebIdentity, ARN: a + "oidc-provider/x.com"},
		a + "saml-provider/corp":          {Type: WebIdentity, ARN: a + "saml-provider/corp"},
		"arn:aws:sts::1:assumed-role/r/s": {Type: AssumedRole, Account: "1", ARN: "arn:aws:sts::1:assumed-role/r/s"},
		"arn:aws:sts::1:federated-user/f": {Type: FederatedUser, Account: "1", ARN: "arn:aws:sts::1:federated-user/f", IssuerARN: "arn:aws:iam::1:user/f"},
	} {
		got, err := ParsePrincipal(text)
		if err != nil || !cmp.Equal(got, want) {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "bob", "arn:aws:iam::1:group/g", "arn:aws:sts::1:assumed-role/r", a + "user/", "arn:aws:s3:::b"} {
		if _, err := ParsePrincipal(text); err == nil {
			t.Errorf("%q is taken for a principal", text)
		}
	}
	if got := (Principal{Type: Service, Service: "x.amazonaws.com"}).String(); got != "x.amazonaws.com" {
		t.Error(got)
	}
}

// TestAdversarialPatterns: no pattern makes matching slow. Each would take
// a quadratic or exponential matcher many times as long.
func TestAdversarialPatterns(t *testing.T) {
	c := new(Context)
	c.Set("k", strings.Repeat("a", 1000)+"b")
	for _, pattern := range []string{
		strings.Repeat("a*", 1000) + "b",
		strings.Repeat("*a", 1000) + "*b",
		"*" + strings.Repeat("a?", 3000) + "b*",
		"*" + strings.Repeat("a", 1000) + "b*",
		"*" + strings.Repeat("?a", 1000) + "*b",
		strings.Repeat("*?", 1000) + "b",
		"*${k}*${k}*",
		"*?${k}*c",
		"*" + strings.Repeat("a", 1100) + "?" + strings.Repeat("a?", 3) + "b*c",
	} {
		p := newPattern(pattern, true, true)
		start := time.Now()
		for _, n := range []int{2000, 20000} {
			if p.matches(strings.Repeat("a", n), c) {
				t.Errorf("%.20s… matches", pattern)
			}
		}
		if d := time.Since(start); d > 2*time.Second {
			t.Errorf("%.20s… takes %v", pattern, d)
		}
	}
}

// TestPatternEdges: what the corpus cannot write down.
func TestPatternEdges(t *testing.T) {
	c := new(Context)
	c.Set("empty", "")
	for _, e := range []struct {
		pattern, s string
		want       bool
	}{
		{"*a?b?c*", "xa\xffb\xffcx", true},  // a stray byte is one character
		{"*a?b?\ufffd*", "a1b2\xff", false}, // and none of the pattern's
		{"*a?b?\ufffd*", "a1b2\ufffd", true},
		{"*${missing}x*", "x", false}, // a variable without a value, after a star
		{"*${missing}", "x", false},
		{"${missing}*", "x", false},
		{"*?", "", false},
		{"*a?", "a", false},
		{"*?${empty}?*", "ab", true},
		{"*${empty}x?*", "zzx", false},
		{"*" + strings.Repeat("a", 1100) + "?b?c*", strings.Repeat("a", 1200) + "xbyc", true},
	} {
		p := newPattern(e.pattern, true, true)
		if got := p.matches(e.s, c); got != e.want {
			t.Errorf("%.30q matches %.30q: %v", e.pattern, e.s, got)
		}
	}
}

// TestLower: with eight bytes at a time, no letter is overlooked.
func TestLower(t *testing.T) {
	for n := range 20 {
		text := strings.Repeat("az[@`{", 4)[:n]
		if lower(text) != text {
			t.Errorf("%q changed", text)
		}
		for i := range n {
			for _, c := range []string{"A", "M", "Z", "É"} {
				upper := text[:i] + c + text[i+1:]
				if got := lower(upper); got != strings.ToLower(upper) {
					t.Errorf("%q became %q", upper, got)
				}
			}
		}
	}
}

// tags is a Source: a request's tags, say.
type tags map[string]string

func (t tags) Value(key string) (string, bool) {
	value, ok := t[key]
	return value, ok
}

func (t tags) Keys() iter.Seq[string] { return slices.Values(slices.Sorted(maps.Keys(t))) }

// A source's keys are the context's, behind those that are set in it.
func TestContextOverASource(t *testing.T) {
	c := new(Context)
	c.SetSource(tags{"aws:sourceip": "192.0.2.1", "aws:userid": "AIDA"})
	c.Set("aws:UserID", "AROA")
	c.SetList("aws:tagkeys", []string{"a", "b"})
	got := map[string]string{}
	for key, values := range c.All() {
		got[key] += strings.Join(values, ",")
	}
	want := map[string]string{"aws:userid": "AROA", "aws:tagkeys": "a,b", "aws:sourceip": "192.0.2.1"}
	if diff := cmp.Diff(want, got); diff != "" || c.Len() != len(want) {
		t.Error(diff, c.Len())
	}
	if values, multi, ok := c.Get("aws:SourceIp"); !ok || multi || values[0] != "192.0.2.1" {
		t.Errorf("aws:SourceIp = %v, %v, %v", values, multi, ok)
	}
	if _, _, ok := c.Get("aws:SourceVpc"); ok {
		t.Error("a key that neither has is there")
	}
	if values, _, _ := c.Clone().Get("aws:SourceIp"); values == nil {
		t.Error("the copy lost its source")
	}
	for range c.All() {
		break
	}
	for key := range c.All() {
		if key == "aws:sourceip" {
			break
		}
	}
	document := must(t, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}}}`)
	v := Decide(&Request{Action: "sqs:SendMessage", Resource: "arn:aws:sqs:us-east-1:123456789012:q", Context: c},
		&Policies{Resource: &Policy{Document: document}})
	if !v.Allowed {
		t.Errorf("%+v: the condition does not see the source", v)
	}
}

func TestContextHas(t *testing.T) {
	var c Context
	c.Set("kms:keyspec", "SYMMETRIC_DEFAULT")
	c.SetList("aws:tagkeys", nil)
	for key, want := range map[string]bool{"kms:KeySpec": true, "kms:CustomerMasterKeySpec": true, "kms:KeyUsage": false, "aws:TagKeys": false} {
		if c.Has(key) != want {
			t.Errorf("%s: %v", key, !want)
		}
	}
}

func TestCompactForm(t *testing.T) {
	c := new(Context)
	c.Set("a:single", "value")
	c.Set("a:empty", "")
	c.Set("a:long", strings.Repeat("x", 300))
	c.SetList("a:list", []string{"one", "", "three"})
	c.SetSource(tags{"a:source": "not set"})
	read := new(Context)
	read.SetFrom(string(c.AppendSet(nil)))
	for _, key := range []string{"a:single", "a:empty", "a:long", "a:list"} {
		want, multi, _ := c.Get(key)
		if got, gotMulti, ok := read.Get(key); !ok || gotMulti != multi || !slices.Equal(got, want) {
			t.Errorf("%s = %q, %v, %v; want %q, %v", key, got, gotMulti, ok, want, multi)
		}
	}
	if read.Len() != 4 {
		t.Errorf("%d keys, want the 4 that are set", read.Len())
	}
}
