package identity

import (
	"context"
	"iter"
	"strings"
	"sync/atomic"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/store"
)

// Config is what a Directory needs. The pointers and interfaces are required.
type Config struct {
	Engine store.Engine
	Clock  clock.Clock
	IDs    *ids.Source
	HSM    *hsm.Module // wraps the secrets of access keys and sessions
	// StrictCredentials refuses root users who assume a role, as AWS does.
	StrictCredentials bool
}

// Directory holds the identities of all accounts. It is safe for concurrent use.
type Directory struct {
	Users    Collection[User, *User]
	Groups   Collection[Group, *Group]
	Roles    Collection[Role, *Role]
	Policies Collection[Policy, *Policy] // customer-managed
	Profiles Collection[Profile, *Profile]
	// Providers are OpenID Connect identity providers, by URL without https://.
	Providers          Collection[Provider, *Provider]
	Devices            Collection[MFADevice, *MFADevice] // virtual MFA devices, by path and name
	ServerCertificates Collection[ServerCertificate, *ServerCertificate]
	SAMLProviders      Collection[SAMLProvider, *SAMLProvider]

	engine    store.Engine
	clock     clock.Clock
	ids       *ids.Source
	hsm       *hsm.Module
	strict    bool
	register  register
	keys      *store.Table[Key]
	sessions  *store.Table[Session]
	expiry    *store.Table[struct{}]
	accounts  *store.Table[Account]
	used      *store.Table[Use]
	deletions *store.Table[struct{}]
	reports   *store.Table[Report]
	org       orgTables

	lastGeneration atomic.Value                 // a string: see generation
	memberships    kept[string, keptMembership] // by account
	resolved       kept[string, resolved]       // by access key id
	noted          kept[string, Use]            // by access key id or role id, as last stored
	roots          kept[rootKey, signingRoot]
}

// New is the directory over the engine's records.
func New(c Config) *Directory {
	reg := register{store.NewTable[reference](bucketUnique), store.NewTable[former](bucketFormer)}
	return &Directory{
		Users:              Collection[User, *User]{store.NewTable[User](bucketUser), reg},
		Groups:             Collection[Group, *Group]{store.NewTable[Group](bucketGroup), reg},
		Roles:              Collection[Role, *Role]{store.NewTable[Role](bucketRole), reg},
		Policies:           Collection[Policy, *Policy]{store.NewTable[Policy](bucketPolicy), reg},
		Profiles:           Collection[Profile, *Profile]{store.NewTable[Profile](bucketProfile), reg},
		Providers:          Collection[Provider, *Provider]{store.NewTable[Provider](bucketProvider), reg},
		ServerCertificates: Collection[ServerCertificate, *ServerCertificate]{store.NewTable[ServerCertificate](bucketServerCertificate), reg},
		SAMLProviders:      Collection[SAMLProvider, *SAMLProvider]{store.NewTable[SAMLProvider](bucketSAMLProvider), reg},
		Devices:            Collection[MFADevice, *MFADevice]{store.NewTable[MFADevice](bucketDevice), reg},

		engine: c.Engine, clock: c.Clock, ids: c.IDs, hsm: c.HSM, strict: c.StrictCredentials, register: reg,
		keys:      store.NewTable[Key](bucketKey),
		sessions:  store.NewTable[Session](bucketSession),
		expiry:    store.NewTable[struct{}](bucketExpiry),
		accounts:  store.NewTable[Account](bucketAccount),
		used:      store.NewTable[Use](bucketUsed),
		deletions: store.NewTable[struct{}](bucketDeletion),
		reports:   store.NewTable[Report](bucketReport),
		org:       newOrgTables(),
	}
}

// StrictCredentials reports whether root users may not assume roles.
func (d *Directory) StrictCredentials() bool { return d.strict }

// View reads one consistent state.
func (d *Directory) View(ctx context.Context, read func(store.Reader) error) error {
	return d.engine.View(ctx, read)
}

// Update changes records. The changes apply from the next call that is
// authenticated.
func (d *Directory) Update(ctx context.Context, write func(store.Tx) error) error {
	return d.engine.Update(ctx, func(tx store.Tx) error {
		// The generation is random and not a counter, because a counter would
		// repeat after the store is cleared.
		tx.Put(bucketGeneration, []byte(d.ids.UUID()))
		return write(tx)
	})
}

// NewUUID is a random UUID.
func (d *Directory) NewUUID() string { return d.ids.UUID() }

// NewID is a unique id that no entity has.
func (d *Directory) NewID(r store.Reader, prefix string) string {
	for {
		if id := d.ids.Principal(prefix); d.register.unique.Get(r, id) == nil {
			return id
		}
	}
}

// record is a pointer to a record that embeds Entity.
type record[T any] interface {
	*T
	entity() *Entity
	names() []string
}

// Collection holds the records of one kind, by account and name. Records that
// are read are shared and must not be changed; Edit gives a copy.
type Collection[T any, P record[T]] struct {
	table    *store.Table[T]
	register register
}

func key(account, name string) string { return account + "\x00" + strings.ToLower(name) }

// Get is the record of that name, whatever its case, or nil.
func (c Collection[T, P]) Get(r store.Reader, account, name string) *T {
	return c.table.Get(r, key(account, name))
}

// ByID is the record of that unique id, or nil.
func (c Collection[T, P]) ByID(r store.Reader, id string) *T {
	ref := c.register.unique.Get(r, id)
	if ref == nil {
		return nil
	}
	if record := c.Get(r, ref.Account, ref.Name); record != nil && P(record).entity().ID == id {
		return record
	}
	return nil
}

// Edit is a copy of the record for the caller to change and Put, or nil.
func (c Collection[T, P]) Edit(tx store.Tx, account, name string) *T {
	return c.table.Edit(tx, key(account, name))
}

// Put stores a record.
func (c Collection[T, P]) Put(tx store.Tx, record *T) {
	e := P(record).entity()
	c.table.Put(tx, key(e.Account, e.Name), record)
	if e.ID != "" {
		c.register.unique.Put(tx, e.ID, &reference{e.Account, e.Name})
	}
}

// Delete removes a record. Policies that named it match nobody afterwards.
func (c Collection[T, P]) Delete(tx store.Tx, record *T) {
	e := P(record).entity()
	c.register.giveUp(tx, e.ID, P(record).names())
	c.table.Delete(tx, key(e.Account, e.Name))
	if e.ID != "" {
		c.register.unique.Delete(tx, e.ID)
	}
}

// Rename gives the record another path and another name, which must be free or
// differ only in case. Policies that named the record still mean it.
func (c Collection[T, P]) Rename(tx store.Tx, record *T, path, name string) {
	e, before := P(record).entity(), P(record).names()
	c.table.Delete(tx, key(e.Account, e.Name))
	e.Path, e.Name = path, name
	c.register.renamed(tx, e, before, P(record).names())
	c.Put(tx, record)
}

// All yields the records of an account in the order of their names, from the
// first that is not less than the given name.
func (c Collection[T, P]) All(r store.Reader, account, from string) iter.Seq[*T] {
	if from != "" {
		from = key(account, from)
	}
	return func(yield func(*T) bool) {
		for _, record := range c.table.Scan(r, account+"\x00", from, store.All) {
			if !yield(record) {
				return
			}
		}
	}
}

// Everywhere yields the records of all accounts, by account and name, but for those that
// are damaged.
func (c Collection[T, P]) Everywhere(r store.Reader) iter.Seq[*T] {
	return func(yield func(*T) bool) {
		for _, record := range c.table.ScanWhole(r, "", "", store.All, func(string, error) {}) {
			if !yield(record) {
				return
			}
		}
	}
}

// Account is the record of the account itself. It is never nil and must not be
// changed.
func (d *Directory) Account(r store.Reader, account string) *Account {
	if a := d.accounts.Get(r, account); a != nil {
		return a
	}
	return new(Account)
}

// EditAccount is a copy of the account's record, for the caller to change and
// PutAccount.
func (d *Directory) EditAccount(tx store.Tx, account string) *Account {
	if a := d.accounts.Edit(tx, account); a != nil {
		return a
	}
	return new(Account)
}

// PutAccount stores the account's record.
func (d *Directory) PutAccount(tx store.Tx, account string, a *Account) {
	d.accounts.Put(tx, account, a)
}

// AliasOwner is the account that has the alias; empty: it is free.
func (d *Directory) AliasOwner(r store.Reader, alias string) string {
	for account, a := range d.accounts.Scan(r, "", "", store.All) {
		if a.Alias == alias {
			return account
		}
	}
	return ""
}
