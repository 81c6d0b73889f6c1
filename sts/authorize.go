package sts

import (
	"context"
	"strconv"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/policyeval"
)

// assumeRoleChecks is what must be allowed: to assume the role, and to tag the
// session or set its source identity where the request has either. The role's
// trust policy must allow each.
func (s *Service) assumeRoleChecks(ctx context.Context, in *AssumeRoleInput) ([]api.Check, *identity.Role, error) {
	caller := api.RequestFrom(ctx).Caller
	switch {
	case caller.Type == policyeval.Anonymous:
		return nil, nil, errMissingToken
	case caller.Type == policyeval.Root && s.dir.StrictCredentials():
		return nil, nil, errAccessDenied.With("Roles may not be assumed by root accounts.")
	}
	t, role, err := s.roleTarget(ctx, in.RoleArn, "sts:AssumeRole")
	if err == nil && role == nil && s.maker != nil {
		t, role, err = s.awaited(ctx, t)
	}
	if err != nil {
		return nil, nil, err
	}
	if caller.Type == policyeval.FederatedUser { // a federated user can call only GetCallerIdentity
		return nil, nil, deniedRole(ctx, in.RoleArn, "sts:AssumeRole")
	}
	mfa := mfaCode{in.SerialNumber, in.TokenCode}
	if err := s.checkCode(ctx, mfa); err != nil {
		return nil, nil, err
	}
	roleTags := t.Tags
	t.Keys = func(c *policyeval.Context) {
		setRoleKeys(c, roleTags, in.RoleSessionName, sourceIdentity(caller, in.SourceIdentity))
		if in.ExternalId != "" {
			c.Set("sts:ExternalId", in.ExternalId)
		}
		setTagKeys(c, in.Tags, in.TransitiveTagKeys)
		setMFAKeys(c, mfa)
	}
	return sessionChecks("sts:AssumeRole", t, nil, len(in.Tags) > 0, in.SourceIdentity != ""), role, nil
}

// webIdentityChecks is what must be allowed to the identity that the
// token proves: the request itself needs no signature.
func (s *Service) webIdentityChecks(ctx context.Context, in *AssumeRoleWithWebIdentityInput) ([]api.Check, *webAssumption, error) {
	const action = "sts:AssumeRoleWithWebIdentity"
	t, role, err := s.roleTarget(ctx, in.RoleArn, action)
	if err != nil {
		return nil, nil, err
	}
	id, err := s.verify(ctx, t.Account, in.WebIdentityToken)
	if err != nil {
		return nil, nil, err
	}
	roleTags := t.Tags
	t.Keys = func(c *policyeval.Context) {
		setRoleKeys(c, roleTags, in.RoleSessionName, id.SourceIdentity)
		id.setKeys(c)
	}
	if t.Missing != nil {
		t.Missing = errNotAuthorizedWeb
	}
	return sessionChecks(action, t, id.caller(), len(id.tags()) > 0, id.SourceIdentity != ""), &webAssumption{role, id}, nil
}

// samlChecks is what must be allowed to the identity that the assertion
// proves: the request itself needs no signature.
func (s *Service) samlChecks(ctx context.Context, in *AssumeRoleWithSAMLInput) ([]api.Check, *samlAssumption, error) {
	const action = "sts:AssumeRoleWithSAML"
	t, role, err := s.roleTarget(ctx, in.RoleArn, action)
	if err != nil {
		return nil, nil, err
	}
	id, err := s.verifySAML(ctx, in.RoleArn, in.PrincipalArn, in.SAMLAssertion)
	if err != nil {
		return nil, nil, err
	}
	roleTags, source := t.Tags, id.first(attributeSource)
	t.Keys = func(c *policyeval.Context) {
		setRoleKeys(c, roleTags, id.session, source)
		id.setKeys(c)
	}
	if t.Missing != nil {
		t.Missing = errAccessDenied.With(notAuthorizedSAML)
	}
	return sessionChecks(action, t, id.caller(), len(id.tags()) > 0, source != ""), &samlAssumption{role, id}, nil
}

// assumeRoot is what must be allowed. The root user has no resource policy, so the
// caller's own policies decide; AssumeRoot itself checks what the organization permits.
func (s *Service) assumeRoot(ctx context.Context, in *AssumeRootInput) ([]api.Check, error) {
	r := api.RequestFrom(ctx)
	if onGlobalEndpoint(ctx) {
		return nil, errUnknown
	}
	if r.Caller.Type == policyeval.Anonymous {
		return nil, errMissingToken
	}
	root, err := in.target(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := in.feature(ctx); err != nil {
		return nil, err
	}
	if r.Caller.Type == policyeval.FederatedUser || r.Caller.Type == policyeval.Root && s.dir.StrictCredentials() {
		return nil, deniedRole(ctx, root.String(), "sts:AssumeRoot")
	}
	t := api.Target{ARN: root.String(), Account: r.Account, Keys: func(c *policyeval.Context) {
		c.Set("sts:TaskPolicyArn", in.TaskPolicyArn.Arn)
		c.Set("aws:ResourceAccount", root.AccountID)
	}}
	return []api.Check{{Action: "sts:AssumeRoot", Target: t}}, nil
}

// getFederationToken is what must be allowed: to get the token, and to tag the
// federated user where the request has tags.
func (s *Service) getFederationToken(ctx context.Context, in *GetFederationTokenInput) ([]api.Check, error) {
	r := api.RequestFrom(ctx)
	if _, err := longTerm(ctx, "GetFederationToken"); err != nil {
		return nil, err
	}
	t := api.Target{
		ARN: arn.Global("sts", r.Region, r.Account, "federated-user/"+in.Name).String(), Account: r.Account,
		Keys: func(c *policyeval.Context) { setTagKeys(c, in.Tags, nil) },
	}
	return sessionChecks("sts:GetFederationToken", t, nil, len(in.Tags) > 0, false), nil
}

// getWebIdentityToken is what must be allowed, with the condition keys from the
// input. Tags in the token need an action of their own.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_policies.html.
func (s *Service) getWebIdentityToken(ctx context.Context, in *GetWebIdentityTokenInput) ([]api.Check, error) {
	if onGlobalEndpoint(ctx) {
		return nil, errUnknown // [I163]
	}
	t, err := onAnything(ctx, in)
	t.Keys = func(c *policyeval.Context) {
		c.SetList("sts:IdentityTokenAudience", in.Audience)
		c.Set("sts:SigningAlgorithm", in.SigningAlgorithm)
		c.Set("sts:DurationSeconds", strconv.Itoa(in.seconds()))
		c.Set("sts:SubjectMode", in.mode())
		setTagKeys(c, in.Tags, nil)
	}
	checks := []api.Check{{Action: "sts:GetWebIdentityToken", Target: t}}
	if len(in.Tags) > 0 {
		checks = append(checks, api.Check{Action: "sts:TagGetWebIdentityToken", Target: t})
	}
	return checks, err
}
