package policyeval

import (
	"encoding/json"
	"slices"
	"strings"
)

// With is the document with a statement, a JSON object, added as its last. The
// rest of the text stays as it is.
func (d *Document) With(statement string) (*Document, error) { return Parse(d.with(statement)) }

func (d *Document) with(statement string) string {
	list := d.list
	switch {
	case d.alone:
		return d.splice(list.begin, list.end, "["+d.text[list.begin:list.end]+","+statement+"]")
	case len(d.statements) == 0:
		return d.splice(list.begin, list.end, "["+statement+"]")
	default:
		end := d.statements[len(d.statements)-1].end
		return d.splice(end, end, ","+statement)
	}
}

// Without is the document without its statement i. The rest of the text stays
// as it is; without its last statement, the list is empty.
func (d *Document) Without(i int) *Document {
	items := d.statements
	begin, end := items[i].begin, items[i].end
	replacement := ""
	switch {
	case d.alone:
		replacement = "[]"
	case i > 0:
		begin = items[i-1].end
	case len(items) > 1:
		end = items[1].begin
	}
	return mustParse(d.splice(begin, end, replacement))
}

// ReplacePrincipals is the document with each value of Principal and
// NotPrincipal replaced by what replace returns for it: AWS keeps the unique
// ids of users and roles in place of their ARNs. It is d itself where nothing changes.
func (d *Document) ReplacePrincipals(replace func(PrincipalEntry) string) *Document {
	var b strings.Builder
	at := 0
	for i := range d.statements {
		for _, entries := range [][]PrincipalEntry{d.statements[i].Principal, d.statements[i].NotPrincipal} {
			for _, e := range entries {
				if value := replace(e); value != e.Value {
					b.WriteString(d.text[at:e.begin] + quote(value))
					at = e.end
				}
			}
		}
	}
	if at == 0 {
		return d
	}
	return mustParse(b.String() + d.text[at:])
}

func (d *Document) splice(begin, end int, replacement string) string {
	return d.text[:begin] + replacement + d.text[end:]
}

// mustParse compiles a text that was made from a document's own.
func mustParse(text string) *Document {
	d, err := Parse(text)
	if err != nil {
		panic("policyeval: an edited document is broken: " + err.Error())
	}
	return d
}

// quote is s as a JSON string.
func quote(s string) string {
	b, _ := json.Marshal(s) // a string always has a form
	return string(b)
}

// Size is the number of characters that IAM counts against its limits: all
// but white space.
func (d *Document) Size() int {
	n := 0
	for _, r := range d.text {
		if !strings.ContainsRune(" \t\r\n", r) {
			n++
		}
	}
	return n
}

// ContextKeys are the condition keys that the document asks for, in
// conditions and in variables, in lower case and each once.
func (d *Document) ContextKeys() []string {
	var keys []string
	seen := map[string]bool{}
	add := func(key string) {
		if key = lower(key); !seen[key] {
			seen[key] = true
			keys = append(keys, key)
		}
	}
	for i := range d.statements {
		s := &d.statements[i]
		for _, k := range s.Conditions {
			add(k.Key)
		}
		for _, text := range s.variableTexts() {
			for _, t := range tokenize(text, false, d.variables()) {
				if t.kind == variableToken {
					add(t.key.name)
				}
			}
		}
	}
	return keys
}

// variableTexts are the texts in which variables are read.
func (s *Statement) variableTexts() []string {
	texts := slices.Concat(s.Resource, s.NotResource)
	for _, k := range s.Conditions {
		if op := operators[baseOperator(k.Operator)]; op != nil && op.variables {
			texts = append(texts, k.Values...)
		}
	}
	return texts
}
