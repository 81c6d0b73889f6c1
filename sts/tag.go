package sts

import (
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/policyeval"
)

// Tag is a session tag.
type Tag struct {
	Key   string `check:"required,min=1,max=128" pattern:"[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+"`
	Value string `check:"required,max=256" pattern:"[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*"`
}

// tagRules are those of session tags: keys are told apart whatever their case [I018].
var tagRules = resource.TagRules{
	FoldCase:  true,
	Duplicate: errInvalidValue.With("Duplicate tag keys found. Please note that Tag keys are case insensitive."),
	Reserved:  errInvalidValue.With("System tags cannot be added/updated/deleted."),
}

func tagsOf(tags []Tag) []resource.Tag {
	return resource.TagsOf(tags, func(t Tag) resource.Tag { return resource.Tag(t) })
}

// sessionTags gives the session its tags: those of the request, and the
// transitive tags of the calling session. Transitive in the new session are the
// latter and the transitive keys of the request.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html.
func sessionTags(session *identity.Session, caller *api.Caller, tags []Tag, transitive []string) error {
	requested := tagsOf(tags)
	if err := tagRules.Check(requested); err != nil {
		return err
	}
	for _, k := range transitive {
		if !hasKey(tags, k) { // [I017]
			return errInvalidValue.With("The specified transitive tag key must be included in the requested tags.")
		}
	}
	var all identity.Entity
	if caller.Session != nil {
		for _, k := range caller.Session.TransitiveTags {
			if hasKey(tags, k) { // [I019]
				return errInvalidValue.With("One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.")
			}
			all.SetTags([]resource.Tag{{Key: k, Value: tagOf(caller, k)}})
			session.TransitiveTags = append(session.TransitiveTags, k)
		}
	}
	all.SetTags(requested)
	session.Tags = all.Tags
	session.TransitiveTags = append(session.TransitiveTags, transitive...)
	return nil
}

func hasKey(tags []Tag, key string) bool {
	return slices.ContainsFunc(tags, func(t Tag) bool { return strings.EqualFold(t.Key, key) })
}

func tagOf(c *api.Caller, key string) string {
	for k, v := range c.Tags {
		if strings.EqualFold(k, key) {
			return v
		}
	}
	return ""
}

// setTagKeys sets the condition keys that session tags give.
func setTagKeys(c *policyeval.Context, tags []Tag, transitive []string) {
	resource.SetTagKeys(c, tagsOf(tags), nil)
	if len(transitive) > 0 {
		c.SetList("sts:TransitiveTagKeys", transitive)
	}
}
