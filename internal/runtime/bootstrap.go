package runtime

import (
	"context"
	"errors"

	"github.com/waxseal/waxseal/cloudformation"
	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/cdk"
	"github.com/waxseal/waxseal/internal/template"
	"github.com/waxseal/waxseal/policyeval"
)

// bootstrap makes the resources of `cdk bootstrap` where a role of theirs is assumed and
// there is none. It implements sts.Maker.
type bootstrap struct{ *Runtime }

// role reads the ARN of a bootstrap role that is in its own account.
func (b bootstrap) role(role arn.ARN) (cdk.Role, bool) {
	r, ok := cdk.ReadRole(role.Resource[len("role/"):])
	return r, ok && r.Account == role.AccountID && b.config.Regions.Check(r.Region) == nil
}

// Makes implements sts.Maker: CloudFormation alone assumes the role for its own use.
func (b bootstrap) Makes(ctx context.Context, role arn.ARN) bool {
	r, ok := b.role(role)
	if !ok || r.Execution != (api.RequestFrom(ctx).Caller.Type == policyeval.Service) {
		return false
	}
	b.bootstrapping.Lock() // until what is being made is there
	defer b.bootstrapping.Unlock()
	exists, err := b.CloudFormation.Exists(ctx, r.Account, r.Region, cdk.StackName(r.Qualifier))
	return err == nil && !exists
}

// Make implements sts.Maker.
func (b bootstrap) Make(ctx context.Context, role arn.ARN) bool {
	r, ok := b.role(role)
	if !ok {
		return false
	}
	b.bootstrapping.Lock()
	defer b.bootstrapping.Unlock()
	name := cdk.StackName(r.Qualifier)
	if exists, err := b.CloudFormation.Exists(ctx, r.Account, r.Region, name); err != nil || exists {
		return err == nil
	}
	if err := b.apply(context.WithoutCancel(ctx), r.Account, r.Region, name, r.Qualifier); err != nil {
		b.config.Log.Warn("the resources of cdk bootstrap cannot be made", "account", r.Account, "region", r.Region, "stack", name, "reason", err)
		return false
	}
	b.config.Log.Info("made the resources of cdk bootstrap, of which a role was assumed", "account", r.Account, "region", r.Region, "stack", name)
	return true
}

func (b bootstrap) apply(ctx context.Context, account, region, name, qualifier string) error {
	parsed, err := template.Parse(cdk.Template)
	if err != nil {
		return err
	}
	ctx, err = stacks(b).As(ctx, account, region, "root", api.RequestFrom(ctx).BaseURL)
	if err != nil {
		return err
	}
	problems, err := b.CloudFormation.Apply(ctx, &cloudformation.ApplyInput{
		Name: name, Template: parsed, Parameters: map[string]string{"Qualifier": qualifier},
	})
	if err == nil && len(problems) > 0 {
		err = errors.New(problems[0].Message)
	}
	return err
}
