package organizations

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// onAny is an operation on no resource.
func onAny[In, Out any](name string, m func(context.Context, In) (Out, error), options ...api.Option) api.Operation {
	return api.Op(name, m, "organizations:"+name, func(ctx context.Context, in In) (api.Target, error) {
		keys := func(c *policyeval.Context) { setInputKeys(c, in) }
		return api.Target{ARN: "*", Account: account(ctx), Phrase: "resource: *", Keys: keys}, nil
	}, options...)
}

// on is an operation on the resources whose ids names returns for an input:
// each must be allowed.
func on[In, Out any](s *Service, name string, m func(context.Context, In) (Out, error), names func(In) []string, options ...api.Option) api.Operation {
	action := "organizations:" + name
	return api.OpChecks(name, m, []string{action}, func(ctx context.Context, in In) (checks []api.Check, err error) {
		err = s.dir.View(ctx, func(r store.Reader) error {
			checks = nil
			o := s.of(r, account(ctx))
			for _, id := range names(in) {
				t := s.target(r, o, id, in)
				t.Account = account(ctx)
				checks = append(checks, api.Check{Action: action, Target: t})
			}
			return nil
		})
		return checks, err
	}, options...)
}

// target is the resource with that id, if it exists.
func (s *Service) target(r store.Reader, o *identity.Organization, id string, in any) api.Target {
	t := api.Target{ARN: "*", Phrase: "resource: *"}
	policyType := ""
	if o != nil {
		if c := s.control(r, o, id); c != nil {
			t.ARN, t.Phrase, policyType = c.ARN, "", c.Type
		} else if p := s.place(r, o, id); p != nil {
			t.ARN, t.Phrase = p.arn, ""
		}
		for _, tag := range s.dir.OrgTags(r, o.ID, id) {
			if t.Tags == nil {
				t.Tags = map[string]string{}
			}
			t.Tags[tag.Key] = tag.Value
		}
	}
	t.Keys = func(c *policyeval.Context) {
		if policyType != "" {
			c.Set("organizations:PolicyType", policyType)
		}
		setInputKeys(c, in)
	}
	return t
}

// onService is an input that names a service.
type onService interface{ service() string }

func (in *EnableAWSServiceAccessInput) service() string { return in.ServicePrincipal }

func (in *DisableAWSServiceAccessInput) service() string { return in.ServicePrincipal }

func (in *RegisterDelegatedAdministratorInput) service() string { return in.ServicePrincipal }

func (in *DeregisterDelegatedAdministratorInput) service() string { return in.ServicePrincipal }

func (in *ListDelegatedAdministratorsInput) service() string { return in.ServicePrincipal }

// setInputKeys sets the condition keys that follow from an input.
func setInputKeys(c *policyeval.Context, in any) {
	setTagKeys(c, in)
	if on, ok := in.(onService); ok && on.service() != "" {
		c.Set("organizations:ServicePrincipal", on.service())
	}
}
