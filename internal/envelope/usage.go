package envelope

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/waxseal/waxseal/internal/api"
)

// Usage is who has needed data keys of a resource since the start, and what that has cost. No
// data key is part of it.
type Usage struct {
	Resource string
	// GenerateDataKey and Decrypt are how often KMS was called.
	GenerateDataKey, Decrypt int
	Requesters               []Requester
	// Reuse is how long a copy may be used, which the service knows.
	Reuse time.Duration
}

// Requester is a principal who has needed a data key, as the cache tells requesters apart.
type Requester struct {
	// Principal is an ARN, that of the role for its sessions, or the name of a service.
	Principal string
	// Scope identifies the session policies of its sessions; empty: they have none.
	Scope string
	// KeyARN is the KMS key.
	KeyARN string
	// Decrypts: it needed the data key to decrypt, not to encrypt.
	Decrypts bool
	// Since is when it got the copy that it had last, and Times how many it has had.
	Since time.Time
	Times int
}

// maxRequesters is how many requesters of a resource are remembered.
const maxRequesters = 1000

// usage is what is remembered of a resource's copies longer than they may be used.
type usage struct {
	generated, decrypted int
	requesters           map[usageKey]*Requester
}

type usageKey struct {
	requesterKey
	decrypts bool
}

// note remembers that a requester has got a new copy.
func (u *usage) note(ctx context.Context, who requesterKey, keyARN string, decrypts bool, now time.Time) {
	key := usageKey{who, decrypts}
	r := u.requesters[key]
	if r == nil {
		if len(u.requesters) >= maxRequesters {
			return
		}
		if u.requesters == nil {
			u.requesters = map[usageKey]*Requester{}
		}
		caller := api.RequestFrom(ctx).Caller
		r = &Requester{Principal: cmp.Or(caller.PrincipalARN(), caller.DisplayName()), Decrypts: decrypts}
		if caller.Session != nil {
			r.Scope = caller.Session.Scope
		}
		u.requesters[key] = r
	}
	r.KeyARN, r.Since = keyARN, now
	r.Times++
}

// counted is KMS, with the calls counted.
type counted struct {
	KMS
	*usage
}

func (c counted) GenerateDataKey(ctx context.Context, resource, keyID string, encryptionContext map[string]string) (plaintext, wrapped []byte, keyARN string, err error) {
	c.generated++
	return c.KMS.GenerateDataKey(ctx, resource, keyID, encryptionContext)
}

func (c counted) Decrypt(ctx context.Context, wrapped []byte, encryptionContext map[string]string) ([]byte, error) {
	c.decrypted++
	return c.KMS.Decrypt(ctx, wrapped, encryptionContext)
}

// Usages are the usages of all resources that are not forgotten.
func (c *Cache) Usages() []Usage {
	c.mu.Lock()
	all := make(map[string]*resource, len(c.resources))
	for name, r := range c.resources {
		all[name] = r
	}
	c.mu.Unlock()
	list := make([]Usage, 0, len(all))
	for name, r := range all {
		list = append(list, r.told(name))
	}
	slices.SortFunc(list, func(a, b Usage) int { return cmp.Compare(a.Resource, b.Resource) })
	return list
}

func (r *resource) told(name string) Usage {
	r.mu.Lock()
	defer r.mu.Unlock()
	u := Usage{Resource: name, GenerateDataKey: r.usage.generated, Decrypt: r.usage.decrypted}
	for _, requester := range r.usage.requesters {
		u.Requesters = append(u.Requesters, *requester)
	}
	return u
}
