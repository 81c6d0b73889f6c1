package cloudformation

import (
	"context"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// place is where a call looks for stacks: in the caller's account, in the request's region.
func place(ctx context.Context) (account, region string) {
	r := api.RequestFrom(ctx)
	return r.Account, r.Region
}

// readStackID is the stack that an ARN names.
func readStackID(text string) (id stackID, ok bool) {
	a, err := arn.Parse(text)
	if err != nil || a.Service != serviceName {
		return id, false
	}
	parts := strings.Split(a.Resource, "/")
	if len(parts) != 3 || parts[0] != "stack" {
		return id, false
	}
	return stackID{a.AccountID, a.Region, parts[1], parts[2]}, true
}

// find is the stack that a name or id means in an account and region; nil: there is none.
// A deleted stack is found by its id alone [C038].
func (s *Service) find(r store.Reader, account, region, named string) *stackRecord {
	if id, ok := readStackID(named); ok {
		if id.account != account || id.region != region {
			return nil
		}
		stack := s.stacks.Get(r, id.key())
		if stack == nil || stack.Name != id.name || s.forgotten(stack) {
			return nil
		}
		return stack
	}
	n := s.names.Get(r, placePrefix(account, region)+named)
	if n == nil {
		return nil
	}
	return s.stacks.Get(r, placePrefix(account, region)+n.UUID)
}

// forgotten reports whether a stack was deleted so long ago that it is not shown any more.
func (s *Service) forgotten(stack *stackRecord) bool {
	return stack.gone() && s.clock.Now().Sub(stack.Deleted) > keep
}

// resolveStack finds the stack that a call names, and its target.
func (s *Service) resolveStack(ctx context.Context, named string, missing func(string) *api.Error) (target api.Target, stack *stackRecord, err error) {
	account, region := place(ctx)
	var tags map[string]string
	err = s.engine.View(ctx, func(r store.Reader) error {
		if stack = s.find(r, account, region, named); stack != nil {
			tags = resource.TagMap(s.tagsOf(r, stack))
		}
		return nil
	})
	target = api.Target{ARN: s.anyARN(account, region, named), Account: account}
	if stack == nil {
		target.Missing = missing(named)
		return target, nil, err
	}
	target.ARN, target.Tags = stack.arn(), tags
	return target, stack, err
}

// tagsOf are a stack's tags.
func (s *Service) tagsOf(r store.Reader, stack *stackRecord) []resource.Tag {
	if d := s.deployments.Get(r, stack.id().below(stack.Current)); d != nil {
		return d.Tags
	}
	return nil
}

// anyARN is the resource of a decision on a stack that does not exist, by name or id.
func (s *Service) anyARN(account, region, named string) string {
	if _, ok := readStackID(named); ok {
		return named
	}
	return arn.New(serviceName, region, account, "stack/"+named+"/*").String()
}

// onStack resolves an input to the stack that it names.
func onStack[In any](s *Service, name func(In) string, missing func(string) *api.Error) func(context.Context, In) (api.Target, *stackRecord, error) {
	return func(ctx context.Context, in In) (api.Target, *stackRecord, error) {
		return s.resolveStack(ctx, name(in), missing)
	}
}

// onAny is the target of operations without a resource.
func onAny[In any](ctx context.Context, _ In) (api.Target, error) {
	return api.Target{ARN: "*", Account: api.RequestFrom(ctx).Account, Phrase: "resource: *"}, nil
}

// onAnyStack is the target of operations on all stacks.
func onAnyStack[In any](ctx context.Context, _ In) (api.Target, error) {
	account, region := place(ctx)
	return api.Target{ARN: arn.New(serviceName, region, account, "stack/*/*").String(), Account: account}, nil
}

const passRole = "iam:PassRole"

// checks are those of an operation that changes a stack: of itself, and of giving a role
// to CloudFormation.
func checks(action string, target api.Target, role string) []api.Check {
	all := []api.Check{{Action: action, Target: target}}
	a, err := arn.Parse(role)
	if err != nil {
		return all
	}
	on := target.ARN
	return append(all, api.Check{Action: passRole, Target: api.Target{ARN: role, Account: a.AccountID, Keys: func(c *policyeval.Context) {
		c.Set("iam:PassedToService", servicePrincipal)
		c.Set("iam:AssociatedResourceArn", on)
	}}})
}

// asked is what an input says that policies can look at.
type asked struct {
	templateURL, role, changeSet string
	types                        []string
	tags                         []Tag
}

// keys sets CloudFormation's condition keys.
//
// See https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html.
func (a *asked) keys(c *policyeval.Context) {
	for key, value := range map[string]string{
		"cloudformation:TemplateUrl": a.templateURL, "cloudformation:RoleArn": a.role, "cloudformation:ChangeSetName": a.changeSet,
	} {
		if value != "" {
			c.Set(key, value)
		}
	}
	if len(a.types) > 0 {
		c.SetList("cloudformation:ResourceTypes", a.types)
	}
	resource.SetTagKeys(c, storedTags(a.tags), nil)
}
