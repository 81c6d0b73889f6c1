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
	use := Use{d.clock.Now(), region, service}
	last, noted := d.noted.get(id)
	if noted && last.tells(use) { // as mostly
		return nil
	}
	return d.note(ctx, id, use, noted)
}

// note stores a use, unless the use that is stored tells it; noted: it does not.
func (d *Directory) note(ctx context.Context, id string, use Use, noted bool) error {
	if !noted {
		var last Use
		err := d.View(ctx, func(r store.Reader) error {
			last = d.LastUse(r, id)
			return nil
		})
		if err != nil {
			return err
		}
		if last.tells(use) {
			d.noted.put(id, last)
			return nil
		}
	}
	d.noted.put(id, use)
	return d.engine.Update(ctx, func(tx store.Tx) error {
		if d.Key(tx, id) != nil || d.Roles.ByID(tx, id) != nil {
			d.used.Put(tx, id, &use)
		}
		return nil
	})
}

// tells reports whether a later use need not be stored, because this one is.
func (u Use) tells(later Use) bool {
	grain := otherGrain
	if u.Service == later.Service && u.Region == later.Region {
		grain = sameGrain
	}
	return later.Time.Sub(u.Time).Abs() < grain
}

// LastUse is when the access key or role of that id was last used; zero: never.
func (d *Directory) LastUse(r store.Reader, id string) Use {
	if use := d.used.Get(r, id); use != nil {
		return *use
	}
	return Use{}
}
