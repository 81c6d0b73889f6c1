package policyeval

import "strings"

// flaw is what is wrong with a policy variable.
type flaw string

const (
	noBrace    flaw = "variable-brace"
	noQuote    flaw = "variable-quote"
	withSpace  flaw = "variable-space"
	empty      flaw = "variable-empty"
	unknownKey flaw = "variable-unknown-key"
)

// variableRules are the rules about malformed policy variables, which AWS reads as
// plain text.
var variableRules = []LintRule{
	{
		string(noBrace), "A policy variable has no closing brace, so that it is plain text.", IdentityPolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"arn:aws:sqs:us-east-1:123456789012:${aws:username"}}`,
		flawed(noBrace, "the variable %q has no closing brace"),
	},
	{
		string(noQuote), "A policy variable's default does not stand in single quotes, so that the variable is plain text.", IdentityPolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"arn:aws:sqs:us-east-1:123456789012:${aws:username, nobody}"}}`,
		flawed(noQuote, "the default in %q does not stand in single quotes"),
	},
	{
		string(withSpace), "A policy variable has a space in its key. AWS does not take spaces there.", IdentityPolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"arn:aws:sqs:us-east-1:123456789012:${aws: username}"}}`,
		flawed(withSpace, "there is a space in the key of %q"),
	},
	{
		string(empty), "A policy variable names no key, so that it is plain text.", IdentityPolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"arn:aws:sqs:us-east-1:123456789012:${}"}}`,
		flawed(empty, "the variable %q names no key"),
	},
	{
		string(unknownKey), "A policy variable's key does not exist, so that the variable never has a value and what holds it matches nothing.", IdentityPolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"arn:aws:sqs:us-east-1:123456789012:${aws:user}"}}`,
		flawed(unknownKey, "there is no condition key for the variable %q: it never has a value"),
	},
}

// flawed is the check for one flaw, in documents of a Version that has
// variables.
func flawed(f flaw, message string) func(*linter, *Statement) {
	return func(l *linter, s *Statement) {
		if !l.d.variables() {
			return // variables-2008 speaks of those
		}
		for _, text := range s.variableTexts() {
			for _, v := range variablesOf(text) {
				if v.flaw == f {
					l.report(message, v.text)
				}
			}
		}
	}
}

// spelled is a policy variable as it is written in a text.
type spelled struct {
	text string
	flaw flaw // empty: none
}

func variablesOf(text string) (found []spelled) {
	for {
		at := strings.Index(text, "${")
		if at < 0 {
			return found
		}
		text = text[at:]
		t, n := variable(text)
		if n == 0 {
			end := strings.IndexByte(text, '}')
			if end < 0 {
				return append(found, spelled{text, noBrace})
			}
			n = end + 1
		}
		found = append(found, spelled{text[:n], judge(text[:n], t)})
		text = text[n:]
	}
}

// judge finds the flaw of a variable between its braces; t is what the
// evaluator reads in it.
func judge(text string, t token) flaw {
	key, _, hasDefault := strings.Cut(text[len("${"):len(text)-1], ",")
	name := strings.TrimSpace(key)
	prefix, _, scoped := strings.Cut(lower(name), ":")
	_, known := LookupKey(name)
	switch {
	case t.kind == literalToken && t.text != "": // ${*} and its like
		return ""
	case name == "":
		return empty
	case t.kind != variableToken && hasDefault:
		return noQuote
	case strings.ContainsAny(strings.SplitN(key, "/", 2)[0], " \t"):
		return withSpace
	case !known && (!scoped || judgedPrefix(prefix)):
		return unknownKey
	default:
		return ""
	}
}
