// Generate makes policies.json and connectors.json from the Python package
// aws-sam-translator, whose wheel is unpacked in the folder that it is given:
//
//	pip download --no-deps aws-sam-translator
//	unzip aws_sam_translator-*.whl -d package
//	go run ./internal/template/sam/generate package
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// target is where the files go.
const target = "internal/template/sam"

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: generate PACKAGE")
	}
	if err := generate(filepath.Join(os.Args[1], "samtranslator")); err != nil {
		log.Fatal(err)
	}
}

func generate(from string) error {
	var templates struct {
		Templates map[string]struct {
			Parameters map[string]json.RawMessage
			Definition json.RawMessage
		}
	}
	if err := read(filepath.Join(from, "policy_templates_data", "policy_templates.json"), &templates); err != nil {
		return err
	}
	policies := map[string]any{}
	for name, t := range templates.Templates {
		policies[name] = map[string]any{"Parameters": slices.Sorted(maps.Keys(t.Parameters)), "Document": t.Definition}
	}
	if err := write("policies.json", policies); err != nil {
		return err
	}
	var profiles struct{ Permissions, CfnResourceProperties map[string]json.RawMessage }
	if err := read(filepath.Join(from, "model", "connector_profiles", "profiles.json"), &profiles); err != nil {
		return err
	}
	connectors := map[string]any{}
	for source, destinations := range profiles.Permissions {
		connectors[source] = destinations
	}
	for kind, properties := range profiles.CfnResourceProperties {
		connectors["properties of "+kind] = properties
	}
	return write("connectors.json", connectors)
}

func read(file string, v any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, v)
}

// write writes a map with a member per line.
func write(name string, all map[string]any) error {
	var b bytes.Buffer
	for i, key := range slices.Sorted(maps.Keys(all)) {
		text, err := json.Marshal(all[key])
		if err != nil {
			return err
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, text); err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s%q:%s", map[bool]string{true: "{\n", false: ",\n"}[i == 0], key, compact.Bytes())
	}
	b.WriteString("\n}\n")
	return os.WriteFile(filepath.Join(target, name), b.Bytes(), 0o644)
}
