package kms

import (
	"context"
	"maps"
	"slices"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// keyUse is what an input says about the key that it is about: enough to
// resolve the key, and the condition keys that the parameters give.
type keyUse struct {
	name    string // KeyId
	aliases bool   // alias names and ARNs are accepted
	context map[string]string
	keys    func(*policyeval.Context)
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

// onKey resolves an input to the key that it names.
func onKey[In any](s *Service, use func(*In) keyUse) func(context.Context, *In) (api.Target, error) {
	return func(ctx context.Context, in *In) (api.Target, error) { return s.target(ctx, use(in)) }
}

func (s *Service) target(ctx context.Context, u keyUse) (api.Target, error) {
	var t api.Target
	err := s.engine.View(ctx, func(r store.Reader) error {
		l, err := s.locate(ctx, r, u.name, u.aliases)
		if err == nil {
			t = l.target(u)
		}
		return err
	})
	return t, err
}

// target describes the located key to the dispatcher. A key that does not
// exist is guarded as a new one would be, so that callers who may use their
// account's keys learn that it is missing and others do not.
func (l *located) target(u keyUse) api.Target {
	t := api.Target{ARN: l.arn(), Account: l.account}
	if l.record == nil {
		t.Policy = defaultPolicy(l.place)
		t.Missing = l.missing()
		if l.id == "" {
			t.ARN = l.place.arn(l.alias)
		}
		t.Keys = u.setKeys
		return t
	}
	t.Policy, t.Tags = l.record.compiled, l.record.Tags
	t.Keys = func(c *policyeval.Context) {
		l.record.setKeys(c)
		if l.alias != "" {
			c.Set("kms:RequestAlias", l.alias)
		}
		u.setKeys(c)
	}
	return t
}

// setKeys sets the condition keys that describe a key itself.
func (k *keyRecord) setKeys(c *policyeval.Context) {
	c.Set("kms:KeyOrigin", k.Origin)
	c.Set("kms:KeySpec", k.Spec)
	c.Set("kms:KeyUsage", k.Usage)
	c.Set("kms:MultiRegion", "false")
}

// setKeys sets the condition keys that the request's parameters give.
func (u keyUse) setKeys(c *policyeval.Context) {
	if len(u.context) > 0 {
		for name, value := range u.context {
			c.Set("kms:EncryptionContext:"+name, value)
		}
		c.SetList("kms:EncryptionContextKeys", slices.Sorted(maps.Keys(u.context)))
	}
	if u.keys != nil {
		u.keys(c)
	}
}

// account is the target of operations that act on no key.
func account[In any](ctx context.Context, _ *In) (api.Target, error) {
	return api.Target{ARN: "*", Account: api.RequestFrom(ctx).Account}, nil
}
