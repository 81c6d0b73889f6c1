package main

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
)

// specification is what npm's package knows of a type: it is from AWS's older resource
// specification as well, which says what Fn::GetAtt and Ref yield [C291].
type specification struct {
	CloudFormationType      string
	PrimaryIdentifier       []string
	CfnRefIdentifier        []string
	Attributes              map[string]struct{ Type struct{ Type string } }
	ARNTemplate             string
	CloudFormationTransform string
	Properties              map[string]struct{ CausesReplacement string }
}

func readSpecification(file string, names map[string]bool) (map[string]*specification, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	var database struct {
		Schema struct {
			Resource struct{ Entities []*specification }
		}
	}
	if err := json.NewDecoder(z).Decode(&database); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	all := map[string]*specification{}
	for _, s := range database.Schema.Resource.Entities {
		if s.CloudFormationTransform == "" { // those are the transform's, not CloudFormation's
			all[s.CloudFormationType], names[s.CloudFormationType] = s, true
		}
	}
	return all, nil
}
