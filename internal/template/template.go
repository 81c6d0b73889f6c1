package template

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The transforms of AWS that are known here.
const (
	LanguageExtensions = "AWS::LanguageExtensions"
	Serverless         = "AWS::Serverless-2016-10-31"
)

// Template is a template as it is written. It is not to be changed.
type Template struct {
	// Text is what was parsed.
	Text string
	// Root is the whole.
	Root *Node
	// Version is AWSTemplateFormatVersion, or the only one that there is.
	Version, Description string
	Metadata             *Node
	// Transforms are those that are declared and not yet made.
	Transforms []string
	Parameters []*Parameter
	Rules      *Node
	Mappings   *Node
	Conditions *Node
	Resources  []*Resource
	Outputs    []*Output

	// extended: the language extensions may be used; they are expanded already.
	extended bool
	// transformed: Root is what a transform has made.
	transformed bool
	// resources, outputs are those by their names.
	resources map[string]*Resource
}

// Parameter is a parameter's declaration.
type Parameter struct {
	Name, Type, Description string
	// Default is nil where there is none.
	Default               *string
	NoEcho                bool
	AllowedValues         []string
	AllowedPattern        string
	ConstraintDescription string
	MinLength, MaxLength  *int
	MinValue, MaxValue    *float64
	At                    Position
}

// The limits on what a template may have. [C008]
const (
	maxResources   = 500
	maxParameters  = 200
	maxMappings    = 200
	maxAttributes  = 200
	maxOutputs     = 200
	maxName        = 255
	maxDescription = 1024
)

// Parse reads a template and checks its form. Where it declares transforms, what they
// may change is checked once they are made.
func Parse(text string) (*Template, error) {
	root, err := Read(text)
	if err != nil {
		return nil, err
	}
	t, err := New(root)
	if err != nil {
		return nil, err
	}
	t.Text = text
	return t, nil
}

// New is the template that root holds.
func New(root *Node) (*Template, error) {
	return (&Template{Root: root}).read()
}

// read reads what t.Root holds.
func (t *Template) read() (*Template, error) {
	t.Version, t.resources = "2010-09-09", map[string]*Resource{}
	root := t.Root
	if root.Kind != Map {
		return nil, malformed(root.At, "unsupported structure.")
	}
	for _, read := range []func() error{
		t.readTransforms, t.readNulls, t.readSections, t.readHead, t.readParameters, t.readMappings, t.readConditions,
		t.readResources, t.readOutputs, t.readNames,
	} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	if len(t.Transforms) > 0 {
		return t, nil
	}
	return t, t.check()
}

// Transformed is what a transform made of t: root is the whole of it.
func (t *Template) Transformed(root *Node, transform string) (*Template, error) {
	made := &Template{
		Text: t.Text, Root: without(root, transform), transformed: true,
		extended: t.extended || transform == LanguageExtensions,
	}
	return made.read()
}

// without is root without the declaration of a transform.
func without(root *Node, transform string) *Node {
	c := &Node{Kind: Map, At: root.At}
	for _, m := range root.Members {
		if m.Key == "Transform" {
			left := &Node{Kind: List, At: m.Value.At}
			for _, one := range declared(m.Value) {
				if transformName(one) != transform {
					left.Items = append(left.Items, one)
				}
			}
			if len(left.Items) == 0 {
				continue
			}
			m.Value = left
		}
		c.Members = append(c.Members, m)
	}
	return c
}

// Resource is the resource of a logical id; nil: there is none.
func (t *Template) Resource(id string) *Resource { return t.resources[id] }

// Parameter is the parameter of a name; nil: there is none.
func (t *Template) Parameter(name string) *Parameter {
	for _, p := range t.Parameters {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// Types are the types of the resources, each once, in order of their names.
func (t *Template) Types() []string {
	types := map[string]bool{}
	for _, r := range t.Resources {
		types[r.Type] = true
	}
	return slices.Sorted(maps.Keys(types))
}

// DeclaredTransforms are all that the text declares, made or not.
func (t *Template) DeclaredTransforms() []string {
	if !t.transformed {
		return t.Transforms
	}
	original, err := Parse(t.Text)
	if err != nil {
		return nil
	}
	return original.Transforms
}

// readNulls refuses nulls, of which transforms leave none where they mean nothing. [C109]
func (t *Template) readNulls() error {
	if len(t.Transforms) > 0 {
		return nil
	}
	return noNulls("", t.Root)
}

// noNulls refuses nulls wherever they stand.
func noNulls(path string, n *Node) error {
	switch n.Kind {
	case Null:
		return fault(n.At, "[%s] 'null' values are not allowed in templates", path)
	case List:
		for i, item := range n.Items {
			if err := noNulls(fmt.Sprintf("%s/%d", path, i), item); err != nil {
				return err
			}
		}
	case Map:
		for _, m := range n.Members {
			if err := noNulls(path+"/"+m.Key, m.Value); err != nil {
				return err
			}
		}
	default:
	}
	return nil
}

var sections = []string{
	"AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Rules", "Mappings", "Conditions",
	"Transform", "Hooks", "Resources", "Outputs",
}

// readSections refuses sections that there are not. [C104]
func (t *Template) readSections() error {
	var bad []string
	var at Position
	for _, m := range t.Root.Members {
		if slices.Contains(sections, m.Key) || m.Key == "Globals" && slices.Contains(t.Transforms, Serverless) {
			continue
		}
		bad, at = append(bad, m.Key), cmp.Or(at, m.KeyAt)
	}
	if bad != nil {
		return fault(at, "Invalid template property or properties [%s]", strings.Join(bad, ", "))
	}
	return nil
}

func (t *Template) readHead() error {
	if v := t.Root.Get("AWSTemplateFormatVersion"); v != nil && v.String() != t.Version {
		return malformed(v.At, "unsupported value for AWSTemplateFormatVersion.")
	}
	if d := t.Root.Get("Description"); d != nil {
		if !d.Scalar() {
			return malformed(d.At, "Every Description member must be a string.")
		}
		if t.Description = d.Text; len(t.Description) > maxDescription {
			return malformed(d.At, "'Description' length is greater than %d.", maxDescription)
		}
	}
	if t.Metadata = t.Root.Get("Metadata"); t.Metadata != nil && t.Metadata.Kind != Map {
		return malformed(t.Metadata.At, "Metadata must be an object.")
	}
	t.Rules = t.Root.Get("Rules")
	return nil
}

// readTransforms reads the names of transforms: a name, a list of names, or of maps with
// a Name. [C121]
func (t *Template) readTransforms() error {
	n := t.Root.Get("Transform")
	if n == nil {
		return nil
	}
	for _, one := range declared(n) {
		name := transformName(one)
		if name == "" {
			return fault(n.At, "Key Name of transform definition must be a string.")
		}
		t.Transforms = append(t.Transforms, name)
	}
	return nil
}

// declared are the declarations of transforms.
func declared(n *Node) []*Node {
	if n.Kind == List {
		return n.Items
	}
	return []*Node{n}
}

// transformName is the name of a declared transform; empty: it has none.
func transformName(n *Node) string {
	if n.Kind == Map {
		n = n.Get("Name")
	}
	if n == nil || n.Kind != String {
		return ""
	}
	return n.Text
}

// section is a section's members; a section that is there is a map.
func (t *Template) section(name string, limit int) ([]Member, error) {
	n := t.Root.Get(name)
	if n == nil {
		return nil, nil
	}
	if n.Kind != Map {
		return nil, malformed(n.At, "Any %s member must be an object.", name)
	}
	if len(n.Members) > limit {
		return nil, malformed(n.At, "Number of %s, %d, is greater than maximum allowed, %d", strings.ToLower(name), len(n.Members), limit)
	}
	return n.Members, nil
}

// named checks a name of a section's member. [C105]
func named(what string, m Member) error {
	if m.Key == "" || strings.ContainsFunc(m.Key, func(c rune) bool { return !alphanumeric(c) }) {
		return malformed(m.KeyAt, "%s name %s is non alphanumeric.", what, m.Key)
	}
	if len(m.Key) > maxName {
		return malformed(m.KeyAt, "%s name %s is longer than %d characters.", what, m.Key, maxName)
	}
	return nil
}

func alphanumeric(c rune) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// loops reports whether a key is that of a loop that is to be expanded.
func (t *Template) loops(key string) bool {
	return strings.HasPrefix(key, "Fn::ForEach::") && slices.Contains(t.Transforms, LanguageExtensions)
}

// readConditions reads the conditions, whose names may have other signs than others' have:
// templates of AWS's own are so.
func (t *Template) readConditions() error {
	_, err := t.section("Conditions", maxResources)
	t.Conditions = t.Root.Get("Conditions")
	return err
}

// readNames refuses names that both a parameter and a resource have. [C118]
func (t *Template) readNames() error {
	var common []string
	var at Position
	for _, p := range t.Parameters {
		if r := t.resources[p.Name]; r != nil {
			common, at = append(common, p.Name), cmp.Or(at, r.At)
		}
	}
	if common != nil {
		return misused(at, "all resources and parameters must have unique names. Common name(s):[%s]", strings.Join(common, ", "))
	}
	return nil
}
