package policyeval

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestSyntax: what is no policy document, where, and whether it is JSON at all.
func TestSyntax(t *testing.T) {
	const statement = `{"Effect":"Allow","Action":"*","Resource":"*"}`
	deep := strings.Repeat("[", 30)
	var wide strings.Builder
	for i := range 1001 {
		fmt.Fprintf(&wide, `"k%04d":1,`, i)
	}
	for _, c := range []struct {
		text         string
		line, column int
		message      string
		json         bool
	}{
		{"", 1, 1, "expected a value, found end of text", true},
		{"nope", 1, 1, "expected a value, found 'n'", true},
		{"{\"Statement\":\n  [\n  \"é\xff\"]}", 3, 5, "the text is not UTF-8", true},
		{`{"Statement":[]} x`, 1, 18, "unexpected 'x' after the document", true},
		{"{\n\"a\" 1}", 2, 5, `expected ':' after the name "a", found '1'`, true},
		{`{"a":1,}`, 1, 8, "expected a name in double quotes, found '}'", true},
		{`{"a":1 "b":2}`, 1, 8, `expected ',' or '}', found '"'`, true},
		{`{"a":[1 2]}`, 1, 9, `expected ',' or ']', found '2'`, true},
		{`{"a":[1,nope]}`, 1, 9, "expected a value, found 'n'", true},
		{`{"a":nope}`, 1, 6, "expected a value, found 'n'", true},
		{`{"a":1,"a":2}`, 1, 8, `the name "a" stands twice in one object`, true},
		{`{"a`, 1, 2, "a string is not closed", true},
		{`{"a\`, 1, 4, "a string is not closed", true},
		{`{"a\x":1}`, 1, 4, "a string holds an unknown escape", true},
		{`{"a\u12g4":1}`, 1, 4, "a string holds an unknown escape", true},
		{`{"a\u12`, 1, 4, "a string holds an unknown escape", true},
		{"{\"a\tb\":1}", 1, 4, "a string holds a control character", true},
		{`{"a":-}`, 1, 6, "a number is malformed", true},
		{`{"a":01}`, 1, 6, "a number is malformed", true},
		{`{"a":1.}`, 1, 6, "a number is malformed", true},
		{`{"a":1e}`, 1, 6, "a number is malformed", true},
		{`{"a":1.5e+3,"b":2E-1,"c":}`, 1, 26, "expected a value, found '}'", true},
		{`{"a":` + deep, 1, 26, "nested too deeply", true},
		{"{" + wide.String(), 1, 10002, "an object of more than 1000 members", true},
		{`{"a":tru}`, 1, 6, "expected a value, found 't'", true},
		{`[]`, 1, 1, "a policy document must be an object, not a list", false},
		{`{}`, 1, 1, "the document has no Statement", false},
		{`{"Version":1,"Statement":[]}`, 1, 12, "Version must be a string, not a number", false},
		{`{"Id":{},"Statement":[]}`, 1, 7, "Id must be a string, not an object", false},
		{`{"Statement":["x"]}`, 1, 15, "a statement must be an object, not a string", false},
		{`{"Statement":null}`, 1, 14, "a statement must be an object, not null", false},
		{`{"Statement":{"Sid":true,"Effect":"Allow"}}`, 1, 21, "Sid must be a string, not true or false", false},
		{`{"Statement":{"Action":"*"}}`, 1, 14, "the statement has no Effect", false},
		{`{"Statement":{"Effect":"allowed"}}`, 1, 24, `Effect must be "Allow" or "Deny"`, false},
		{`{"Statement":{"Effect":["Allow"]}}`, 1, 24, `Effect must be "Allow" or "Deny"`, false},
		{`{"Statement":{"Effect":"Allow","Action":[["*"]]}}`, 1, 42, "Action must be a string, not a list", false},
		{`{"Statement":{"Effect":"Allow","NotAction":{}}}`, 1, 44, "NotAction must be a string, not an object", false},
		{`{"Statement":{"Effect":"Allow","Action":"*","NotAction":[]}}`, 1, 14, "the statement has both Action and NotAction", false},
		{`{"Statement":{"Effect":"Allow","Resource":"*","NotResource":[]}}`, 1, 14, "the statement has both Resource and NotResource", false},
		{`{"Statement":{"Effect":"Allow","Principal":"*","NotPrincipal":{}}}`, 1, 14, "the statement has both Principal and NotPrincipal", false},
		{`{"Statement":{"Effect":"Allow","Principal":["*"]}}`, 1, 44, `Principal must be "*" or an object such as {"AWS": "123456789012"}`, false},
		{`{"Statement":{"Effect":"Allow","NotPrincipal":{"AWS":[1]}}}`, 1, 55, "NotPrincipal must be a string, not a number", false},
		{`{"Statement":{"Effect":"Allow","Condition":[]}}`, 1, 44, "Condition must be an object, not a list", false},
		{`{"Statement":{"Effect":"Allow","Condition":{"Bool":"x"}}}`, 1, 52, "what an operator tests must be an object, not a string", false},
		{`{"Statement":{"Effect":"Allow","Condition":{"Bool":{"k":[null]}}}}`, 1, 58, "a condition's value must be a string, a number or a boolean, not null", false},
	} {
		_, err := Parse(c.text)
		var got *SyntaxError
		if !errors.As(err, &got) {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		want := SyntaxError{Position: Position{c.line, c.column}, Message: c.message, JSON: c.json}
		got.Element, got.Value = "", "" // see TestBucketPolicySyntax
		if *got != want {
			t.Errorf("%s:\n got %+v\nwant %+v", c.text, *got, want)
		}
	}
	err := &SyntaxError{Position: Position{3, 4}, Message: "oh", JSON: true}
	if err.Error() != "line 3, column 4: oh" {
		t.Errorf("error %q", err)
	}
	must(t, `{"Statement":`+statement+`}`)
}

// TestEffectInAnotherCase: IAM's newer parser takes it and its older one does not.
func TestEffectInAnotherCase(t *testing.T) {
	for text, want := range map[string]struct {
		says, iam string
	}{
		`{"Statement":[{"Effect":"Allow"},{"Effect":"denY"},{"Effect":"aLLow"}]}`: {`line 1, column 44: Effect must be "Allow" or "Deny"`, "The policy failed legacy parsing"},
		`{"Statement":[{"Effect":"denY"},{}]}`:                                    {"line 1, column 33: the statement has no Effect", "Syntax errors in policy."},
		`{"Statement":[{"Effect":"denY"}}`:                                        {`line 1, column 32: expected ',' or ']', found '}'`, "This policy contains invalid Json"},
	} {
		_, err := Parse(text)
		syntax, ok := errors.AsType[*SyntaxError](err)
		if !ok || syntax.Error() != want.says || syntax.InIAMsWords() != want.iam {
			t.Errorf("%s: %v, want %+v", text, err, want)
		}
	}
}

// TestStrings: escapes of JSON in names and values.
func TestStrings(t *testing.T) {
	d := must(t, `{"Id":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00|\ud83d|\ud83d\u0041","Version":"2012-10-17","Statement":[]}`)
	if want := "\"\\/\b\f\n\r\té😀|\ufffd|\ufffdA"; d.ID() != want {
		t.Errorf("%q, want %q", d.ID(), want)
	}
	if d.Version() != Version || len(d.Statements()) != 0 {
		t.Errorf("version %q, statements %v", d.Version(), d.Statements())
	}
	if _, err := Parse(`{"Id":"\ud83d\uzzzz","Statement":[]}`); err == nil {
		t.Error("a broken surrogate pair parses")
	}
	b, err := json.Marshal(d)
	if err != nil || !json.Valid(b) {
		t.Errorf("%s %v", b, err)
	}
}

// TestStatements: a document shows its statements as they stand, and where.
func TestStatements(t *testing.T) {
	d := must(t, `{
  "Statement": [
    {"Sid": "é", "Effect": "Deny", "NotPrincipal": {"AWS": ["123456789012"], "Service": "sns.amazonaws.com"},
     "NotAction": "sqs:*", "NotResource": ["*"], "Condition": {"Bool": {"aws:SecureTransport": [true, "x", 1.50]}}},
    {"Effect": "Allow", "Principal": "*", "Action": [], "Resource": "r"}
  ]
}`)
	got := d.Statements()
	if got[0].Begin != (Position{3, 5}) || got[0].End != (Position{4, 116}) || got[1].Begin != (Position{5, 5}) {
		t.Errorf("positions %v-%v, %v", got[0].Begin, got[0].End, got[1].Begin)
	}
	if got[0].Sid != "é" || got[0].Effect != Deny || got[1].Effect.String() != "Allow" || got[0].Effect.String() != "Deny" {
		t.Errorf("%+v", got)
	}
	values := got[0].Conditions[0].Values
	if diff := cmp.Diff([]string{"true", "x", "1.50"}, values); diff != "" {
		t.Error(diff)
	}
	if got[0].Principal != nil || got[0].NotPrincipal[1].Type != "Service" || got[1].Principal[0] != (PrincipalEntry{"AWS", "*", 284, 287, true}) {
		t.Errorf("%+v, %+v", got[0].NotPrincipal, got[1].Principal)
	}
	if got[1].Action == nil || got[0].Action != nil {
		t.Error("an empty list is no missing element")
	}
}

// TestEdit: statements come and go, and the rest of the text stays.
func TestEdit(t *testing.T) {
	const a, b, c = `{"Effect":"Allow","Action":"a"}`, `{"Effect":"Deny","Action":"b"}`, `{"Effect":"Allow","Action":"c"}`
	for _, e := range []struct{ text, with, without0, without1 string }{
		{
			"{ \"Statement\" : [ " + a + " ,\n " + b + " ] }",
			"{ \"Statement\" : [ " + a + " ,\n " + b + "," + c + " ] }",
			"{ \"Statement\" : [ " + b + " ] }",
			"{ \"Statement\" : [ " + a + " ] }",
		},
		{"{\"Statement\":" + a + "}", "{\"Statement\":[" + a + "," + c + "]}", "{\"Statement\":[]}", ""},
		{"{\"Statement\":[ " + a + " ]}", "{\"Statement\":[ " + a + "," + c + " ]}", "{\"Statement\":[  ]}", ""},
		{"{\"Statement\":[]}", "{\"Statement\":[" + c + "]}", "", ""},
	} {
		d := must(t, e.text)
		with, err := d.With(c)
		if err != nil || with.Text() != e.with {
			t.Errorf("%s with: %v, %s", e.text, err, with.Text())
		}
		for i, want := range []string{e.without0, e.without1} {
			if want != "" && d.Without(i).Text() != want {
				t.Errorf("%s without %d: %s", e.text, i, d.Without(i).Text())
			}
		}
	}
	if _, err := must(t, `{"Statement":[]}`).With("{}"); err == nil {
		t.Error("a statement without Effect was added")
	}
	defer func() {
		if recover() == nil {
			t.Error("a broken edit went unnoticed")
		}
	}()
	mustParse("{")
}

// TestReplacePrincipals [D4]: AWS keeps unique ids in place of ARNs.
func TestReplacePrincipals(t *testing.T) {
	d := must(t, `{"Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:user/bob","111122223333"]}},
	{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::111122223333:user/bob"}}]}`)
	got := d.ReplacePrincipals(func(e PrincipalEntry) string {
		if strings.HasSuffix(e.Value, "/bob") {
			return "AIDA1111111111111111"
		}
		return e.Value
	})
	want := `{"Statement":[{"Effect":"Allow","Principal":{"AWS":["AIDA1111111111111111","111122223333"]}},
	{"Effect":"Deny","NotPrincipal":{"AWS":"AIDA1111111111111111"}}]}`
	if got.Text() != want {
		t.Errorf("got %s", got.Text())
	}
}

// TestContextKeys: IAM's GetContextKeysFor… lists keys of conditions and of variables.
func TestContextKeys(t *testing.T) {
	d := must(t, `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"*","Resource":"arn:aws:sqs:*:*:${aws:username}-*","Condition":{"StringLike":{"aws:PrincipalTag/Team":"${aws:ResourceTag/team, 'x'}${*}"},"Bool":{"aws:SecureTransport":"${aws:ignored}"}}},
		{"Effect":"Deny","Action":"*","NotResource":"${AWS:UserName}","Condition":{"Null":{"aws:TokenIssueTime":"true"}}}]}`)
	want := []string{"aws:principaltag/team", "aws:securetransport", "aws:username", "aws:resourcetag/team", "aws:tokenissuetime"}
	if diff := cmp.Diff(want, d.ContextKeys()); diff != "" {
		t.Error(diff)
	}
	if n := must(t, "{ \"Statement\" :\n[\t] }").Size(); n != len(`{"Statement":[]}`) {
		t.Errorf("size %d", n)
	}
}

// TestHugeDocument: a document of thousands of actions is compiled without an index.
func TestHugeDocument(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"Statement":[`)
	for i := range 1100 {
		b.WriteString(`{"Effect":"Allow","Action":"x:A` + strings.Repeat("a", i%7) + `","Resource":"*"},`)
	}
	b.WriteString(`{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}]}`)
	d := must(t, b.String())
	if len(d.index.exact) != 0 {
		t.Error("it has an index")
	}
	req := &Request{Principal: Principal{Type: User, Account: "1", ARN: "u"}, Action: "sqs:SendMessage", Resource: "*"}
	if v := Decide(req, &Policies{Identity: []*Policy{{Document: d}}}); !v.Allowed || v.Statement != 1100 {
		t.Errorf("%+v", v)
	}
}

// Positions are the same in whatever order they are asked for, and those of many statements
// in one long line cost no more than reading it.
func TestPositions(t *testing.T) {
	const text = "é{\n\n  \"ü\"\n}x"
	m := &marker{text: text}
	for _, at := range []int{0, 2, 3, 4, 4, 7, 9, 3, len(text), 0, 12} {
		if got, want := m.of(at), positionOf(text, at); got != want {
			t.Errorf("%d is at %v, want %v", at, got, want)
		}
	}
	if got, want := positionOf(text, len(text)), (Position{4, 3}); got != want {
		t.Errorf("the end is at %v, want %v", got, want)
	}
	const statement = `{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}`
	began := time.Now()
	d := must(t, `{"Statement":[`+strings.Repeat(statement+",", 50_000)+statement+`]}`)
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("a document of 3 MB is read in %v", took)
	}
	if last := d.Statements()[50_000].Begin; last != (Position{1, len(`{"Statement":[`) + 50_000*(len(statement)+1) + 1}) {
		t.Errorf("its last statement begins at %v", last)
	}
}

// TestActionsOutsideASCII: they are compared without regard to case, too.
func TestActionsOutsideASCII(t *testing.T) {
	identity := []*Policy{{Document: must(t, `{"Statement":{"Effect":"Allow","Action":["sqs:SendMessage","x:\u00c4rger"],"Resource":"*"}}`)}}
	req := &Request{Principal: caller, Action: "X:\u00e4RGER", Resource: "*", Context: new(Context)}
	if v := Decide(req, &Policies{Identity: identity}); !v.Allowed {
		t.Errorf("denied: %+v", v)
	}
}
