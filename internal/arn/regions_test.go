package arn

import (
	"slices"
	"strings"
	"testing"
)

func TestRegions(t *testing.T) {
	own, err := NewRegions("elasticmq")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		regions *Regions
		name    string
		want    bool
	}{
		{nil, "us-east-1", true}, {nil, "cn-northwest-1", true}, {nil, "us-gov-west-1", true}, {nil, "mx-central-1", true},
		{nil, "us-est-1", false}, {nil, "US-EAST-1", false}, {nil, "", false}, {nil, "aws-global", false}, {nil, "us-iso-east-1", false},
		{nil, "elasticmq", false}, {own, "elasticmq", true}, {own, "us-east-1", true},
	} {
		name, ok := c.regions.Find(c.name)
		if ok != c.want || ok && name != c.name || !ok && name != "" {
			t.Errorf("Find(%q) = %q, %v", c.name, name, ok)
		}
	}
	for name, want := range map[string]bool{
		"us-east-1": false, "ap-northeast-3": false, "cn-north-1": false, "nowhere-1": false, "af-south-1": true, "ap-east-1": true, "mx-central-1": true,
	} {
		if OptIn(name) != want {
			t.Errorf("OptIn(%q) = %v", name, !want)
		}
	}
	for name, want := range map[string]string{"us-est-1": "did you mean us-east-1", "elasticmq": "such as us-east-1"} {
		if err := (*Regions)(nil).Check(name); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "--allow-region") {
			t.Errorf("Check(%q) = %v", name, err)
		}
	}
	if got := own.Names("aws-cn"); !slices.Equal(got, []string{"cn-north-1", "cn-northwest-1"}) {
		t.Errorf("the regions of aws-cn are %q", got)
	}
	if got := own.Names("aws"); !slices.IsSorted(got) || !slices.Contains(got, "elasticmq") || slices.Contains((*Regions)(nil).Names("aws"), "elasticmq") {
		t.Errorf("the regions of aws are %q", got)
	}
	for _, name := range []string{"", "a b", "-a", "a:b", "A", strings.Repeat("x", 33)} {
		if _, err := NewRegions(name); err == nil {
			t.Errorf("%q is allowed", name)
		}
	}
}
