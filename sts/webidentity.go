package sts

import (
	"context"
	_ "crypto/sha256" // RS256 and ES256
	_ "crypto/sha512" // RS384, ES384 and the like
	"maps"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// AssumeRoleWithWebIdentityInput is the input of AssumeRoleWithWebIdentity.
type AssumeRoleWithWebIdentityInput struct {
	RoleArn                 string `check:"required,min=20,max=2048"`
	RoleSessionName         string `check:"required,min=2,max=64" pattern:"[\\w+=,.@-]*"`
	WebIdentityToken        string `check:"required,min=4,max=20000" sensitive:"true" trail:"omit"`
	ProviderId              string `check:"min=4,max=2048"`
	PolicyArns              []PolicyDescriptorType
	Policy                  string `check:"min=1" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"`
	DurationSeconds         *int   `check:"min=900,max=43200"`
	MinimumSessionTokenSize *int   `check:"min=0,max=4096"`
}

// AssumeRoleWithWebIdentityOutput is the output of AssumeRoleWithWebIdentity.
type AssumeRoleWithWebIdentityOutput struct {
	Credentials                 *Credentials
	SubjectFromWebIdentityToken string
	AssumedRoleUser             *AssumedRoleUser
	PackedPolicySize            *int
	Provider                    string
	Audience                    string
	SourceIdentity              string
	SessionTokenSize            *int
	SessionTokenUtilization     *int
}

// webIdentity is what a verified token proves.
type webIdentity struct {
	claims
	provider *identity.Provider
}

// verify verifies a token: its issuer is a provider in the role's account, one
// of the provider's keys signed it, it is for one of the provider's audiences,
// and it is valid now.
func (s *Service) verify(ctx context.Context, account, token string) (*webIdentity, error) {
	t, err := parseToken(token)
	if err != nil {
		return nil, errIdentityToken.With("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
	}
	switch {
	case t.claims.Issuer == "":
		return nil, missing("iss")
	case t.claims.Subject == "":
		return nil, missing("sub")
	case t.claims.Expires == nil:
		return nil, missing("exp")
	}
	id := &webIdentity{claims: t.claims}
	if id.provider, err = s.provider(ctx, account, t.claims.Issuer); err != nil {
		return nil, err
	}
	if id.provider == nil {
		return nil, errIdentityToken.Withf("No OpenIDConnect provider found in your account for %s", t.claims.Issuer)
	}
	keys, err := s.keys(ctx, t.claims.Issuer)
	if err != nil {
		return nil, err
	}
	if !t.verify(keys) {
		return nil, errIdentityToken.With("The token's signature could not be verified with the identity provider's keys.")
	}
	if err := id.checkTime(float64(api.RequestFrom(ctx).Time.UnixMilli()) / 1000); err != nil {
		return nil, err
	}
	if !slices.Contains(id.provider.ClientIDs, id.audience()) {
		return nil, errIdentityToken.With("Incorrect token audience")
	}
	return id, nil
}

func missing(claim string) *api.Error {
	return errIdentityToken.Withf("Missing a required claim: %s", claim)
}

// provider is the account's identity provider of a token's issuer, or nil.
func (s *Service) provider(ctx context.Context, account, issuer string) (p *identity.Provider, err error) {
	err = s.dir.View(ctx, func(r store.Reader) error {
		if p = s.dir.Providers.Get(r, account, host(issuer)); p != nil && path(p.Name) != path(host(issuer)) {
			p = nil
		}
		return nil
	})
	return p, err
}

// path is the part of an issuer after its host. It is case-sensitive: realms of one
// host whose names differ only in case may belong to different people.
func path(host string) string {
	_, path, _ := strings.Cut(host, "/")
	return path
}

// host is an issuer without its scheme. An issuer on this machine may use plain
// HTTP; its provider is created with https all the same, as IAM requires.
func host(issuer string) string {
	_, rest, ok := strings.Cut(issuer, "://")
	if !ok {
		rest = issuer
	}
	return strings.TrimSuffix(rest, "/")
}

func (s *Service) keys(ctx context.Context, issuer string) ([]byte, error) {
	noKey := errIdentityToken.With("Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements")
	if s.issuers == nil {
		return nil, noKey
	}
	keys, err := s.issuers(ctx, issuer)
	if err != nil {
		noKey.Cause = err
		return nil, noKey
	}
	return keys, nil
}

func (id *webIdentity) checkTime(now float64) error {
	switch {
	case now >= *id.Expires:
		return errExpiredToken.Withf("Token expired: current date/time %d must be before the expiration date/time %d", int64(now), int64(*id.Expires))
	case id.NotBefore != nil && now < *id.NotBefore:
		return errIdentityToken.Withf("Token is not valid yet: current date/time %d must not be before %d", int64(now), int64(*id.NotBefore))
	}
	return nil
}

// audience is the value of the condition key :aud: the authorized party (azp)
// where the token has one.
func (id *webIdentity) audience() string {
	switch {
	case id.AuthorizedParty != "":
		return id.AuthorizedParty
	case len(id.Audience) > 0:
		return id.Audience[0]
	default:
		return ""
	}
}

// tags are the session tags in the token, by key.
func (id *webIdentity) tags() (tags []Tag) {
	for _, k := range slices.Sorted(maps.Keys(id.Tags.Principal)) {
		if v := id.Tags.Principal[k]; len(v) > 0 {
			tags = append(tags, Tag{Key: k, Value: v[0]})
		}
	}
	return tags
}

// caller is the identity for which the role's trust policy is evaluated. Its id
// is the principalId in CloudTrail's events.
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html.
func (id *webIdentity) caller() *api.Caller {
	provider := id.provider.ARN()
	return &api.Caller{
		Principal: policyeval.Principal{Type: policyeval.WebIdentity, ARN: provider},
		Name:      id.Subject, UserID: provider + ":" + id.audience() + ":" + id.Subject,
	}
}

// setKeys sets the condition keys that the token gives: PROVIDER:sub and so on.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif.
func (id *webIdentity) setKeys(c *policyeval.Context) {
	prefix := id.provider.Name
	c.Set(prefix+":sub", id.Subject)
	c.Set(prefix+":aud", id.audience())
	if id.AuthorizedParty != "" && len(id.Audience) > 0 {
		c.Set(prefix+":oaud", id.Audience[0])
	}
	if len(id.Methods) > 0 {
		c.SetList(prefix+":amr", id.Methods)
	}
	c.Set("aws:FederatedProvider", id.provider.ARN())
	setTagKeys(c, id.tags(), id.Tags.Transitive)
}

// AssumeRoleWithWebIdentity makes temporary credentials for a session of a
// role, in exchange for an ID token of an OpenID Connect provider.
//
// See https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html.
func (s *Service) AssumeRoleWithWebIdentity(ctx context.Context, in *AssumeRoleWithWebIdentityInput) (*AssumeRoleWithWebIdentityOutput, error) {
	return api.DoChecks(ctx, in, s.webIdentityChecks, s.assumeRoleWithWebIdentity)
}

// webAssumption is a role and the identity that a token proves.
type webAssumption struct {
	role *identity.Role
	id   *webIdentity
}

func (s *Service) assumeRoleWithWebIdentity(ctx context.Context, a *webAssumption, in *AssumeRoleWithWebIdentityInput) (_ *AssumeRoleWithWebIdentityOutput, err error) {
	role, id := a.role, a.id
	session := roleSession(role, in.RoleSessionName)
	session.Provider, session.SourceIdentity = id.provider.ARN(), id.SourceIdentity
	session.MinTokenSize = valueOf(in.MinimumSessionTokenSize)
	if session.Expires, err = roleExpiry(ctx, in.DurationSeconds, role.MaxSession, false); err != nil {
		return nil, err
	}
	if err := sessionTags(&session, id.caller(), id.tags(), id.Tags.Transitive); err != nil {
		return nil, err
	}
	if err := s.limit(ctx, &session, in.Policy, in.PolicyArns); err != nil {
		return nil, err
	}
	c, err := s.newSession(ctx, role, session, mfaCode{}, errNotAuthorizedWeb)
	if err != nil {
		return nil, err
	}
	out := &AssumeRoleWithWebIdentityOutput{
		AssumedRoleUser: assumed(c), Credentials: credentials(c), PackedPolicySize: packedSize(&session),
		SubjectFromWebIdentityToken: id.Subject, Audience: id.audience(), Provider: id.provider.ARN(), SourceIdentity: id.SourceIdentity,
	}
	out.SessionTokenSize, out.SessionTokenUtilization = tokenSize(in.MinimumSessionTokenSize, c)
	return out, nil
}
