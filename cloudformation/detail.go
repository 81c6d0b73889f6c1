package cloudformation

import (
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/resourcetype"
	"github.com/waxseal/waxseal/internal/template"
)

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
		change.Action = "Add" // [C079]
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
	for _, property := range c.properties {
		all = append(all, p.causes(c, property)...)
	}
	for _, attribute := range c.scope {
		if attribute != "Properties" {
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
		case r.Kind == template.ResourceReference && p.replaced[r.Name]:
			add("Static", "ResourceReference", r.Name)
		case r.Kind == template.AttributeReference && p.replaced[r.Name]:
			add("Static", "ResourceAttribute", r.Name+"."+r.Attribute)
		}
	}
	if all == nil {
		add("Static", "DirectModification", "")
	} else {
		add("Dynamic", "DirectModification", "")
	}
	return all
}

func shownValue(n *template.Node) string {
	if n.Scalar() {
		return n.Text
	}
	return strings.Trim(n.JSON(), `"`)
}

// outlined are the changes as change sets show them without values. Nobody has looked then
// whether what refers to an attribute of a resource that changes in place changes with it:
// it might [C084].
func (p *prospect) outlined(all []ResourceChange) []ResourceChange {
	outline := make([]ResourceChange, len(all))
	for i := range all {
		outline[i] = withoutValues(all[i])
	}
	touched := map[string]bool{}
	for i := range p.stay {
		c := &p.stay[i]
		at, found := slices.BinarySearchFunc(outline, c.id, func(r ResourceChange, id string) int { return strings.Compare(r.LogicalResourceId, id) })
		change := ResourceChange{
			Action: "Modify", LogicalResourceId: c.id, PhysicalResourceId: c.now.ID, ResourceType: c.kind, Replacement: "False",
			Scope: []string{}, Details: []ResourceChangeDetail{},
		}
		if found {
			change = outline[at]
		}
		if !change.follow(c, touched) && !found {
			continue
		}
		touched[c.id] = change.Replacement == "False"
		if found {
			outline[at] = change
		} else {
			outline = slices.Insert(outline, at, change)
		}
	}
	return outline
}

// follow adds the properties that refer to attributes of what is touched, and that nothing
// else changes; false: there are none.
func (r *ResourceChange) follow(c *change, touched map[string]bool) (follows bool) {
	kind := resourcetype.Find(c.kind)
	for _, reference := range c.references {
		if reference.Kind != template.AttributeReference || !touched[reference.Name] || r.tells(reference.Property) {
			continue
		}
		follows = true
		target := &ResourceTargetDefinition{Attribute: "Properties", Name: reference.Property, RequiresRecreation: resourcetype.Never}
		if kind != nil {
			target.RequiresRecreation = kind.Recreation(reference.Property, c.before.Get(reference.Property), &template.Node{Kind: template.Unknown})
		}
		if target.RequiresRecreation != resourcetype.Never && r.Replacement == "False" {
			r.Replacement, r.PolicyAction = "Conditional", policyAction("ReplaceAndDelete", "ReplaceAndRetain", c.res.UpdateReplacePolicy)
		}
		if !slices.Contains(r.Scope, "Properties") {
			r.Scope = append(slices.Clip(r.Scope), "Properties")
		}
		r.Details = append(r.Details, ResourceChangeDetail{
			Target: target, Evaluation: "Dynamic", ChangeSource: "ResourceAttribute", CausingEntity: reference.Name + "." + reference.Attribute,
		})
	}
	return follows
}

// tells reports whether it is told that a property changes in any case.
func (r *ResourceChange) tells(property string) bool {
	return slices.ContainsFunc(r.Details, func(d ResourceChangeDetail) bool { return d.Target.Name == property && d.Evaluation == "Static" })
}

// withoutValues is a change without the values of properties [C084].
func withoutValues(c ResourceChange) ResourceChange {
	c.BeforeContext, c.AfterContext = "", ""
	details := make([]ResourceChangeDetail, 0, len(c.Details))
	for _, d := range c.Details {
		if d.Evaluation == "Dynamic" && !byParameter(c.Details, d.Target.Name) {
			continue
		}
		target := *d.Target
		target.Path, target.BeforeValue, target.AfterValue, target.AttributeChangeType = "", "", "", ""
		d.Target = &target
		details = append(details, d)
	}
	c.Details = details
	return c
}

// byParameter reports whether it is a parameter that changes a property.
func byParameter(details []ResourceChangeDetail, property string) bool {
	return slices.ContainsFunc(details, func(d ResourceChangeDetail) bool {
		return d.Target.Name == property && d.ChangeSource == "ParameterReference"
	})
}
