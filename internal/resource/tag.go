package resource

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/policyeval"
)

// Tag is a tag of a resource or session.
type Tag struct{ Key, Value string }

// MaxTags is how many tags a resource of each of these services may have.
const MaxTags = 50

// The lengths of tags, in characters. Most services leave them to the
// constraints of their shapes.
const (
	maxTagKey   = 128
	maxTagValue = 256
)

// TagRules is what one service says of tags that AWS refuses. An error that is
// nil stands for a rule that the service does not have, or leaves to its shapes.
type TagRules struct {
	// FoldCase: keys that differ in case alone are one key.
	FoldCase bool
	// Duplicate is said of a key that a request gives twice.
	Duplicate *api.Error
	// Reserved is said of a key that begins with aws:, whatever its case.
	Reserved *api.Error
	// Key and Value are said of one that is too long, and Key of an empty one.
	Key, Value *api.Error
	// TooMany is said of a resource with more than MaxTags.
	TooMany *api.Error
}

// For are the rules for who makes a call: CloudFormation may set tags of its own.
func (r *TagRules) For(ctx context.Context) *TagRules {
	if !api.RequestFrom(ctx).SystemTags {
		return r
	}
	c := *r
	c.Reserved = nil
	return &c
}

// Check refuses the first bad tag of a request.
func (r *TagRules) Check(tags []Tag) error {
	seen := make(map[string]bool, len(tags))
	for _, t := range tags {
		key := t.Key
		if r.FoldCase {
			key = strings.ToLower(key)
		}
		switch {
		case r.Duplicate != nil && seen[key]:
			return r.Duplicate
		case r.Key != nil && (key == "" || utf8.RuneCountInString(key) > maxTagKey):
			return r.Key
		case r.Value != nil && utf8.RuneCountInString(t.Value) > maxTagValue:
			return r.Value
		case r.Reserved != nil && Reserved(key):
			return r.Reserved
		}
		seen[key] = true
	}
	return nil
}

// CheckKeys refuses keys of tags to be removed that nobody may remove.
func (r *TagRules) CheckKeys(keys []string) error {
	if r.Reserved != nil && slices.ContainsFunc(keys, Reserved) {
		return r.Reserved
	}
	return nil
}

// Reserved reports whether a key is of a tag that AWS sets, and users do not.
func Reserved(key string) bool {
	const prefix = "aws:"
	return len(key) >= len(prefix) && strings.EqualFold(key[:len(prefix)], prefix)
}

// CheckCount refuses a resource with that many tags.
func (r *TagRules) CheckCount(n int) error {
	if r.TooMany != nil && n > MaxTags {
		return r.TooMany
	}
	return nil
}

// PutTags is have, which it changes, with added: tags of the same key are
// replaced in their places. foldCase: keys that differ in case alone are one.
func PutTags(have, added []Tag, foldCase bool) []Tag {
	for _, t := range added {
		if i := slices.IndexFunc(have, func(h Tag) bool { return sameKey(h.Key, t.Key, foldCase) }); i >= 0 {
			have[i] = t
			continue
		}
		have = append(have, t)
	}
	return have
}

// RemoveTags is have, which it changes, without the tags of the keys.
func RemoveTags(have []Tag, keys []string, foldCase bool) []Tag {
	return slices.DeleteFunc(have, func(t Tag) bool {
		return slices.ContainsFunc(keys, func(key string) bool { return sameKey(key, t.Key, foldCase) })
	})
}

func sameKey(a, b string, foldCase bool) bool { return a == b || foldCase && strings.EqualFold(a, b) }

// SortTags puts tags into the order of their keys.
func SortTags(tags []Tag) {
	slices.SortFunc(tags, func(a, b Tag) int { return cmp.Compare(a.Key, b.Key) })
}

// TagsOf are the tags of a service's shapes.
func TagsOf[T any](shapes []T, tag func(T) Tag) []Tag {
	if len(shapes) == 0 {
		return nil
	}
	tags := make([]Tag, len(shapes))
	for i, s := range shapes {
		tags[i] = tag(s)
	}
	return tags
}

// TagList is a map of tags in the order of their keys.
func TagList(tags map[string]string) []Tag {
	var list []Tag
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, Tag{key, tags[key]})
	}
	return list
}

// TagMap is tags by key, as aws:ResourceTag and aws:PrincipalTag need them; nil:
// there are none.
func TagMap(tags []Tag) map[string]string {
	if len(tags) == 0 {
		return nil
	}
	m := make(map[string]string, len(tags))
	for _, t := range tags {
		m[t.Key] = t.Value
	}
	return m
}

// SetTagKeys sets the condition keys of a request that gives tags, or names the
// keys of tags to be removed.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resource-properties.
func SetTagKeys(c *policyeval.Context, tags []Tag, removed []string) {
	if len(tags) == 0 && len(removed) == 0 {
		return
	}
	keys := slices.Clone(removed)
	for _, t := range tags {
		c.Set("aws:RequestTag/"+t.Key, t.Value)
		keys = append(keys, t.Key)
	}
	c.SetList("aws:TagKeys", keys)
}
