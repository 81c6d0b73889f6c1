package cloudtrail

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/store"
)

// find is what a query finds, newest first: one record more than it asks for where there
// are more.
func (s *Service) find(ctx context.Context, q *query) ([]*entry, error) {
	if q.times.from > q.times.to {
		return nil, nil
	}
	// Memory is read first: what is written meanwhile is then found twice, and not missed.
	recent, err := s.history.find(q)
	if err != nil || !s.durable {
		return recent, err
	}
	old, err := s.read(ctx, q)
	if err != nil {
		return nil, err
	}
	found := append(recent, old...)
	slices.SortFunc(found, func(a, b *entry) int { return cmp.Compare(a.key, b.key) })
	found = slices.CompactFunc(found, func(a, b *entry) bool { return a.key == b.key })
	return found[:min(len(found), q.limit+1)], nil
}

// find is what a query finds in memory.
func (h *history) find(q *query) (found []*entry, err error) {
	for _, k := range h.of(q.partition, q.times) {
		e, record := k.entry(q.partition, h.origin)
		if e == nil || e.key < q.from || !q.attribute.matches(e) {
			continue
		}
		if _, err := e.withText(record); err != nil {
			return nil, err
		}
		if found = append(found, e); len(found) > q.limit {
			break
		}
	}
	return found, nil
}

// scanSize is how many records are read at a time.
const scanSize = 500

// read is what a query finds in the state. A record that is damaged is passed by.
func (s *Service) read(ctx context.Context, q *query) (found []*entry, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		found = nil
		prefix := q.partition.in(recordBucket)
		end := prefix + placeTime(q.times.from, 0) + "~"
		from := prefix + max(q.from, placeTime(q.times.to, maxNanos))
		for n := scanSize; n == scanSize; {
			n = 0
			for key, value := range r.Scan(prefix, from, scanSize) {
				if key > end {
					return nil
				}
				n, from = n+1, key+"\x00"
				e, err := decode(strings.TrimPrefix(key, prefix), value)
				if err != nil {
					s.tellDamaged(key, err)
					continue
				}
				if !q.attribute.matches(e) {
					continue
				}
				if found = append(found, e); len(found) > q.limit {
					return nil
				}
			}
		}
		return nil
	})
	return found, err
}

func (s *Service) tellDamaged(key string, err error) {
	if s.damaged.First(key) {
		s.log.Warn("a record of the event history cannot be read and is left out", slog.String("key", key), slog.Any("cause", err))
	}
}
