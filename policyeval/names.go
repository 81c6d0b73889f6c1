package policyeval

import "math"

// AWS binds a policy to the users and roles that it names: it keeps their
// unique ids in place of their ARNs. To a policy that was set earlier, a role
// that was deleted and created again is another role, and a user that was
// renamed is the same user.
//
// Here the documents stay as they are. A policy has the epoch in which it was
// set, and an ARN in it means the user or role that had the ARN then, or, if
// none had it, the first that got it afterwards. The epoch is a counter that
// goes up when a user or role gives up an ARN. So comparing two numbers tells
// whom a name means, and no policy is rewritten when a user or role is deleted.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles.

// IsUniqueID reports whether s has the form of the unique id of a user or role.
func IsUniqueID(s string) bool { return uniqueID(s) }

// Latest is the epoch of a policy that is set now.
const Latest = math.MaxUint64

// Name is an ARN with the users or roles that had it before.
type Name struct {
	ARN string
	// Former are the users or roles that had the ARN and gave it up, in that
	// order.
	Former []Former
}

// Former is a user or role that had an ARN before it was deleted or renamed.
type Former struct {
	ID string // its unique id
	// Until is the epoch that began when it gave up the ARN: policies of
	// earlier epochs mean this user or role.
	Until uint64
}

// Bound is the unique id of the former user or role that a policy of the epoch
// means by the ARN. It is empty where the policy means the one that has the ARN
// now, or that will be the next to have it.
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

// formerly reports whether one of names, in a policy of the epoch, means the
// principal although it has given up that ARN since.
func (who *Principal) formerly(names []string, epoch uint64) bool {
	for i := range who.Names {
		if n := &who.Names[i]; n.Bound(epoch) == who.ID && contains(names, n.ARN) {
			return true
		}
	}
	return false
}

// note explains whom names in a policy of the epoch mean, where that is not the
// principal that has them now. It is empty where there is nothing to explain.
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

// asRead is the policy as AWS shows it: each ARN of the caller that another
// user or role had when the policy was set is replaced by the unique id of that
// one. This is also what is stored again when a statement is added.
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
