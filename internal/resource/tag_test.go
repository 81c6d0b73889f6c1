package resource_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/policyeval"
)

func tags(pairs ...string) (list []resource.Tag) {
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, resource.Tag{Key: pairs[i], Value: pairs[i+1]})
	}
	return list
}

// TestTagRules: what a service has an error for is refused, and nothing else.
func TestTagRules(t *testing.T) {
	all := resource.TagRules{
		Duplicate: &api.Error{Code: "Duplicate"}, Reserved: &api.Error{Code: "Reserved"},
		Key: &api.Error{Code: "Key"}, Value: &api.Error{Code: "Value"}, TooMany: &api.Error{Code: "TooMany"},
	}
	folding := all
	folding.FoldCase = true
	var none resource.TagRules
	for name, c := range map[string]struct {
		rules resource.TagRules
		tags  []resource.Tag
		want  *api.Error
	}{
		"good":                 {all, tags("a", "1", "A", "2"), nil},
		"twice":                {all, tags("a", "1", "b", "", "a", "1"), all.Duplicate},
		"twice but for case":   {folding, tags("a", "1", "A", "2"), all.Duplicate},
		"reserved":             {all, tags("a", "", "AWS:b", ""), all.Reserved},
		"nearly reserved":      {all, tags("aws", ""), nil},
		"no key":               {all, tags("", ""), all.Key},
		"the longest key":      {all, tags(strings.Repeat("é", 128), ""), nil},
		"too long a key":       {all, tags(strings.Repeat("é", 129), ""), all.Key},
		"the longest value":    {all, tags("a", strings.Repeat("é", 256)), nil},
		"too long a value":     {all, tags("a", strings.Repeat("é", 257)), all.Value},
		"without rules, twice": {none, tags("aws:a", "", "aws:a", "", "", ""), nil},
	} {
		if err := c.rules.Check(c.tags); c.want == nil && err != nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	for n, want := range map[int]bool{resource.MaxTags: false, resource.MaxTags + 1: true} {
		if err := all.CheckCount(n); errors.Is(err, all.TooMany) != want {
			t.Errorf("%d tags: %v", n, err)
		}
	}
	if err := all.CheckKeys([]string{"a", "Aws:b"}); !errors.Is(err, all.Reserved) {
		t.Errorf("a reserved key may be removed: %v", err)
	}
	if none.CheckCount(1000) != nil || none.CheckKeys([]string{"aws:a"}) != nil {
		t.Error("a service without rules refuses")
	}
}

// TestSystemTags: CloudFormation may set tags of its own, and nobody else.
func TestSystemTags(t *testing.T) {
	rules := resource.TagRules{Duplicate: &api.Error{Code: "Duplicate"}, Reserved: &api.Error{Code: "Reserved"}}
	system := api.WithRequest(t.Context(), &api.Request{SystemTags: true})
	if err := rules.For(system).Check(tags("aws:a", "")); err != nil {
		t.Error(err)
	}
	if err := rules.For(system).CheckKeys([]string{"aws:a"}); err != nil {
		t.Error(err)
	}
	if err := rules.For(system).Check(tags("aws:a", "", "aws:a", "")); !errors.Is(err, rules.Duplicate) {
		t.Error(err)
	}
	other := api.WithRequest(t.Context(), &api.Request{})
	if err := rules.For(other).Check(tags("aws:a", "")); !errors.Is(err, rules.Reserved) {
		t.Error(err)
	}
}

func TestTagsArePutAndRemoved(t *testing.T) {
	have := func() []resource.Tag { return tags("b", "1", "a", "2") }
	for name, c := range map[string]struct{ got, want []resource.Tag }{
		"replaced in place":   {resource.PutTags(have(), tags("b", "3", "B", "4"), false), tags("b", "3", "a", "2", "B", "4")},
		"whatever the case":   {resource.PutTags(have(), tags("B", "4"), true), tags("B", "4", "a", "2")},
		"removed":             {resource.RemoveTags(have(), []string{"b", "c", "A"}, false), tags("a", "2")},
		"removed by any case": {resource.RemoveTags(have(), []string{"B", "A"}, true), []resource.Tag{}},
		"by key":              {resource.TagList(resource.TagMap(have())), tags("a", "2", "b", "1")},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestTagKeys(t *testing.T) {
	var c policyeval.Context
	resource.SetTagKeys(&c, nil, nil)
	if c.Len() != 0 {
		t.Error("a request without tags sets keys")
	}
	resource.SetTagKeys(&c, tags("Team", "x"), []string{"old"})
	if keys, multi, _ := c.Get("aws:TagKeys"); !multi || cmp.Diff([]string{"old", "Team"}, keys) != "" {
		t.Errorf("aws:TagKeys is %q", keys)
	}
	if values, _, _ := c.Get("aws:RequestTag/team"); cmp.Diff([]string{"x"}, values) != "" {
		t.Errorf("aws:RequestTag is %q", values)
	}
}
