package identity

import (
	"context"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// How precisely the last use of a key or role is stored: for a key that is used
// all the time four times an hour, and once a minute where service or region
// changes.
const (
	sameGrain  = 15 * time.Minute
	otherGrain = time.Minute
)

// Used records that the caller called a service, for GetAccessKeyLastUsed and
// RoleLastUsed. It does not write to the store where it did so recently.
func (d *Directory) Used(ctx context.Context, c *api.Caller, service, region string) error {
	id := c.AccessKeyID
	if c.Type == policyeval.AssumedRole {
		id = c.ID
	}
	if id == "" {
		return nil
	}
	now := d.clock.Now()
	if last, ok := d.noted.get(id); ok {
		grain := otherGrain
		if last.Service == service && last.Region == region {
			grain = sameGrain
		}
		if now.Sub(last.Time).Abs() < grain {
			return nil
		}
	}
	use := Use{now, region, service}
	d.noted.put(id, use)
	return d.engine.Update(ctx, func(tx store.Tx) error {
		if d.Key(tx, id) != nil || d.Roles.ByID(tx, id) != nil {
			d.used.Put(tx, id, &use)
		}
		return nil
	})
}

// LastUse is when the access key or role of that id was last used; zero: never.
func (d *Directory) LastUse(r store.Reader, id string) Use {
	if use := d.used.Get(r, id); use != nil {
		return *use
	}
	return Use{}
}
