package cloudformation

import (
	"slices"

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
	if r.Now.LeftOut && hasAttribute(r.Type, name) {
		n, err := template.ParseJSON(stored(o.ctx, provision.Placeholder(o.job(r, r.Now), name).JSON()))
		return n, err
	}
	if n := r.Now.attribute(name); n != nil && name != "Ref" {
		return n, nil
	}
	return nil, &template.AttributeError{Type: r.Type, Attribute: name}
}

// hasAttribute reports whether resources of a type have an attribute, made or not.
func hasAttribute(kind, name string) bool {
	outline := resourcetype.OutlineOf(kind)
	return outline == nil || outline.HasAttribute(name)
}

// foreseen finds what the templates of a deployment refer to that has not begun: what will
// be made is not known. It implements template.Lookup.
type foreseen struct {
	*run
	types   map[string]string
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
	if !hasAttribute(f.types[id], attribute) {
		return nil, &template.AttributeError{Type: f.types[id], Attribute: attribute}
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
