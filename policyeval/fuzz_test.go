package policyeval

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// seedDocuments are the corpus's documents and a few broken ones.
func seedDocuments(f *testing.F) {
	for i, c := range readCorpus(f) {
		if i%7 != 0 {
			continue
		}
		for _, p := range everyPolicy(&c.policies) {
			f.Add(p.Document.Text())
		}
	}
	for _, text := range []string{
		"", "{}", "[]", "null", `{"Statement":[]}`, `{"Statement":{}}`, `{"Statement":{"Effect":"Allow"}}`, `{"Statement":{"Effect":"allow"}}`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":[1]}}]}`, "{\"Statement\":\x00}", `{"Id":"é\ud83d\ude00\ud83d"}`,
		`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringLike":{"k":["${","${a,'b'}","*a?b*"]}}}}`,
	} {
		f.Add(text)
	}
}

// FuzzParse: whatever the text, no part of the package panics on it.
func FuzzParse(f *testing.F) {
	seedDocuments(f)
	f.Fuzz(func(t *testing.T, text string) {
		d, err := Parse(text)
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Line < 1 || syntax.Column < 1 || syntax.Message == "" {
				t.Fatalf("error %#v", err)
			}
			if !syntax.JSON && !json.Valid([]byte(text)) {
				t.Fatalf("%q is no JSON, and the error is %v", text, err)
			}
			return
		}
		if !json.Valid([]byte(text)) {
			t.Fatalf("%q is no JSON and parses", text)
		}
		if d.Text() != text {
			t.Fatalf("text %q became %q", text, d.Text())
		}
		for kind := IdentityPolicy; kind <= RCP; kind++ {
			for _, p := range Validate(d, ValidateOptions{Kind: kind, Account: accountA, Exists: func(string) bool { return false }}) {
				_ = p.Error()
			}
			_ = Lint(d, LintContext{Kind: kind, Resource: "arn:aws:sqs:us-east-1:111122223333:q"})
		}
		_, _ = d.ContextKeys(), d.Size()
		if same := d.ReplacePrincipals(func(e PrincipalEntry) string { return e.Value }); same != d {
			t.Fatal("nothing was replaced and the document changed")
		}
		changed := d.ReplacePrincipals(func(PrincipalEntry) string { return "AIDA\"x" })
		for i := range d.statements {
			if len(changed.statements[i].Principal) != len(d.statements[i].Principal) {
				t.Fatal("replacing principals lost some")
			}
			if n := len(d.Without(i).statements); n != len(d.statements)-1 {
				t.Fatalf("without a statement of %d there are %d", len(d.statements), n)
			}
		}
		if more, err := d.With(`{"Effect":"Deny"}`); err != nil || len(more.statements) != len(d.statements)+1 {
			t.Fatalf("with one more statement: %v", err)
		}
	})
}

// FuzzDecide: Decide and Evaluate agree, a Deny that is added never grants,
// the order of statements never matters, and what is suggested helps.
func FuzzDecide(f *testing.F) {
	for i, c := range readCorpus(f) {
		if i%11 != 0 {
			continue
		}
		for _, p := range everyPolicy(&c.policies) {
			f.Add(p.Document.Text(), c.request.Action, c.request.Resource, uint8(i), uint64(i))
		}
	}
	f.Fuzz(func(t *testing.T, text, action, resource string, layer uint8, seed uint64) {
		d, err := Parse(text)
		if err != nil {
			return
		}
		g := newGenerator(seed)
		c := g.next(t)
		c.request.Action, c.request.Resource = action, resource
		policies := []*Policy{{Name: "fuzzed", Document: d}}
		p := c.policies
		switch layer % 7 {
		case 0:
			p.Identity = policies
		case 1:
			p.Boundary = policies
		case 2:
			p.Session = policies
		case 3:
			p.Resource = policies[0]
		case 4:
			p.SCPs = [][]*Policy{policies}
		case 5:
			p.RCPs = [][]*Policy{policies}
		default:
			p.Endpoint = policies
		}
		v := Decide(&c.request, &p)
		e := Evaluate(&c.request, &p)
		if e.Verdict != v {
			t.Fatalf("Decide says %+v, Evaluate %+v", v, e.Verdict)
		}
		if e.Text(TextOptions{All: true}) == "" {
			t.Fatal("no explanation")
		}
		if _, err := json.Marshal(e); err != nil {
			t.Fatal(err)
		}
		denied, err := d.With(`{"Effect":"Deny","Action":` + quote(action) + `,"Resource":"*","Principal":"*"}`)
		if err != nil {
			t.Fatal(err)
		}
		q := replacePolicy(p, policies[0], &Policy{Name: "fuzzed", Document: denied})
		if after := Decide(&c.request, &q); after.Allowed && !v.Allowed {
			t.Fatalf("a deny turned %+v into %+v", v, after)
		}
		reversed := `{"Version":` + quote(d.version) + `,"Statement":[`
		for i := len(d.statements) - 1; i >= 0; i-- {
			reversed += d.text[d.statements[i].begin:d.statements[i].end] + ","
		}
		q = replacePolicy(p, policies[0], &Policy{Name: "fuzzed", Document: must(t, strings.TrimSuffix(reversed, ",")+"]}")})
		if err := same(v, Decide(&c.request, &q)); err != nil {
			t.Fatal(err)
		}
		if s, ok := Suggest(&c.request, &p); ok {
			if after := Decide(&c.request, s.Apply(&c.request, &p)); !after.Allowed {
				t.Fatalf("with %v it is %+v", s.Changes, after)
			}
		}
		var coverage Coverage
		coverage.Observe(&c.request, &p)
		if counts := coverage.Counts(d); len(counts) != len(d.statements) {
			t.Fatal("counts are missing")
		}
	})
}

// FuzzGlob compares patterns with the oracle's table.
func FuzzGlob(f *testing.F) {
	for _, seed := range [][3]string{
		{"a*b", "axxb", "v"}, {"*a?b*c", "xa1bc", "v"}, {"${k}*", "value-1", "value"}, {"*${k}?", "avx", "v"}, {"a?b?c?d*?", "a1b2c3dx", ""},
		{"*a*a*a*b", "aaaaaaaaaa", "a"}, {"${k, 'd'}${missing,'*'}", "v*", "v"}, {"é?*ü", "éxyü", ""}, {"*??*", "ab", ""}, {"${*}${?}${$}", "*?$", ""},
		{"arn:aws:sns:*:${k}:t*", "arn:aws:sns:us-east-1:1:topic", "1"}, {"*a${k}b?c*", "xxavb1cxx", "v"}, {"*?${k}*", "1v", "v"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, text, s, value string) {
		if !utf8.ValidString(text) || !utf8.ValidString(s) || !utf8.ValidString(value) || len(text) > 200 || len(s) > 200 {
			return
		}
		o := &oracleRequest{context: map[string][]string{"k": {value}}, multi: map[string]bool{}}
		c := new(Context)
		c.Set("k", value)
		for _, variables := range []bool{true, false} {
			for _, wild := range []bool{true, false} {
				p := newPattern(text, wild, variables)
				if got, want := p.matches(s, c), oracleGlob(oraclePattern(text, wild, o.lookupIf(variables)), s); got != want {
					t.Fatalf("%q (wild %v, variables %v) matches %q: %v, want %v", text, wild, variables, s, got, want)
				}
			}
			p := compileARNValue(text, variables)
			if got, want := p.matches(s, c), oracleARN(o, text, s, variables); got != want {
				t.Fatalf("ARN %q (variables %v) matches %q: %v, want %v", text, variables, s, got, want)
			}
		}
	})
}

// FuzzValues: numbers, dates and addresses as the oracle reads them.
func FuzzValues(f *testing.F) {
	for _, seed := range [][2]string{
		{"1", "1.0"}, {"-0", "0"}, {"2026-01-01T00:00:00Z", "1767225600"}, {"2026-01-01T00:00:00+01:00", "2025-12-31T23:00:00Z"},
		{"10.0.0.0/8", "10.1.2.3"}, {"2001:db8::/32", "2001:db8::1"}, {"::ffff:1.2.3.4", "1.2.3.4"}, {"2024-02-29", "2023-02-29"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, want, got string) {
		for _, name := range []string{"numericlessthan", "numericequals", "ipaddress", "bool", "binaryequals"} {
			if strings.Contains(got+want, "%") {
				continue // zones of addresses
			}
			matched := operators[name].compile([]string{want}, false).matches(got, nil)
			if oracle := oracleCompare[name](&oracleRequest{}, want, got, false); matched != oracle {
				t.Fatalf("%s %q, %q: %v, want %v", name, want, got, matched, oracle)
			}
		}
	})
}
