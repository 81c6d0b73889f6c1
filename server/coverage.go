package server

import (
	"cmp"
	"context"
	"math"
	"net/http"
	"slices"

	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/policyeval"
)

// coverageReport says which statements of the policies in force requests have
// exercised since the server started or was reset.
type coverageReport struct {
	Covered    int `json:"covered"`
	Statements int `json:"statements"`
	// Percent has one decimal and is rounded down: 100 is all. Without any statement it is 100.
	Percent  float64         `json:"percent"`
	Policies []policyCovered `json:"policies"` // by owner, kind and name
}

type policyCovered struct {
	Owner      string             `json:"owner"` // ARN
	Kind       string             `json:"kind"`  // identity, boundary, trust, resource, scp or rcp
	Name       string             `json:"name"`
	Alias      string             `json:"alias,omitempty"` // of the owner, where it is a key
	Statements []statementCovered `json:"statements"`
}

type statementCovered struct {
	Sid    string `json:"sid"`
	Effect string `json:"effect"`
	// File is the fixture file, or the policy's own, that the statement stands in;
	// empty: it was not set by one, and the lines are those of the document.
	File    string `json:"file,omitempty"`
	Line    int    `json:"line"` // from 1
	EndLine int    `json:"endLine"`
	policyeval.Count
}

// policiesInForce are the policies of all owners in the world.
func (w *world) policiesInForce(ctx context.Context) ([]resource.PolicyInForce, error) {
	var all []resource.PolicyInForce
	for _, list := range []func(context.Context) ([]resource.PolicyInForce, error){
		w.identity.PoliciesInForce, w.sqs.PoliciesInForce, w.sns.PoliciesInForce, w.kms.PoliciesInForce,
	} {
		policies, err := list(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, policies...)
	}
	slices.SortFunc(all, func(a, b resource.PolicyInForce) int {
		return cmp.Or(cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name(), b.Name()))
	})
	return all, nil
}

func (w *world) coverageReport(ctx context.Context) (*coverageReport, error) {
	policies, err := w.policiesInForce(ctx)
	if err != nil {
		return nil, err
	}
	report := &coverageReport{Percent: 100, Policies: []policyCovered{}}
	aliases, err := w.kms.AliasNames(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range policies {
		covered := policyCovered{Alias: aliases[p.Owner], Owner: p.Owner, Kind: p.Kind, Name: p.Name(), Statements: []statementCovered{}}
		counts := w.dispatcher.Coverage().Counts(p.Policy.Document)
		for i, st := range p.Policy.Document.Statements() {
			one := statementCovered{Sid: st.Sid, Effect: st.Effect.String(), Count: counts[i]}
			one.File, one.Line = w.sources.at(p.Owner, p.Policy, st.Begin)
			_, one.EndLine = w.sources.at(p.Owner, p.Policy, st.End)
			covered.Statements = append(covered.Statements, one)
			report.Statements++
			if counts[i].Allowed+counts[i].Denied > 0 {
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

func (s *Server) showCoverage(w http.ResponseWriter, r *http.Request) error {
	if _, err := parameters(r); err != nil {
		return err
	}
	var report *coverageReport
	var err error
	s.inWorld(func(w *world) { report, err = w.coverageReport(r.Context()) })
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, report)
	return nil
}
