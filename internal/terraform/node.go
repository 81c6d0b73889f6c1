package terraform

import (
	"go.yaml.in/yaml/v3"
)

// member is a member of a mapping; nil where it is absent or null.
func member(n *yaml.Node, name string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			if n.Content[i+1].Tag == "!!null" {
				return nil
			}
			return n.Content[i+1]
		}
	}
	return nil
}

// at is what stands under members of members.
func at(n *yaml.Node, path ...string) *yaml.Node {
	for _, name := range path {
		n = member(n, name)
	}
	return n
}

// items are the items of a list; none where there is no list.
func items(n *yaml.Node) []*yaml.Node {
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	return n.Content
}

// text is a scalar's text; empty where there is none.
func text(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	return n.Value
}

func texts(n *yaml.Node) []string {
	var all []string
	for _, item := range items(n) {
		all = append(all, text(item))
	}
	return all
}

// set gives a mapping a member.
func set(n *yaml.Node, name string, value *yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			n.Content[i+1] = value
			return
		}
	}
	n.Content = append(n.Content, word(value, name), value)
}

// word is a text that stands where another value does.
func word(where *yaml.Node, value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: value, Line: where.Line, Column: where.Column}
}

// word is a text that stands where the resource does.
func (one *resource) word(value string) *yaml.Node { return word(one.node, value) }

func newList(where *yaml.Node, items ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: where.Line, Column: where.Column, Content: items}
}

// object is a mapping of a fixture file.
type object struct{ *yaml.Node }

func newObject(where *yaml.Node) *object {
	return &object{&yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: where.Line, Column: where.Column}}
}

// put gives a fixture a member. One whose value is nil, or says nothing, is left out.
func (o *object) put(name string, value *yaml.Node) {
	if says(value) {
		set(o.Node, name, value)
	}
}

// says reports whether a value is more than the empty one that Terraform writes for what is not set.
func says(value *yaml.Node) bool {
	switch {
	case value == nil || value.Tag == "!!null":
		return false
	case value.Kind == yaml.ScalarNode:
		return value.Value != ""
	default:
		return len(value.Content) > 0
	}
}

// within is the mapping of a name in a fixture, made where it is not there.
func (o *object) within(name string) *object {
	n := member(o.Node, name)
	if n == nil {
		n = newObject(o.Node).Node
		set(o.Node, name, n)
	}
	return &object{n}
}

// list is the list of a name in a fixture, made where it is not there.
func (o *object) list(name string) *yaml.Node {
	n := member(o.Node, name)
	if n == nil {
		n = newList(o.Node)
		set(o.Node, name, n)
	}
	return n
}

// once puts a text into a list of a fixture, unless it is there.
func (o *object) once(name string, value *yaml.Node) {
	if !says(value) {
		return
	}
	list := o.list(name)
	for _, item := range list.Content {
		if item.Value == value.Value {
			return
		}
	}
	list.Content = append(list.Content, value)
}

// get is an argument or attribute of a resource; nil where it says nothing.
func (one *resource) get(name string) *yaml.Node {
	if n := member(one.values, name); says(n) {
		return n
	}
	return nil
}

func (one *resource) text(name string) string { return text(one.get(name)) }

// is reports whether an argument is true.
func (one *resource) is(name string) bool { return one.text(name) == "true" }

// tags are a resource's tags, with those of the provider.
func (one *resource) tags() *yaml.Node {
	if all := one.get("tags_all"); all != nil {
		return all
	}
	return one.get("tags")
}
