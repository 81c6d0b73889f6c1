package policyeval

import "math"

// AWS binds a policy to the users and roles that it names: it keeps their
// unique ids in place of their ARNs. A role that was deleted and made again is
// another one to the policies of before, and a user that was renamed is the
// same.
//
// Here the documents stay as they are. A policy carries the epoch in which it
// was set, and an ARN in it means who had that ARN then, or who got it first
// afterwards where nobody had it. Epochs count the times at which a user or
// role gave up an ARN. So a name is decided by comparing two numbers, and
// nothing is to be rewritten when somebody goes.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles.

// IsUniqueID reports whether s has the form of the unique id of a user or role.
func IsUniqueID(s string) bool { return uniqueID(s) }

// Latest is the epoch of a policy that is set now.
const Latest = math.MaxUint64

// Name is an ARN that others had before, or have now.
type Name struct {
	ARN string
	// Former are who had it and gave it up, in that order.
	Former []Former
}

// Former is a user or role that had an ARN before it was deleted or renamed.
type Former struct {
	ID string // its unique id
	// Until is the epoch that began when it gave up the ARN: policies of
	// earlier epochs mean it.
	Until uint64
}

// Bound is the unique id of whom a policy of the epoch means; empty: who has
// the ARN now, or will be the next to have it.
func (n *Name) Bound(epoch uint64) string {
	for i := range n.Former {
		if n.Former[i].Until > epoch {
			return n.Former[i].ID
		}
	}
	return ""
}

// boundToOther is the unique id of the other user or role that a policy of the epoch
// means by an ARN of this principal; empty: the policy means this principal.
func (who *Principal) boundToOther(arn string, epoch uint64) string {
	for i := range who.Names {
		if n := &who.Names[i]; n.ARN == arn {
			if id := n.Bound(epoch); id != who.ID {
				return id
			}
		}
	}
	return ""
}

// formerly reports whether a policy of the epoch that names these means the
// principal by an ARN that it has given up since.
func (who *Principal) formerly(names []string, epoch uint64) bool {
	for i := range who.Names {
		if n := &who.Names[i]; n.Bound(epoch) == who.ID && contains(names, n.ARN) {
			return true
		}
	}
	return false
}

// note tells a person whom names of a policy of the epoch mean where that is
// not who has them now. It is empty where there is nothing to tell.
func (who *Principal) note(names []string, epoch uint64) string {
	for _, name := range names {
		if id := who.boundToOther(name, epoch); id != "" {
			return name + " means " + id + ", which had this ARN when it was set and is gone; the caller is " + who.ID +
				". Set it again to mean the caller."
		}
	}
	if who.Names != nil && who.formerly(names, epoch) {
		return "The caller, " + who.ID + ", had one of these ARNs when it was set."
	}
	return ""
}

// asRead is the policy with the unique ids, in place of the ARNs, of those who
// had an ARN of the caller when it was set: what AWS shows of it, and what is
// set again when a statement is added.
func (p *Policy) asRead(who *Principal) *Document {
	return p.Document.ReplacePrincipals(func(e PrincipalEntry) string {
		for i := range who.Names {
			if n := &who.Names[i]; n.ARN == e.Value && n.Bound(p.Epoch) != "" {
				return n.Bound(p.Epoch)
			}
		}
		return e.Value
	})
}
