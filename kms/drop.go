package kms

import (
	"context"

	"github.com/waxseal/waxseal/internal/store"
)

// DropKey deletes a key at once, with its aliases and grants, whatever its state and waiting
// period: for what is taken down and made again, as nobody can on AWS. A key that is not
// there is no error.
func (s *Service) DropKey(ctx context.Context, account, region, id string) error {
	p := place{account, region}
	for gone := false; !gone; {
		err := s.engine.Update(ctx, func(tx store.Tx) error {
			if k := s.keys.Edit(tx, p.key(id)); k != nil {
				s.remove(tx, k)
			}
			gone = s.keys.Get(tx, p.key(id)) == nil
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
