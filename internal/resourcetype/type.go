package resourcetype

import (
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Type is a type of resources that is emulated.
type Type struct {
	Name string
	*Schema
}

// Source names the packages that the types are from, with versions and licenses.
func Source() string { return file().Source }

// Known reports whether AWS has the type. Custom resources have the types that one gives
// them.
func Known(name string) bool {
	f := file()
	return f.Types[name] != nil || f.Others[name] != nil || LeftOut(name)
}

// LeftOut reports whether resources of a type are nothing of AWS's: what somebody's own
// function makes, and the CDK's note of its version [C237].
func LeftOut(name string) bool {
	return name == "AWS::CDK::Metadata" || name == "AWS::CloudFormation::CustomResource" || strings.HasPrefix(name, "Custom::")
}

var types = sync.OnceValue(func() map[string]*Type {
	all := map[string]*Type{}
	for name, schema := range file().Types {
		all[name] = &Type{name, schema}
	}
	return all
})

// Find is the type of that name; nil: it is not emulated.
func Find(name string) *Type { return types()[name] }

// Names are the emulated types, sorted.
func Names() []string { return slices.Sorted(maps.Keys(types())) }

// OutlineOf is what is known of a type, be it emulated or not; nil: AWS has none of that
// name.
func OutlineOf(name string) *Outline {
	if t := Find(name); t != nil {
		return &t.Outline
	}
	return file().Others[name]
}

// HasAttribute reports whether Fn::GetAtt yields an attribute of resources of the type.
// What a nested stack has beyond its outputs is not known before it is made.
func (o *Outline) HasAttribute(name string) bool {
	if slices.Contains(o.Attributes, name) {
		return true
	}
	parent, _, nested := strings.Cut(name, ".")
	return nested && parent == "Outputs" && slices.Contains(o.Attributes, parent)
}

// HasProperty reports whether resources of the type have a property, or one within it:
// Fn::GetAtt yields these, too, as they are set [C028].
func (t *Type) HasProperty(name string) bool {
	is := t.Properties
	for part := range strings.SplitSeq(name, ".") {
		if is.Definition != "" {
			is = t.Definitions[is.Definition]
		}
		if is = is.Members[part]; is == nil {
			return false
		}
	}
	return true
}

// All yields the names of all types that AWS has, in no order.
func All() iter.Seq[string] {
	return func(yield func(string) bool) {
		for name := range file().Types {
			if !yield(name) {
				return
			}
		}
		for name := range file().Others {
			if !yield(name) {
				return
			}
		}
	}
}
