package policyeval

import (
	"fmt"
	"sync/atomic"
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
	// list is where the value of Statement stands; alone: it is one statement and no list.
	list  span
	alone bool
	// unknown are the members whose names the policy language does not have.
	unknown []unknownMember

	counted atomic.Pointer[documentCounts] // see Coverage.counts
}

// span is the part text[begin:end] of a document's text.
type span struct{ begin, end int }

type unknownMember struct {
	name  string
	begin int
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
	effect                    Effect
	notPrincipal, notResource bool
	hasResource               bool

	principals *principals // nil: neither Principal nor NotPrincipal
	resources  []arnPattern
	conditions []condition
	actions    actions
	// only is the statement's resource, where it has exactly one.
	only *arnPattern
}

// Parse compiles a policy document. An error is a *SyntaxError, which says
// where and why the text is not a policy document. What AWS stores although it
// has no effect (unknown actions, a resource that is no ARN, a missing
// Resource) is no error here; Validate and Lint report it.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html.
func Parse(text string) (*Document, error) {
	p := parsers.Get().(*parser)
	defer p.release()
	p.text = text
	root, err := p.parse()
	if err != nil {
		return nil, err
	}
	d := &Document{text: text}
	r := reader{d: d, places: marker{text: text}}
	if err := r.document(root); err != nil {
		return nil, err
	}
	if n := r.misspelled; n != nil {
		err := d.badEffect(n)
		err.Legacy = true
		return nil, err
	}
	d.compile()
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

// badEffect is the error for a value that is no effect.
func (d *Document) badEffect(n *node) *SyntaxError {
	err := d.malformed(n.begin, `Effect must be "Allow" or "Deny"`)
	if n.kind == stringNode {
		err.Element, err.Value = "Effect", n.text
	}
	return err
}
