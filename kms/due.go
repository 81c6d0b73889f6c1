package kms

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/store"
)

// No timer changes keys. That something is due for a key (its deletion, a rotation,
// the expiry of its material) is noticed when the key is read: the lookup fails with
// errDue, the key is brought up to date in a transaction of its own, and the lookup
// is made again.

// errDue says that a key has to be brought up to date before it can be used.
type errDue struct {
	place
	id string
}

func (e *errDue) Error() string { return "kms: key " + e.key(e.id) + " is due" }

// read runs a reading transaction; keys that it meets are first brought up to date.
func (s *Service) read(ctx context.Context, f func(store.Reader) error) error {
	for {
		if err := s.engine.View(ctx, f); err == nil || !s.caughtUp(ctx, &err) {
			return err
		}
	}
}

// write runs a writing transaction; keys that it meets are first brought up to date.
func (s *Service) write(ctx context.Context, f func(store.Tx) error) error {
	for {
		if err := s.engine.Update(ctx, f); err == nil || !s.caughtUp(ctx, &err) {
			return err
		}
	}
}

// caughtUp brings the key up to date that a transaction has failed for, and reports
// whether the transaction is to run again; err is the error where it is not.
func (s *Service) caughtUp(ctx context.Context, err *error) bool {
	due, ok := errors.AsType[*errDue](*err)
	if !ok {
		return false
	}
	*err = s.engine.Update(ctx, func(tx store.Tx) error {
		s.catchUp(tx, due.place, due.id, s.clock.Now())
		return nil
	})
	return *err == nil
}

// checkDue fails with errDue where k, or a key of the same multi-Region key, has something due.
func (s *Service) checkDue(r store.Reader, k *keyRecord, now time.Time) error {
	due := isDue(k.due, now)
	for _, p := range k.relatives() {
		if relative := s.keys.Get(r, p.key(k.ID)); relative != nil {
			due = due || isDue(relative.due, now)
		}
	}
	if due {
		return &errDue{k.place(), k.ID}
	}
	return nil
}

// checkDueByID is checkDue for a key of which only the id is known.
func (s *Service) checkDueByID(r store.Reader, p place, id string) error {
	if k := s.keys.Get(r, p.key(id)); k != nil {
		return s.checkDue(r, k, s.clock.Now())
	}
	return nil
}

func isDue(t, now time.Time) bool { return !t.IsZero() && !t.After(now) }

// catchUp does what is due for a key and for the other keys of its multi-Region key.
func (s *Service) catchUp(tx store.Tx, p place, id string, now time.Time) {
	k := s.keys.Get(tx, p.key(id))
	if k == nil {
		return
	}
	family := append(k.relatives(), p)
	// Replicas before their primary, which may wait for them to be gone.
	slices.SortStableFunc(family, func(a, b place) int {
		switch {
		case a.region == k.Primary:
			return 1
		case b.region == k.Primary:
			return -1
		default:
			return 0
		}
	})
	for _, p := range family {
		if k := s.keys.Edit(tx, p.key(id)); k != nil {
			s.catchUpOne(tx, k, now)
		}
	}
}

func (s *Service) catchUpOne(tx store.Tx, k *keyRecord, now time.Time) {
	for due := k.deadline(); isDue(due, now); due = k.deadline() {
		switch {
		case due.Equal(k.DeletionDate):
			s.remove(tx, k)
			return
		case k.rotates() && due.Equal(k.Rotation.Next):
			s.rotateAll(tx, k, newSecret(k.ID, randomBytes(32)), due, rotationAutomatic)
			k.Rotation.Next = due.Add(days(k.Rotation.Period))
		default:
			s.expire(tx, k, due)
		}
		s.keys.Put(tx, k.key(), k)
	}
}

// expire deletes the material that expires at the given time.
func (s *Service) expire(tx store.Tx, k *keyRecord, at time.Time) {
	for i := range k.Materials {
		if m := &k.Materials[i]; !m.Missing && m.Expires.Equal(at) {
			s.dropSecret(tx, k, m.ID)
			m.Missing, m.Expires = true, time.Time{}
		}
	}
}

// remove deletes a key and everything that belongs to it. If the key has more grants
// than one transaction may delete, it deletes only some of them: the key stays due.
func (s *Service) remove(tx store.Tx, k *keyRecord) {
	if more := s.removeGrants(tx, k); more {
		return
	}
	for i := range k.Materials {
		s.dropSecret(tx, k, k.Materials[i].ID)
	}
	for _, name := range k.Aliases {
		s.aliases.Delete(tx, k.place().key(name))
	}
	s.usages.forget(tx, k)
	if k.Store != "" {
		tx.Delete(storeKeyBucket + k.place().key(k.Store+"/"+k.ID))
	}
	s.keys.Delete(tx, k.key())
	for _, p := range k.relatives() {
		if relative := s.keys.Edit(tx, p.key(k.ID)); relative != nil {
			s.forgetReplica(relative, k)
			s.keys.Put(tx, relative.key(), relative)
		}
	}
}

// forgetReplica removes a deleted replica from the record k of another key of the same
// multi-Region key. The waiting period of a primary key begins when its last replica
// is deleted.
func (s *Service) forgetReplica(k, gone *keyRecord) {
	k.Replicas = slices.DeleteFunc(k.Replicas, func(region string) bool { return region == gone.Region })
	if k.PendingWindow > 0 && len(k.Replicas) == 0 {
		k.DeletionDate = gone.DeletionDate.Add(days(k.PendingWindow))
		k.PendingWindow = 0
	}
}

// keysUnder collects the keys of a prefix, up to limit of them: for changes, which
// must not be made while scanning.
func keysUnder(r store.Reader, prefix string, limit int) []string {
	var found []string
	for key := range r.Scan(prefix, "", limit) {
		found = append(found, strings.TrimPrefix(key, prefix))
	}
	return found
}

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }
