package identity

import (
	"context"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// useGrain is how exactly the last use of a key or role is kept: a key that is
// used all the time is written four times an hour.
const useGrain = 15 * time.Minute

// Used notes that the caller called a service, for GetAccessKeyLastUsed and
// RoleLastUsed, and costs nothing but a read where it did so a moment ago.
func (d *Directory) Used(ctx context.Context, c *api.Caller, service, region string) error {
	id := c.AccessKeyID
	if c.Type == policyeval.AssumedRole {
		id = c.ID
	}
	if id == "" {
		return nil
	}
	now, fresh := d.clock.Now(), false
	err := d.View(ctx, func(r store.Reader) error {
		use := d.used.Get(r, id)
		fresh = use != nil && use.Service == service && use.Region == region && now.Sub(use.Time).Abs() < useGrain
		return nil
	})
	if err != nil || fresh {
		return err
	}
	return d.engine.Update(ctx, func(tx store.Tx) error {
		if d.Key(tx, id) != nil || d.Roles.ByID(tx, id) != nil {
			d.used.Put(tx, id, &Use{now, region, service})
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
