package kms

import (
	"context"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/store"
)

// located is where a KeyId parameter points.
type located struct {
	place
	id string
	// alias is the alias by which the key was named; empty: by its id.
	alias string
	// record is nil where there is no such key.
	record *keyRecord
}

func (l *located) arn() string { return l.place.arn("key/" + l.id) }

// missing is the error for a key that does not exist.
func (l *located) missing() *api.Error {
	if l.id == "" {
		return ErrNotFound.Withf("Alias %s is not found.", l.place.arn(l.alias))
	}
	return ErrNotFound.Withf("Key '%s' does not exist", l.arn())
}

// locate finds the key that name means to the caller: a key id or ARN, and
// where aliases are accepted an alias name or ARN.
func (s *Service) locate(ctx context.Context, r store.Reader, name string, aliases bool) (*located, error) {
	l, err := parseKeyID(ctx, name, aliases)
	if err != nil {
		return nil, err
	}
	if l.alias != "" {
		a := s.aliases.Get(r, l.key(l.alias))
		if a == nil {
			return l, nil
		}
		l.id = a.Target
	}
	l.record = s.keys.Get(r, l.key(l.id))
	return l, nil
}

func parseKeyID(ctx context.Context, name string, aliases bool) (*located, error) {
	request := api.RequestFrom(ctx)
	l := &located{place: place{request.Account, request.Region}}
	resource := name
	if strings.HasPrefix(name, "arn:") {
		a, err := arn.Parse(name)
		if err != nil || a.Service != "kms" || !arn.IsAccountID(a.AccountID) {
			return nil, ErrNotFound.Withf("Invalid arn %s", name)
		}
		if a.Region != request.Region || a.Partition != arn.Partition(request.Region) {
			return nil, ErrNotFound.Withf("Invalid arn %s", a.Region)
		}
		l.account = a.AccountID
		resource = strings.TrimPrefix(a.Resource, "key/")
		if resource == a.Resource && !isAlias(resource) {
			return nil, ErrNotFound.Withf("Invalid arn %s", name)
		}
	}
	switch {
	case aliases && isAlias(resource):
		l.alias = resource
	case isKeyID(resource):
		l.id = resource
	default:
		return nil, ErrNotFound.Withf("Invalid keyId '%s'", name)
	}
	return l, nil
}

func isAlias(s string) bool { return strings.HasPrefix(s, aliasPrefix) }

// isKeyID reports whether s has the form of a key id: a UUID, or mrk- and 32
// hexadecimal digits for multi-Region keys.
func isKeyID(s string) bool {
	if digits, ok := strings.CutPrefix(s, multiRegionPrefix); ok {
		return len(digits) == 32 && isHex(digits)
	}
	if len(s) != 36 {
		return false
	}
	for i, dash := range []int{8, 13, 18, 23, 36} {
		start := []int{0, 9, 14, 19, 24}[i]
		if !isHex(s[start:dash]) || dash < 36 && s[dash] != '-' {
			return false
		}
	}
	return true
}

func isHex(s string) bool {
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// find is locate for a handler: a key that does not exist is an error.
func (s *Service) find(ctx context.Context, r store.Reader, name string, aliases bool) (*keyRecord, error) {
	l, err := s.locate(ctx, r, name, aliases)
	if err != nil {
		return nil, err
	}
	if l.record == nil {
		return nil, l.missing()
	}
	return l.record, nil
}

// view finds a key in a transaction of its own.
func (s *Service) view(ctx context.Context, name string, aliases bool) (*keyRecord, error) {
	var key *keyRecord
	err := s.engine.View(ctx, func(r store.Reader) (err error) {
		key, err = s.find(ctx, r, name, aliases)
		return err
	})
	return key, err
}

// edit changes the key that an id or ARN names.
func (s *Service) edit(ctx context.Context, name string, change func(store.Tx, *keyRecord) error) error {
	return s.engine.Update(ctx, func(tx store.Tx) error {
		found, err := s.find(ctx, tx, name, false)
		if err != nil {
			return err
		}
		key := s.keys.Edit(tx, found.key())
		if err := change(tx, key); err != nil {
			return err
		}
		s.keys.Put(tx, key.key(), key)
		return nil
	})
}
