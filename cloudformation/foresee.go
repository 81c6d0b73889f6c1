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
	// other: something changes that is no resource: tags, outputs.
	other bool
	// replaced are the resources that will be others.
	replaced   map[string]bool
	parameters map[string]bool // those whose value changes
	warnings   []string
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
		if before, ok := current.value(parameter.Key); ok && before != parameter.Value {
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
		p.other = !sameTags(current.Tags, prepared.Tags) || outputsChange(f, prepared.instance, stack.Outputs)
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
	for _, change := range kind.Changes(c.before, converted) {
		c.properties = append(c.properties, change)
		attribute := "Properties"
		if change.Property == kind.TagProperty && kind.TagProperty != "" {
			attribute = "Tags"
		}
		if !slices.Contains(c.scope, attribute) {
			c.scope = append(c.scope, attribute)
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
	if !slices.Contains(c.scope, "Tags") && !maps.Equal(r.Now.Tags, tagsFor(kind, f.id, f.stackTags, c.id, converted)) {
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

// shown are the changes as change sets show them, with all values.
func (p *prospect) shown() []ResourceChange {
	all := make([]ResourceChange, 0, len(p.changed))
	for i := range p.changed {
		all = append(all, p.shownOne(&p.changed[i]))
	}
	return all
}

func (p *prospect) shownOne(c *change) ResourceChange {
	change := ResourceChange{LogicalResourceId: c.id, ResourceType: c.kind, Scope: []string{}, Details: []ResourceChangeDetail{}}
	if c.now != nil {
		change.PhysicalResourceId, change.BeforeContext = c.now.ID, contextOf(c.before)
	}
	if c.res != nil {
		change.AfterContext = contextOf(c.after)
	}
	switch {
	case c.now == nil:
		change.Action, change.Replacement = "Add", "True" // [C079]
	case c.res == nil:
		change.Action, change.PolicyAction = "Remove", policyAction("Delete", "Retain", c.now.DeletionPolicy) // [C080]
	default:
		change.Action, change.Replacement, change.Details = "Modify", c.replacement, p.details(c) // [C081]
		if change.Scope = c.scope; change.Scope == nil {
			change.Scope = []string{}
		}
		if c.replacement != "False" {
			change.PolicyAction = policyAction("ReplaceAndDelete", "ReplaceAndRetain", c.res.UpdateReplacePolicy)
		}
	}
	return change
}

func policyAction(deleted, retained, policy string) string {
	if policy == "Retain" || policy == "Snapshot" {
		return retained
	}
	return deleted
}

func contextOf(properties *template.Node) string {
	return (&template.Node{Kind: template.Map, Members: []template.Member{{Key: "Properties", Value: properties}}}).JSON()
}

// details are why a resource changes [C082] [C083].
func (p *prospect) details(c *change) []ResourceChangeDetail {
	all := []ResourceChangeDetail{}
	tagged := false
	for _, property := range c.properties {
		all = append(all, p.causes(c, property)...)
		tagged = tagged || property.Property == "Tags"
	}
	for _, attribute := range c.scope {
		if attribute != "Properties" && (attribute != "Tags" || !tagged) {
			all = append(all, ResourceChangeDetail{
				Target: &ResourceTargetDefinition{Attribute: attribute, RequiresRecreation: resourcetype.Never}, Evaluation: "Static", ChangeSource: "DirectModification",
			})
		}
	}
	return all
}

func (p *prospect) causes(c *change, property resourcetype.Change) (all []ResourceChangeDetail) {
	target := ResourceTargetDefinition{
		Attribute: "Properties", Name: property.Property, RequiresRecreation: property.Recreation, Path: "/Properties/" + property.Property,
		AttributeChangeType: "Modify",
	}
	if slices.Contains(c.scope, "Tags") && property.Property == "Tags" {
		target.Attribute, target.Name = "Tags", ""
	}
	if property.Before != nil {
		target.BeforeValue = shownValue(property.Before)
	} else {
		target.AttributeChangeType = "Add"
	}
	if property.After != nil {
		target.AfterValue = shownValue(property.After)
	} else {
		target.AttributeChangeType = "Remove"
	}
	add := func(evaluation, source, entity string) {
		all = append(all, ResourceChangeDetail{Target: &target, Evaluation: evaluation, ChangeSource: source, CausingEntity: entity})
	}
	for _, r := range c.references {
		switch {
		case r.Property != property.Property:
		case r.Kind == template.ParameterReference && p.parameters[r.Name]:
			add("Static", "ParameterReference", r.Name)
			add("Dynamic", "DirectModification", "")
		case r.Kind == template.ResourceReference && p.replaced[r.Name]:
			add("Static", "ResourceReference", r.Name)
		case r.Kind == template.AttributeReference && p.replaced[r.Name]:
			add("Static", "ResourceAttribute", r.Name+"."+r.Attribute)
		}
	}
	if all == nil {
		add("Static", "DirectModification", "")
	}
	return all
}

func shownValue(n *template.Node) string {
	if n.Scalar() {
		return n.Text
	}
	return strings.Trim(n.JSON(), `"`)
}
