package resource

import (
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// Names resolves the ARNs in policies to the users and roles that had them when the
// policy was set. A role that is deleted and created again is another role.
type Names interface {
	// Epoch is to be kept with a policy or grant that is set in the transaction
	// of r: policyeval.Policy.Epoch.
	Epoch(r store.Reader) uint64
	// Shown is a principal of a policy or grant of the epoch as it is read
	// back: the present ARN of the user or role, or the unique id of a deleted one.
	Shown(r store.Reader, epoch uint64, principal string) string
}

// AnyNames is for services without a directory: an ARN means the user or role that has it now.
type AnyNames struct{}

// Epoch implements Names.
func (AnyNames) Epoch(store.Reader) uint64 { return 0 }

// Shown implements Names.
func (AnyNames) Shown(_ store.Reader, _ uint64, principal string) string { return principal }

// ShownPolicy is the policy of a resource as it is read back, and as it is
// edited where a statement is added: an edited policy is a policy set anew, in
// which deleted users and roles must not come back. root is the ARN of the root user
// of an account, which accounts are shown as; nil: they stay as they are.
func ShownPolicy(r store.Reader, names Names, p *policyeval.Policy, root func(account string) string) *policyeval.Document {
	return p.Document.ReplacePrincipals(func(e policyeval.PrincipalEntry) string {
		switch {
		case e.Type != "AWS" || e.Value == "*":
			return e.Value
		case root != nil && arn.IsAccountID(e.Value):
			return root(e.Value)
		default:
			return names.Shown(r, p.Epoch, e.Value)
		}
	})
}
