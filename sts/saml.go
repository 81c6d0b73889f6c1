package sts

import (
	"context"
	"crypto/sha1" //nolint:gosec // how AWS makes name qualifiers
	"encoding/base64"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/saml"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// samlIdentity is what a verified response of a SAML provider proves.
type samlIdentity struct {
	*saml.Assertion
	provider *identity.SAMLProvider
	session  string // the role session's name
}

// The attributes of an assertion that AWS reads [I087] [I088].
const (
	samlAttributes      = "https://aws.amazon.com/SAML/Attributes/"
	attributeRole       = samlAttributes + "Role"
	attributeSession    = samlAttributes + "RoleSessionName"
	attributeDuration   = samlAttributes + "SessionDuration"
	attributeTag        = samlAttributes + "PrincipalTag:"
	attributeTransitive = samlAttributes + "TransitiveTagKeys"
	attributeSource     = samlAttributes + "SourceIdentity"
)

// redeemWithin is how long after it was issued an assertion is accepted.
const redeemWithin = 5 * time.Minute

var (
	// samlRecipient are the sign-in pages that an assertion for AWS can name as
	// its recipient [I089].
	samlRecipient = regexp.MustCompile(`^https://([a-z0-9-]+\.)?signin\.(aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com)/saml$`)
	sessionName   = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)
)

// samlAudience is an audience that every recipient may have.
const samlAudience = "urn:amazon:webservices"

// verifySAML verifies an assertion for a role: the provider signed it, it is
// for AWS, it is valid now, and it names the role and the provider.
func (s *Service) verifySAML(ctx context.Context, roleARN, providerARN, assertion string) (*samlIdentity, error) {
	text, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(assertion), ""))
	if err != nil {
		return nil, errIdentityToken.With("Invalid base64 SAMLResponse")
	}
	response, err := saml.ParseResponse(text)
	if err != nil {
		return nil, errIdentityToken.With("Invalid SAMLResponse")
	}
	id := new(samlIdentity)
	if id.provider, err = s.samlProvider(ctx, providerARN); err != nil {
		return nil, err
	}
	metadata, err := saml.ParseMetadata(id.provider.Metadata)
	if err != nil {
		return nil, err // it was read before it was stored
	}
	if response.Issuer != metadata.EntityID {
		return nil, errIdentityToken.With("Issuer not present in specified provider")
	}
	switch id.Assertion, err = response.Verify(metadata.Certificates); {
	case errors.Is(err, saml.ErrSignature), err == nil && id.Issuer != metadata.EntityID:
		return nil, errIdentityToken.With("Response signature invalid")
	case err != nil:
		return nil, errIdentityToken.With("Invalid SAMLResponse")
	case !response.Succeeded:
		return nil, errRejectedClaim
	}
	if err := id.check(api.RequestFrom(ctx).Time, roleARN); err != nil {
		return nil, err
	}
	return id, nil
}

// samlProvider is the SAML provider of that ARN.
func (s *Service) samlProvider(ctx context.Context, providerARN string) (p *identity.SAMLProvider, err error) {
	a, err := arn.Parse(providerARN)
	name, isProvider := strings.CutPrefix(a.Resource, "saml-provider/")
	if err != nil || a.Service != "iam" || !isProvider {
		return nil, errValidation.Withf("%s is invalid", providerARN)
	}
	err = s.dir.View(ctx, func(r store.Reader) error {
		if p = s.dir.SAMLProviders.Get(r, a.AccountID, name); p == nil || p.ARN() != providerARN {
			return errIdentityToken.With("Specified provider doesn't exist")
		}
		return nil
	})
	return p, err
}

// check says what is wrong with an assertion that was signed.
func (id *samlIdentity) check(now time.Time, roleARN string) error {
	switch {
	case !samlRecipient.MatchString(id.Recipient):
		return errIdentityToken.With("Response is not addressed to AWS: the Recipient of its SubjectConfirmationData is not the sign-in page.")
	case !slices.Contains(id.Audiences, samlAudience) && !slices.ContainsFunc(id.Audiences, samlRecipient.MatchString):
		return errIdentityToken.With("Response is not addressed to AWS: its audience is neither the sign-in page nor " + samlAudience + ".")
	case id.Expires.IsZero(), !now.Before(id.Expires), !id.NotAfter.IsZero() && !now.Before(id.NotAfter), now.Sub(id.Issued) > redeemWithin:
		return errExpiredToken.With("Token must be redeemed within 5 minutes of issuance")
	case now.Before(id.NotBefore):
		return errIdentityToken.With("Response is not valid yet.")
	case id.Subject == "":
		return errIdentityToken.With("Response has no subject.")
	case !id.names(roleARN):
		return errAccessDenied.With(notAuthorizedSAML)
	}
	switch id.session = id.first(attributeSession); {
	case id.session == "":
		return errIdentityToken.With("RoleSessionName is required in AuthnResponse")
	case !sessionName.MatchString(id.session):
		return errIdentityToken.With("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}")
	}
	return nil
}

const notAuthorizedSAML = "Not authorized to perform sts:AssumeRoleWithSAML"

// names reports whether the assertion names the role and the provider: as a pair of
// their ARNs, in either order.
func (id *samlIdentity) names(roleARN string) bool {
	return slices.ContainsFunc(id.Attributes[attributeRole], func(pair string) bool {
		one, other, _ := strings.Cut(pair, ",")
		one, other = strings.TrimSpace(one), strings.TrimSpace(other)
		provider := id.provider.ARN()
		return one == roleARN && other == provider || one == provider && other == roleARN
	})
}

func (id *samlIdentity) first(attribute string) string {
	if values := id.Attributes[attribute]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// tags are the session tags in the assertion, by key.
func (id *samlIdentity) tags() (tags []Tag) {
	for _, name := range slices.Sorted(maps.Keys(id.Attributes)) {
		if key, isTag := strings.CutPrefix(name, attributeTag); isTag {
			tags = append(tags, Tag{Key: key, Value: id.first(name)})
		}
	}
	return tags
}

// seconds is the duration of the session: the shorter of those in the assertion
// and in the request; nil: neither gives one.
func (id *samlIdentity) seconds(asked *int) (*int, error) {
	text := id.first(attributeDuration)
	if text == "" {
		return asked, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 900 || n > 43200 {
		return nil, errIdentityToken.With("SessionDuration in AuthnResponse must be a number of seconds from 900 to 43200")
	}
	if asked != nil && *asked < n {
		return asked, nil
	}
	return &n, nil
}

// subjectType is the form of the subject: AWS shows those of SAML 2.0, such as
// persistent, by their short names [I090].
func (id *samlIdentity) subjectType() string {
	const formats = "urn:oasis:names:tc:SAML:2.0:nameid-format:"
	if short, ok := strings.CutPrefix(id.Format, formats); ok {
		return short
	}
	return id.Format
}

// nameQualifier distinguishes the subjects of different providers [I090].
func (id *samlIdentity) nameQualifier() string {
	sum := sha1.Sum([]byte(id.Issuer + id.provider.Account + "/" + id.provider.Name)) //nolint:gosec // see above
	return base64.StdEncoding.EncodeToString(sum[:])
}

func (id *samlIdentity) subject() *identity.SAMLSubject {
	return &identity.SAMLSubject{NameQualifier: id.nameQualifier(), Subject: id.Subject, Type: id.subjectType()}
}

// caller is the identity for which the role's trust policy is evaluated.
func (id *samlIdentity) caller() *api.Caller {
	return &api.Caller{
		Principal: policyeval.Principal{Type: policyeval.WebIdentity, ARN: id.provider.ARN()},
		Name:      id.Subject, UserID: id.nameQualifier() + ":" + id.Subject,
	}
}

// samlKeys are the condition keys that are set from attributes, by the attributes'
// names.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-saml.
var samlKeys = map[string]string{
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.1":  "saml:edupersonaffiliation",
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.2":  "saml:edupersonnickname",
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.3":  "saml:edupersonorgdn",
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.4":  "saml:edupersonorgunitdn",
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.5":  "saml:edupersonprimaryaffiliation",
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.6":  "saml:edupersonprincipalname",
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.7":  "saml:edupersonentitlement",
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.8":  "saml:edupersonprimaryorgunitdn",
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.9":  "saml:edupersonscopedaffiliation",
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.10": "saml:edupersontargetedid",
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.11": "saml:edupersonassurance",
	"urn:oid:1.3.6.1.4.1.5923.1.2.1.2":  "saml:eduorghomepageuri",
	"urn:oid:1.3.6.1.4.1.5923.1.2.1.3":  "saml:eduorgidentityauthnpolicyuri",
	"urn:oid:1.3.6.1.4.1.5923.1.2.1.4":  "saml:eduorglegalname",
	"urn:oid:1.3.6.1.4.1.5923.1.2.1.5":  "saml:eduorgsuperioruri",
	"urn:oid:1.3.6.1.4.1.5923.1.2.1.6":  "saml:eduorgwhitepagesuri",
	"urn:oid:2.5.4.3":                   "saml:cn",
}

// setKeys sets the condition keys that the assertion gives.
func (id *samlIdentity) setKeys(c *policyeval.Context) {
	subject := id.subject()
	c.Set("saml:aud", id.Recipient) // not the audience [I092]
	c.Set("saml:iss", id.Issuer)
	c.Set("saml:sub", subject.Subject)
	c.Set("saml:sub_type", subject.Type)
	c.Set("saml:namequalifier", subject.NameQualifier)
	c.Set("saml:doc", id.provider.Account+"/"+id.provider.Name)
	for attribute, key := range samlKeys {
		if values := id.Attributes[attribute]; len(values) > 0 {
			c.SetList(key, values)
		}
	}
	c.Set("aws:FederatedProvider", id.provider.ARN())
	setTagKeys(c, id.tags(), id.Attributes[attributeTransitive])
}

// AssumeRoleWithSAMLInput is the input of AssumeRoleWithSAML.
type AssumeRoleWithSAMLInput struct {
	RoleArn                 string `check:"required,min=20,max=2048"`
	PrincipalArn            string `check:"required,min=20,max=2048"`
	SAMLAssertion           string `check:"required,min=4,max=100000" sensitive:"true" trail:"omit"`
	PolicyArns              []PolicyDescriptorType
	Policy                  string `check:"min=1" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"`
	DurationSeconds         *int   `check:"min=900,max=43200"`
	MinimumSessionTokenSize *int   `check:"min=0,max=4096"`
}

// AssumeRoleWithSAMLOutput is the output of AssumeRoleWithSAML.
type AssumeRoleWithSAMLOutput struct {
	Credentials             *Credentials
	AssumedRoleUser         *AssumedRoleUser
	PackedPolicySize        *int
	Subject                 string
	SubjectType             string
	Issuer                  string
	Audience                string
	NameQualifier           string
	SourceIdentity          string
	SessionTokenSize        *int
	SessionTokenUtilization *int
}

// AssumeRoleWithSAML makes temporary credentials for a session of a role, in
// exchange for a response of a SAML provider.
//
// See https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html.
func (s *Service) AssumeRoleWithSAML(ctx context.Context, in *AssumeRoleWithSAMLInput) (*AssumeRoleWithSAMLOutput, error) {
	return api.DoChecks(ctx, in, s.samlChecks, s.assumeRoleWithSAML)
}

// samlAssumption is a role and the identity that an assertion proves.
type samlAssumption struct {
	role *identity.Role
	id   *samlIdentity
}

func (s *Service) assumeRoleWithSAML(ctx context.Context, a *samlAssumption, in *AssumeRoleWithSAMLInput) (*AssumeRoleWithSAMLOutput, error) {
	role, id := a.role, a.id
	session, err := s.samlSession(ctx, role, id, in)
	if err != nil {
		return nil, err
	}
	c, err := s.newSession(ctx, role, *session, mfaCode{}, errAccessDenied.With(notAuthorizedSAML))
	if err != nil {
		return nil, err
	}
	out := &AssumeRoleWithSAMLOutput{
		AssumedRoleUser: assumed(c), Credentials: credentials(c), PackedPolicySize: packedSize(session),
		Subject: id.Subject, SubjectType: id.subjectType(), Issuer: id.Issuer, Audience: id.Recipient,
		NameQualifier: id.nameQualifier(), SourceIdentity: session.SourceIdentity,
	}
	out.SessionTokenSize, out.SessionTokenUtilization = tokenSize(in.MinimumSessionTokenSize, c)
	return out, nil
}

// samlSession is the role's session that the assertion asks for.
func (s *Service) samlSession(ctx context.Context, role *identity.Role, id *samlIdentity, in *AssumeRoleWithSAMLInput) (*identity.Session, error) {
	session := roleSession(role, id.session)
	session.Provider, session.SAML, session.SourceIdentity = id.provider.ARN(), id.subject(), id.first(attributeSource)
	session.MinTokenSize = valueOf(in.MinimumSessionTokenSize)
	seconds, err := id.seconds(in.DurationSeconds)
	if err != nil {
		return nil, err
	}
	if session.Expires, err = roleExpiry(ctx, seconds, role.MaxSession, false); err != nil {
		return nil, err
	}
	if err := sessionTags(&session, id.caller(), id.tags(), id.Attributes[attributeTransitive]); err != nil {
		return nil, err
	}
	return &session, s.limit(ctx, &session, in.Policy, in.PolicyArns)
}
