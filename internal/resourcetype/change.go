package resourcetype

import (
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/template"
)

// What a changed property does to a resource, in the words of change sets [C082].
const (
	Never         = "Never"
	Always        = "Always"
	Conditionally = "Conditionally"
)

// Change is a property with different values before and after.
type Change struct {
	Property string
	// Recreation says whether the resource is made anew: Never, Always or Conditionally.
	Recreation string
	// Before and After are the values; nil: the property is not there.
	Before, After *template.Node
}

// Changes are the properties that differ, in their order after, and then those that are
// gone.
func (t *Type) Changes(before, after *template.Node) []Change {
	var all []Change
	for _, property := range union(after, before) {
		if b, a := before.Get(property), after.Get(property); !b.Equal(a) {
			all = append(all, Change{property, t.Recreation(property, b, a), b, a})
		}
	}
	return all
}

func union(nodes ...*template.Node) []string {
	var all []string
	for _, n := range nodes {
		if n == nil {
			continue
		}
		for _, m := range n.Members {
			if !slices.Contains(all, m.Key) {
				all = append(all, m.Key)
			}
		}
	}
	return all
}

// Recreation says whether a property with another value makes the resource anew: Never, Always
// or Conditionally.
func (t *Type) Recreation(property string, before, after *template.Node) string {
	for _, path := range t.CreateOnly {
		first, rest, nested := strings.Cut(path, ".")
		if first == property && (!nested || !part(before, rest).Equal(part(after, rest))) {
			return Always
		}
	}
	if slices.Contains(t.Conditional, property) {
		return Conditionally
	}
	return Never
}

// part is the part of a value that a path with dots leads to.
func part(n *template.Node, path string) *template.Node {
	for name := range strings.SplitSeq(path, ".") {
		n = n.Get(name)
	}
	return n
}

// NeedsReplacement reports whether a resource with the properties before must be made
// anew to have those after.
func (t *Type) NeedsReplacement(before, after *template.Node) bool {
	return slices.ContainsFunc(t.Changes(before, after), func(c Change) bool {
		return c.Recreation == Always || c.Recreation == Conditionally && t.replaces(c)
	})
}

// replaces decides on what replaces a resource under a condition: a VPC's tenancy can be
// changed from dedicated to default only; a rule cannot move to another bus.
func (t *Type) replaces(c Change) bool {
	switch t.Name + "." + c.Property {
	case "AWS::EC2::VPC.InstanceTenancy":
		return c.Before.String() != "dedicated" && c.After.String() == "dedicated"
	case "AWS::Events::Rule.EventBusName":
		return true
	default:
		return false
	}
}
