package identity

import (
	"context"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/store"
)

// Status says whether credentials may be used.
type Status uint8

// The states of credentials.
const (
	Active   Status = iota
	Inactive        // set so by UpdateAccessKey
	Deleted         // the key, or the user, role or account behind it, is gone
	Expired         // the session is over by the clock
)

// Credentials are an access key and the caller it belongs to. They are shared
// and must not be changed.
type Credentials struct {
	AccessKeyID string
	// Secret is the secret access key; empty where Status is Deleted.
	Secret string
	// Token is the session token that requests must send; empty for a
	// long-term key.
	Token   string
	Expires time.Time // zero: never
	Status  Status
	// Caller is who calls; nil unless Status is Active.
	Caller *api.Caller
}

// TokenMatches compares the session token of a request, "" where it sends none.
func (c *Credentials) TokenMatches(token string) bool {
	return subtle.ConstantTimeCompare([]byte(c.Token), []byte(token)) == 1
}

type resolved struct {
	generation string
	*Credentials
}

// Signer is the caller that signs with an access key.
type Signer struct {
	// Credentials are those of the access key; nil: it was never made here.
	Credentials *Credentials
	// Root is the root user of the account, who signs with a key that was never made
	// here.
	Root *api.Caller
	// Generation is the generation of the identities for which this is valid; see
	// Memberships.
	Generation string
}

// Credentials is the access key with that id and its caller; nil if it was
// never made here. Whether a session has expired is judged by the clock: one
// that is exactly as old as its duration has expired.
func (d *Directory) Credentials(ctx context.Context, accessKeyID string) (*Credentials, error) {
	var c *Credentials
	err := d.View(ctx, func(r store.Reader) (err error) {
		c, err = d.credentials(r, d.generation(r), accessKeyID)
		return err
	})
	return d.timely(c), err
}

// Signer is the caller that signs with an access key. For a key that was never made
// here it is the root user of the account; a closed account has none.
func (d *Directory) Signer(ctx context.Context, accessKeyID, account, region string) (s Signer, err error) {
	err = d.View(ctx, func(r store.Reader) (err error) {
		generation := d.generation(r)
		s = Signer{Generation: generation}
		if s.Credentials, err = d.credentials(r, generation, accessKeyID); s.Credentials == nil && err == nil {
			if s.Root = d.keptRoot(r, generation, rootKey{account, arn.Partition(region), accessKeyID}); s.Root == nil {
				s.Credentials = &Credentials{AccessKeyID: accessKeyID, Status: Deleted}
			}
		}
		return err
	})
	s.Credentials = d.timely(s.Credentials)
	return s, err
}

// generation changes with every change of the identities; empty: there are none. The
// last one is kept as a string, because most calls come while nothing changes.
func (d *Directory) generation(r store.Reader) string {
	stored := r.Get(bucketGeneration)
	if last, ok := d.lastGeneration.Load().(string); ok && last == string(stored) {
		return last
	}
	generation := string(stored)
	d.lastGeneration.Store(generation)
	return generation
}

func (d *Directory) credentials(r store.Reader, generation, accessKeyID string) (*Credentials, error) {
	if k, ok := d.resolved.get(accessKeyID); ok && k.generation == generation {
		return k.Credentials, nil
	}
	c, err := d.resolve(r, accessKeyID)
	if c != nil && c.Caller != nil && d.Closed(r, c.Caller.Account) {
		c = &Credentials{AccessKeyID: accessKeyID, Status: Deleted}
	}
	if c != nil && len(generation) > 0 {
		d.resolved.put(c.AccessKeyID, resolved{generation, c})
	}
	return c, err
}

// timely is c, or, where the session has expired meanwhile, c with the status
// Expired.
func (d *Directory) timely(c *Credentials) *Credentials {
	if c == nil {
		return nil
	}
	if c.Status == Active && !c.Expires.IsZero() && !d.clock.Now().Before(c.Expires) {
		expired := *c
		expired.Status, expired.Caller = Expired, nil
		return &expired
	}
	return c
}

func (d *Directory) resolve(r store.Reader, id string) (*Credentials, error) {
	if k := d.keys.Get(r, id); k != nil {
		return d.resolveKey(r, k)
	}
	if s := d.sessions.Get(r, id); s != nil {
		return d.resolveSession(r, s)
	}
	return nil, nil
}

func (d *Directory) resolveKey(r store.Reader, k *Key) (*Credentials, error) {
	c := &Credentials{AccessKeyID: k.ID, Status: Deleted}
	caller := d.issuer(r, k.Account, k.Partition, k.Principal)
	if caller == nil {
		return c, nil
	}
	secret, err := d.hsm.Unwrap(k.Sealed, label(k.ID))
	if err != nil {
		return nil, fmt.Errorf("identity: access key %s: %w", k.ID, err)
	}
	c.Secret = string(secret)
	if c.Status = Inactive; !k.Inactive {
		c.Status, c.Caller = Active, caller
		caller.AccessKeyID = k.ID
	}
	return c, nil
}

// issuer is the user or root user of that unique id, or nil.
func (d *Directory) issuer(r store.Reader, account, partition, id string) *api.Caller {
	if id == account && id != "" {
		return d.root(r, account, partition)
	}
	if u := d.Users.ByID(r, id); u != nil {
		return d.user(r, u)
	}
	return nil
}

func (d *Directory) resolveSession(r store.Reader, s *Session) (*Credentials, error) {
	c := &Credentials{AccessKeyID: s.ID, Expires: s.Expires, Status: Expired}
	if len(s.Sealed) == 0 { // pruned
		return c, nil
	}
	sealed, err := d.hsm.Unwrap(s.Sealed, label(s.ID))
	if err != nil {
		return nil, fmt.Errorf("identity: session %s: %w", s.ID, err)
	}
	c.Secret, c.Token, _ = strings.Cut(string(sealed), "\n")
	if c.Caller = d.sessionCaller(r, s); c.Caller == nil {
		return &Credentials{AccessKeyID: s.ID, Expires: s.Expires, Status: Deleted}, nil
	}
	c.Caller.AccessKeyID = s.ID
	c.Status = Active
	return c, nil
}

func (d *Directory) sessionCaller(r store.Reader, s *Session) *api.Caller {
	if s.Kind == KindRole {
		if role := d.Roles.ByID(r, s.Principal); role != nil {
			return d.role(r, role, s)
		}
		return nil
	}
	caller := d.issuer(r, s.Account, s.Partition, s.Principal)
	if caller == nil {
		return nil
	}
	switch s.Kind {
	case KindFederation:
		return d.federated(r, caller, s)
	case KindTask:
		return d.task(r, caller, s)
	case KindIssued: // the user as with a long-term key
	default:
		caller.Session = d.session(s)
	}
	return caller
}

// label binds a wrapped secret to its access key.
func label(accessKeyID string) string { return "access-key " + accessKeyID }

// secretLength is the length of AWS's secret access keys.
const secretLength = 40

// NewKey makes a long-term access key for a user, or for the root user of the
// account where u is nil. The caller of NewKey has to store u.
func (d *Directory) NewKey(tx store.Tx, account, partition string, u *User) (key *Key, secret string) {
	secret = ids.Secret(secretLength)
	return d.AddKey(tx, account, partition, u, d.newKeyID(tx, keyPrefix, account), secret), secret
}

// AddKey is NewKey with an id, which must be free, and secret of the caller's choice.
func (d *Directory) AddKey(tx store.Tx, account, partition string, u *User, id, secret string) *Key {
	k := &Key{
		ID: id, Account: account, Partition: partition, Principal: account, Created: d.clock.Now(),
		Sealed: d.hsm.Wrap([]byte(secret), label(id)),
	}
	if u != nil {
		k.Principal = u.ID
		u.Keys = append(u.Keys, id)
	} else {
		a := d.EditAccount(tx, account)
		a.RootKeys = append(a.RootKeys, id)
		d.PutAccount(tx, account, a)
	}
	d.keys.Put(tx, id, k)
	return k
}

// Key is the long-term access key of that id, or nil; not to be changed.
func (d *Directory) Key(r store.Reader, id string) *Key { return d.keys.Get(r, id) }

// EditKey is a copy of the access key for the caller to change and PutKey, or nil.
func (d *Directory) EditKey(tx store.Tx, id string) *Key { return d.keys.Edit(tx, id) }

// PutKey stores an access key.
func (d *Directory) PutKey(tx store.Tx, k *Key) { d.keys.Put(tx, k.ID, k) }

// DeleteKey deletes an access key. Its id is kept, so that it stays refused.
// The caller has to remove the id from the record of the user or account.
func (d *Directory) DeleteKey(tx store.Tx, k *Key) {
	d.keys.Put(tx, k.ID, &Key{ID: k.ID, Account: k.Account})
}

// newKeyID is an access key id that is free.
func (d *Directory) newKeyID(r store.Reader, prefix, account string) string {
	for {
		id := spell(ids.AccessKey(prefix), account)
		if d.keys.Get(r, id) == nil && d.sessions.Get(r, id) == nil {
			return id
		}
	}
}

// spell writes the account into an access key id as AWS does: the 16 characters
// after the prefix are ten bytes in base 32, and of their first 48 bits the
// first is set, the next 40 are the account, and the rest is free.
func spell(id, account string) string {
	n, err := strconv.ParseUint(account, 10, 64)
	if err != nil {
		return id
	}
	b := decodeKeyID(id)
	head := binary.BigEndian.Uint64(b) &^ (accountBits << accountShift)
	binary.BigEndian.PutUint64(b, head|1<<63|(n&accountBits)<<accountShift)
	return id[:4] + base32.StdEncoding.EncodeToString(b)
}

const (
	accountBits  = 1<<40 - 1
	accountShift = 64 - 41
)

func decodeKeyID(id string) []byte {
	if len(id) != 20 {
		return nil
	}
	b, err := base32.StdEncoding.DecodeString(id[4:])
	if err != nil {
		return nil
	}
	return b
}

// KeyAccount is the account that an access key belongs to: for one made here by
// its record, for any other by the account that AWS encodes in it. It is empty
// where neither gives an account.
func (d *Directory) KeyAccount(ctx context.Context, id string) (string, error) {
	account := ""
	err := d.View(ctx, func(r store.Reader) error {
		if k := d.keys.Get(r, id); k != nil {
			account = k.Account
		} else if s := d.sessions.Get(r, id); s != nil {
			account = s.Account
		}
		return nil
	})
	if err != nil || account != "" {
		return account, err
	}
	if b := decodeKeyID(id); b != nil {
		account = fmt.Sprintf("%012d", binary.BigEndian.Uint64(b)>>accountShift&accountBits)
	}
	if !arn.IsAccountID(account) {
		return "", nil
	}
	return account, nil
}

// NewSession makes temporary credentials for the session s; its ID, Sealed and
// Issued are filled in. It fails with ErrNotFound where the principal does not
// exist.
func (d *Directory) NewSession(ctx context.Context, s Session) (*Credentials, error) {
	return d.NewSessionAfter(ctx, s, func(store.Tx) error { return nil })
}

// NewSessionAfter is NewSession where first succeeds, in the same transaction.
func (d *Directory) NewSessionAfter(ctx context.Context, s Session, first func(store.Tx) error) (*Credentials, error) {
	var c *Credentials
	err := d.engine.Update(ctx, func(tx store.Tx) (err error) {
		if err = first(tx); err == nil {
			c, err = d.addSession(tx, s)
		}
		return err
	})
	return c, err
}

func (d *Directory) addSession(tx store.Tx, s Session) (*Credentials, error) {
	if err := s.Load(); err != nil {
		return nil, err
	}
	now := d.clock.Now()
	d.prune(tx, now)
	secret, token := ids.Secret(secretLength), tokenPrefix+ids.Secret(max(tokenLength, s.MinTokenSize)-len(tokenPrefix))
	s.ID, s.Issued = d.newKeyID(tx, sessionPrefix, s.Account), now
	s.Sealed = d.hsm.Wrap([]byte(secret+"\n"+token), label(s.ID))
	caller := d.sessionCaller(tx, &s)
	if caller == nil {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, s.Principal)
	}
	caller.AccessKeyID = s.ID
	d.sessions.Put(tx, s.ID, &s)
	d.expiry.Put(tx, expiryKey(s.Expires, s.ID), &struct{}{})
	return &Credentials{AccessKeyID: s.ID, Secret: secret, Token: token, Expires: s.Expires, Caller: caller}, nil
}

// AWS's session tokens begin like this. They are longer, but clients must not
// rely on the length.
const (
	tokenPrefix = "FwoGZXIvYXdzE"
	tokenLength = 216
)

const (
	pruneAfter = 24 * time.Hour
	pruneSize  = 2
)

// prune deletes sessions that expired at least a day ago, except for their ids.
// Each new session prunes a few, so that expired ones do not accumulate.
func (d *Directory) prune(tx store.Tx, now time.Time) {
	limit := expiryKey(now.Add(-pruneAfter), "")
	var due []string
	for k := range d.expiry.Scan(tx, "", "", pruneSize) {
		if k >= limit {
			break
		}
		due = append(due, k)
	}
	for _, k := range due {
		_, id, _ := strings.Cut(k, "\x00")
		d.expiry.Delete(tx, k)
		if s := d.sessions.Get(tx, id); s != nil {
			d.sessions.Put(tx, id, &Session{ID: id, Account: s.Account, Expires: s.Expires})
		}
	}
}

func expiryKey(t time.Time, id string) string { return fmt.Sprintf("%012d\x00%s", t.Unix(), id) }

// Session is the record of temporary credentials, or nil. It must not be
// changed.
func (d *Directory) Session(r store.Reader, accessKeyID string) *Session {
	return d.sessions.Get(r, accessKeyID)
}
