package policyeval

import (
	"fmt"
	"slices"
	"strings"
)

// LintContext says where a document is used, as far as it is known.
type LintContext struct {
	Kind Kind
	// Resource is the ARN of the resource that the document belongs to; empty: none, or unknown.
	Resource string
	// Account owns the resource, or the identity; empty: unknown.
	Account string
}

// Finding is something in a document that AWS accepts but its author probably
// did not mean.
type Finding struct {
	Rule      string   `json:"rule"`
	Statement int      `json:"statement"` // from 0; -1: the document as a whole
	Position  Position `json:"position"`
	Message   string   `json:"message"`
}

func (f Finding) String() string { return f.In("") }

// In is the text of the finding with its place, such as policies.yaml:12; where
// place is empty, the line in the document is named.
func (f Finding) In(place string) string {
	if place == "" {
		place = fmt.Sprintf("line %d", f.Position.Line)
	}
	return fmt.Sprintf("%s: %s (%s)", place, f.Message, f.Rule)
}

// LintRule is one of the rules that Lint applies.
type LintRule struct {
	Name string
	// Doc says what the rule finds and why it matters.
	Doc string
	// Kind and Example are a document in which the rule finds something.
	Kind    Kind
	Example string

	check func(*linter, *Statement)
}

// Lint finds what AWS accepts but the author probably did not mean, in the
// order of the statements and then of the rules.
func Lint(d *Document, c LintContext) []Finding {
	l := &linter{d: d, c: c}
	for i := range d.statements {
		l.statement = i
		for _, rule := range lintRules {
			l.rule = rule.Name
			rule.check(l, &d.statements[i])
		}
	}
	return l.findings
}

// LintRules are all rules, with their documentation.
func LintRules() []LintRule { return slices.Clone(lintRules) }

type linter struct {
	d         *Document
	c         LintContext
	rule      string
	statement int
	findings  []Finding
}

func (l *linter) report(format string, args ...any) {
	l.reportAt(l.d.statements[l.statement].begin, format, args...)
}

func (l *linter) reportAt(at int, format string, args ...any) {
	l.findings = append(l.findings, Finding{l.rule, l.statement, positionOf(l.d.text, at), fmt.Sprintf(format, args...)})
}

// allActions are the entries of the statement's Action and NotAction.
func (s *Statement) allActions() []string { return slices.Concat(s.Action, s.NotAction) }

func (s *Statement) allResources() []string { return slices.Concat(s.Resource, s.NotResource) }

// restricted reports whether a condition limits who may use an Allow for
// everyone: by account, organization, source, network or identity.
func (s *Statement) restricted() bool {
	return slices.ContainsFunc(s.Conditions, func(k Condition) bool {
		base, _, ifExists := splitOperator(k.Operator)
		op := operators[base]
		key := lower(k.Key)
		prefix, _, _ := strings.Cut(key, "/")
		return op != nil && !op.negated && !ifExists && (slices.Contains(restrictingKeys, key) || prefix == "aws:principaltag")
	})
}

var restrictingKeys = []string{
	"aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:userid", "aws:username",
	"aws:sourceaccount", "aws:sourcearn", "aws:sourceowner", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceip",
	"aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths",
	"kms:calleraccount", "sts:externalid",
}

func hasType(entries []PrincipalEntry, kind string) bool {
	return slices.ContainsFunc(entries, func(e PrincipalEntry) bool { return e.Type == kind })
}

func everyone(entries []PrincipalEntry) bool {
	return slices.ContainsFunc(entries, func(e PrincipalEntry) bool { return e.Value == "*" })
}

func hasWildcard(s string) bool { return strings.ContainsAny(s, "*?") }
