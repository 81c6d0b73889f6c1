package inventory

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/policyeval"
)

// Policy is a policy in force as a list shows it.
type Policy struct {
	// Key names it in the control API; inline policies of different accounts can have the same.
	Key   string `json:"key"`
	Owner string `json:"owner"` // ARN
	Kind  string `json:"kind"`  // as resource.PolicyInForce has it
	Name  string `json:"name"`
	Alias string `json:"alias,omitempty"` // of the owner, where it is a key
	File  string `json:"file,omitempty"`  // file and line of the first statement, where a fixture file declares it
	// Statements is how many it has, Covered how many of them have decided something.
	Statements int `json:"statements"`
	Covered    int `json:"covered"`
	Findings   int `json:"findings"` // of lint
}

// Document is a policy with its text, as a person reads it line by line. It takes the
// place of Policy: statements and findings are those themselves, not how many.
type Document struct {
	Policy
	// Document is written out where it was in one line. Lines, from 1, are its.
	Document   string      `json:"document"`
	Statements []Statement `json:"statements"`
	Findings   []Finding   `json:"findings"`
}

// Statement is a statement of a document, and what became of it in decisions.
type Statement struct {
	Sid     string `json:"sid"`
	Effect  string `json:"effect"`
	Line    int    `json:"line"`
	EndLine int    `json:"endLine"`
	policyeval.Count
}

// Finding is something in a document that AWS accepts but its author probably did not mean.
type Finding struct {
	Rule     string `json:"rule"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Severity string `json:"severity"` // warning
	Message  string `json:"message"`
}

// Policies are the policies in force, by owner, kind and name. Those of identities and
// organizations are of every region.
func (x Inventory) Policies(ctx context.Context, of Scope) ([]Policy, error) {
	list := []Policy{}
	err := x.eachPolicy(ctx, func(p *resource.PolicyInForce, alias string) error {
		if owner, err := arn.Parse(p.Owner); err == nil && of.Has(owner.AccountID, owner.Region) {
			list = append(list, x.policy(p, alias))
		}
		return nil
	})
	return list, err
}

// Documents are the policies of a key, and of an owner where one is given.
func (x Inventory) Documents(ctx context.Context, key, owner string) ([]Document, error) {
	list := []Document{}
	err := x.eachPolicy(ctx, func(p *resource.PolicyInForce, alias string) error {
		if p.Key() != key || owner != "" && p.Owner != owner {
			return nil
		}
		d, err := x.document(p, alias)
		list = append(list, d)
		return err
	})
	return list, err
}

// eachPolicy calls f with each policy in force, and the alias of its owner.
func (x Inventory) eachPolicy(ctx context.Context, f func(p *resource.PolicyInForce, alias string) error) error {
	all, err := x.PoliciesInForce(ctx)
	if err != nil {
		return err
	}
	aliases, err := x.KMS.AliasNames(ctx)
	if err != nil {
		return err
	}
	for i := range all {
		if err := f(&all[i], aliases[all[i].Owner]); err != nil {
			return err
		}
	}
	return nil
}

func (x Inventory) policy(p *resource.PolicyInForce, alias string) Policy {
	document := p.Policy.Document
	out := Policy{
		Key: p.Key(), Owner: p.Owner, Kind: p.Kind, Name: p.Name(), Alias: alias,
		Statements: len(document.Statements()), Findings: len(x.lint(p, document)),
	}
	if out.Statements > 0 {
		if file, line := x.PlaceOf(p.Owner, p.Policy, document.Statements()[0].Begin); file != "" {
			out.File = resource.Place(file, line)
		}
	}
	for _, count := range x.Dispatcher.Coverage().Counts(document) {
		if count.Covered() {
			out.Covered++
		}
	}
	return out
}

func (x Inventory) document(p *resource.PolicyInForce, alias string) (Document, error) {
	text := written(p.Policy.Document.Text())
	shown, err := policyeval.Parse(text)
	if err != nil {
		return Document{}, err
	}
	out := Document{Policy: x.policy(p, alias), Document: text, Statements: []Statement{}, Findings: []Finding{}}
	counts := x.Dispatcher.Coverage().Counts(p.Policy.Document)
	for i, st := range shown.Statements() {
		out.Statements = append(out.Statements, Statement{st.Sid, st.Effect.String(), st.Begin.Line, st.End.Line, counts[i]})
	}
	for _, f := range x.lint(p, shown) {
		out.Findings = append(out.Findings, Finding{f.Rule, f.Position.Line, f.Position.Column, "warning", f.Message})
	}
	return out, nil
}

// written is a document of several lines: as it is, or written out.
func written(document string) string {
	if strings.Contains(strings.TrimSpace(document), "\n") {
		return document
	}
	var b bytes.Buffer
	if json.Indent(&b, []byte(document), "", "  ") != nil {
		return document
	}
	return b.String()
}

// lint is what lint finds in the document of a policy.
func (x Inventory) lint(p *resource.PolicyInForce, document *policyeval.Document) []policyeval.Finding {
	owner, err := arn.Parse(p.Owner)
	if err != nil {
		return nil
	}
	c := policyeval.LintContext{Kind: x.kindOf(p, owner.Service), Account: owner.AccountID}
	if owner.Service != "iam" || p.Kind == "trust" {
		c.Resource = p.Owner
	}
	return policyeval.Lint(document, c)
}

// kindOf is what a policy is used as. A boundary is linted as a session policy: in both,
// allowing everything is normal.
func (x Inventory) kindOf(p *resource.PolicyInForce, service string) policyeval.Kind {
	switch p.Kind {
	case "boundary":
		return policyeval.SessionPolicy
	case "trust":
		return policyeval.TrustPolicy
	case "endpoint":
		return policyeval.EndpointPolicy
	case "scp":
		return policyeval.SCP
	case "rcp":
		return policyeval.RCP
	case "resource":
		if s := x.Dispatcher.Service(service); s != nil {
			return s.ResourcePolicy
		}
	}
	return policyeval.IdentityPolicy
}
