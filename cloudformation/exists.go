package cloudformation

import (
	"context"

	"github.com/waxseal/waxseal/internal/store"
)

// Exists reports whether an account and region has a stack of a name, be it as it may.
func (s *Service) Exists(ctx context.Context, account, region, name string) (exists bool, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		exists = s.find(r, account, region, name) != nil
		return nil
	})
	return exists, err
}
