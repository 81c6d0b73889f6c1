package resourcetype

import (
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/waxseal/waxseal/internal/template"
)

// fault is something about properties that their schema forbids.
type fault struct {
	kind kind
	name string // of the property that is unknown, missing or of the wrong type
	want string // the type it is to have
	path string // of the object that has or lacks it, such as /Tags/0; empty: the properties themselves
	at   template.Position
}

type kind uint8

const (
	unknown kind = iota
	missing
	wrongType
)

// walk compares properties with a schema and gives values the types of it.
type walk struct {
	*Schema
	// static says that there may be functions, whose values nobody knows yet.
	static bool
	faults []fault
}

// place is where a value is: in which object, and by which name.
type place struct{ object, name string }

// in is the place of an item or member of a value.
func (p place) in(name string) place { return place{p.path(), name} }

func (p place) path() string {
	if p.name == "" {
		return p.object
	}
	return p.object + "/" + p.name
}

// property is the innermost name on the way that is no place in a list.
func (p place) property() string {
	parts := strings.Split(p.path(), "/")
	for _, part := range slices.Backward(parts) {
		if _, err := strconv.Atoi(part); err != nil {
			return part
		}
	}
	return ""
}

func (w *walk) value(n *template.Node, is *Shape, at place) *template.Node {
	if n.Kind == template.Unknown || w.static && function(n) {
		return n
	}
	if is.Definition != "" {
		is = w.Definitions[is.Definition]
	}
	switch {
	case is.Items != nil:
		return w.list(n, is, at)
	case is.Each != nil || is.Members != nil:
		return w.object(n, is, at)
	case is.Scalar == Document:
		return n
	default:
		return w.scalar(n, is.Scalar, at)
	}
}

// function reports whether a value is a function's call rather than a value.
func function(n *template.Node) bool {
	if n.Kind != template.Map || len(n.Members) != 1 {
		return false
	}
	key := n.Members[0].Key
	return key == "Ref" || key == "Condition" && n.Members[0].Value.Kind == template.String || strings.HasPrefix(key, "Fn::")
}

func (w *walk) list(n *template.Node, is *Shape, at place) *template.Node {
	if n.Kind != template.List {
		return w.wrong(n, w.called(is), at)
	}
	c := &template.Node{Kind: template.List, At: n.At}
	for i, item := range n.Items {
		if item.Kind != template.Null {
			c.Items = append(c.Items, w.value(item, is.Items, at.in(strconv.Itoa(i))))
		}
	}
	return c
}

func (w *walk) object(n *template.Node, is *Shape, at place) *template.Node {
	if n.Kind != template.Map {
		return w.wrong(n, w.called(is), at)
	}
	c := &template.Node{Kind: template.Map, At: n.At}
	for _, m := range n.Members {
		form := is.Each
		if form == nil {
			form = is.Members[m.Key]
		}
		switch {
		case m.Value.Kind == template.Null:
			continue
		case w.static && strings.HasPrefix(m.Key, "Fn::"): // Fn::Transform and Fn::ForEach are among other members
		case form == nil:
			w.faults = append(w.faults, fault{kind: unknown, name: m.Key, path: at.path(), at: m.KeyAt})
			continue
		default:
			m.Value = w.value(m.Value, form, at.in(m.Key))
		}
		c.Members = append(c.Members, m)
	}
	for _, required := range is.Required {
		if c.Get(required) == nil && !(w.static && hasFunctions(c)) {
			w.faults = append(w.faults, fault{kind: missing, name: required, path: at.path(), at: n.At})
		}
	}
	return c
}

// hasFunctions reports whether a function makes some of a map's members.
func hasFunctions(n *template.Node) bool {
	return slices.ContainsFunc(n.Members, func(m template.Member) bool { return strings.HasPrefix(m.Key, "Fn::") })
}

// scalar is a scalar with a schema's type: "true" is a boolean where one is wanted, and
// 2 is text where text is [C150].
func (w *walk) scalar(n *template.Node, want string, at place) *template.Node {
	if !n.Scalar() {
		return w.wrong(n, w.called(&Shape{Scalar: want}), at)
	}
	c := &template.Node{Kind: template.String, Text: n.Text, At: n.At}
	switch want {
	case "string":
		return c
	case "boolean":
		if c.Text = strings.ToLower(n.Text); c.Text == "true" || c.Text == "false" {
			c.Kind = template.Bool
			return c
		}
	case "number":
		if _, err := strconv.ParseFloat(n.Text, 64); err == nil {
			c.Kind = template.Number
			return c
		}
	case "integer":
		if number, ok := whole(n.Text); ok {
			c.Kind, c.Text = template.Number, number
			return c
		}
	}
	return w.wrong(n, w.called(&Shape{Scalar: want}), at)
}

// whole is a number without a fraction, such as 60 for 60.0.
func whole(text string) (string, bool) {
	if _, err := strconv.ParseFloat(text, 64); err != nil || len(text) > 30 || strings.ContainsAny(text, "xX_pP") {
		return "", false
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok || !r.IsInt() || r.Num().BitLen() > 63 {
		return "", false
	}
	return r.Num().String(), true
}

func (w *walk) wrong(n *template.Node, want string, at place) *template.Node {
	w.faults = append(w.faults, fault{kind: wrongType, name: at.property(), want: want, path: at.path(), at: n.At})
	return n
}

// called is what messages call a type.
func (w *walk) called(is *Shape) string {
	if is.Definition != "" {
		is = w.Definitions[is.Definition]
	}
	switch {
	case is.Items != nil && is.Items.Scalar != "" && is.Items.Scalar != Document:
		return "List of " + w.called(is.Items)
	case is.Items != nil:
		return "List"
	case is.Scalar == "" || is.Scalar == Document:
		return "Map"
	default:
		return strings.ToUpper(is.Scalar[:1]) + is.Scalar[1:]
	}
}
