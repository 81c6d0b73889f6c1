package template

import (
	"cmp"
	"slices"
)

// Processed is the template as GetTemplate shows it processed: as it was sent, or what
// its transforms have made of it, with sorted members. [C157]
func (t *Template) Processed() string {
	if !t.transformed {
		return t.Text
	}
	return sorted(t.Root).JSON()
}

// sorted is n with the members of all maps in order of their keys.
func sorted(n *Node) *Node {
	c := *n
	c.Items, c.Members = slices.Clone(n.Items), slices.Clone(n.Members)
	for i := range c.Items {
		c.Items[i] = sorted(c.Items[i])
	}
	for i := range c.Members {
		c.Members[i].Value = sorted(c.Members[i].Value)
	}
	slices.SortFunc(c.Members, func(a, b Member) int { return cmp.Compare(a.Key, b.Key) })
	return &c
}
