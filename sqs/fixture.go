package sqs

import (
	"context"
	"errors"
	"maps"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// Fixture is a queue that is to exist.
type Fixture struct {
	Account, Region, Name string
	// Attributes are as CreateQueue takes them; those that are left out have
	// their defaults.
	Attributes map[string]string
	Tags       map[string]string
}

// AttributeNames are the names of the attributes that a queue can be given.
func AttributeNames() []string {
	names := make([]string, len(attributes))
	for i, a := range attributes {
		names[i] = a.name
	}
	return names
}

// ApplyQueue makes the queue of a fixture. An existing queue keeps its messages and
// gets the fixture's attributes and tags. Nothing is authorized, and the name of a
// queue that was just deleted can be used at once.
func (s *Service) ApplyQueue(ctx context.Context, f Fixture) error {
	n := name{f.Account, f.Region, f.Name}
	c, err := checked(f.Attributes, f.Name)
	if err != nil {
		return err
	}
	if err := checkTags(f.Name, f.Tags); err != nil {
		return err
	}
	if err := s.checkPolicy(ctx, n, c); err != nil {
		return err
	}
	for {
		var old *queue
		err := s.engine.Update(ctx, func(tx store.Tx) error {
			old = s.queues.Get(tx, n.key())
			return s.applyQueue(tx, n, c, f.Tags)
		})
		if errors.Is(err, errDue) {
			if err = s.catchUp(ctx, old); errors.Is(err, api.ErrChanged) {
				continue
			}
		} else if err == nil {
			break
		}
		if err != nil {
			return err
		}
	}
	s.waiters.wake(n.arn())
	return nil
}

func (s *Service) applyQueue(tx store.Tx, n name, c change, tags map[string]string) error {
	s.tombstones.Delete(tx, n.key())
	now := s.clock.Now()
	q := s.queues.Edit(tx, n.key())
	if q == nil {
		return s.create(tx, n, c, maps.Clone(tags), now)
	}
	// What is due by the old attributes is applied first, as in SetQueueAttributes.
	if v := look(tx, q, now); v.anyDue() {
		return errDue
	}
	given := maps.Clone(c)
	if _, ok := given["RedrivePolicy"]; !ok {
		given["RedrivePolicy"] = "" // forgets the dead-letter queue that it had
	}
	if err := s.redriveTo(tx, q, given); err != nil {
		return err
	}
	q.Attributes, q.Tags = map[string]string{}, maps.Clone(tags)
	s.apply(tx, q, given)
	if err := q.checkThroughput(); err != nil {
		return err
	}
	q.Modified = now.Unix()
	s.queues.Put(tx, n.key(), q)
	return nil
}
