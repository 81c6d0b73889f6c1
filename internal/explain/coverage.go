package explain

import (
	"context"
	"math"

	"github.com/waxseal/waxseal/policyeval"
)

// Coverage says which statements of the policies in force requests have
// exercised since the server started or was reset.
type Coverage struct {
	Covered    int `json:"covered"`
	Statements int `json:"statements"`
	// Percent has one decimal and is rounded down: 100 is all. Without any statement it is 100.
	Percent  float64          `json:"percent"`
	Policies []PolicyCoverage `json:"policies"` // by owner, kind and name
}

// PolicyCoverage is one policy with its statements.
type PolicyCoverage struct {
	Owner      string              `json:"owner"` // ARN
	Kind       string              `json:"kind"`  // identity, boundary, trust, resource, endpoint, scp or rcp
	Name       string              `json:"name"`
	Alias      string              `json:"alias,omitempty"` // of the owner, where it is a key
	Statements []StatementCoverage `json:"statements"`
}

// StatementCoverage is one statement and what became of it in decisions.
type StatementCoverage struct {
	Sid    string `json:"sid"`
	Effect string `json:"effect"`
	// File is the fixture file, or the policy file that it names, with the statement;
	// empty: no file declares the policy, and the lines are those of the document.
	File    string `json:"file,omitempty"`
	Line    int    `json:"line"` // from 1
	EndLine int    `json:"endLine"`
	policyeval.Count
}

// Coverage reports on the policies that are in force now.
func (x Explainer) Coverage(ctx context.Context) (*Coverage, error) {
	policies, err := x.PoliciesInForce(ctx)
	if err != nil {
		return nil, err
	}
	report := &Coverage{Percent: 100, Policies: []PolicyCoverage{}}
	aliases, err := x.KMS.AliasNames(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range policies {
		covered := PolicyCoverage{Alias: aliases[p.Owner], Owner: p.Owner, Kind: p.Kind, Name: p.Name(), Statements: []StatementCoverage{}}
		counts := x.Dispatcher.Coverage().Counts(p.Policy.Document)
		for i, st := range p.Policy.Document.Statements() {
			one := StatementCoverage{Sid: st.Sid, Effect: st.Effect.String(), Count: counts[i]}
			one.File, one.Line = x.PlaceOf(p.Owner, p.Policy, st.Begin)
			_, one.EndLine = x.PlaceOf(p.Owner, p.Policy, st.End)
			covered.Statements = append(covered.Statements, one)
			report.Statements++
			if counts[i].Covered() {
				report.Covered++
			}
		}
		report.Policies = append(report.Policies, covered)
	}
	if report.Statements > 0 {
		report.Percent = math.Floor(1000*float64(report.Covered)/float64(report.Statements)) / 10
	}
	return report, nil
}
