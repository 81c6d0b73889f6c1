package provision

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/template"
)

type regionKey struct{}

// In makes the calls with a context go to another region than the stack's.
func In(ctx context.Context, region string) context.Context {
	return context.WithValue(ctx, regionKey{}, region)
}

// RegionOf is the region that a call goes to: the stack's, unless In says otherwise.
func RegionOf(ctx context.Context, stack Stack) string {
	region, _ := ctx.Value(regionKey{}).(string)
	return cmp.Or(region, stack.Region)
}

// attributes sets what Fn::GetAtt yields; a value is text, or a node.
func (j *Job) attributes(of map[string]any) {
	j.Attributes = map[string]*template.Node{}
	for name, value := range of {
		switch value := value.(type) {
		case *template.Node:
			j.Attributes[name] = value
		case string:
			j.Attributes[name] = template.Text(value)
		}
	}
}

// set sets one thing of what Fn::GetAtt yields.
func (j *Job) set(name string, value *template.Node) {
	if j.Attributes == nil {
		j.Attributes = map[string]*template.Node{}
	}
	j.Attributes[name] = value
}

// said reports whether a property says anything: an empty list, which the CDK writes where
// nothing is set, does not.
func said(n *template.Node) bool { return n != nil && (n.Kind != template.List || len(n.Items) > 0) }

// changed reports whether one of these properties differs from what it was.
func (j *Job) changed(properties ...string) bool {
	return slices.ContainsFunc(properties, func(property string) bool {
		return !j.Before.Get(property).Equal(j.Properties.Get(property))
	})
}

// arguments are those of the properties that there are, by the names of a call's members:
// "Member=Property" where they differ.
func (j *Job) arguments(in map[string]any, properties ...string) map[string]any {
	return given(in, j.Properties, properties...)
}

// given is arguments of some other value's members.
func given(in map[string]any, of *template.Node, names ...string) map[string]any {
	for _, name := range names {
		member, property, differ := strings.Cut(name, "=")
		if !differ {
			property = member
		}
		if value := of.Get(property); value != nil {
			in[member] = value
		}
	}
	return in
}

// tagList are tags as most services take them, with members of these names.
func tagList(tags map[string]string, key, value string) []any {
	all := []any{}
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		all = append(all, map[string]any{key: k, value: tags[k]})
	}
	return all
}

// tagChanges are the tags that a change sets, and the keys of those that it removes.
func (j *Job) tagChanges() (set map[string]string, removed []any) {
	set = map[string]string{}
	for key, value := range j.Tags {
		if before, had := j.TagsBefore[key]; !had || before != value {
			set[key] = value
		}
	}
	for _, key := range slices.Sorted(maps.Keys(j.TagsBefore)) {
		if _, has := j.Tags[key]; !has {
			removed = append(removed, key)
		}
	}
	return set, removed
}

// retag makes the calls that a change of tags needs, the removal first.
func (j *Job) retag(set func(map[string]string) error, remove func(keys []any) error) error {
	added, removed := j.tagChanges()
	if len(removed) > 0 {
		if err := remove(removed); err != nil {
			return err
		}
	}
	if len(added) == 0 {
		return nil
	}
	return set(added)
}

// document is the text of a property that is an object, or text already.
func document(n *template.Node) string {
	if n == nil {
		return ""
	}
	if n.Kind == template.String {
		return n.Text
	}
	return n.JSON()
}

// sameDocument reports whether two documents are the same, however they are written.
func sameDocument(a, b string) bool {
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return a == b
	}
	p, _ := json.Marshal(x)
	q, _ := json.Marshal(y)
	return string(p) == string(q)
}

// onEach does what a change of a list of resources needs: set for each that is in the list
// now, where it was not there or all are to be set anew, and unset for each that has left.
// Resources with the same key are the same.
func onEach(had, has []string, key func(string) string, all bool, set, unset func(string) error) error {
	among := func(list []string, one string) bool {
		return slices.ContainsFunc(list, func(other string) bool { return key(other) == key(one) })
	}
	for _, one := range has {
		if !all && among(had, one) {
			continue
		}
		if err := set(one); err != nil {
			return err
		}
	}
	for _, one := range had {
		if among(has, one) {
			continue
		}
		if err := unset(one); err != nil {
			return err
		}
	}
	return nil
}
