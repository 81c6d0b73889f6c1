package sam

import (
	"crypto/sha1" //nolint:gosec // the transform names resources by it
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/waxseal/waxseal/internal/template"
)

// node is a value of a template.
type node = template.Node

// object makes a map of keys and values, without those that are nil.
func object(pairs ...any) *node {
	n := &node{Kind: template.Map}
	for i := 0; i+1 < len(pairs); i += 2 {
		if value := toNode(pairs[i+1]); value != nil {
			n.Members = append(n.Members, template.Member{Key: pairs[i].(string), Value: value})
		}
	}
	return n
}

// toNode makes a value of a node, text, number, boolean or list; nil: there is none.
func toNode(v any) *node {
	switch v := v.(type) {
	case *node:
		return v
	case string:
		return template.Text(v)
	case bool:
		return &node{Kind: template.Bool, Text: strconv.FormatBool(v)}
	case int:
		return &node{Kind: template.Number, Text: strconv.Itoa(v)}
	case []string:
		return template.Texts(v...)
	default:
		return nil
	}
}

// list makes a list of values.
func list(items ...any) *node {
	n := &node{Kind: template.List}
	for _, item := range items {
		n.Items = append(n.Items, toNode(item))
	}
	return n
}

func ref(name string) *node             { return object("Ref", name) }
func getAtt(id, attribute string) *node { return object("Fn::GetAtt", []string{id, attribute}) }
func sub(text string, variables *node) *node {
	if variables == nil {
		return object("Fn::Sub", text)
	}
	return object("Fn::Sub", list(text, variables))
}

// function is the name and argument of a function: a map with one member that is called
// like one.
func function(n *node) (string, *node) {
	if n == nil || n.Kind != template.Map || len(n.Members) != 1 {
		return "", nil
	}
	m := n.Members[0]
	if m.Key == "Ref" || m.Key == "Condition" || strings.HasPrefix(m.Key, "Fn::") {
		return m.Key, m.Value
	}
	return "", nil
}

func isFunction(n *node) bool {
	name, _ := function(n)
	return name != ""
}

func isNoValue(n *node) bool {
	name, argument := function(n)
	return name == "Ref" && argument.String() == "AWS::NoValue"
}

// branches are the condition and the two values of Fn::If; nil: n is none.
func branches(n *node) []*node {
	if name, argument := function(n); name == "Fn::If" && argument.Kind == template.List {
		return argument.Items
	}
	return nil
}

func either(condition string, yes, no *node) *node {
	return object("Fn::If", list(condition, yes, no))
}

// isText reports whether n is a string.
func isText(n *node) bool { return n != nil && n.Kind == template.String }

// isMap and isList say what n is.
func isMap(n *node) bool  { return n != nil && n.Kind == template.Map }
func isList(n *node) bool { return n != nil && n.Kind == template.List }

// given reports whether n is there and neither empty nor false.
func given(n *node) bool {
	switch {
	case n == nil || n.Kind == template.Null:
		return false
	case n.Kind == template.Bool:
		return n.Text == "true"
	case n.Kind == template.Number:
		f, err := strconv.ParseFloat(n.Text, 64)
		return err != nil || f != 0
	case n.Kind == template.String:
		return n.Text != ""
	default:
		return len(n.Items)+len(n.Members) > 0
	}
}

// orNil is n if it is given.
func orNil(n *node) *node {
	if given(n) {
		return n
	}
	return nil
}

// with is n without the member key.
func without(n *node, keys ...string) *node {
	c := &node{Kind: template.Map, At: n.At}
	for _, m := range n.Members {
		if !slices.Contains(keys, m.Key) {
			c.Members = append(c.Members, m)
		}
	}
	return c
}

// add is the list n with more items; n may be nil.
func add(n *node, items ...*node) *node {
	c := &node{Kind: template.List}
	if n != nil {
		c.At, c.Items = n.At, slices.Clone(n.Items)
	}
	c.Items = append(c.Items, items...)
	return c
}

// has reports whether the list n has an item like that.
func has(n, item *node) bool {
	return n != nil && slices.ContainsFunc(n.Items, item.Equal)
}

// each is n with f made of it and of all that is in it, from the outside in.
func each(n *node, f func(*node) *node) *node {
	n = f(n)
	if n.Kind != template.List && n.Kind != template.Map {
		return n
	}
	c := *n
	c.Items, c.Members = slices.Clone(n.Items), slices.Clone(n.Members)
	for i := range c.Items {
		c.Items[i] = each(c.Items[i], f)
	}
	for i := range c.Members {
		c.Members[i].Value = each(c.Members[i].Value, f)
	}
	return &c
}

// placed gives all of n that stands nowhere the place at.
func placed(n *node, at template.Position) *node {
	return each(n, func(n *node) *node {
		c := *n
		if c.At == (template.Position{}) {
			c.At = at
		}
		c.Members = slices.Clone(n.Members)
		for i := range c.Members {
			if c.Members[i].KeyAt == (template.Position{}) {
				c.Members[i].KeyAt = at
			}
		}
		return &c
	})
}

// standing is made as it stands where n does.
func standing(n, made *node) *node { return placed(made, n.At) }

// tagList is a map of tags as CloudFormation takes them.
func tagList(tags *node) []any {
	var all []any
	if isMap(tags) {
		for _, m := range tags.Members {
			all = append(all, object("Key", m.Key, "Value", m.Value))
		}
	}
	return all
}

// hashed is the end of ids that change with data: what Python's json.dumps makes of it,
// with sorted keys, as SHA-1, of which ten digits count.
func hashed(data *node) string {
	if !given(data) {
		return ""
	}
	text := data.Text
	if data.Kind != template.String {
		text = python(data)
	}
	return digest(text)
}

func digest(text string) string {
	sum := sha1.Sum([]byte(text)) //nolint:gosec // the transform names resources by it
	return hex.EncodeToString(sum[:])[:10]
}

// python is n as Python's json.dumps writes it, compact and with sorted keys.
func python(n *node) string {
	var b strings.Builder
	writePython(&b, n)
	return b.String()
}

func writePython(b *strings.Builder, n *node) {
	switch n.Kind {
	case template.List:
		b.WriteByte('[')
		for i, item := range n.Items {
			if i > 0 {
				b.WriteByte(',')
			}
			writePython(b, item)
		}
		b.WriteByte(']')
	case template.Map:
		members := slices.SortedFunc(slices.Values(n.Members), func(x, y template.Member) int { return strings.Compare(x.Key, y.Key) })
		b.WriteByte('{')
		for i, m := range members {
			if i > 0 {
				b.WriteByte(',')
			}
			writeASCII(b, m.Key)
			b.WriteByte(':')
			writePython(b, m.Value)
		}
		b.WriteByte('}')
	case template.String:
		writeASCII(b, n.Text)
	default:
		b.WriteString(n.Text)
	}
}

func writeASCII(b *strings.Builder, s string) {
	b.WriteByte('"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case c >= ' ' && c < 0x7f:
			b.WriteRune(c)
		case c > 0xffff:
			high, low := utf16.EncodeRune(c)
			fmt.Fprintf(b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(b, `\u%04x`, c)
		}
	}
	b.WriteByte('"')
}

// alnum reports whether s is of letters and digits, and not empty.
func alnum(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z')
	})
}

// members are a map's.
func members(n *node) []template.Member {
	if n == nil {
		return nil
	}
	return n.Members
}
