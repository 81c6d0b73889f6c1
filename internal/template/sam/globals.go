package sam

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/template"
)

// readGlobals reads the section Globals. [C262]
func (x *expansion) readGlobals(n *node) error {
	x.globals = map[string]*node{}
	if n == nil {
		return nil
	}
	wrong := func(at template.Position, format string, args ...any) error {
		return &template.Error{
			Message: "Transform " + template.Serverless + " failed with: Invalid Serverless Application Specification document. Number of errors found: 1. 'Globals' section is invalid. " + fmt.Sprintf(format, args...),
			At:      at, Transform: template.Serverless,
		}
	}
	if !isMap(n) {
		return wrong(n.At, "It must be a non-empty dictionary")
	}
	for _, section := range n.Members {
		known := globalProperties[section.Key]
		if known == "" {
			return wrong(section.KeyAt, "'%s' is not supported. Must be one of the following values - %s", section.Key, quoted(slices.Sorted(maps.Keys(globalProperties))))
		}
		if !isMap(section.Value) {
			return wrong(section.Value.At, "Value of ${section} must be a dictionary")
		}
		if name, at := strange(section.Value, known); name != "" {
			return wrong(at, "'%s' is not a supported property of '%s'. Must be one of the following values - %s", name, section.Key, quoted(strings.Fields(known)))
		}
		x.globals[prefix+section.Key] = section.Value
	}
	return nil
}

// quoted is a list as Python prints it.
func quoted(all []string) string { return "['" + strings.Join(all, "', '") + "']" }

// mergeGlobals merges Globals into the resources.
func (x *expansion) mergeGlobals() {
	for _, id := range x.order {
		n := x.original[id]
		kind := n.Get("Type").String()
		globals := x.globals[kind]
		if globals == nil {
			continue
		}
		switch ignored := n.Get("IgnoreGlobals"); {
		case ignored == nil:
		case isText(ignored) && ignored.Text == "*":
			continue
		case isList(ignored):
			globals = without(globals, ignored.Strings()...)
		default:
			x.report(invalid(id, "Resource %s has invalid resource attribute 'IgnoreGlobals'.", id), ignored.At)
		}
		properties := n.Get("Properties")
		if properties == nil {
			properties = &node{Kind: template.Map}
		}
		x.original[id] = n.With("Properties", merge(globals, properties, strings.TrimPrefix(kind, prefix)))
	}
}

// maxMerged bounds how much Globals adds to a template, in values.
const maxMerged = 200_000

// bounded refuses templates that would become more than any that AWS takes: each event,
// and each destination of a connector, makes a resource at least.
func (x *expansion) bounded() error {
	count, merged := len(x.order), 0
	for _, id := range x.order {
		n := x.original[id]
		properties := n.Get("Properties")
		count += len(members(properties.Get("Events"))) + len(members(n.Get("Connectors")))
		if destinations := properties.Get("Destination"); isList(destinations) {
			count += len(destinations.Items)
		}
		if globals := x.globals[n.Get("Type").String()]; globals != nil {
			merged += size(globals)
		}
	}
	switch {
	case count > 500:
		return &template.Error{Message: fmt.Sprintf("Template format error: Number of resources, %d, is greater than maximum allowed, %d", count, 500)}
	case merged > maxMerged:
		return &template.Error{Message: fmt.Sprintf("Template format error: Globals adds more than %d values to the template", maxMerged)}
	}
	return nil
}

// size is how many values there are in n.
func size(n *node) int {
	count := 1
	for _, item := range n.Items {
		count += size(item)
	}
	for _, m := range n.Members {
		count += size(m.Value)
	}
	return count
}

// merge merges what is local over what is global: maps member by member, lists one after
// the other, of all else the local value counts.
func merge(global, local *node, path string) *node {
	switch {
	case isFunction(global) || isFunction(local) || path == "Function.Architectures":
		return local
	case isMap(global) && isMap(local):
		merged := &node{Kind: template.Map, At: local.At, Members: slices.Clone(global.Members)}
		index := map[string]int{}
		for i, m := range merged.Members {
			index[m.Key] = i
		}
		for _, m := range local.Members {
			if i, both := index[m.Key]; both {
				m.Value = merge(merged.Members[i].Value, m.Value, path+"."+m.Key)
				merged.Members[i] = m
			} else {
				merged.Members = append(merged.Members, m)
			}
		}
		return merged
	case isList(global) && isList(local):
		return add(global, local.Items...)
	default:
		return local
	}
}
