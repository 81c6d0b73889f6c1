package ec2

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/store"
)

// place is an account in a region: nothing of EC2 is seen from another one.
type place struct{ account, region string }

// placeOf is where a request is made.
func placeOf(ctx context.Context) place {
	r := api.RequestFrom(ctx)
	return place{r.Account, r.Region}
}

func (p place) prefix() string { return p.account + "/" + p.region + "/" }

// key is the store's key of one of the place's records.
func (p place) key(id string) string { return p.prefix() + id }

// arn is the ARN of a resource of the place; id is * for one that is about to be made.
func (p place) arn(k *kind, id string) string {
	return arn.New("ec2", p.region, p.account, k.name+"/"+id).String()
}

// settlement is what is stored of a place in which somebody has looked.
type settlement struct {
	// DhcpOptions is the id of the place's only set of DHCP options.
	DhcpOptions string
}

// view runs a reading closure on what the request's place has. The first time that
// anybody looks at a place, its default VPC is made [X037].
func (s *Service) view(ctx context.Context, read func(store.Reader) error) error {
	settled, err := s.viewSettled(ctx, read)
	if settled || err != nil {
		return err
	}
	if err := s.update(ctx, func(store.Tx) error { return nil }); err != nil {
		return err
	}
	_, err = s.viewSettled(ctx, read)
	return err
}

// viewSettled runs read where the place is settled, and reports whether it is.
func (s *Service) viewSettled(ctx context.Context, read func(store.Reader) error) (settled bool, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		if settled = s.settlements.Get(r, placeOf(ctx).prefix()) != nil; !settled {
			return nil
		}
		return read(r)
	})
	return settled, err
}

// update runs a writing closure on what the request's place has. The default VPC is
// there before it. Two that are the first to look do not both make one, for the second
// sees what the first has written.
func (s *Service) update(ctx context.Context, write func(store.Tx) error) error {
	p := placeOf(ctx)
	return s.engine.Update(ctx, func(tx store.Tx) error {
		if s.settlements.Get(tx, p.prefix()) == nil {
			s.settle(tx, p)
		}
		return write(tx)
	})
}
