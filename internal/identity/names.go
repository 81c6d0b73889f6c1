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

// forgotten is a unique id that nobody has. It stands for former holders of an ARN that
// are no longer remembered. Without it, old policies would mean the next remembered
// holder instead, and give that user what was meant for another.
const forgotten = UserPrefix + "AAAAAAAAAAAAAAAAA"

// former are the users or roles that had an ARN and gave it up, in that order.
type former struct{ Holders []policyeval.Former }

// names are the ARNs by which policies can name the user.
func (u *User) names() []string { return []string{u.ARN()} }

// names are the ARNs by which policies can name the role: its own, and the
// prefix of its sessions' ARNs.
func (r *Role) names() []string { return []string{r.ARN(), r.sessions()} }

func (r *Role) sessions() string { return strings.TrimSuffix(r.SessionARN(""), "/") }

// ofSessions reports whether an ARN is that of a role's session, or the prefix
// of such ARNs. It checks the service too, because the path of a user or role
// may look the same.
func ofSessions(a string) bool {
	parsed, err := arn.Parse(a)
	return err == nil && parsed.Service == "sts" && strings.HasPrefix(parsed.Resource, "assumed-role/")
}

// names is empty for all other entities: policies name only users and roles.
func (e *Entity) names() []string { return nil }

// register knows the unique ids of all entities and the former holders of their
// ARNs.
type register struct {
	unique *store.Table[reference] // by unique id
	former *store.Table[former]    // by ARN
}

// epoch is the number of times that a user or role has given up an ARN.
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

// giveUp records that the entity with the id gives up the ARNs: policies that are set
// from now on no longer mean it by them.
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

// renamed records which of its ARNs an entity has given up.
func (g register) renamed(tx store.Tx, e *Entity, before, after []string) {
	gone := slices.DeleteFunc(before, func(a string) bool { return slices.Contains(after, a) })
	g.giveUp(tx, e.ID, gone)
	e.Former = last(append(slices.DeleteFunc(e.Former, func(a string) bool { return slices.Contains(after, a) }), gone...))
}

// namesOf are the ARNs of an entity that other entities had before, and the
// ARNs that it had before itself. session is the name of a role's session.
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

// Epoch is the epoch to store with a policy or grant that is set now. It
// determines whom the ARNs in it mean.
func (d *Directory) Epoch(r store.Reader) uint64 { return epoch(r) }

// SetTrust sets the trust policy of a role. It fails where the document does not parse.
func (d *Directory) SetTrust(tx store.Tx, role *Role, document string) error {
	role.Trust, role.TrustEpoch = document, epoch(tx)
	return role.loadTrust()
}

// ShownTrust is the trust policy of a role as AWS shows it: an account appears
// as the ARN of its root user, and a deleted user or role as its unique id.
func (d *Directory) ShownTrust(r store.Reader, role *Role) string {
	return resource.ShownPolicy(r, d, role.trust, func(account string) string { return rootARN(role.Partition, account) }).Text()
}

// Shown is a principal of a policy or grant of the epoch as AWS shows it: the
// present ARN of the user or role that is meant, or its unique id where it was
// deleted. A unique id is shown as the ARN that it belongs to.
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

// Gone reports whether a principal is a unique id that no user or role has. No
// policy may name it, because unique ids are never used again.
func (d *Directory) Gone(r store.Reader, principal string) bool {
	return policyeval.IsUniqueID(principal) && d.Users.ByID(r, principal) == nil && d.Roles.ByID(r, principal) == nil
}
