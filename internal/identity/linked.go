package identity

import (
	"strings"

	"github.com/waxseal/waxseal/internal/store"
)

// LinkedPath is where service-linked roles are, and the managed policies that
// AWS attaches to them.
const LinkedPath = "/aws-service-role/"

// Linked reports whether the role is a service-linked one, which only AWS changes.
func (r *Role) Linked() bool { return strings.HasPrefix(r.Path, LinkedPath) }

// NewDeletion is the id of a task that deletes a service-linked role:
// task/aws-service-role/SERVICE/NAME/UUID. The id is remembered.
func (d *Directory) NewDeletion(tx store.Tx, r *Role) (id string) {
	id = "task" + r.Path + r.Name + "/" + d.ids.UUID()
	d.deletions.Put(tx, r.Account+"\x00"+id, &struct{}{})
	return id
}

// Deleted reports whether the account has a deletion task of that id.
func (d *Directory) Deleted(r store.Reader, account, id string) bool {
	return d.deletions.Get(r, account+"\x00"+id) != nil
}
