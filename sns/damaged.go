package sns

import (
	"context"
	"errors"
	"log/slog"
	"sync"
)

// errDamaged: what is stored is not what was.
var errDamaged = errors.New("sns: a stored record is damaged")

// damagedRecords are the stored records that cannot be read and that the log was
// told of. A record that is damaged is passed by, so that it hides no others. It
// is safe for concurrent use, and its zero value is ready to use.
type damagedRecords struct {
	mu   sync.Mutex
	told map[string]bool // by kind and key
}

// finds is what a transaction found damaged: by key, why. A transaction may run
// again: what it found is told when it is over.
type finds map[string]error

func (f finds) add(key string, err error) { f[key] = err }

// tellDamaged tells the log of damaged records of a kind, once of each.
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
