package cloudformation

import (
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/provision"
	"github.com/waxseal/waxseal/internal/resourcetype"
	"github.com/waxseal/waxseal/internal/template"
)

// lookup finds what the templates of a running operation refer to. It implements
// template.Lookup.
type lookup struct{ *run }

// Ref implements template.Lookup.
func (l lookup) Ref(id string) (*template.Node, error) {
	return l.records[id].ref(), nil
}

// GetAtt implements template.Lookup.
func (l lookup) GetAtt(id, attribute string) (*template.Node, error) {
	return l.attribute(l.records[id], attribute)
}

// Import implements template.Lookup.
func (l lookup) Import(export string) (string, error) {
	value, err := l.useExport(l.ctx, l.id, export)
	if err == nil && !slices.Contains(l.imports, export) {
		l.imports = append(l.imports, export)
	}
	return value, err
}

// ref is what Ref yields of a resource.
func (r *resourceRecord) ref() *template.Node {
	if r == nil || r.Now == nil {
		return &template.Node{Kind: template.Unknown}
	}
	if n := r.Now.attribute("Ref"); n != nil {
		return n
	}
	return template.Text(r.Now.ID)
}

// attribute is what Fn::GetAtt yields of a resource.
func (o *run) attribute(r *resourceRecord, name string) (*template.Node, error) {
	if r == nil || r.Now == nil {
		return &template.Node{Kind: template.Unknown}, nil
	}
	own := r.Now.property(name)
	if r.Now.LeftOut && own == nil && hasAttribute(r.Type, name) {
		n, err := template.ParseJSON(stored(o.ctx, provision.Placeholder(o.job(r, r.Now), name).JSON()))
		return n, err
	}
	if n := r.Now.attribute(name); n != nil && name != "Ref" {
		return n, nil
	}
	if own != nil {
		return own, nil
	}
	return nil, &template.AttributeError{Type: r.Type, Attribute: name}
}

// hasAttribute reports whether resources of a type have an attribute, made or not.
func hasAttribute(kind, name string) bool {
	if known := resourcetype.Find(kind); known != nil && known.HasProperty(name) {
		return true
	}
	outline := resourcetype.OutlineOf(kind)
	return outline == nil || outline.HasAttribute(name)
}

// property is a property that the resource was made with, or one within it: Fn::GetAtt
// yields it [C028]. nil: it has none of that name.
func (p *physical) property(name string) *template.Node {
	if resourcetype.OutlineOf(p.Type) == nil { // a custom one, whose attributes are what its maker says
		return nil
	}
	n := p.properties()
	for part := range strings.SplitSeq(name, ".") {
		if n == nil || n.Kind != template.Map {
			return nil
		}
		n = n.Get(part)
	}
	return n
}

// foreseen finds what the templates of a deployment refer to that has not begun: what will
// be made is not known. It implements template.Lookup.
type foreseen struct {
	*run
	planned map[string]*template.Resource
	unknown map[string]bool // the resources that will be others
	export  func(name string) (string, bool)
}

// Ref implements template.Lookup.
func (f *foreseen) Ref(id string) (*template.Node, error) {
	if f.unknown[id] {
		return &template.Node{Kind: template.Unknown}, nil
	}
	return f.records[id].ref(), nil
}

// GetAtt implements template.Lookup.
func (f *foreseen) GetAtt(id, attribute string) (*template.Node, error) {
	if !f.unknown[id] {
		return f.attribute(f.records[id], attribute)
	}
	res := f.planned[id]
	if top, _, _ := strings.Cut(attribute, "."); !hasAttribute(res.Type, attribute) && (resourcetype.Find(res.Type) != nil || res.Properties.Get(top) == nil) {
		return nil, &template.AttributeError{Type: res.Type, Attribute: attribute}
	}
	return &template.Node{Kind: template.Unknown}, nil
}

// Import implements template.Lookup.
func (f *foreseen) Import(export string) (string, error) {
	if value, ok := f.export(export); ok {
		return value, nil
	}
	return "", failure("No export named " + export)
}
