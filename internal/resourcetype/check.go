package resourcetype

import (
	"errors"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/template"
)

// Problem is something about a resource's properties that can be told before it is made.
type Problem struct {
	// Message is in the words of AWS's early validation, as far as they are known [C076].
	Message string
	// Path is that of the object or value within the properties, such as /Tags/0; empty:
	// the properties themselves.
	Path string
	At   template.Position
}

// Check looks for what is wrong with properties that may have functions in them: what AWS
// does not know, what it requires and is not there, and values of the wrong type.
func (t *Type) Check(properties *template.Node) []Problem {
	w := &walk{Schema: t.Schema, static: true}
	w.properties(properties)
	var all []Problem
	for _, f := range w.faults {
		all = append(all, Problem{Message: f.early(), Path: f.path, At: f.at})
	}
	return all
}

// Convert gives resolved properties the types of the schema [C150]. The error's text is
// the reason for which the resource fails [C029].
func (t *Type) Convert(properties *template.Node) (*template.Node, error) {
	w := &walk{Schema: t.Schema}
	converted := w.properties(properties)
	if len(w.faults) > 0 {
		return nil, errors.New(reason(w.faults))
	}
	return converted, nil
}

func (w *walk) properties(n *template.Node) *template.Node {
	if n == nil || n.Kind == template.Null {
		n = &template.Node{Kind: template.Map}
	}
	return w.value(n, w.Properties, place{})
}

// early is a fault in early validation's words; those for missing properties are known
// [C076], and the others like them.
func (f fault) early() string {
	switch {
	case f.kind == unknown:
		return "Unsupported property [" + f.name + "]"
	case f.kind == missing:
		return "Required property [" + f.name + "] not found"
	case f.name == "":
		return "Properties must be of type " + f.want
	default:
		return "Value of property [" + f.name + "] must be of type " + f.want
	}
}

// reason is the reason for which a resource with these properties fails. A wrong type has
// words of its own [C150]; the rest is told at once.
func reason(faults []fault) string {
	if i := slices.IndexFunc(faults, func(f fault) bool { return f.kind == wrongType }); i >= 0 {
		f := faults[i]
		switch {
		case f.name == "":
			return "Value of property Properties must be an object"
		case f.want == "Map":
			return "Value of property " + f.name + " must be an object"
		default:
			return "Value of property " + f.name + " must be of type " + f.want
		}
	}
	var all []string
	unsupported := map[string][]string{}
	for _, f := range faults {
		if f.kind == unknown {
			unsupported[f.path] = append(unsupported[f.path], f.name)
		}
	}
	for _, f := range faults {
		switch {
		case f.kind == missing:
			all = append(all, "The property {"+f.path+"/"+f.name+"} is required")
		case unsupported[f.path] != nil:
			path := f.path
			if path == "" {
				path = "/"
			}
			all = append(all, "Encountered unsupported properties in {"+path+"}: ["+strings.Join(unsupported[f.path], ", ")+"]")
			delete(unsupported, f.path)
		}
	}
	return "Property validation failure: [" + strings.Join(all, ", ") + "]"
}
