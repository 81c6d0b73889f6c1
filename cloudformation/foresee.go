package cloudformation

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/resourcetype"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/template"
)

// prospect is what a deployment would do.
type prospect struct {
	changed []change
	// other: something changes that is no resource: tags, outputs. retagged: the stack's tags.
	other, retagged bool
	// replaced are the resources that will be others.
	replaced   map[string]bool
	parameters map[string]bool // those whose value changes
	warnings   []string
	// stay are the resources that are neither added nor removed, in the order of what they
	// refer to.
	stay []change
}

// change is what would become of a resource.
type change struct {
	id, kind      string
	res           *template.Resource // nil: it is removed
	now           *physical          // nil: it is added
	before, after *template.Node     // properties
	properties    []resourcetype.Change
	scope         []string
	replacement   string // True, False or Conditional
	references    []template.Reference
}

// changes reports whether the deployment would change anything.
func (p *prospect) changes() bool { return len(p.changed) > 0 || p.other || len(p.warnings) > 0 }

// foresee finds out what a deployment would do with a stack, as far as that can be told.
func (s *Service) foresee(ctx context.Context, stack *stackRecord, current *deploymentRecord, prepared *ready) (*prospect, error) {
	o, err := s.newRun(ctx, stack, prepared.deploymentRecord, nil)
	if err != nil {
		return nil, err
	}
	p := &prospect{replaced: map[string]bool{}, parameters: map[string]bool{}}
	for _, parameter := range prepared.Parameters {
		if before, ok := current.value(parameter.Key); !ok || before != parameter.Value {
			p.parameters[parameter.Key] = true
		}
	}
	f := &foreseen{run: o, planned: map[string]*template.Resource{}, unknown: p.replaced, export: func(name string) (value string, ok bool) {
		_ = s.engine.View(ctx, func(r store.Reader) error {
			e := s.exports.Get(r, placePrefix(o.id.account, o.id.region)+name)
			if ok = e != nil; ok {
				value = e.Value
			}
			return nil
		})
		return value, ok
	}}
	p.retagged = current != nil && !sameTags(current.Tags, prepared.Tags)
	kept := map[string]bool{}
	for _, res := range sequence(prepared.instance) {
		kept[res.ID], f.planned[res.ID] = true, res
		p.add(f, prepared.instance, res)
	}
	for id, r := range o.records {
		if !kept[id] && r.Now != nil {
			p.changed = append(p.changed, change{id: id, kind: r.Type, now: r.Now, before: r.Now.properties()})
		}
	}
	slices.SortFunc(p.changed, func(a, b change) int { return strings.Compare(a.id, b.id) }) // [C085]
	if current != nil {
		p.other = p.retagged || outputsChange(f, prepared.instance, stack.Outputs)
	}
	return p, nil
}

func sameTags(a, b []resource.Tag) bool {
	return maps.Equal(resource.TagMap(a), resource.TagMap(b))
}

// outputsChange reports whether outputs would be others.
func outputsChange(f *foreseen, instance *template.Instance, now []outputRecord) bool {
	values, err := instance.Outputs(f)
	if err != nil || len(values) != len(now) {
		return true
	}
	for i, v := range values {
		if (outputRecord{Key: v.Key, Value: v.Value, Description: v.Description, Export: v.ExportName}) != now[i] {
			return true
		}
	}
	return false
}

func (p *prospect) add(f *foreseen, instance *template.Instance, res *template.Resource) {
	r := f.records[res.ID]
	c := change{id: res.ID, kind: res.Type, res: res, references: instance.References(res.ID), replacement: "False"}
	after, err := instance.Properties(res.ID, f)
	if err != nil {
		p.warn(res.ID, err)
		after = &template.Node{Kind: template.Unknown}
	}
	c.after = after
	if r == nil || r.Now == nil || r.Status == createFailed {
		p.replaced[res.ID] = true
		c.replacement = "True"
		p.changed = append(p.changed, c)
		return
	}
	c.now, c.before = r.Now, r.Now.properties()
	defer func() { p.stay = append(p.stay, c) }()
	kind := resourcetype.Find(res.Type)
	switch {
	case r.Now.Type != res.Type:
		c.replacement, c.scope = "True", []string{"Properties"}
	case kind == nil || err != nil:
		if err == nil && c.before.Equal(after) {
			return
		}
		c.scope = []string{"Properties"}
	default:
		if !p.compare(f, &c, kind, r) && !p.metadata(f, instance, &c, r) && r.Status != updateFailed {
			return
		}
	}
	if c.replacement != "False" {
		p.replaced[res.ID] = true
	}
	p.changed = append(p.changed, c)
}

// compare finds the properties that change, and whether the resource is then made anew.
func (p *prospect) compare(f *foreseen, c *change, kind *resourcetype.Type, r *resourceRecord) bool {
	converted, err := kind.Convert(c.after)
	if err != nil {
		converted = c.after // which fails when it is carried out
	}
	own := false // its own tags change, which are a property as any other
	for _, change := range kind.Changes(c.before, converted) {
		c.properties = append(c.properties, change)
		own = own || change.Property == kind.TagProperty
		if !slices.Contains(c.scope, "Properties") {
			c.scope = append(c.scope, "Properties")
		}
		switch change.Recreation {
		case resourcetype.Always:
			c.replacement = "True"
		case resourcetype.Conditionally:
			if c.replacement == "False" {
				c.replacement = "Conditional"
			}
		}
	}
	if (p.retagged || !own) && !maps.Equal(r.Now.Tags, tagsFor(kind, f.id, f.stackTags, c.id, converted)) {
		c.scope = append(c.scope, "Tags")
	}
	return len(c.scope) > 0
}

// metadata reports whether the resource's metadata or policies change.
func (p *prospect) metadata(f *foreseen, instance *template.Instance, c *change, r *resourceRecord) bool {
	metadata, err := instance.Metadata(c.id, f)
	if err != nil || metadata.JSON() != r.Metadata {
		c.scope = append(c.scope, "Metadata")
	}
	if c.res.DeletionPolicy != r.Now.DeletionPolicy {
		c.scope = append(c.scope, "DeletionPolicy")
	}
	if c.res.UpdateReplacePolicy != r.Now.ReplacePolicy {
		c.scope = append(c.scope, "UpdateReplacePolicy")
	}
	return len(c.scope) > 0
}

// warn notes what cannot be computed [C084].
func (p *prospect) warn(id string, err error) {
	text := err.Error()
	if f, ok := errors.AsType[*template.Error](err); ok {
		text = f.Message
	}
	p.warnings = append(p.warnings, "ChangeSet creation failed for resource ["+id+"] because: "+text)
}

func (p *prospect) warning() string {
	if len(p.warnings) == 0 {
		return ""
	}
	return "[WARN] --include-property-values option can return incomplete ChangeSet data because: " + strings.Join(p.warnings, "; ")
}
