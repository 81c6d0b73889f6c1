package cloudformation

import (
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/resourcetype"
	"github.com/waxseal/waxseal/internal/template"
)

// tagRules are what CloudFormation refuses of a stack's tags.
var tagRules = resource.TagRules{
	Duplicate: ErrValidation.With("Duplicate tag keys found. Please provide unique tag keys."),
	Reserved:  ErrValidation.With("Tag keys may not begin with aws:"),
}

func checkTags(tags []resource.Tag) error { return tagRules.Check(tags) }

// tagsFor are the tags that a resource is to have: the stack's, its own over them, and
// CloudFormation's own where its type has them [C205] [C206].
func tagsFor(t *resourcetype.Type, stack stackID, stackTags []resource.Tag, logicalID string, properties *template.Node) map[string]string {
	if t.TagProperty == "" {
		return nil
	}
	tags := map[string]string{}
	for _, tag := range stackTags {
		tags[tag.Key] = tag.Value
	}
	own := properties.Get(t.TagProperty)
	for item := range own.All() {
		tags[item.Get("Key").String()] = item.Get("Value").String()
	}
	if own != nil {
		for _, m := range own.Members {
			tags[m.Key] = m.Value.String()
		}
	}
	if t.SystemTags {
		tags["aws:cloudformation:stack-name"] = stack.name
		tags["aws:cloudformation:stack-id"] = stack.arn()
		tags["aws:cloudformation:logical-id"] = logicalID
	}
	return tags
}
