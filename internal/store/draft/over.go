package draft

import (
	"context"
	"errors"
	"sync"

	"github.com/waxseal/waxseal/internal/store"
)

// seen is an engine that holds what one transaction sees, and takes no writes. A
// transaction is used by one goroutine at a time, and so is seen.
type seen struct {
	mu     sync.Mutex
	reader store.Reader
}

var errSeen = errors.New("draft: a draft over a transaction is written by WriteTo")

func (s *seen) View(ctx context.Context, read func(store.Reader) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return read(s.reader)
}

func (*seen) Update(context.Context, func(store.Tx) error) error { return errSeen }
func (*seen) Clear(context.Context) error                        { return errSeen }
func (*seen) Durable() bool                                      { return false }
func (*seen) Close() error                                       { return nil }
