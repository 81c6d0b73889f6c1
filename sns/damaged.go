package sns

import (
	"context"
	"errors"
	"log/slog"
	"sync"
)

// errDamaged says that a stored record cannot be read.
var errDamaged = errors.New("sns: a stored record is damaged")

// damagedRecords are the damaged records that were logged already. Readers skip a
// damaged record, so that it hides no others. damagedRecords is safe for concurrent
// use, and its zero value is ready to use.
type damagedRecords struct {
	mu   sync.Mutex
	told map[string]bool // by kind and key
}

// finds are the damaged records that a transaction has met: by key, why. They are logged
// after the transaction, because its closure may run again.
type finds map[string]error

func (f finds) add(key string, err error) { f[key] = err }

// tellDamaged logs damaged records of a kind, each of them once.
func (s *Service) tellDamaged(ctx context.Context, kind string, found finds) {
	d := &s.damaged
	d.mu.Lock()
	defer d.mu.Unlock()
	for key, err := range found {
		if d.told[kind+" "+key] {
			continue
		}
		if d.told == nil {
			d.told = map[string]bool{}
		}
		d.told[kind+" "+key] = true
		s.log.LogAttrs(ctx, slog.LevelError, "sns: a stored record is damaged and is passed by",
			slog.String("kind", kind), slog.String("key", key), slog.Any("error", err))
	}
}
