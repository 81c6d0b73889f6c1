package sts

import (
	"context"
	"net/url"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// AssumeRootInput is the input of AssumeRoot.
type AssumeRootInput struct {
	TargetPrincipal         string                `check:"required,min=12,max=2048"`
	TaskPolicyArn           *PolicyDescriptorType `check:"required"`
	DurationSeconds         *int                  `check:"min=0,max=900"`
	MinimumSessionTokenSize *int                  `check:"min=0,max=4096"`
}

// AssumeRootOutput is the output of AssumeRoot.
type AssumeRootOutput struct {
	Credentials             *Credentials
	SourceIdentity          string
	SessionTokenSize        *int
	SessionTokenUtilization *int
}

// defaultTask is how long a session of AssumeRoot lasts, in seconds.
const defaultTask = 900

// tasks are the tasks of AssumeRoot, by the names of AWS's managed policies,
// with the feature of the organization that each needs.
var tasks = map[string]string{
	"IAMAuditRootUserCredentials":  identity.RootCredentials,
	"IAMCreateRootUserPassword":    identity.RootCredentials,
	"IAMDeleteRootUserCredentials": identity.RootCredentials,
	"S3UnlockBucketPolicy":         identity.RootSessions,
	"SQSUnlockQueuePolicy":         identity.RootSessions,
}

// feature is the feature that the task needs; an error where there is no such
// task.
func (in *AssumeRootInput) feature(ctx context.Context) (string, error) {
	prefix := arn.Global("iam", api.RequestFrom(ctx).Region, "aws", "policy/root-task/").String()
	if name, ok := strings.CutPrefix(in.TaskPolicyArn.Arn, prefix); ok && tasks[name] != "" {
		return tasks[name], nil
	}
	return "", errValidation.With("Request must contain valid AWS managed task policy ARN")
}

// target is the root user that is to be assumed, by its account's id or its ARN.
func (in *AssumeRootInput) target(ctx context.Context) (arn.ARN, error) {
	root := arn.Global("iam", api.RequestFrom(ctx).Region, in.TargetPrincipal, "root")
	if a, err := arn.Parse(in.TargetPrincipal); err == nil {
		root.AccountID = a.AccountID
		if root != a {
			root.AccountID = ""
		}
	}
	if !arn.IsAccountID(root.AccountID) {
		return arn.ARN{}, errValidation.With("Request must contain a valid target principal")
	}
	return root, nil
}

// onGlobalEndpoint reports whether the request was sent to the global endpoint, which
// lacks some operations.
func onGlobalEndpoint(ctx context.Context) bool {
	u, err := url.Parse(api.RequestFrom(ctx).BaseURL)
	return err == nil && u.Hostname() == "sts.amazonaws.com"
}

// AssumeRoot makes temporary credentials of the root user of a member of the
// caller's organization, limited to a task.
//
// See https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html.
func (s *Service) AssumeRoot(ctx context.Context, in *AssumeRootInput) (*AssumeRootOutput, error) {
	root, err := in.target(ctx)
	if err != nil {
		return nil, err
	}
	session := identity.Session{
		Kind: identity.KindTask, Account: root.AccountID, Partition: root.Partition, Principal: root.AccountID,
		PolicyARNs: []string{in.TaskPolicyArn.Arn}, MinTokenSize: valueOf(in.MinimumSessionTokenSize),
		SourceIdentity: sourceIdentity(api.RequestFrom(ctx).Caller, ""),
	}
	if session.Organization, err = s.taskOrganization(ctx, in, root); err != nil {
		return nil, err
	}
	seconds := defaultTask
	if in.DurationSeconds != nil {
		seconds = *in.DurationSeconds
	}
	session.Expires = until(ctx, seconds)
	c, err := s.dir.NewSession(ctx, session)
	if err != nil {
		return nil, err
	}
	out := &AssumeRootOutput{Credentials: credentials(c), SourceIdentity: session.SourceIdentity}
	out.SessionTokenSize, out.SessionTokenUtilization = tokenSize(in.MinimumSessionTokenSize, c)
	return out, nil
}

// taskOrganization is the organization that permits the caller to assume the root user.
// The caller's account must manage it, or administer IAM for it, and the root user's
// account must be another member of it.
func (s *Service) taskOrganization(ctx context.Context, in *AssumeRootInput, root arn.ARN) (id string, err error) {
	feature, err := in.feature(ctx)
	if err != nil {
		return "", err
	}
	r := api.RequestFrom(ctx)
	return id, s.dir.View(ctx, func(tx store.Reader) error {
		o, m := s.dir.OrganizationOf(tx, r.Account), s.dir.Member(tx, root.AccountID)
		switch {
		case o == nil || o.Management != r.Account && !o.Delegates(r.Account, identity.IAMService),
			m == nil || m.Organization != o.ID || m.Account == o.Management || m.State(r.Time) != identity.AccountActive:
			return deniedRole(ctx, root.String(), "sts:AssumeRoot")
		case !o.Trusts(identity.IAMService):
			return errAccessDenied.With("Service not enabled for AWS Organizations.")
		case !o.HasRootFeature(feature) && feature == identity.RootSessions:
			return errAccessDenied.With("Root sessions feature is not enabled for your AWS Organization.")
		case !o.HasRootFeature(feature):
			return errAccessDenied.With("Root credentials management feature is not enabled for your AWS Organization.")
		}
		id = o.ID
		return nil
	})
}
