// Generate writes internal/resourcetype/types.json.gz and the licenses beside it from two
// packages that are unpacked: PyPI's cfn-lint and npm's @aws-cdk/aws-service-spec.
//
//	go run ./internal/resourcetype/generate CFN-LINT SERVICE-SPEC
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/resourcetype"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: go run ./internal/resourcetype/generate CFN-LINT SERVICE-SPEC")
		os.Exit(2)
	}
	if err := generate(os.Args[1], os.Args[2], filepath.Join("internal", "resourcetype")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// packages are the two sources, as far as they are read.
type packages struct {
	schemas map[string]*schema
	names   map[string]bool
	spec    map[string]*specification
}

func generate(lint, service, to string) error {
	p := packages{names: map[string]bool{}}
	source, err := p.read(lint, service)
	if err != nil {
		return err
	}
	file := &resourcetype.File{Source: source, Types: map[string]*resourcetype.Schema{}, Others: map[string]*resourcetype.Outline{}}
	for _, name := range emulated {
		if p.schemas[name] == nil {
			return fmt.Errorf("%s has no schema", name)
		}
		if file.Types[name], err = p.whole(name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	for name := range p.names {
		if file.Types[name] == nil {
			file.Others[name] = p.outline(name)
		}
	}
	text, err := json.Marshal(file)
	if err != nil {
		return err
	}
	var packed bytes.Buffer
	z, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression) // the level is a good one
	if _, err := z.Write(text); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(to, "types.json.gz"), packed.Bytes(), 0o644); err != nil {
		return err
	}
	return licenses(source, lint, service, filepath.Join(to, "types.LICENSE"))
}

func (p *packages) read(lint, service string) (source string, err error) {
	version, err := os.ReadFile(filepath.Join(lint, "cfnlint", "version.py"))
	if err != nil {
		return "", err
	}
	found := regexp.MustCompile(`__version__ = "([^"]+)"`).FindSubmatch(version)
	if found == nil {
		return "", errors.New("cfn-lint tells no version")
	}
	var about struct{ Name, Version, License string }
	if err := readJSON(filepath.Join(service, "package.json"), &about); err != nil {
		return "", err
	}
	if p.schemas, err = readSchemas(filepath.Join(lint, "cfnlint", "data", "schemas"), p.names); err != nil {
		return "", err
	}
	if p.spec, err = readSpecification(filepath.Join(service, "db.json.gz"), p.names); err != nil {
		return "", err
	}
	return fmt.Sprintf("PyPI's cfn-lint %s (MIT-0), npm's %s %s (%s)", found[1], about.Name, about.Version, about.License), nil
}

// outline is what is kept of types that are not emulated.
func (p *packages) outline(name string) *resourcetype.Outline {
	o := &resourcetype.Outline{}
	properties := map[string]bool{}
	if s := p.schemas[name]; s != nil {
		o.Identifier, o.Attributes = relative(s.PrimaryIdentifier), dotted(relative(s.ReadOnly))
		for property := range s.Properties {
			properties[property] = !slices.Contains(s.ReadOnly, "/properties/"+property)
		}
	}
	if s := p.spec[name]; s != nil {
		o.Attributes, o.ARN, o.Reference = slices.Sorted(maps.Keys(s.Attributes)), s.ARNTemplate, s.CfnRefIdentifier
		for name, is := range s.Attributes {
			if is.Type.Type == "array" {
				o.Lists = append(o.Lists, name)
			}
		}
		slices.Sort(o.Lists)
		if len(s.PrimaryIdentifier) > 0 {
			o.Identifier = s.PrimaryIdentifier
		}
		for property := range s.Properties {
			properties[property] = true
		}
	}
	o.NameProperty = nameProperty(name, properties)
	return o
}

// nameProperty is the property by which one gives a resource its name.
func nameProperty(name string, properties map[string]bool) string {
	if name == "AWS::IAM::Policy" {
		return "" // it has the name of an inline policy, which is nobody's but its users'
	}
	last := name[strings.LastIndex(name, ":")+1:]
	for _, candidate := range []string{unusualNames[name], last + "Name", "Name", last + "Identifier"} {
		if properties[candidate] {
			return candidate
		}
	}
	return ""
}

func licenses(source, lint, service, to string) error {
	text := bytes.NewBufferString("types.json.gz is made from " + source + ":\nnames and types of properties, attributes and identifiers, without the descriptions.\n")
	found, err := filepath.Glob(filepath.Join(lint, "cfn_lint-*.dist-info", "licenses", "LICENSE"))
	if err != nil || len(found) != 1 {
		return fmt.Errorf("cfn-lint has %d licenses", len(found))
	}
	for _, license := range []string{found[0], filepath.Join(service, "LICENSE")} {
		more, err := os.ReadFile(license)
		if err != nil {
			return err
		}
		text.WriteString("\n" + strings.Repeat("-", 72) + "\n\n")
		text.Write(more)
	}
	return os.WriteFile(to, text.Bytes(), 0o644)
}

func readJSON(file string, to any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, to)
}
