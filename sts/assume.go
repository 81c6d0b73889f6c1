package sts

import (
	"context"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// ProvidedContext is an assertion about the caller that an identity provider
// signed. waxseal knows no such provider, so it has no effect.
type ProvidedContext struct {
	ProviderArn      string `check:"min=20,max=2048"`
	ContextAssertion string `check:"min=4,max=2048"`
}

// AssumedRoleUser is a role session.
type AssumedRoleUser struct {
	AssumedRoleId string
	Arn           string
}

// AssumeRoleInput is the input of AssumeRole.
type AssumeRoleInput struct {
	RoleArn                 string `check:"required,min=20,max=2048"`
	RoleSessionName         string `check:"required,min=2,max=64" pattern:"[\\w+=,.@-]*"`
	PolicyArns              []PolicyDescriptorType
	Policy                  string            `check:"min=1" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"`
	DurationSeconds         *int              `check:"min=900,max=43200"`
	Tags                    []Tag             `check:"max=50"`
	TransitiveTagKeys       []string          `check:"max=50" itemcheck:"min=1,max=128" itempattern:"[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+"`
	ExternalId              string            `check:"min=2,max=1224" pattern:"[\\w+=,.@:\\/-]*"`
	SerialNumber            string            `check:"min=9,max=256" pattern:"[\\w+=/:,.@-]*"`
	TokenCode               string            `check:"min=6,max=6" pattern:"[\\d]*" trail:"omit"`
	SourceIdentity          string            `check:"min=2,max=64" pattern:"[\\w+=,.@-]*"`
	ProvidedContexts        []ProvidedContext `check:"min=1,max=5"`
	MinimumSessionTokenSize *int              `check:"min=0,max=4096"`
}

// AssumeRoleOutput is the output of AssumeRole.
type AssumeRoleOutput struct {
	Credentials             *Credentials
	AssumedRoleUser         *AssumedRoleUser
	PackedPolicySize        *int
	SourceIdentity          string
	SessionTokenSize        *int
	SessionTokenUtilization *int
}

// sessionChecks are the decisions that are needed to make a session of a role.
func sessionChecks(action string, t api.Target, as *api.Caller, tagged, sourced bool) []api.Check {
	checks := []api.Check{{Action: action, Target: t, As: as}}
	if tagged {
		checks = append(checks, api.Check{Action: "sts:TagSession", Target: t, As: as})
	}
	if sourced {
		checks = append(checks, api.Check{Action: "sts:SetSourceIdentity", Target: t, As: as})
	}
	return checks
}

func setRoleKeys(c *policyeval.Context, roleTags map[string]string, sessionName, sourceIdentity string) {
	for k, v := range roleTags {
		c.Set("iam:ResourceTag/"+k, v)
	}
	c.Set("sts:RoleSessionName", sessionName)
	if sourceIdentity != "" {
		c.Set("sts:SourceIdentity", sourceIdentity)
	}
}

// sourceIdentity is the source identity of the new session: where the calling
// session has one, all sessions that follow from it keep it.
func sourceIdentity(caller *api.Caller, requested string) string {
	if requested == "" && caller.Session != nil {
		return caller.Session.SourceIdentity
	}
	return requested
}

// roleTarget is the role with exactly that ARN and its trust policy. A role that does
// not exist is answered like one that the caller may not assume. Nobody can assume the
// roles of a closed account.
func (s *Service) roleTarget(ctx context.Context, roleARN, action string) (t api.Target, role *identity.Role, err error) {
	a, err := parseRoleARN(roleARN)
	if err != nil {
		return t, nil, err
	}
	t = api.Target{ARN: roleARN, Account: a.AccountID, Missing: deniedRole(ctx, roleARN, action)}
	err = s.dir.View(ctx, func(r store.Reader) error {
		role = nil
		found := s.dir.Roles.Get(r, a.AccountID, a.Resource[strings.LastIndexByte(a.Resource, '/')+1:])
		if found != nil && found.ARN() == roleARN && !s.dir.Closed(r, a.AccountID) {
			role = found
		}
		return nil
	})
	if role != nil {
		t.Policy, t.Tags, t.Missing = role.TrustPolicy(), role.TagMap(), nil
	}
	return t, role, err
}

// awaited is the target for a role that does not exist. One that would be made is decided
// on as if it trusted the caller, or the caller's account: only for those who may assume
// it anything is made, and then its own trust policy decides.
func (s *Service) awaited(ctx context.Context, t api.Target) (api.Target, *identity.Role, error) {
	a, err := parseRoleARN(t.ARN)
	r := api.RequestFrom(ctx)
	if err != nil || a.AccountID != r.Account || !s.maker.Makes(ctx, a) {
		return s.roleTarget(ctx, t.ARN, "sts:AssumeRole") // somebody else may have had it made meanwhile
	}
	trusted := `"AWS":"` + a.AccountID + `"`
	if r.Caller.Type == policyeval.Service {
		trusted = `"Service":"` + r.Caller.Service + `"`
	}
	document, err := policyeval.Parse(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{` + trusted + `},"Action":"sts:*"}}`)
	if err != nil {
		return t, nil, err
	}
	t.Policy, t.Missing = &policyeval.Policy{Name: t.ARN, Document: document}, nil
	return t, nil, nil
}

// make makes a role that the caller may assume; the call is then decided on once more.
func (s *Service) make(ctx context.Context, roleARN string) error {
	a, err := parseRoleARN(roleARN)
	if err == nil && s.maker != nil && s.maker.Make(ctx, a) {
		return api.ErrChanged
	}
	return deniedRole(ctx, roleARN, "sts:AssumeRole")
}

// newSession makes the credentials of a session of the role that was decided on, and
// marks the MFA code as used, if the request has one. gone is the error where the role
// was deleted meanwhile.
func (s *Service) newSession(ctx context.Context, role *identity.Role, session identity.Session, mfa mfaCode, gone *api.Error) (*identity.Credentials, error) {
	return s.dir.NewSessionAfter(ctx, session, func(tx store.Tx) error {
		if err := api.Confirm(tx, role, gone); err != nil {
			return err
		}
		return s.use(ctx, tx, mfa)
	})
}

// parseRoleARN reads the ARN of a role, and refuses any other text [I015].
func parseRoleARN(s string) (arn.ARN, error) {
	a, err := arn.Parse(s)
	if err != nil || a.Service != "iam" || a.Region != "" || !arn.IsAccountID(a.AccountID) || !strings.HasPrefix(a.Resource, "role/") {
		return a, errValidation.Withf("%s is invalid", s)
	}
	return a, nil
}

// deniedRole is the denial for a role that does not exist.
func deniedRole(ctx context.Context, roleARN, action string) *api.Error {
	d := api.Denial{Caller: api.RequestFrom(ctx).Caller, Target: &api.Target{ARN: roleARN}}
	return errAccessDenied.With(d.Subject(action))
}

// AssumeRole makes temporary credentials for a session of a role.
//
// See https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html.
func (s *Service) AssumeRole(ctx context.Context, in *AssumeRoleInput) (*AssumeRoleOutput, error) {
	return api.DoChecks(ctx, in, s.assumeRoleChecks, s.assumeRole)
}

func (s *Service) assumeRole(ctx context.Context, role *identity.Role, in *AssumeRoleInput) (_ *AssumeRoleOutput, err error) {
	if role == nil {
		return nil, s.make(ctx, in.RoleArn)
	}
	caller := api.RequestFrom(ctx).Caller
	session := roleSession(role, in.RoleSessionName)
	session.Chained = caller.Type == policyeval.AssumedRole
	session.MinTokenSize = valueOf(in.MinimumSessionTokenSize)
	if session.SourceIdentity, err = checkSourceIdentity(caller, in.SourceIdentity); err != nil {
		return nil, err
	}
	if session.Expires, err = roleExpiry(ctx, in.DurationSeconds, role.MaxSession, session.Chained); err != nil {
		return nil, err
	}
	if err := sessionTags(&session, caller, in.Tags, in.TransitiveTagKeys); err != nil {
		return nil, err
	}
	if err := s.limit(ctx, &session, in.Policy, in.PolicyArns); err != nil {
		return nil, err
	}
	mfa := mfaCode{in.SerialNumber, in.TokenCode}
	if mfa.given() {
		session.MFA = api.RequestFrom(ctx).Time
	}
	c, err := s.newSession(ctx, role, session, mfa, deniedRole(ctx, in.RoleArn, "sts:AssumeRole"))
	if err != nil {
		return nil, err
	}
	out := &AssumeRoleOutput{
		AssumedRoleUser: assumed(c), Credentials: credentials(c), PackedPolicySize: packedSize(&session),
		SourceIdentity: session.SourceIdentity,
	}
	out.SessionTokenSize, out.SessionTokenUtilization = tokenSize(in.MinimumSessionTokenSize, c)
	return out, nil
}

func roleSession(role *identity.Role, name string) identity.Session {
	return identity.Session{
		Kind: identity.KindRole, Account: role.Account, Partition: role.Partition, Principal: role.ID, Name: name,
	}
}

func assumed(c *identity.Credentials) *AssumedRoleUser {
	return &AssumedRoleUser{Arn: c.Caller.ARN, AssumedRoleId: c.Caller.UserID}
}

// checkSourceIdentity refuses to change the source identity of a calling session.
func checkSourceIdentity(caller *api.Caller, requested string) (string, error) {
	set := sourceIdentity(caller, "")
	if set != "" && requested != "" && requested != set {
		return "", errAccessDenied.With("The source identity of the calling session cannot be changed.")
	}
	return sourceIdentity(caller, requested), nil
}

// The lengths of a role's session, in seconds.
const (
	defaultSession = 3600
	maxChained     = 3600
)

// roleExpiry is when a role's session expires. longest is the role's
// MaxSessionDuration in seconds.
func roleExpiry(ctx context.Context, seconds *int, longest int, chained bool) (time.Time, error) {
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
