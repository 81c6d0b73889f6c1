package identity

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// maxFormer is how many holders of an ARN are remembered, and how many ARNs of
// a user.
const maxFormer = 64

// forgotten is the unique id of nobody. It stands for the holders of an ARN that
// are no longer remembered: to take the next of them in their place would give
// what theirs was to a user that has another name today.
const forgotten = UserPrefix + "AAAAAAAAAAAAAAAAA"

// former are who had an ARN and gave it up, in that order.
type former struct{ Holders []policyeval.Former }

// names are the ARNs that policies may mean the user by.
func (u *User) names() []string { return []string{u.ARN()} }

// names are the ARNs that policies may mean the role by: its own, and what the
// ARNs of its sessions begin with.
func (r *Role) names() []string { return []string{r.ARN(), r.sessions()} }

func (r *Role) sessions() string { return strings.TrimSuffix(r.SessionARN(""), "/") }

// ofSessions reports whether an ARN is that of a role's session, or what those
// begin with. The path of a user or role may look like one.
func ofSessions(a string) bool {
	parsed, err := arn.Parse(a)
	return err == nil && parsed.Service == "sts" && strings.HasPrefix(parsed.Resource, "assumed-role/")
}

// names of anything else: policies mean users and roles alone.
func (e *Entity) names() []string { return nil }

// register is what tells entities apart and remembers their names.
type register struct {
	unique *store.Table[reference] // by unique id
	former *store.Table[former]    // by ARN
}

// epoch is how often a user or role has given up an ARN.
func epoch(r store.Reader) uint64 {
	raw := r.Get(bucketEpoch)
	if raw == nil {
		return 0
	}
	n, err := strconv.ParseUint(string(raw), 10, 64)
	if err != nil {
		r.Fail(fmt.Errorf("identity: the epoch: %w", err))
	}
	return n
}

// giveUp ends the time in which policies that name the ARNs mean the entity of the id.
func (g register) giveUp(tx store.Tx, id string, arns []string) {
	if len(arns) == 0 {
		return
	}
	now := epoch(tx) + 1
	tx.Put(bucketEpoch, strconv.AppendUint(nil, now, 10))
	for _, a := range arns {
		f := g.former.Edit(tx, a)
		if f == nil {
			f = new(former)
		}
		all := append(f.Holders, policyeval.Former{ID: id, Until: now})
		if f.Holders = last(all); len(f.Holders) < len(all) {
			f.Holders[0].ID = forgotten
		}
		g.former.Put(tx, a, f)
	}
}

func last[T any](list []T) []T { return list[max(0, len(list)-maxFormer):] }

// renamed notes which of its names an entity has given up.
func (g register) renamed(tx store.Tx, e *Entity, before, after []string) {
	gone := slices.DeleteFunc(before, func(a string) bool { return slices.Contains(after, a) })
	g.giveUp(tx, e.ID, gone)
	e.Former = last(append(slices.DeleteFunc(e.Former, func(a string) bool { return slices.Contains(after, a) }), gone...))
}

// namesOf are those of an entity's ARNs that others had before, and those that
// it had before itself. session is the name of a role's session.
func (d *Directory) namesOf(r store.Reader, e *Entity, arns []string, session string) []policyeval.Name {
	var names []policyeval.Name
	for _, a := range slices.Concat(arns, e.Former) {
		f := d.register.former.Get(r, a)
		if f == nil {
			continue
		}
		if ofSessions(a) {
			a += "/" + session
		}
		names = append(names, policyeval.Name{ARN: a, Former: f.Holders})
	}
	return names
}

// Epoch is what a policy or a grant that is set now is kept with: it tells whom
// it means by the ARNs that it names.
func (d *Directory) Epoch(r store.Reader) uint64 { return epoch(r) }

// SetTrust sets the trust policy of a role. It fails where the document does not parse.
func (d *Directory) SetTrust(tx store.Tx, role *Role, document string) error {
	role.Trust, role.TrustEpoch = document, epoch(tx)
	return role.loadTrust()
}

// ShownTrust is the trust policy of a role as it is read back: accounts are
// their root users, and users and roles who are gone their unique ids.
func (d *Directory) ShownTrust(r store.Reader, role *Role) string {
	return resource.ShownPolicy(r, d, role.trust, func(account string) string { return rootARN(role.Partition, account) }).Text()
}

// Shown is a principal of a policy or grant of the epoch as it is read back:
// the ARN that whom it means has now, or the unique id of who is gone. A unique
// id is shown as the ARN that it belongs to.
func (d *Directory) Shown(r store.Reader, epoch uint64, principal string) string {
	name, session := principal, ""
	if ofSessions(principal) {
		i := strings.LastIndexByte(principal, '/')
		name, session = principal[:i], principal[i+1:]
	}
	id := principal
	if strings.HasPrefix(principal, "arn:") {
		f := d.register.former.Get(r, name)
		if f == nil {
			return principal
		}
		id = (&policyeval.Name{Former: f.Holders}).Bound(epoch)
	}
	switch u, role := d.Users.ByID(r, id), d.Roles.ByID(r, id); {
	case id == "":
		return principal
	case u != nil:
		return u.ARN()
	case role != nil && session != "":
		return role.SessionARN(session)
	case role != nil:
		return role.ARN()
	case session != "":
		return id + ":" + session
	}
	return id
}

// Gone reports whether a principal is a unique id that belongs to nobody: no
// policy may name it, for nobody will ever have it.
func (d *Directory) Gone(r store.Reader, principal string) bool {
	return policyeval.IsUniqueID(principal) && d.Users.ByID(r, principal) == nil && d.Roles.ByID(r, principal) == nil
}
