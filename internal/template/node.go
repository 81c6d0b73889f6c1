package template

import (
	"bytes"
	"encoding/json"
	"iter"
	"slices"
	"strconv"
)

// Kind is what a Node is.
type Kind uint8

// The kinds of nodes.
const (
	// Null is a null, which templates may not hold; a function that yields AWS::NoValue
	// yields it, too.
	Null Kind = iota
	String
	Number
	Bool
	List
	Map
	// Unknown is a value that is known only once something has been made: a change set
	// shows it as {{changeSet:KNOWN_AFTER_APPLY}}. If some of a string is known, Text is the
	// whole with that in it.
	Unknown
)

// Position is where something stands in a text, both from 1; zero: nowhere.
type Position struct{ Line, Column int }

// Node is a value of a template, with or without functions in it: what JSON has, with
// the order of its members and its places. It is not to be changed once it is made.
type Node struct {
	Kind Kind
	// Text is a scalar's text as it is written, without quotes.
	Text string
	At   Position
	// Items are a List's.
	Items []*Node
	// Members are a Map's, in order.
	Members []Member
}

// Member is a member of a Map.
type Member struct {
	Key   string
	KeyAt Position
	Value *Node
}

// Text is a String node that stands nowhere.
func Text(s string) *Node { return &Node{Kind: String, Text: s} }

// Texts is a List of strings that stands nowhere.
func Texts(all ...string) *Node {
	n := &Node{Kind: List}
	for _, s := range all {
		n.Items = append(n.Items, Text(s))
	}
	return n
}

// Get is a Map's member; nil: there is none, or n is no Map.
func (n *Node) Get(key string) *Node {
	if n == nil || n.Kind != Map {
		return nil
	}
	if i := slices.IndexFunc(n.Members, func(m Member) bool { return m.Key == key }); i >= 0 {
		return n.Members[i].Value
	}
	return nil
}

// With is the Map n with one member set: in its place where n has it, else at the end.
func (n *Node) With(key string, value *Node) *Node {
	c := &Node{Kind: Map}
	if n != nil {
		c.At, c.Members = n.At, slices.Clone(n.Members)
	}
	if i := slices.IndexFunc(c.Members, func(m Member) bool { return m.Key == key }); i >= 0 {
		c.Members[i].Value = value
		return c
	}
	c.Members = append(c.Members, Member{Key: key, Value: value})
	return c
}

// Scalar reports whether n is a string, number or boolean.
func (n *Node) Scalar() bool {
	return n != nil && (n.Kind == String || n.Kind == Number || n.Kind == Bool)
}

// String is a scalar's text; empty for everything else.
func (n *Node) String() string {
	if !n.Scalar() {
		return ""
	}
	return n.Text
}

// Strings are the texts of a List's scalars; a scalar is a list of one.
func (n *Node) Strings() []string {
	if n.Scalar() {
		return []string{n.Text}
	}
	var all []string
	for item := range n.All() {
		if item.Scalar() {
			all = append(all, item.Text)
		}
	}
	return all
}

// All yields a List's items.
func (n *Node) All() iter.Seq[*Node] {
	if n == nil {
		return func(func(*Node) bool) {}
	}
	return slices.Values(n.Items)
}

// Equal reports whether two nodes are the same value: places do not count, nor does the
// order of a Map's members; a node that is not there is none.
func (n *Node) Equal(o *Node) bool {
	if n == nil || o == nil {
		return n == o
	}
	if n.Kind != o.Kind || n.Text != o.Text || len(n.Items) != len(o.Items) || len(n.Members) != len(o.Members) {
		return false
	}
	for i, item := range n.Items {
		if !item.Equal(o.Items[i]) {
			return false
		}
	}
	members := make(map[string]*Node, len(o.Members))
	for _, m := range o.Members {
		members[m.Key] = m.Value
	}
	for _, m := range n.Members {
		if other := members[m.Key]; other == nil || !m.Value.Equal(other) {
			return false
		}
	}
	return true
}

// JSON is the value as compact JSON, in the template's order. Unknown values are shown
// as change sets show them.
func (n *Node) JSON() string { return string(n.append(nil)) }

// MarshalJSON implements json.Marshaler.
func (n *Node) MarshalJSON() ([]byte, error) { return n.append(nil), nil }

func (n *Node) append(b []byte) []byte {
	if n == nil {
		return append(b, "null"...)
	}
	switch n.Kind {
	case String:
		return quote(b, n.Text)
	case Number, Bool:
		if json.Valid([]byte(n.Text)) {
			return append(b, n.Text...)
		}
		return quote(b, n.Text)
	case List:
		b = append(b, '[')
		for i, item := range n.Items {
			if i > 0 {
				b = append(b, ',')
			}
			b = item.append(b)
		}
		return append(b, ']')
	case Map:
		b = append(b, '{')
		for i, m := range n.Members {
			if i > 0 {
				b = append(b, ',')
			}
			b = m.Value.append(append(quote(b, m.Key), ':'))
		}
		return append(b, '}')
	case Unknown:
		return quote(b, n.shown())
	default:
		return append(b, "null"...)
	}
}

func quote(b []byte, s string) []byte {
	var buffer bytes.Buffer
	e := json.NewEncoder(&buffer)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string can always be encoded
	return append(b, bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))...)
}

// unknown is how an Unknown is shown.
const unknown = "{{changeSet:KNOWN_AFTER_APPLY}}"

// shown is the text of a scalar, or of an Unknown as it is shown.
func (n *Node) shown() string {
	if n.Kind == Unknown && n.Text == "" {
		return unknown
	}
	return n.Text
}

// Integer is a scalar's value as a whole number.
func (n *Node) Integer() (int, bool) {
	i, err := strconv.Atoi(n.String())
	return i, err == nil
}
