package sam

import (
	"strings"

	"github.com/waxseal/waxseal/internal/template"
)

// root is the whole template that comes out, in which names of what was made stand for
// its ids.
func (x *expansion) root(t *template.Template) *node {
	resources := &node{Kind: template.Map, At: t.Root.Get("Resources").At}
	for _, id := range x.sequence {
		at := x.made[id].At
		resources.Members = append(resources.Members, template.Member{Key: id, KeyAt: at, Value: x.made[id]})
	}
	root := &node{Kind: template.Map, At: t.Root.At}
	for _, m := range t.Root.Members {
		switch m.Key {
		case "Globals", "Conditions":
			continue
		case "Resources":
			m.Value = resources
		}
		root.Members = append(root.Members, m)
	}
	if x.conditions != nil {
		root = root.With("Conditions", x.conditions)
	}
	return x.refer(root)
}

// refer puts the ids of what was made in the place of names such as Function.Version.
func (x *expansion) refer(root *node) *node {
	id := func(name string) string {
		if made := x.aliases[name]; made != "" {
			return made
		}
		if made := x.renamed[name]; made != "" {
			return made
		}
		return name
	}
	root = each(root, func(n *node) *node {
		switch name, argument := function(n); {
		case name == "Ref" && isText(argument):
			return standing(n, ref(id(argument.Text)))
		case name == "Fn::GetAtt" && isList(argument) && len(argument.Items) == 2 && isText(argument.Items[0]) && isText(argument.Items[1]):
			owner, attribute := argument.Items[0].Text, argument.Items[1].Text
			if alias, rest, ok := strings.Cut(attribute, "."); ok && x.aliases[owner+"."+alias] != "" {
				owner, attribute = x.aliases[owner+"."+alias], rest
			}
			return standing(n, getAtt(id(owner), attribute))
		case name == "Fn::Sub" && isText(argument):
			return standing(n, sub(x.referText(argument.Text, id), nil))
		case name == "Fn::Sub" && isList(argument) && len(argument.Items) > 0 && isText(argument.Items[0]):
			items := append([]*node{toNode(x.referText(argument.Items[0].Text, id))}, argument.Items[1:]...)
			return standing(n, object(name, &node{Kind: template.List, Items: items}))
		}
		return n
	})
	return x.referDependsOn(root)
}

func (x *expansion) referText(text string, id func(string) string) string {
	return variables(text, func(name string) string {
		if made := id(name); made != name {
			return "${" + made + "}"
		}
		owner, rest, ok := strings.Cut(name, ".")
		if !ok {
			return "${" + name + "}"
		}
		if alias, attribute, ok := strings.Cut(rest, "."); ok && x.aliases[owner+"."+alias] != "" {
			return "${" + x.aliases[owner+"."+alias] + "." + attribute + "}"
		}
		return "${" + id(owner) + "." + rest + "}"
	})
}

// referDependsOn renames what resources depend on.
func (x *expansion) referDependsOn(root *node) *node {
	if len(x.renamed) == 0 {
		return root
	}
	resources := root.Get("Resources")
	for _, m := range resources.Members {
		depends := m.Value.Get("DependsOn")
		if depends == nil {
			continue
		}
		depends = each(depends, func(n *node) *node {
			if made := x.renamed[n.Text]; isText(n) && made != "" {
				return &node{Kind: template.String, Text: made, At: n.At}
			}
			return n
		})
		resources = resources.With(m.Key, m.Value.With("DependsOn", depends))
	}
	return root.With("Resources", resources)
}
