package policyeval

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The corpus under testdata/corpus proves the facts about AWS one by one. Its
// files come in two forms, explained in testdata/corpus/README.md: decisions,
// with policies spelled out in short sentences, and tables, which show one
// part of the language (a condition, a resource, an action, a principal) and
// which requests it matches.

// corpusCase is one request with its policies and what is to come out.
type corpusCase struct {
	name, file string
	line       int
	request    Request
	policies   Policies
	names      map[string]*Policy // by the names that the case uses

	allow   bool
	reason  string
	layer   string
	by      string // such as resource#1
	because string
	tells   []string // what the explanation must say
}

// corpusMacros stand for what the cases use again and again.
var corpusMacros = strings.NewReplacer(
	"{A}", "111122223333", "{B}", "444455556666",
	"{q}", "arn:aws:sqs:us-east-1:111122223333:q",
	"{t}", "arn:aws:sns:us-east-1:111122223333:t",
	"{k}", "arn:aws:kms:us-east-1:111122223333:key/1234",
	"{r}", "arn:aws:iam::111122223333:role/target",
	"{bob}", "arn:aws:iam::111122223333:user/bob",
	"{app}", "arn:aws:iam::111122223333:role/app",
	"{session}", "arn:aws:sts::111122223333:assumed-role/app/s1",
)

func corpusFiles(tb testing.TB, pattern string) []string {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "corpus", pattern))
	if err != nil || len(files) == 0 {
		tb.Fatalf("no corpus files %s: %v", pattern, err)
	}
	return files
}

// readCorpus reads all cases of all files.
func readCorpus(tb testing.TB) []*corpusCase {
	tb.Helper()
	var cases []*corpusCase
	for _, file := range corpusFiles(tb, "*.cases") {
		cases = append(cases, readDecisions(tb, file)...)
	}
	for _, file := range corpusFiles(tb, "*.table") {
		cases = append(cases, readTable(tb, file)...)
	}
	return cases
}

func corpusLines(tb testing.TB, file string) []string {
	tb.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	return strings.Split(corpusMacros.Replace(string(text)), "\n")
}

// readDecisions reads the cases of a .cases file.
func readDecisions(tb testing.TB, file string) []*corpusCase {
	var cases []*corpusCase
	var c *corpusCase
	var statements map[string][]string
	var order []string
	finish := func() {
		if c == nil {
			return
		}
		for _, name := range order {
			c.addPolicy(tb, name, statements[name])
		}
		if c.reason == "" {
			tb.Fatalf("%s:%d: the case has no result", file, c.line)
		}
		cases = append(cases, c)
	}
	last := ""
	for i, line := range corpusLines(tb, file) {
		fail := func(format string, args ...any) {
			tb.Fatalf("%s:%d: %s", file, i+1, fmt.Sprintf(format, args...))
		}
		trimmed := strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(trimmed, "## "); ok {
			finish()
			c = &corpusCase{name: name, file: file, line: i + 1, names: map[string]*Policy{}}
			c.request.Context = NewContext(4)
			statements, order, last = map[string][]string{}, nil, ""
			continue
		}
		if trimmed == "" || trimmed[0] == '#' {
			continue
		}
		word, rest, _ := strings.Cut(trimmed, " ")
		rest = strings.TrimSpace(rest)
		switch word {
		case "who":
			c.setPrincipal(tb, rest)
		case "do":
			fields := strings.Fields(rest)
			c.request.Action, c.request.Resource = fields[0], fields[1]
			if len(fields) > 2 {
				c.request.ResourceAccount = fields[2]
			}
		case "with":
			setContext(tb, c.request.Context, rest)
		case "=":
			fields := strings.Fields(rest)
			c.allow, c.reason = fields[0] == "allow", fields[1]
			for _, f := range fields[2:] {
				if strings.Contains(f, "#") {
					c.by = f
				} else {
					c.layer = strings.ReplaceAll(f, "_", " ")
				}
			}
		case "because", "with-explicit":
			c.because = rest
		case "tells":
			c.tells = append(c.tells, rest)
		case "and":
			if last == "" {
				fail("no policy before it")
			}
			statements[last] = append(statements[last], statementJSONOf(tb, rest))
		default:
			last = word
			if statements[last] != nil {
				fail("the policy %s stands twice", last)
			}
			order = append(order, last)
			statements[last] = []string{}
			if rest != "none" {
				statements[last] = []string{statementJSONOf(tb, rest)}
			}
		}
	}
	finish()
	return cases
}

// setPrincipal reads ParsePrincipal's form and, behind it, role=, user= and id=.
func (c *corpusCase) setPrincipal(tb testing.TB, text string) {
	fields := strings.Fields(text)
	p, err := ParsePrincipal(fields[0])
	if err != nil {
		tb.Fatalf("%s:%d: %v", c.file, c.line, err)
	}
	for _, f := range fields[1:] {
		switch k, v, _ := strings.Cut(f, "="); k {
		case "role", "user":
			p.IssuerARN = v
		case "id":
			p.ID = v
		default:
			tb.Fatalf("%s:%d: what is %s?", c.file, c.line, f)
		}
	}
	c.request.Principal = p
}

// statementJSONOf turns a sentence into a statement. JSON stays as it is.
//
//	allow|deny [not] ACTION,… [on [not] RESOURCE,…] [to|except TYPE=VALUE,…|*] [if CONDITION]
func statementJSONOf(tb testing.TB, sentence string) string {
	if strings.HasPrefix(sentence, "{") || strings.HasPrefix(sentence, "grantee=") {
		return sentence
	}
	s := map[string]any{}
	if before, condition, ok := strings.Cut(sentence, " if "); ok {
		s["Condition"], sentence = json.RawMessage(condition), before
	}
	words := strings.Fields(sentence)
	s["Effect"] = map[string]string{"allow": "Allow", "deny": "Deny"}[words[0]]
	element, at := "Action", 1
	for ; at < len(words); at++ {
		switch words[at] {
		case "on":
			element = "Resource"
		case "to":
			element = "Principal"
		case "except":
			element = "NotPrincipal"
		case "not":
			element = "Not" + element
		default:
			if strings.HasSuffix(element, "Principal") {
				s[element] = principalOf(words[at])
			} else {
				s[element] = strings.Split(words[at], ",")
			}
		}
	}
	b, err := json.Marshal(s)
	if err != nil {
		tb.Fatalf("%s: %v", sentence, err)
	}
	return string(b)
}

func principalOf(text string) any {
	if text == "*" {
		return text
	}
	p := map[string][]string{}
	for _, e := range strings.Split(text, ",") {
		kind, value, _ := strings.Cut(e, "=")
		p[kind] = append(p[kind], value)
	}
	return p
}

// addPolicy compiles a policy and puts it where its name says: identity,
// boundary, session, resource, scp, rcp, endpoint or grant, with digits behind
// where there are several, and a dot and a name of one's own. @2008 behind the
// name makes it a document of Version 2008-10-17.
func (c *corpusCase) addPolicy(tb testing.TB, name string, statements []string) {
	name, version, old := strings.Cut(name, "@")
	if !old {
		version = Version
	}
	kind := strings.TrimRight(strings.SplitN(name, "(", 2)[0], "0123456789")
	if kind == "grant" {
		c.policies.Grants = append(c.policies.Grants, grantOf(tb, name, statements[0]))
		return
	}
	p := &Policy{Name: name}
	if _, own, ok := strings.Cut(name, "("); ok {
		p.Name = strings.TrimSuffix(own, ")")
	}
	text := fmt.Sprintf(`{"Version":%q,"Statement":[%s]}`, version, strings.Join(statements, ",\n"))
	if version == "none" {
		text = fmt.Sprintf(`{"Statement":[%s]}`, strings.Join(statements, ",\n"))
	}
	p.Document = must(tb, text)
	short, _, _ := strings.Cut(name, "(")
	c.names[short] = p
	level := []*Policy{p}
	if len(statements) == 0 {
		level = nil
	}
	switch kind {
	case "identity":
		c.policies.Identity = append(c.policies.Identity, p)
	case "boundary":
		c.policies.Boundary = append(c.policies.Boundary, p)
	case "session":
		c.policies.Session = append(c.policies.Session, p)
	case "endpoint":
		c.policies.Endpoint = append(c.policies.Endpoint, p)
	case "resource":
		c.policies.Resource = p
	case "scp":
		c.policies.SCPs = append(c.policies.SCPs, level)
	case "rcp":
		c.policies.RCPs = append(c.policies.RCPs, level)
	default:
		tb.Fatalf("%s:%d: what is a policy %s?", c.file, c.line, name)
	}
}

// grantOf reads grantee=ARN ops=A,B [equals=JSON] [subset=JSON] [retiring=ARN].
func grantOf(tb testing.TB, id, text string) Grant {
	g := Grant{ID: id}
	for _, f := range strings.Fields(text) {
		switch k, v, _ := strings.Cut(f, "="); k {
		case "grantee":
			g.Grantee = v
		case "retiring":
			g.Retiring = v
		case "ops":
			g.Operations = strings.Split(v, ",")
		case "equals":
			g.EncryptionContextEquals = pairsOf(tb, v)
		case "subset":
			g.EncryptionContextSubset = pairsOf(tb, v)
		}
	}
	return g
}

func pairsOf(tb testing.TB, text string) map[string]string {
	pairs := map[string]string{}
	if err := json.Unmarshal([]byte(text), &pairs); err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
	return pairs
}

// setContext reads key=value; key=[v1,v2]; …
func setContext(tb testing.TB, ctx *Context, text string) {
	for _, pair := range strings.Split(text, ";") {
		pair = strings.TrimSpace(pair)
		if pair == "" {
			continue
		}
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			tb.Fatalf("%q is no key=value", pair)
		}
		if list, ok := strings.CutPrefix(value, "["); ok {
			ctx.SetList(key, strings.Split(strings.TrimSuffix(list, "]"), ","))
			continue
		}
		if strings.HasPrefix(value, `"`) {
			unquoted, err := strconv.Unquote(value)
			if err != nil {
				tb.Fatalf("%q: %v", value, err)
			}
			value = unquoted
		}
		ctx.Set(key, value)
	}
}

// readTable reads a .table file. A line that is not indented is a part of a
// statement; those below it are requests that it matches (+) or does not (-).
func readTable(tb testing.TB, file string) []*corpusCase {
	var cases []*corpusCase
	fact, part, version := "", "", Version
	for i, line := range corpusLines(tb, file) {
		if h, ok := strings.CutPrefix(line, "## "); ok {
			fact, version = h, Version
			continue
		}
		if v, ok := strings.CutPrefix(line, "version "); ok {
			version = v
			continue
		}
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "" || trimmed[0] == '#':
			continue
		case line[0] != ' ':
			part = trimmed
			continue
		}
		c := &corpusCase{file: file, line: i + 1, names: map[string]*Policy{}}
		text, _, _ := strings.Cut(strings.TrimSpace(trimmed[1:]), " #")
		text = strings.TrimSpace(text)
		c.name = fmt.Sprintf("%s / %s / %s", fact, part, text)
		c.allow = trimmed[0] == '+'
		c.reason = map[bool]string{true: "AllowedByIdentity", false: "ImplicitDeny"}[c.allow]
		c.request = Request{Action: "sqs:SendMessage", Resource: "arn:aws:sqs:us-east-1:111122223333:q", Context: NewContext(4)}
		c.setPrincipal(tb, "arn:aws:iam::111122223333:user/bob")
		kind, value, _ := strings.Cut(part, " ")
		value = strings.TrimSpace(value)
		statement := map[string]any{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
		layer := "identity"
		switch kind {
		case "if":
			statement["Condition"] = json.RawMessage(value)
			setContext(tb, c.request.Context, text)
		case "Resource", "NotResource":
			delete(statement, "Resource")
			statement[kind] = strings.Fields(value)
			resource, with, _ := strings.Cut(text, " with ")
			c.request.Resource = resource
			c.request.ResourceAccount = "111122223333"
			setContext(tb, c.request.Context, with)
		case "Action", "NotAction":
			delete(statement, "Action")
			statement[kind] = strings.Fields(value)
			c.request.Action = text
		case "Principal", "NotPrincipal":
			statement[kind] = json.RawMessage(value)
			layer = "resource"
			c.setPrincipal(tb, text)
			c.reason = map[bool]string{true: "AllowedByResource", false: "ImplicitDeny"}[c.allow]
		default:
			tb.Fatalf("%s:%d: what is %s?", file, i+1, kind)
		}
		b, err := json.Marshal(statement)
		if err != nil {
			tb.Fatalf("%s:%d: %v", file, i+1, err)
		}
		c.addPolicy(tb, layer+"@"+version, []string{string(b)})
		cases = append(cases, c)
	}
	return cases
}

// TestCorpus decides, evaluates and explains every case.
func TestCorpus(t *testing.T) {
	cases := readCorpus(t)
	t.Logf("%d cases", len(cases))
	if len(cases) < 400 {
		t.Errorf("the corpus has %d cases, at least 400 are wanted", len(cases))
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.run(t) })
	}
}

func (c *corpusCase) run(t *testing.T) {
	t.Helper()
	fail := func(format string, args ...any) {
		t.Helper()
		t.Errorf("%s:%d: %s", c.file, c.line, fmt.Sprintf(format, args...))
	}
	v := Decide(&c.request, &c.policies)
	d := Evaluate(&c.request, &c.policies)
	if d.Verdict != v {
		fail("Evaluate says %+v, Decide says %+v", d.Verdict, v)
	}
	if v.Allowed != c.allow || v.Reason.String() != c.reason {
		fail("%v %s, want %v %s\n%s", v.Allowed, v.Reason, c.allow, c.reason, d.Text(TextOptions{All: true}))
		return
	}
	if c.layer != "" && v.Layer.String() != c.layer {
		fail("decided by the %s, want %s", v.Layer, c.layer)
	}
	if c.by != "" {
		name, number, _ := strings.Cut(c.by, "#")
		n, _ := strconv.Atoi(number)
		if v.Policy == nil || v.Policy != c.names[name] || v.Statement != n-1 {
			fail("decided by %+v, want %s", v, c.by)
		}
	}
	if got := v.Because(c.request.Action); c.because != "" && got != c.because {
		fail("reason %q, want %q", got, c.because)
	}
	if (v.Because(c.request.Action) == "") != (v.Allowed) && v.Reason != OwnerOnlyDeny {
		fail("reason %q of %+v", v.Because(c.request.Action), v)
	}
	text := d.Text(TextOptions{All: true})
	for _, want := range c.tells {
		if !strings.Contains(text, want) {
			fail("the explanation lacks %q:\n%s", want, text)
		}
	}
	c.checkSuggestion(t)
}

// checkSuggestion applies what is suggested and decides again.
func (c *corpusCase) checkSuggestion(t *testing.T) {
	t.Helper()
	s, ok := Suggest(&c.request, &c.policies)
	if !ok {
		var r run
		r.start(&c.request, &c.policies)
		if !c.allow && !r.ownerOnly() && !r.retires() {
			t.Errorf("%s:%d: nothing is suggested", c.file, c.line)
		}
		return
	}
	if v := Decide(&c.request, s.Apply(&c.request, &c.policies)); !v.Allowed {
		t.Errorf("%s:%d: the suggestion %v does not help: %+v", c.file, c.line, s.Changes, v)
	}
}
