package resource

import (
	"context"
	"fmt"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// Policies is how a service takes and shows the policies of its resources.
type Policies struct {
	Kind       policyeval.Kind
	Names      Names
	Principals Principals
	// Syntax is the refusal of a text that is no policy document.
	Syntax *api.Error
	// Problem words what else is wrong with a document.
	Problem func(policyeval.Problem) *api.Error
}

// Owner is what a policy belongs to.
type Owner struct{ ARN, Account, Partition string }

// Check is the document that is to be the policy of an owner, or the service's
// refusal of it.
func (p *Policies) Check(ctx context.Context, o Owner, text string) (*policyeval.Document, error) {
	d, err := policyeval.Parse(text)
	if err != nil {
		return nil, api.Refused(p.Syntax, p.Kind.String(), o.ARN, err)
	}
	return d, p.Validate(ctx, o, d)
}

// Validate refuses a document that AWS would not store.
func (p *Policies) Validate(ctx context.Context, o Owner, d *policyeval.Document) error {
	for _, problem := range policyeval.Validate(d, policyeval.ValidateOptions{
		Kind: p.Kind, Account: o.Account, Resource: o.ARN, Partition: o.Partition,
		Exists: func(principal string) bool { return p.Principals.exist(ctx, principal) },
	}) {
		if problem.Code == policyeval.UnknownPrincipal && p.Principals.Admit(ctx, p.Kind.String(), o.ARN, problem.Value) {
			continue
		}
		return p.Refuse(o, problem)
	}
	return nil
}

// Refuse is the refusal of a document for a problem, with the reason for the log.
func (p *Policies) Refuse(o Owner, problem policyeval.Problem) error {
	return api.Refused(p.Problem(problem), p.Kind.String(), o.ARN, problem)
}

// Lint tells the log what a person hardly meant by a document.
func (p *Policies) Lint(ctx context.Context, o Owner, d *policyeval.Document) {
	LintPolicy(ctx, p.Principals.Log, d, policyeval.LintContext{Kind: p.Kind, Resource: o.ARN, Account: o.Account})
}

// Epoch is to be kept with a policy that is set in the transaction of r.
func (p *Policies) Epoch(r store.Reader) uint64 { return p.Names.Epoch(r) }

// Shown is ShownPolicy by the service's Names.
func (p *Policies) Shown(r store.Reader, policy *policyeval.Policy, root func(account string) string) *policyeval.Document {
	return ShownPolicy(r, p.Names, policy, root)
}

// Compile is the stored policy of an owner, of the epoch of its setting, for the evaluator.
func Compile(owner, text string, epoch uint64) (*policyeval.Policy, error) {
	d, err := policyeval.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("the policy of %s: %w", owner, err)
	}
	return &policyeval.Policy{Name: owner, Document: d, Epoch: epoch}, nil
}

// InForce are the policies of a table's records, as requests are decided with
// them. of is a record's owner and its policy, or nil where that is nobody's
// own. Records that cannot be read do not keep the others from being shown.
func InForce[T any](ctx context.Context, engine store.Engine, table *store.Table[T], of func(*T) (owner string, p *policyeval.Policy)) ([]PolicyInForce, error) {
	var found []PolicyInForce
	err := engine.View(ctx, func(r store.Reader) error {
		found = nil
		for _, record := range table.ScanWhole(r, "", "", store.All, func(string, error) {}) {
			if owner, p := of(record); p != nil {
				found = append(found, PolicyInForce{Owner: owner, Kind: "resource", Policy: p})
			}
		}
		return nil
	})
	return found, err
}

// PolicyInForce is a policy that requests are decided with, for coverage.
type PolicyInForce struct {
	// Owner is the ARN of what the policy belongs to: a user, group, role, queue,
	// topic, key or VPC endpoint. A managed policy and one of an organization own themselves.
	Owner string
	// Kind is identity, boundary, trust, resource, endpoint, scp or rcp.
	Kind string
	// Policy is the very policy that requests are decided with: counts hang on
	// its document.
	Policy *policyeval.Policy
}

// Name tells the owner's policies apart: an inline policy's name, and
// otherwise the kind, of which an owner has one.
func (p PolicyInForce) Name() string {
	if p.Policy.Name == p.Owner {
		return p.Kind
	}
	return p.Policy.Name
}

// SamePolicy is old where both policies say the same, and otherwise policy. A
// record that was stored anew keeps by it the documents that did not change,
// and with them what was counted of them. Either may be nil.
func SamePolicy(policy, old *policyeval.Policy) *policyeval.Policy {
	switch {
	case policy == nil || old == nil || policy.Name != old.Name || policy.Document.Text() != old.Document.Text():
		return policy
	case policy.Epoch != old.Epoch || policy.Owner != old.Owner: // it was set anew, or its owner renamed
		return &policyeval.Policy{Name: old.Name, Document: old.Document, Owner: policy.Owner, Epoch: policy.Epoch}
	default:
		return old
	}
}
