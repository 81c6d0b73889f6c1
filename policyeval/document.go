package policyeval

import (
	"fmt"
	"slices"
	"strings"
)

// Effect is what a statement does when it applies: allow or deny.
type Effect uint8

// The effects.
const (
	Deny Effect = iota
	Allow
)

func (e Effect) String() string {
	if e == Allow {
		return "Allow"
	}
	return "Deny"
}

// Version is the version of the policy language that has policy variables.
const Version = "2012-10-17"

// Document is a policy document, parsed and compiled. It is immutable and may
// be used by many goroutines at once.
type Document struct {
	text       string
	version    string
	id         string
	statements []Statement
	compiled   []compiled
	index      index
	list       *node // the value of Statement
	// unknown are the members whose names the policy language does not have.
	unknown []member
	// misspelled is the first Effect whose value is in the wrong case, such as "allow";
	// nil: there is none.
	misspelled *node
}

// Statement is a statement as its document spells it. Of each pair, such as
// Action and NotAction, at most one is set; both are nil where a statement
// has neither.
type Statement struct {
	Sid    string
	Effect Effect
	// Begin and End are the places of the opening brace and of what follows
	// the closing one.
	Begin, End Position

	Principal, NotPrincipal []PrincipalEntry
	Action, NotAction       []string
	Resource, NotResource   []string
	Conditions              []Condition

	begin, end int
	conditions bool // a Condition element is there, perhaps an empty one
}

// PrincipalEntry is one entry of Principal or NotPrincipal. A bare string,
// such as "*", is an entry of Type AWS.
type PrincipalEntry struct {
	Type  string // AWS, Service, Federated or CanonicalUser
	Value string

	begin, end int // of the value in the text
	bare       bool
}

// Condition is one key under one operator of a statement.
type Condition struct {
	Operator string
	Key      string
	Values   []string

	begin int
}

// compiled is a statement ready to be matched.
type compiled struct {
	effect     Effect
	principals *principals // nil: neither Principal nor NotPrincipal
	resources  []arnPattern
	conditions []condition
	actions    actions

	// only is the statement's resource, where it has exactly one.
	only *arnPattern

	notPrincipal, notResource bool
	hasResource               bool
}

// Parse compiles a policy document. An error is a *SyntaxError, which says
// where and why the text is not a policy document. What AWS stores although it
// has no effect (unknown actions, a resource that is no ARN, a missing
// Resource) is no error here; Validate and Lint report it.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html.
func Parse(text string) (*Document, error) {
	root, err := parseJSON(text)
	if err != nil {
		return nil, err
	}
	d := &Document{text: text}
	if err := d.read(root); err != nil {
		return nil, err
	}
	if n := d.misspelled; n != nil {
		err := d.badEffect(n)
		err.Legacy = true
		return nil, err
	}
	d.compiled = make([]compiled, len(d.statements))
	for i := range d.statements {
		d.compiled[i] = d.compile(&d.statements[i])
	}
	d.index = buildIndex(d.compiled)
	return d, nil
}

// Text is the document as it was given.
func (d *Document) Text() string { return d.text }

// Version is the document's Version; empty: it has none, which means 2008-10-17.
func (d *Document) Version() string { return d.version }

// ID is the document's Id.
func (d *Document) ID() string { return d.id }

// Statements are the document's statements in order. Do not change them.
func (d *Document) Statements() []Statement { return d.statements }

// MarshalJSON is the document's text.
func (d *Document) MarshalJSON() ([]byte, error) { return []byte(d.text), nil }

func (d *Document) variables() bool { return d.version == Version }

// malformed is a *SyntaxError at a node of a text that is JSON.
func (d *Document) malformed(at int, format string, args ...any) *SyntaxError {
	return &SyntaxError{Position: positionOf(d.text, at), Message: fmt.Sprintf(format, args...)}
}

// lacking is the error for an element that an object lacks.
func (d *Document) lacking(object *node, element, message string) *SyntaxError {
	err := d.malformed(object.begin, "%s", message)
	err.Element = element
	return err
}

func (d *Document) want(n *node, what string, kind nodeKind) *SyntaxError {
	if n.kind != kind {
		return d.malformed(n.begin, "%s must be %s, not %s", what, kind, n.kind)
	}
	return nil
}

func (d *Document) read(root *node) *SyntaxError {
	if err := d.want(root, "a policy document", objectNode); err != nil {
		return err
	}
	for _, m := range root.members {
		var err *SyntaxError
		switch m.name {
		case "Version":
			d.version, err = m.value.text, d.want(m.value, "Version", stringNode)
		case "Id":
			d.id, err = m.value.text, d.want(m.value, "Id", stringNode)
		case "Statement":
			d.list = m.value
		default:
			d.unknown = append(d.unknown, m)
		}
		if err != nil {
			return err
		}
	}
	if d.list == nil {
		return d.lacking(root, "Statement", "the document has no Statement")
	}
	places := &marker{text: d.text}
	for _, n := range d.list.list() {
		s, err := d.statement(n, places)
		if err != nil {
			return err
		}
		d.statements = append(d.statements, s)
	}
	return nil
}

// list is a value that may stand alone or in a list.
func (n *node) list() []*node {
	if n.kind == arrayNode {
		return n.items
	}
	return []*node{n}
}

func (d *Document) statement(n *node, places *marker) (s Statement, err *SyntaxError) {
	if err := d.want(n, "a statement", objectNode); err != nil {
		return s, err
	}
	s = Statement{Begin: places.of(n.begin), End: places.of(n.end), begin: n.begin, end: n.end}
	effect := false
	for _, m := range n.members {
		switch m.name {
		case "Sid":
			s.Sid, err = m.value.text, d.want(m.value, "Sid", stringNode)
		case "Effect":
			effect = true
			s.Effect, err = d.effect(m.value)
		case "Principal":
			s.Principal, err = d.principals(m)
		case "NotPrincipal":
			s.NotPrincipal, err = d.principals(m)
		case "Action":
			s.Action, err = d.strings(m)
		case "NotAction":
			s.NotAction, err = d.strings(m)
		case "Resource":
			s.Resource, err = d.strings(m)
		case "NotResource":
			s.NotResource, err = d.strings(m)
		case "Condition":
			s.conditions = true
			s.Conditions, err = d.conditions(m.value)
		default:
			d.unknown = append(d.unknown, m)
		}
		if err != nil {
			return s, err
		}
	}
	if !effect {
		return s, d.lacking(n, "Effect", "the statement has no Effect")
	}
	return s, d.exclusive(n, &s)
}

func (d *Document) effect(n *node) (Effect, *SyntaxError) {
	switch {
	case n.kind == stringNode && n.text == "Allow":
		return Allow, nil
	case n.kind == stringNode && n.text == "Deny":
		return Deny, nil
	case n.kind == stringNode && (strings.EqualFold(n.text, "Allow") || strings.EqualFold(n.text, "Deny")):
		if d.misspelled == nil {
			d.misspelled = n
		}
		return Deny, nil
	default:
		return Deny, d.badEffect(n)
	}
}

// badEffect is the error for a value that is no effect.
func (d *Document) badEffect(n *node) *SyntaxError {
	err := d.malformed(n.begin, `Effect must be "Allow" or "Deny"`)
	if n.kind == stringNode {
		err.Element, err.Value = "Effect", n.text
	}
	return err
}

// exclusive refuses an element beside its opposite, such as Action beside
// NotAction.
func (d *Document) exclusive(n *node, s *Statement) *SyntaxError {
	switch {
	case s.Principal != nil && s.NotPrincipal != nil:
		return d.malformed(n.begin, "the statement has both Principal and NotPrincipal")
	case s.Action != nil && s.NotAction != nil:
		return d.malformed(n.begin, "the statement has both Action and NotAction")
	case s.Resource != nil && s.NotResource != nil:
		return d.malformed(n.begin, "the statement has both Resource and NotResource")
	}
	return nil
}

// strings reads an element that is a string or a list of strings.
func (d *Document) strings(m member) ([]string, *SyntaxError) {
	values := []string{}
	for _, n := range m.value.list() {
		if err := d.want(n, m.name, stringNode); err != nil {
			return nil, err
		}
		values = append(values, n.text)
	}
	return values, nil
}

func (d *Document) principals(m member) ([]PrincipalEntry, *SyntaxError) {
	entries := []PrincipalEntry{}
	if m.value.kind == stringNode {
		return append(entries, PrincipalEntry{"AWS", m.value.text, m.value.begin, m.value.end, true}), nil
	}
	if m.value.kind != objectNode {
		return nil, d.malformed(m.value.begin, `%s must be "*" or an object such as {"AWS": "123456789012"}`, m.name)
	}
	for _, kind := range m.value.members {
		for _, n := range kind.value.list() {
			if err := d.want(n, m.name, stringNode); err != nil {
				return nil, err
			}
			entries = append(entries, PrincipalEntry{kind.name, n.text, n.begin, n.end, false})
		}
	}
	return entries, nil
}

func (d *Document) conditions(n *node) ([]Condition, *SyntaxError) {
	var conditions []Condition
	if err := d.want(n, "Condition", objectNode); err != nil {
		return nil, err
	}
	for _, operator := range n.members {
		if err := d.want(operator.value, "what an operator tests", objectNode); err != nil {
			return nil, err
		}
		for _, key := range operator.value.members {
			c := Condition{Operator: operator.name, Key: key.name, Values: []string{}, begin: key.begin}
			for _, v := range key.value.list() {
				if v.kind != stringNode && v.kind != numberNode && v.kind != boolNode {
					return nil, d.malformed(v.begin, "a condition's value must be a string, a number or a boolean, not %s", v.kind)
				}
				c.Values = append(c.Values, v.text)
			}
			conditions = append(conditions, c)
		}
	}
	return conditions, nil
}

func (d *Document) compile(s *Statement) compiled {
	c := compiled{
		effect:       s.Effect,
		actions:      compileActions(s),
		notPrincipal: s.NotPrincipal != nil,
		notResource:  s.NotResource != nil,
		hasResource:  s.Resource != nil || s.NotResource != nil,
	}
	if s.Principal != nil || s.NotPrincipal != nil {
		c.principals = compilePrincipals(slices.Concat(s.Principal, s.NotPrincipal))
	}
	for _, r := range slices.Concat(s.Resource, s.NotResource) {
		c.resources = append(c.resources, compileResource(r, d.variables()))
	}
	if len(c.resources) == 1 && !c.notResource {
		c.only = &c.resources[0]
	}
	for _, k := range s.Conditions {
		c.conditions = append(c.conditions, compileCondition(k.Operator, k.Key, k.Values, d.variables()))
	}
	return c
}
