package sts

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// Tag is a session tag.
type Tag struct {
	Key   string `check:"required,min=1,max=128" pattern:"[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+"`
	Value string `check:"required,max=256" pattern:"[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*" out:"always"`
}

// PolicyDescriptorType names a managed policy.
type PolicyDescriptorType struct {
	Arn string `name:"arn" check:"min=20,max=2048"`
}

// ProvidedContext is an assertion about the caller that an identity provider signed.
type ProvidedContext struct {
	ContextAssertion string `check:"min=4,max=2048"`
	ProviderArn      string `check:"min=20,max=2048"`
}

// Credentials are temporary credentials.
type Credentials struct {
	AccessKeyId     string
	Expiration      time.Time
	SecretAccessKey string `trail:"omit"`
	SessionToken    string
}

// AssumedRoleUser is a role session.
type AssumedRoleUser struct {
	Arn           string
	AssumedRoleId string
}

// AssumeRoleInput is the input of AssumeRole.
type AssumeRoleInput struct {
	RoleArn           string `check:"required,min=20,max=2048"`
	RoleSessionName   string `check:"required,min=2,max=64" pattern:"[\\w+=,.@-]*"`
	DurationSeconds   *int   `check:"min=900,max=43200"`
	ExternalId        string `check:"min=2,max=1224" pattern:"[\\w+=,.@:\\/-]*"`
	Policy            string `check:"min=1" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"`
	PolicyArns        []PolicyDescriptorType
	ProvidedContexts  []ProvidedContext `check:"max=5"`
	SerialNumber      string            `check:"min=9,max=256" pattern:"[\\w+=/:,.@-]*"`
	SourceIdentity    string            `check:"min=2,max=64" pattern:"[\\w+=,.@-]*"`
	Tags              []Tag             `check:"max=50"`
	TokenCode         string            `check:"min=6,max=6" pattern:"[\\d]*"`
	TransitiveTagKeys []string          `check:"max=50" itemcheck:"min=1,max=128"`
}

// AssumeRoleOutput is the output of AssumeRole.
type AssumeRoleOutput struct {
	AssumedRoleUser  *AssumedRoleUser
	Credentials      *Credentials
	PackedPolicySize *int
	SourceIdentity   string
}

// assumeRole is what must be allowed: to assume the role, and to tag the
// session or set its source identity where it has either. The role's trust
// policy has a say in each.
func (s *Service) assumeRole(ctx context.Context, in *AssumeRoleInput) ([]api.Check, error) {
	a, err := roleARN(in.RoleArn)
	if err != nil {
		return nil, err
	}
	if s.dir.StrictCredentials() && api.RequestFrom(ctx).Caller.Type == policyeval.Root {
		return nil, errAccessDenied.With("Roles may not be assumed by root accounts.")
	}
	t := api.Target{ARN: in.RoleArn, Account: a.AccountID, Missing: s.deniedRole(ctx, in.RoleArn)}
	role, err := s.findRole(ctx, in.RoleArn)
	if err != nil {
		return nil, err
	}
	if role != nil {
		t.Policy, t.Tags, t.Missing = role.TrustPolicy(), role.TagMap(), nil
	}
	t.Keys = func(c *policyeval.Context) { in.setKeys(c, t.Tags) }
	checks := []api.Check{{Action: "sts:AssumeRole", Target: t}}
	if len(in.Tags) > 0 {
		checks = append(checks, api.Check{Action: "sts:TagSession", Target: t})
	}
	if in.SourceIdentity != "" {
		checks = append(checks, api.Check{Action: "sts:SetSourceIdentity", Target: t})
	}
	return checks, nil
}

func (in *AssumeRoleInput) setKeys(c *policyeval.Context, roleTags map[string]string) {
	for k, v := range roleTags {
		c.Set("iam:ResourceTag/"+k, v)
	}
	c.Set("sts:RoleSessionName", in.RoleSessionName)
	if in.ExternalId != "" {
		c.Set("sts:ExternalId", in.ExternalId)
	}
	if in.SourceIdentity != "" {
		c.Set("sts:SourceIdentity", in.SourceIdentity)
	}
	setTagKeys(c, in.Tags, in.TransitiveTagKeys)
}

func setTagKeys(c *policyeval.Context, tags []Tag, transitive []string) {
	keys := make([]string, 0, len(tags))
	for _, t := range tags {
		c.Set("aws:RequestTag/"+t.Key, t.Value)
		keys = append(keys, t.Key)
	}
	if len(keys) > 0 {
		c.SetList("aws:TagKeys", keys)
	}
	if len(transitive) > 0 {
		c.SetList("sts:TransitiveTagKeys", transitive)
	}
}

// roleARN refuses what is not the ARN of a role (I015).
func roleARN(s string) (arn.ARN, error) {
	a, err := arn.Parse(s)
	if err != nil || a.Service != "iam" || a.Region != "" || !arn.IsAccountID(a.AccountID) || !strings.HasPrefix(a.Resource, "role/") {
		return a, errValidation.Withf("%s is invalid", s)
	}
	return a, nil
}

// findRole is the role of exactly that ARN, or nil.
func (s *Service) findRole(ctx context.Context, roleARN string) (role *identity.Role, err error) {
	a, err := arn.Parse(roleARN)
	if err != nil {
		return nil, err
	}
	err = s.dir.View(ctx, func(r store.Reader) error {
		found := s.dir.Roles.Get(r, a.AccountID, a.Resource[strings.LastIndexByte(a.Resource, '/')+1:])
		if found != nil && found.ARN() == roleARN {
			role = found
		}
		return nil
	})
	return role, err
}

// deniedRole is the denial for a role that does not exist.
func (s *Service) deniedRole(ctx context.Context, roleARN string) *api.Error {
	return errAccessDenied.With((&api.Denial{
		Caller: api.RequestFrom(ctx).Caller, Target: &api.Target{ARN: roleARN},
	}).Subject("sts:AssumeRole"))
}

// AssumeRole makes credentials of a role's session.
//
// See https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html.
func (s *Service) AssumeRole(ctx context.Context, in *AssumeRoleInput) (*AssumeRoleOutput, error) {
	if _, err := roleARN(in.RoleArn); err != nil {
		return nil, err
	}
	role, err := s.findRole(ctx, in.RoleArn)
	if err != nil {
		return nil, err
	}
	if role == nil {
		return nil, s.deniedRole(ctx, in.RoleArn)
	}
	caller := api.RequestFrom(ctx).Caller
	session := identity.Session{
		Kind: identity.KindRole, Account: role.Account, Partition: role.Partition, Principal: role.ID,
		Name: in.RoleSessionName, SourceIdentity: in.SourceIdentity, Policy: in.Policy,
		Chained: caller.Type == policyeval.AssumedRole,
	}
	if session.Expires, err = expiry(ctx, in.DurationSeconds, role.MaxSession, session.Chained); err != nil {
		return nil, err
	}
	if session.Tags, session.TransitiveTags, err = sessionTags(caller, in.Tags, in.TransitiveTagKeys); err != nil {
		return nil, err
	}
	if err := s.limit(&session, in.Policy, in.PolicyArns); err != nil {
		return nil, err
	}
	c, err := s.dir.NewSession(ctx, session)
	if err != nil {
		return nil, err
	}
	return &AssumeRoleOutput{
		AssumedRoleUser:  &AssumedRoleUser{Arn: c.Caller.ARN, AssumedRoleId: c.Caller.UserID},
		Credentials:      credentials(c),
		PackedPolicySize: packedSize(&session),
		SourceIdentity:   in.SourceIdentity,
	}, nil
}

func credentials(c *identity.Credentials) *Credentials {
	return &Credentials{AccessKeyId: c.AccessKeyID, SecretAccessKey: c.Secret, SessionToken: c.Token, Expiration: c.Expires}
}

// The lengths of a session, in seconds.
const (
	defaultSession = 3600
	maxChained     = 3600
)

// expiry is when a role's session is over. longest is the role's maximum.
func expiry(ctx context.Context, seconds *int, longest int, chained bool) (time.Time, error) {
	duration := min(defaultSession, longest)
	if seconds != nil {
		duration = *seconds
	}
	if duration > longest {
		return time.Time{}, errValidation.With("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	if chained && duration > maxChained {
		return time.Time{}, errValidation.With("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
	}
	return until(ctx, duration), nil
}

func until(ctx context.Context, seconds int) time.Time {
	return api.RequestFrom(ctx).Time.Add(time.Duration(seconds) * time.Second).Truncate(time.Second)
}

// sessionTags are a session's tags: those of the request, and those that the
// calling session hands on. The keys that the new session hands on itself are
// of both.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html.
func sessionTags(caller *api.Caller, tags []Tag, transitive []string) ([]identity.Tag, []string, error) {
	var e identity.Entity
	for i, t := range tags {
		if slices.ContainsFunc(tags[:i], func(o Tag) bool { return strings.EqualFold(o.Key, t.Key) }) {
			return nil, nil, errInvalidValue.With("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
	}
	var inherited []string
	if caller.Session != nil {
		inherited = caller.Session.TransitiveTags
	}
	for _, k := range transitive {
		if !slices.ContainsFunc(tags, func(t Tag) bool { return t.Key == k }) {
			return nil, nil, errInvalidValue.With("The specified transitive tag key must be included in the requested tags.")
		}
	}
	for _, k := range inherited {
		if slices.ContainsFunc(tags, func(t Tag) bool { return strings.EqualFold(t.Key, k) }) {
			return nil, nil, errInvalidValue.With("One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.")
		}
		e.Tags = append(e.Tags, identity.Tag{Key: k, Value: caller.Tags[k]})
	}
	for _, t := range tags {
		e.Tags = append(e.Tags, identity.Tag(t))
	}
	e.SetTags(nil)
	return e.Tags, append(slices.Clone(inherited), transitive...), nil
}

// The limits of session policies.
const (
	maxPolicy     = 2048 // characters
	maxPolicyARNs = 10
)

// limit gives the session its session policies.
func (s *Service) limit(session *identity.Session, policy string, arns []PolicyDescriptorType) error {
	if len(policy) > maxPolicy {
		return errValidation.Withf("1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length less than or equal to %d", maxPolicy)
	}
	if policy != "" {
		if _, err := policyeval.Parse(policy); err != nil {
			return errMalformed.With("Syntax errors in policy.")
		}
	}
	if len(arns) > maxPolicyARNs {
		return errTooLarge.Withf("A session has at most %d managed policies as its session policies.", maxPolicyARNs)
	}
	for _, p := range arns {
		session.PolicyARNs = append(session.PolicyARNs, p.Arn)
	}
	return nil
}

// packedSize is the share in percent that session policies and tags take of
// what they may take in AWS's packed form; nil where there are none (I013).
func packedSize(s *identity.Session) *int {
	size := len(s.Policy)
	for _, a := range s.PolicyARNs {
		size += len(a)
	}
	for _, t := range s.Tags {
		size += len(t.Key) + len(t.Value)
	}
	if size == 0 {
		return nil
	}
	percent := max(1, size*100/packedLimit)
	return &percent
}

const packedLimit = 4096
