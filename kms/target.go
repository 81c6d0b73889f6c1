package kms

import (
	"context"
	"slices"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// keyUse is how an input uses a key: how to find the key, and the condition keys that
// the parameters give.
type keyUse struct {
	name    string  // KeyId
	aliases bool    // alias names and ARNs are accepted
	at      located // in place of a name: the key that a ciphertext names
	tokens  []string
	context map[string]string
	keys    func(*policyeval.Context)
	// predefined operations make an AWS managed key that they name.
	predefined bool
	asIs       bool // an AWS managed key that nobody has used yet is not made
	// parent says which grants can give the permission; nil: all.
	parent func(*grantRecord) bool
}

// byID is the use of an operation that takes a key id or ARN.
func byID(name string) keyUse { return keyUse{name: name} }

// byAlias is the use of an operation that takes an alias name or ARN as well.
func byAlias(name string) keyUse { return keyUse{name: name, aliases: true} }

// with adds condition keys.
func (u keyUse) with(keys func(*policyeval.Context)) keyUse {
	u.keys = keys
	return u
}

// in adds an encryption context.
func (u keyUse) in(encryptionContext map[string]string) keyUse {
	u.context = encryptionContext
	return u
}

// by adds the grant tokens.
func (u keyUse) by(tokens []string) keyUse {
	u.tokens = tokens
	return u
}

// onKey resolves an input to the key that it names.
func onKey[In any](s *Service, use func(In) keyUse) func(context.Context, In) (api.Target, *key, error) {
	return func(ctx context.Context, in In) (api.Target, *key, error) { return s.resolve(ctx, use(in)) }
}

// lookup is a use on its way to its key and target, with what is found: one piece of memory.
type lookup struct {
	use keyUse
	located
	now    key // of record
	target api.Target
}

// found is the key that was found; nil: there is none.
func (l *lookup) found() *key {
	if l.now.keyRecord == nil {
		return nil
	}
	return &l.now
}

// resolve finds the key of a use, nil where there is none, and its target.
func (s *Service) resolve(ctx context.Context, u keyUse) (api.Target, *key, error) {
	if err := s.checkTokens(u.tokens); err != nil {
		return api.Target{}, nil, err
	}
	if err := s.provide(ctx, u); err != nil {
		return api.Target{}, nil, err
	}
	l := &lookup{use: u}
	err := s.read(ctx, func(r store.Reader) error { return s.look(ctx, r, l) })
	return l.target, l.found(), err
}

func (s *Service) resolveIn(ctx context.Context, r store.Reader, u keyUse) (api.Target, *key, error) {
	l := &lookup{use: u}
	err := s.look(ctx, r, l)
	return l.target, l.found(), err
}

// look looks a use up.
func (s *Service) look(ctx context.Context, r store.Reader, l *lookup) (err error) {
	l.now, l.target = key{}, api.Target{}
	if l.located, err = s.locateUse(ctx, r, &l.use); err != nil {
		return err
	}
	switch {
	case l.id == "" && l.account == here(ctx).account:
		return l.missing()
	case l.record != nil:
		l.now = s.now(r, l.record)
	}
	l.target = s.describe(ctx, r, l)
	return nil
}

func (s *Service) locateUse(ctx context.Context, r store.Reader, u *keyUse) (located, error) {
	if u.at.id == "" {
		return s.locate(ctx, r, u.name, u.aliases)
	}
	l := u.at
	err := s.fill(r, &l)
	return l, err
}

// describe is the target of a call on the located key. A caller learns that a key does
// not exist only where it might use the key if it existed.
func (s *Service) describe(ctx context.Context, r store.Reader, l *lookup) api.Target {
	t := api.Target{ARN: l.arn(), Account: l.account, Keys: l.setKeys}
	if l.record == nil {
		t.Missing = l.missing()
		return t
	}
	t.Policy, t.Tags, t.AWSManaged = l.record.compiled, l.record.Tags, l.record.Manager == ManagerAWS
	t.Grants = s.grantsFor(ctx, r, l.record, &l.use)
	return t
}

// setKeys sets the condition keys of the key and of the use.
func (l *lookup) setKeys(c *policyeval.Context) {
	if l.record != nil {
		l.record.setKeys(c)
		if l.alias != "" {
			c.Set("kms:requestalias", l.alias)
		}
	}
	l.use.setKeys(c)
}

// setKeys sets the condition keys that describe a key itself.
func (k *keyRecord) setKeys(c *policyeval.Context) {
	c.Set("kms:keyorigin", k.Origin)
	c.Set("kms:keyspec", k.Spec)
	c.Set("kms:keyusage", k.Usage)
	c.SetBool("kms:multiregion", k.isMultiRegion())
	if k.isMultiRegion() {
		c.Set("kms:multiregionkeytype", k.multiRegionType())
	}
	if len(k.Aliases) > 0 {
		c.SetList("kms:resourcealiases", k.Aliases)
	}
}

// setKeys sets the condition keys that the request's parameters give.
func (u *keyUse) setKeys(c *policyeval.Context) {
	if len(u.context) > 0 {
		names := make([]string, 0, len(u.context))
		for name := range u.context {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			c.Set("kms:encryptioncontext:"+name, u.context[name])
		}
		c.SetList("kms:encryptioncontextkeys", names)
	}
	if u.keys != nil {
		u.keys(c)
	}
}

// account is the target of operations that act on no key.
func account[In any](ctx context.Context, _ In) (api.Target, error) { return accountTarget(ctx), nil }

func accountTarget(ctx context.Context) api.Target {
	return api.Target{ARN: "*", Account: api.RequestFrom(ctx).Account, Phrase: "resource: *"}
}

// here is the caller's account and region.
func here(ctx context.Context) place {
	request := api.RequestFrom(ctx)
	return place{request.Account, request.Region}
}

// parameter makes a condition key of a parameter; absent ones are not set.
func parameter(name, value string) func(*policyeval.Context) {
	return func(c *policyeval.Context) {
		if value != "" {
			c.Set(name, value)
		}
	}
}

func setTime(c *policyeval.Context, key string, t time.Time) {
	if !t.IsZero() {
		c.Set(key, t.UTC().Format(time.RFC3339))
	}
}
