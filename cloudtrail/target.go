package cloudtrail

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// onAny is the target of operations without a resource [T081].
func onAny[In any](ctx context.Context, _ In) (api.Target, error) {
	return api.Target{ARN: "*", Account: api.RequestFrom(ctx).Account, Phrase: "resource: *"}, nil
}

// onTrail resolves an input to the trail that it names.
func onTrail[In any](s *Service, name func(In) string) func(context.Context, In) (api.Target, *trailRecord, error) {
	return func(ctx context.Context, in In) (api.Target, *trailRecord, error) {
		r := api.RequestFrom(ctx)
		id, err := readTrail(name(in), r.Account, r.Region)
		if err != nil {
			return api.Target{}, nil, err
		}
		return s.resolveTrail(ctx, id, ErrTrailNotFound.Withf("Unknown trail: %s for the user: %s", name(in), r.Account))
	}
}

// onHomeTrail is onTrail for operations that change a trail, which only its home region
// takes [T009].
func onHomeTrail[In any](s *Service, name func(In) string) func(context.Context, In) (api.Target, *trailRecord, error) {
	resolve := onTrail(s, name)
	return func(ctx context.Context, in In) (api.Target, *trailRecord, error) {
		target, t, err := resolve(ctx, in)
		if here := api.RequestFrom(ctx).Region; t != nil && t.Region != here {
			target.Refused = ErrInvalidHomeRegion.Withf("The trail %s can be changed only in its home region, %s, and this is %s.", t.ARN, t.Region, here)
		}
		return target, t, err
	}
}

// resolveTrail finds a trail, nil where there is none, and its target [T080].
func (s *Service) resolveTrail(ctx context.Context, id trailID, missing *api.Error) (target api.Target, t *trailRecord, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		t = s.trails.tables.trails.Get(r, id.key())
		return nil
	})
	target = api.Target{ARN: id.arn(), Account: id.account}
	if t == nil {
		target.Missing = missing
	} else {
		target.Tags = resource.TagMap(t.Tags)
	}
	return target, t, err
}

// newTrailTarget is the target of CreateTrail: the trail that there is to be.
func (s *Service) newTrailTarget(ctx context.Context, in *CreateTrailInput) (api.Target, error) {
	r := api.RequestFrom(ctx)
	id := trailID{r.Account, r.Region, in.Name}
	return api.Target{ARN: id.arn(), Account: r.Account, Keys: func(c *policyeval.Context) {
		resource.SetTagKeys(c, tagsOf(in.TagsList), nil)
	}}, nil
}
