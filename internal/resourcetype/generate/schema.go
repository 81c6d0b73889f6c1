package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/resourcetype"
)

// schema is a resource's schema as cfn-lint has it. It has more constraints than AWS's
// own, added by hand, so that only the form of values is read.
type schema struct {
	shape

	PrimaryIdentifier     []string
	CreateOnly            []string         `json:"createOnlyProperties"`
	ConditionalCreateOnly []string         `json:"conditionalCreateOnlyProperties"`
	ReadOnly              []string         `json:"readOnlyProperties"`
	Definitions           map[string]shape `json:"definitions"`
	Tagging               *struct {
		Taggable                 *bool
		TagProperty              string
		CloudFormationSystemTags bool
	}
}

// shape is a value's form.
type shape struct {
	Type              kinds            `json:"type"`
	Ref               string           `json:"$ref"`
	Properties        map[string]shape `json:"properties"`
	PatternProperties map[string]shape `json:"patternProperties"`
	Required          []string         `json:"required"`
	Items             *shape           `json:"items"`
	OneOf             []shape          `json:"oneOf"`
}

// kinds are the types that a value may have.
type kinds []string

func (k *kinds) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*k = kinds{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(k))
}

// readSchemas reads the schemas of the emulated types, and the names of all.
func readSchemas(from string, names map[string]bool) (map[string]*schema, error) {
	regions, err := filepath.Glob(filepath.Join(from, "providers", "*-*.json"))
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for _, region := range regions {
		var has map[string]string
		if err := readJSON(region, &has); err != nil {
			return nil, err
		}
		for name, file := range has {
			if names[name] = true; files[name] == "" || filepath.Base(region) == "us-east-1.json" {
				files[name] = file
			}
		}
	}
	all := map[string]*schema{}
	for name, file := range files {
		s := &schema{}
		if err := readJSON(filepath.Join(from, "resources", strings.TrimSuffix(file, ".json")+".json"), s); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all[name] = s
	}
	return all, nil
}

// whole is what is kept of an emulated type.
func (p *packages) whole(name string) (*resourcetype.Schema, error) {
	s := p.schemas[name]
	kept := &resourcetype.Schema{Outline: *p.outline(name), Definitions: map[string]*resourcetype.Shape{}}
	if kept.Properties = s.short(); kept.Properties.Members == nil {
		kept.Properties.Members = map[string]*resourcetype.Shape{} // WaitConditionHandle
	}
	for _, property := range s.ReadOnly {
		delete(kept.Properties.Members, strings.TrimPrefix(property, "/properties/"))
	}
	for definition, is := range s.Definitions {
		kept.Definitions[definition] = is.short()
	}
	kept.Conditional = dotted(relative(s.ConditionalCreateOnly))
	kept.CreateOnly = dotted(relative(s.CreateOnly))
	for property, is := range p.spec[name].Properties {
		if is.CausesReplacement == "yes" && !slices.Contains(kept.CreateOnly, property) && !slices.Contains(kept.Conditional, property) {
			kept.CreateOnly = append(kept.CreateOnly, property)
		}
		if is.CausesReplacement == "maybe" && !slices.Contains(kept.Conditional, property) {
			kept.Conditional = append(kept.Conditional, property)
		}
	}
	slices.Sort(kept.CreateOnly)
	slices.Sort(kept.Conditional)
	t := s.Tagging
	if taggable := t == nil || t.Taggable == nil || *t.Taggable; taggable && kept.Properties.Members["Tags"] != nil {
		kept.TagProperty, kept.SystemTags = "Tags", t != nil && t.CloudFormationSystemTags
	}
	return kept, kept.Whole()
}

// short is a shape in the form that is kept.
func (s shape) short() *resourcetype.Shape {
	switch {
	case s.Ref != "":
		return &resourcetype.Shape{Definition: strings.TrimPrefix(s.Ref, "#/definitions/")}
	case s.Items != nil:
		return &resourcetype.Shape{Items: s.Items.short()}
	case len(s.OneOf) > 0 && s.OneOf[0].Properties != nil:
		either := shape{Properties: map[string]shape{}} // of each of them a part
		for _, one := range s.OneOf {
			maps.Copy(either.Properties, one.Properties)
		}
		return either.short()
	case len(s.Properties) > 0 && len(s.Type) < 2:
		kept := &resourcetype.Shape{Members: map[string]*resourcetype.Shape{}, Required: s.Required}
		for name, property := range s.Properties {
			kept.Members[name] = property.short()
		}
		slices.Sort(kept.Required)
		return kept
	case len(s.PatternProperties) == 1:
		for _, each := range s.PatternProperties {
			return &resourcetype.Shape{Each: each.short()}
		}
	case len(s.Type) == 1 && s.Type[0] != "object":
		return &resourcetype.Shape{Scalar: s.Type[0]}
	}
	return &resourcetype.Shape{Scalar: resourcetype.Document}
}

// relative are the paths of properties from the resource's.
func relative(pointers []string) []string {
	var all []string
	for _, p := range pointers {
		all = append(all, strings.TrimPrefix(p, "/properties/"))
	}
	return all
}

func dotted(paths []string) []string {
	var all []string
	for _, p := range paths {
		all = append(all, strings.ReplaceAll(p, "/", "."))
	}
	return all
}
