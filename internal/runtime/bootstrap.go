package runtime

import (
	"context"
	"errors"

	"github.com/waxseal/waxseal/cloudformation"
	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/cdk"
	"github.com/waxseal/waxseal/internal/template"
)

// bootstrap makes the resources of `cdk bootstrap` where a role of theirs is missing, and
// reports whether it has, or somebody else at the same time.
func (rt *Runtime) bootstrap(ctx context.Context, role arn.ARN) bool {
	qualifier, account, region, ok := cdk.Role(role.Resource[len("role/"):])
	if !ok || account != role.AccountID || rt.config.Regions.Check(region) != nil {
		return false
	}
	rt.bootstrapping.Lock()
	defer rt.bootstrapping.Unlock()
	name := cdk.StackName(qualifier)
	if exists, err := rt.CloudFormation.Exists(ctx, account, region, name); err != nil || exists {
		return err == nil
	}
	if err := rt.makeBootstrap(context.WithoutCancel(ctx), account, region, name, qualifier); err != nil {
		rt.config.Log.Warn("the resources of cdk bootstrap cannot be made", "account", account, "region", region, "stack", name, "reason", err)
		return false
	}
	rt.config.Log.Info("made the resources of cdk bootstrap, of which a role was assumed", "account", account, "region", region, "stack", name)
	return true
}

func (rt *Runtime) makeBootstrap(ctx context.Context, account, region, name, qualifier string) error {
	parsed, err := template.Parse(cdk.Template)
	if err != nil {
		return err
	}
	ctx, err = stacks{rt}.As(ctx, account, region, "root", api.RequestFrom(ctx).BaseURL)
	if err != nil {
		return err
	}
	problems, err := rt.CloudFormation.Apply(ctx, &cloudformation.ApplyInput{
		Name: name, Template: parsed, Parameters: map[string]string{"Qualifier": qualifier},
	})
	if err == nil && len(problems) > 0 {
		err = errors.New(problems[0].Message)
	}
	return err
}
