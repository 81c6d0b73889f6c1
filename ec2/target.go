package ec2

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// anything is the target of what acts on no resource: describing [X135].
func anything[In any](ctx context.Context, _ In) (api.Target, error) {
	return api.Target{ARN: "*", Account: api.RequestFrom(ctx).Account}, nil
}

// target is the target of a call on a resource of an id that is well-formed; e is nil
// where there is none.
func target[T any, P pointer[T]](ctx context.Context, k *kind, id string, e P) api.Target {
	p := placeOf(ctx)
	t := api.Target{ARN: p.arn(k, id), Account: p.account}
	if e == nil {
		t.Missing = k.notFound(id)
		return t
	}
	t.Tags, t.Keys = resource.TagMap(e.base().Tags), func(c *policyeval.Context) { setKeys(c, e) }
	return t
}

// setKeys sets EC2's condition keys that tell a resource. Its tags are among them, as
// they are in aws:ResourceTag: policies older than that name them so.
func setKeys(c *policyeval.Context, e entry) {
	for _, t := range e.base().Tags {
		c.Set("ec2:ResourceTag/"+t.Key, t.Value)
	}
	e.conditionKeys(c)
}

// onOne resolves an input to the resource of one of a collection's ids.
func onOne[In, T any, P pointer[T]](s *Service, c *collection[T, P], id func(In) string) func(context.Context, In) (api.Target, P, error) {
	return func(ctx context.Context, in In) (t api.Target, e P, err error) {
		if err := c.of.check(id(in)); err != nil {
			return t, nil, err
		}
		err = s.view(ctx, func(r store.Reader) error {
			e = c.get(r, placeOf(ctx), id(in))
			return nil
		})
		return target(ctx, c.of, id(in), e), e, err
	}
}

// newTarget is the target of a call that makes a resource with tags. keys sets EC2's
// condition keys that tell it; nil: there are none.
func newTarget(ctx context.Context, k *kind, tags []resource.Tag, keys func(*policyeval.Context)) api.Target {
	p := placeOf(ctx)
	return api.Target{ARN: p.arn(k, "*"), Account: p.account, Keys: func(c *policyeval.Context) {
		resource.SetTagKeys(c, tags, nil)
		if keys != nil {
			keys(c)
		}
	}}
}

// creating is what must be allowed to make a resource: the operation, and to set tags
// where it is made with any [X134].
func creating(operation string, made api.Target, tags []resource.Tag) []api.Check {
	checks := []api.Check{{Action: "ec2:" + operation, Target: made}}
	if len(tags) == 0 {
		return checks
	}
	tagged := made
	tagged.Keys = func(c *policyeval.Context) {
		made.Keys(c)
		c.Set("ec2:CreateAction", operation)
	}
	return append(checks, api.Check{Action: createTags, Target: tagged})
}

// createTags is the action of setting tags, with CreateTags or in making something.
const createTags = "ec2:CreateTags"

// creates are the actions that an operation can need that makes something with tags.
func creates(operation string) []string { return []string{"ec2:" + operation, createTags} }

// connectionKeys are the condition keys of every call.
func connectionKeys(c *policyeval.Context, r *api.Request) {
	c.Set("ec2:Region", r.Region) // [X132]
}
