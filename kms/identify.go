package kms

import (
	"context"
	"strings"
	"time"

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

// arn is the key's ARN, or the alias's ARN where no key has that alias.
func (l *located) arn() string {
	switch {
	case l.record != nil:
		return l.record.arn
	case l.id == "":
		return l.place.arn(l.alias)
	default:
		return l.place.arn("key/" + l.id)
	}
}

// missing is the error for a key that does not exist.
func (l *located) missing() *api.Error {
	if l.id == "" {
		return ErrNotFound.Withf("Alias %s is not found.", l.arn())
	}
	return ErrNotFound.Withf("Key '%s' does not exist", l.arn())
}

// locate finds the key that name means to the caller: a key id or ARN, and
// where aliases are accepted an alias name or ARN.
func (s *Service) locate(ctx context.Context, r store.Reader, name string, aliases bool) (located, error) {
	l, err := parseKeyID(ctx, name, aliases)
	if err != nil {
		return located{}, err
	}
	if l.alias != "" {
		a := s.aliases.Get(r, l.key(l.alias))
		if a == nil {
			return l, nil
		}
		l.id = a.Target
	}
	err = s.fill(r, &l)
	return l, err
}

// fill finds the record of a located key.
func (s *Service) fill(r store.Reader, l *located) error {
	if l.record = s.keys.Get(r, l.key(l.id)); l.record == nil {
		return nil
	}
	if l.record.due.IsZero() && !l.record.isMultiRegion() {
		return nil // nothing is due for most keys
	}
	return s.checkDue(r, l.record, s.clock.Now())
}

func parseKeyID(ctx context.Context, name string, aliases bool) (located, error) {
	request := api.RequestFrom(ctx)
	l := located{place: place{request.Account, request.Region}}
	resource := name
	if strings.HasPrefix(name, "arn:") {
		a, err := arn.Parse(name)
		if err != nil || a.Service != "kms" || !arn.IsAccountID(a.AccountID) {
			return located{}, ErrNotFound.Withf("Invalid arn %s", name)
		}
		if a.Region != request.Region || a.Partition != arn.Partition(request.Region) {
			return located{}, ErrNotFound.Withf("Invalid arn %s", a.Region)
		}
		l.account = a.AccountID
		id, isKey := strings.CutPrefix(a.Resource, "key/")
		switch {
		case isAlias(a.Resource) && !aliases:
			return located{}, ErrInvalidArn.With("Key Aliases are not supported for this operation.")
		case !isAlias(a.Resource) && !isKey:
			return located{}, ErrNotFound.Withf("Invalid arn %s", name)
		}
		resource = id
	}
	switch {
	case aliases && isAlias(resource):
		l.alias = resource
	case isKeyID(resource):
		l.id = resource
	default:
		return located{}, ErrNotFound.Withf("Invalid keyId '%s'", name)
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
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return false
	}
	return isHex(s[:8]) && isHex(s[9:13]) && isHex(s[14:18]) && isHex(s[19:23]) && isHex(s[24:])
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
func (s *Service) find(ctx context.Context, r store.Reader, name string, aliases bool) (key, error) {
	l, err := s.locate(ctx, r, name, aliases)
	if err != nil {
		return key{}, err
	}
	return s.present(r, &l)
}

// present is a located key as it is now.
func (s *Service) present(r store.Reader, l *located) (key, error) {
	if l.record == nil {
		return key{}, l.missing()
	}
	return s.now(r, l.record), nil
}

// now is a record with the key's present state.
func (s *Service) now(r store.Reader, k *keyRecord) key {
	var now time.Time
	if !k.BusyUntil.IsZero() { // only then does the state depend on the time
		now = s.clock.Now()
	}
	state := k.stateAt(now)
	if k.Store != "" && (state == StateEnabled || state == StateDisabled) && !s.connected(r, k.place(), k.Store) {
		state = StateUnavailable
	}
	return key{k, state}
}

// confirm makes sure within a transaction that a key is as it was when the call was
// decided, and that nothing of it has fallen due since.
func (s *Service) confirm(r store.Reader, k *keyRecord) error {
	if err := api.Confirm(r, k, (&located{place: k.place(), id: k.ID}).missing()); err != nil {
		return err
	}
	return s.checkDue(r, k, s.clock.Now())
}

// change stores a key that the closure has changed, if its state allows the operation.
func (s *Service) change(ctx context.Context, operation string, k *key, f func(store.Tx, key) error) error {
	return s.write(ctx, func(tx store.Tx) error {
		if err := s.confirm(tx, k.keyRecord); err != nil {
			return err
		}
		found := s.now(tx, k.keyRecord)
		if err := found.admit(operation); err != nil {
			return err
		}
		found.keyRecord = s.edit(tx, found.keyRecord)
		if err := f(tx, found); err != nil {
			return err
		}
		s.keys.Put(tx, found.key(), found.keyRecord)
		return nil
	})
}

// edit is a copy of a record to change and put.
func (s *Service) edit(tx store.Tx, k *keyRecord) *keyRecord { return s.keys.Edit(tx, k.key()) }
