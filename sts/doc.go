// Package sts is the AWS Security Token Service: temporary credentials, and who
// is calling. The sessions are kept by internal/identity, which also decides by
// the clock whether one has expired; this package holds the rules for making
// them.
//
// # Assuming a role
//
// Before the method is called, these actions must be allowed, with the role as
// the resource and its trust policy as the resource policy: sts:AssumeRole, and
// sts:TagSession and sts:SetSourceIdentity where the session gets tags or a
// source identity. A root user may assume a role that trusts its account,
// unless identity.Config.StrictCredentials refuses it as AWS does.
//
// Session tags override the role's own tags, whatever their case; transitive
// tags and the source identity are passed on along a chain of roles. A session
// that another role's session made lasts at most an hour.
//
// AssumeRoleWithWebIdentity needs no signature: it is decided for the identity
// that the token proves. The token's issuer must be an identity provider of the
// role's account (iam:CreateOpenIDConnectProvider), and its keys known to
// Config.Issuers. RSA and ECDSA signatures are verified.
//
// AssumeRoleWithSAML needs no signature either: the assertion is signed, by a key in
// the metadata of the provider (iam:CreateSAMLProvider). The role, the session's name
// and duration, tags and source identity are in the attributes under
// https://aws.amazon.com/SAML/Attributes/ that AWS defines.
//
// GetWebIdentityToken works in the other direction: a token of the account proves to
// others who the caller is. It is signed with keys of the account. The server publishes
// their public parts at the issuer's host name and, for clients that do not resolve
// that name to the server, at /_waxseal/issuers/ID/.well-known/openid-configuration and
// jwks.json, where ID is the first label of the name. Tags in it need
// sts:TagGetWebIdentityToken, which has the same condition keys.
//
// AssumeRoot makes sessions of the root user of a member of the caller's organization,
// for fifteen minutes and one of AWS's five tasks. The account must manage the
// organization or administer IAM for it, IAM must have access to it, and the task's
// feature must be on (iam:EnableOrganizationsRootSessions and
// iam:EnableOrganizationsRootCredentialsManagement). The root user has no resource
// policy, so the caller's own policies decide, and root users may assume unless
// identity.Config.StrictCredentials refuses them as AWS does. AssumeRoot and
// GetWebIdentityToken are unknown to the global endpoint, sts.amazonaws.com.
//
// # Where AWS's documentation is silent
//
//   - How AWS packs session policies and tags is not known. PackedPolicySize is
//     the deflated size in percent of 2,048 bytes.
//   - Managed policies as session policies are looked up for every call; one
//     that is deleted later allows nothing.
//   - SessionTokenSize and SessionTokenUtilization are answered only where the
//     request has MinimumSessionTokenSize.
//   - A code of an MFA device is accepted if it is valid by the emulator's clock or by
//     real time, because tests turn the clock and authenticator apps use real time. It
//     may be 30 seconds early or late, and can be used once. A call that is refused
//     does not use it. The codes that were given to EnableMFADevice count as used.
//   - The policies of AssumeRoot's tasks only deny. They count as identity-based
//     policies of the root user, which is allowed everything else without a policy; a
//     denial names them.
//   - A session of AssumeRoot stays valid when its feature is disabled, as on AWS. It
//     ends when its account leaves the organization or is closed.
//   - Only GetSessionToken's sessions prove MFA to conditions. For a role's
//     session that was assumed with MFA, only CloudTrail's events show that.
//   - An assertion is for AWS if its recipient is a sign-in page of any region or
//     partition, and its audience such a page or urn:amazon:webservices. It is judged
//     by the clock, like a web identity's token. Encrypted ones, and signatures by
//     SHA-1, are refused. Where the text of AWS's error is not known, the error says
//     what is wrong in waxseal's words.
//
// # Left out
//
// GetDelegatedAccessToken is answered as an unknown operation. ProvidedContexts
// are accepted without effect, so no sts:RequestContext key is ever set.
package sts
