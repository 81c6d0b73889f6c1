package template

import (
	"errors"
	"slices"
	"strings"
)

// Lookup is what has been made so far.
type Lookup interface {
	// Ref is what Ref yields of a resource.
	Ref(id string) (*Node, error)
	// GetAtt is an attribute of a resource; an *AttributeError: it has none of the name.
	GetAtt(id, attribute string) (*Node, error)
	// Import is the value of an export.
	Import(export string) (string, error)
}

// ReferenceKind is what a Reference refers to.
type ReferenceKind uint8

// The kinds of references.
const (
	ParameterReference ReferenceKind = iota
	ResourceReference
	AttributeReference
	ConditionReference
	ImportReference
)

// Reference is something that a resource refers to.
type Reference struct {
	// Property is the name of the resource's property that it stands in.
	Property string
	Kind     ReferenceKind
	// Name is that of the parameter, resource, condition or export.
	Name, Attribute string
}

// Instance is a template with values for its parameters.
type Instance struct {
	t          *Template
	scope      Scope
	values     map[string]*Node
	conditions map[string]bool
	exists     map[string]bool
	needs      map[string][]string
	references map[string][]Reference
	// static: it has no values, and shows only whether all is well-formed and all names are
	// of something.
	static bool
}

// OutputValue is an output's value.
type OutputValue struct{ Key, Value, Description, ExportName string }

// nothing is the Lookup of what is not made yet.
type nothing struct{}

func (nothing) Ref(string) (*Node, error)            { return &Node{Kind: Unknown}, nil }
func (nothing) GetAtt(string, string) (*Node, error) { return &Node{Kind: Unknown}, nil }
func (nothing) Import(string) (string, error)        { return unknown, nil }

// Instantiate checks all that can be checked before anything is made: parameters, rules,
// conditions, references, mapping lookups, circles. Language extensions are expanded;
// other transforms must be made before.
func (t *Template) Instantiate(s Scope) (*Instance, error) {
	if slices.Contains(t.Transforms, LanguageExtensions) {
		expanded, err := t.Expand(s)
		if err != nil {
			return nil, err
		}
		t = expanded
	}
	if len(t.Transforms) > 0 {
		return nil, fault(t.Root.Get("Transform").At, "No transform named %s found.", t.Transforms[0])
	}
	i, err := t.evaluate(s)
	if err != nil {
		return nil, err
	}
	if i.t, err = i.withPolicies(); err != nil {
		return nil, err
	}
	i.exists = map[string]bool{}
	for _, r := range t.Resources {
		i.exists[r.ID] = r.Condition == "" || i.conditions[r.Condition]
	}
	return i, i.rehearse()
}

// rehearse resolves all before anything is made.
func (i *Instance) rehearse() error {
	i.needs, i.references = map[string][]string{}, map[string][]Reference{}
	size := 0
	for _, res := range i.Resources() {
		r := i.resolver("Resources", nothing{})
		r.dry, r.size = true, &size
		if err := r.rehearse(res); err != nil {
			return err
		}
	}
	r := i.resolver("Outputs", nothing{})
	r.dry, r.size = true, &size
	if _, err := r.outputs(); err != nil {
		return err
	}
	return i.circles()
}

// evaluate finds the values of parameters and conditions, and asserts the rules.
func (t *Template) evaluate(s Scope) (*Instance, error) {
	i := &Instance{t: t, scope: s}
	var err error
	if i.values, err = t.values(s); err != nil {
		return nil, err
	}
	if err = i.assert(); err != nil {
		return nil, err
	}
	i.conditions, err = i.evaluateConditions()
	return i, err
}

// Template is what i is an instance of, with its transforms made.
func (i *Instance) Template() *Template { return i.t }

// Value is what Ref yields of a parameter: a string or a list; nil: there is none.
func (i *Instance) Value(parameter string) *Node { return i.values[parameter] }

// Met reports whether a condition holds.
func (i *Instance) Met(condition string) bool { return i.conditions[condition] }

// Resources are those whose condition holds, in the template's order.
func (i *Instance) Resources() []*Resource {
	var all []*Resource
	for _, r := range i.t.Resources {
		if i.exists[r.ID] {
			all = append(all, r)
		}
	}
	return all
}

// Dependencies are the resources that must be there before id.
func (i *Instance) Dependencies(id string) []string { return i.needs[id] }

// References are what the properties of id refer to.
func (i *Instance) References(id string) []Reference { return i.references[id] }

// rehearse resolves a resource before anything is made, and keeps what it refers to.
func (r *resolver) rehearse(res *Resource) error {
	i := r.i
	need := func(id string) {
		if i.needs != nil && !slices.Contains(i.needs[res.ID], id) {
			i.needs[res.ID] = append(i.needs[res.ID], id)
		}
	}
	for _, id := range res.DependsOn {
		if err := r.exists(id, res.Raw.Get("DependsOn").At); err != nil {
			return err
		}
		need(id)
	}
	property, known := "", map[Reference]bool{}
	r.seen = func(kind ReferenceKind, name, attribute string) {
		if kind == ResourceReference || kind == AttributeReference {
			need(name)
		}
		reference := Reference{Property: property, Kind: kind, Name: name, Attribute: attribute}
		if i.references != nil && property != "" && !known[reference] {
			known[reference] = true
			i.references[res.ID] = append(i.references[res.ID], reference)
		}
	}
	if _, _, whole := function(res.Properties); whole {
		if _, err := r.properties(res); err != nil {
			return err
		}
	} else if res.Properties != nil {
		for _, m := range res.Properties.Members {
			property = m.Key
			if _, err := r.value(m.Value); err != nil {
				return err
			}
		}
	}
	property = ""
	for _, n := range []*Node{res.Metadata, res.CreationPolicy, res.UpdatePolicy} {
		if n == nil {
			continue
		}
		if _, err := r.value(n); err != nil {
			return err
		}
	}
	return nil
}

func (r *resolver) properties(res *Resource) (*Node, error) {
	if res.Properties == nil {
		return &Node{Kind: Map, At: res.At}, nil
	}
	n, err := r.value(res.Properties)
	if err != nil {
		return nil, err
	}
	if n == nil {
		return &Node{Kind: Map, At: res.At}, nil
	}
	if n.Kind != Map && !(r.dry && n.Kind == Unknown) {
		return nil, malformed(res.Properties.At, "[/Resources/%s/Properties] Every Properties member must be an object.", res.ID)
	}
	return n, nil
}

// Properties are the properties of a resource, resolved, without what is AWS::NoValue.
func (i *Instance) Properties(id string, l Lookup) (*Node, error) {
	res := i.t.resources[id]
	if res == nil {
		return nil, malformed(Position{}, "Unresolved resource dependencies [%s] in the Resources block of the template", id)
	}
	return i.resolver("Resources", l).properties(res)
}

// Metadata is the metadata of a resource, resolved; an empty map where there is none.
func (i *Instance) Metadata(id string, l Lookup) (*Node, error) {
	res := i.t.resources[id]
	if res == nil || res.Metadata == nil {
		return &Node{Kind: Map}, nil
	}
	n, err := i.resolver("Resources", l).value(res.Metadata)
	if n == nil && err == nil {
		n = &Node{Kind: Map}
	}
	return n, err
}

// Outputs are those whose condition holds, in the template's order. [C055]
func (i *Instance) Outputs(l Lookup) ([]OutputValue, error) {
	return i.resolver("Outputs", l).outputs()
}

func (r *resolver) outputs() ([]OutputValue, error) {
	var all []OutputValue
	for _, o := range r.i.t.Outputs {
		if o.Condition != "" && !r.i.conditions[o.Condition] && !r.i.static {
			continue
		}
		value, err := r.output(o, o.Value)
		if err != nil {
			return nil, err
		}
		v := OutputValue{Key: o.Name, Value: value.shown(), Description: o.Description}
		if o.Export != nil {
			name, err := r.output(o, o.Export)
			if err != nil {
				return nil, err
			}
			v.ExportName = name.shown()
		}
		all = append(all, v)
	}
	return all, nil
}

// output resolves a part of an output, which is a string. [C028] [C110]
func (r *resolver) output(o *Output, part *Node) (*Node, error) {
	n, err := r.value(part)
	if e := (*AttributeError)(nil); errors.As(err, &e) {
		return nil, fault(part.At, "[Error] /Outputs/%s/Value/Fn::GetAtt: Resource type %s does not support attribute {%s}", o.Name, e.Type, e.Attribute)
	}
	switch {
	case err != nil:
		return nil, err
	case n == nil:
		return nil, malformed(part.At, "Every Outputs member must contain a Value object")
	case n.Scalar() || n.Kind == Unknown:
		return n, nil
	}
	return nil, malformed(part.At, "The Value field of every Outputs member must evaluate to a String and not a %s.", map[Kind]string{List: "List", Map: "Map"}[n.Kind])
}

// circles refuses resources that need each other. [C111]
func (i *Instance) circles() error {
	order := make([]string, 0, len(i.t.Resources))
	for _, r := range i.Resources() {
		order = append(order, r.ID)
	}
	if circle := circle(order, i.needs); circle != nil {
		return fault(i.t.resources[circle[0]].At, "Circular dependency between resources: [%s]", strings.Join(circle, ", "))
	}
	return nil
}

// circle are all the names that need themselves by way of others, in order; nil: none.
func circle(order []string, needs map[string][]string) []string {
	// What is left once everything is taken away that needs nothing, and then all that
	// nothing needs, again and again, are circles and what stands between them.
	left := map[string]bool{}
	for _, name := range order {
		left[name] = true
	}
	neededBy := map[string][]string{}
	for name, all := range needs {
		for _, need := range all {
			neededBy[need] = append(neededBy[need], name)
		}
	}
	for _, edges := range []map[string][]string{needs, neededBy} {
		for again := true; again; {
			again = false
			for _, name := range order {
				if left[name] && !slices.ContainsFunc(edges[name], func(n string) bool { return left[n] }) {
					delete(left, name)
					again = true
				}
			}
		}
	}
	var names []string
	for _, name := range order {
		if left[name] {
			names = append(names, name)
		}
	}
	return names
}
