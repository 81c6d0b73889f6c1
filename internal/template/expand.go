package template

import (
	"errors"
	"maps"
	"slices"
	"strings"
)

// expander makes the language extensions. [C153]-[C156]
type expander struct{ *resolver }

// Expand makes the language extensions, of which the loops need the parameters' values. A
// template without them stays as it is.
func (t *Template) Expand(s Scope) (*Template, error) {
	if !slices.Contains(t.Transforms, LanguageExtensions) {
		return t, nil
	}
	values, err := t.values(s)
	if err != nil {
		return nil, err
	}
	extended := *t
	extended.extended = true
	e := &expander{(&Instance{t: &extended, scope: s, values: values}).resolver("Resources", nil)}
	e.early = true
	root := &Node{Kind: Map, At: t.Root.At}
	for _, m := range t.Root.Members {
		switch m.Key {
		case "Resources", "Outputs", "Conditions":
			if m.Value, err = e.expand(m.Value, nil); err != nil {
				return nil, err
			}
			if m.Value, err = e.settle(m.Value); err != nil {
				return nil, err
			}
		}
		if m.Key == "Resources" {
			if m.Value, err = e.policies(m.Value); err != nil {
				return nil, err
			}
		}
		root.Members = append(root.Members, m)
	}
	return t.Transformed(root, LanguageExtensions)
}

// transformFault is an error of the transform.
func transformFault(at Position, format string, args ...any) *Error {
	e := fault(at, "Transform "+LanguageExtensions+" failed with: "+format, args...)
	e.Transform = LanguageExtensions
	return e
}

// layout says that an extension's arguments are not what they are to be.
func layout(at Position, function string) *Error {
	return transformFault(at, "%s layout is incorrect", function)
}

// expand makes the loops in n. vars are the values of the loops that n stands in.
func (e *expander) expand(n *Node, vars map[string]string) (*Node, error) {
	if name, argument, ok := function(n); ok && name == "Ref" {
		if value, loops := vars[argument.String()]; loops {
			return e.text(n.At, value)
		}
	}
	switch n.Kind {
	case String:
		return e.text(n.At, substitute(n.Text, vars))
	case List:
		list := &Node{Kind: List, At: n.At}
		for _, item := range n.Items {
			value, err := e.expand(item, vars)
			if err != nil {
				return nil, err
			}
			list.Items = append(list.Items, value)
		}
		return list, e.spend(n.At, 0)
	case Map:
		m := newMap(n.At)
		return m.node, e.members(m, n, vars)
	default:
		return n, e.spend(n.At, len(n.Text))
	}
}

// members expands the members of n into m.
func (e *expander) members(m *mapMaker, n *Node, vars map[string]string) error {
	if err := e.spend(n.At, 0); err != nil {
		return err
	}
	for _, member := range n.Members {
		if strings.HasPrefix(member.Key, "Fn::ForEach::") {
			if err := e.loop(m, member, vars); err != nil {
				return err
			}
			continue
		}
		value, err := e.expand(member.Value, vars)
		if err != nil {
			return err
		}
		key := substitute(member.Key, vars)
		if _, doubled := m.index[key]; doubled {
			return transformFault(member.KeyAt, "Fn::ForEach yields the key %s more than once", key)
		}
		if err := e.spend(member.KeyAt, len(key)); err != nil {
			return err
		}
		m.set(key, member.KeyAt, value)
	}
	return nil
}

// loop makes one loop. [C156]
func (e *expander) loop(m *mapMaker, member Member, vars map[string]string) error {
	n := member.Value
	if n.Kind != List || len(n.Items) != 3 || n.Items[0].Kind != String || n.Items[2].Kind != Map {
		return layout(n.At, "Fn::ForEach")
	}
	identifier := n.Items[0].Text
	if identifier == "" || strings.ContainsFunc(identifier, func(c rune) bool { return !alphanumeric(c) }) {
		return layout(n.Items[0].At, "Fn::ForEach")
	}
	collection, err := e.expand(n.Items[1], vars)
	if err != nil {
		return err
	}
	collection, err = e.value(collection)
	if errors.Is(err, errLater) || err == nil && (collection == nil || collection.Kind != List) {
		return layout(n.Items[1].At, "Fn::ForEach")
	}
	if err != nil {
		return err
	}
	inner := maps.Clone(vars)
	if inner == nil {
		inner = map[string]string{}
	}
	for _, item := range collection.Items {
		if !item.Scalar() {
			return layout(item.At, "Fn::ForEach")
		}
		inner[identifier] = item.Text
		if err := e.members(m, n.Items[2], inner); err != nil {
			return err
		}
	}
	return nil
}

// substitute puts the values of loops into a text: ${X} as it is, &{X} only its letters
// and digits.
func substitute(text string, vars map[string]string) string {
	if len(vars) == 0 || !strings.Contains(text, "{") {
		return text
	}
	var b strings.Builder
	for text != "" {
		start := strings.IndexByte(text, '{')
		if start < 0 {
			break
		}
		end := strings.IndexByte(text[start:], '}')
		if end < 0 {
			break
		}
		value, loops := vars[text[start+1:start+end]]
		if !loops || start == 0 || text[start-1] != '$' && text[start-1] != '&' {
			b.WriteString(text[:start+1])
			text = text[start+1:]
			continue
		}
		if text[start-1] == '&' {
			value = strings.Map(func(c rune) rune {
				if alphanumeric(c) {
					return c
				}
				return -1
			}, value)
		}
		b.WriteString(text[:start-1])
		b.WriteString(value)
		text = text[start+end+1:]
	}
	return b.String() + text
}

// settled are the functions that the transform resolves where it can.
var settled = []string{"Fn::Length", "Fn::ToJsonString", "Fn::FindInMap", "Fn::Join", "Fn::Sub"}

// settle resolves what the transform resolves; what needs resources or conditions stays.
func (e *expander) settle(n *Node) (*Node, error) {
	if name, argument, ok := function(n); ok && slices.Contains(settled, name) {
		value, err := e.call(name, argument, n.At)
		switch {
		case errors.Is(err, errLater):
		case err != nil:
			return nil, err
		case value != nil:
			return value, nil
		}
	}
	if name, argument, ok := function(n); ok {
		if named, err := e.name(name, argument); named != nil || err != nil {
			return named, err
		}
	}
	c := *n
	c.Items, c.Members = slices.Clone(n.Items), slices.Clone(n.Members)
	var err error
	for i := range c.Items {
		if c.Items[i], err = e.settle(c.Items[i]); err != nil {
			return nil, err
		}
	}
	for i := range c.Members {
		if c.Members[i].Value, err = e.settle(c.Members[i].Value); err != nil {
			return nil, err
		}
	}
	return &c, nil
}

// name resolves the function that a name is of which Ref or GetAtt is; nil: it is none.
func (e *expander) name(function string, argument *Node) (*Node, error) {
	n := argument
	if function == "Fn::GetAtt" && argument.Kind == List && len(argument.Items) == 2 {
		n = argument.Items[0]
	}
	if n.Kind != Map || function != "Ref" && function != "Fn::GetAtt" {
		return nil, nil
	}
	value, err := e.value(n)
	if errors.Is(err, errLater) || err == nil && (value == nil || value.Kind != String) {
		return nil, layout(n.At, function)
	}
	if err != nil {
		return nil, err
	}
	if function == "Fn::GetAtt" {
		value = &Node{Kind: List, At: argument.At, Items: []*Node{value, argument.Items[1]}}
	}
	return &Node{Kind: Map, At: n.At, Members: []Member{{Key: function, KeyAt: n.At, Value: value}}}, nil
}

// policies resolves functions in DeletionPolicy and UpdateReplacePolicy. A list of one in
// DependsOn becomes the one [C157].
func (e *expander) policies(resources *Node) (*Node, error) {
	c := *resources
	c.Members = slices.Clone(resources.Members)
	for i, m := range c.Members {
		for _, key := range policyKeys {
			policy := m.Value.Get(key)
			if policy == nil || policy.Kind != Map {
				continue
			}
			value, err := e.value(policy)
			switch {
			case errors.Is(err, errLater): // with the conditions
			case err != nil:
				return nil, err
			case value != nil:
				m.Value = m.Value.With(key, value)
			}
		}
		if needs := m.Value.Get("DependsOn"); needs != nil && needs.Kind == List && len(needs.Items) == 1 {
			m.Value = m.Value.With("DependsOn", needs.Items[0])
		}
		c.Members[i] = m
	}
	return &c, nil
}
