// Package sts is the AWS Security Token Service: temporary credentials, and who
// is calling. The sessions are internal/identity's, which judges by the clock
// whether one has expired; this package holds the rules by which they are made.
//
// # Assuming a role
//
// What must be allowed is asked before the method is called, with the role as
// the resource and its trust policy as the resource's policy: sts:AssumeRole,
// and sts:TagSession and sts:SetSourceIdentity where the session gets tags or a
// source identity. A root user may assume a role that trusts its account,
// unless identity.Config.StrictCredentials refuses it as AWS does.
//
// Session tags go over the role's own, whatever their case; transitive ones and
// the source identity are handed on along a chain of roles. A session of a
// session lasts an hour at most.
//
// AssumeRoleWithWebIdentity needs no signature: it is decided for the identity
// that the token proves. The token's issuer must be an identity provider of the
// role's account (iam:CreateOpenIDConnectProvider), and its keys known to
// Config.Issuers. RSA and ECDSA signatures are verified.
//
// AssumeRoleWithSAML needs no signature either: the assertion is signed, by a key
// in the metadata of the provider (iam:CreateSAMLProvider). What it says of the
// role, the session's name and length, tags and source identity is AWS's to read,
// under https://aws.amazon.com/SAML/Attributes/.
//
// GetWebIdentityToken goes the other way: a token of the account proves to others
// who the caller is. It is signed with keys of the account, which the server
// shows at the issuer's name and, for whom that does not lead here, at
// /_waxseal/issuers/ID/.well-known/openid-configuration and jwks.json, where ID
// is the first label of the name. Tags in it are allowed by
// sts:TagGetWebIdentityToken, which is asked with the same condition keys.
//
// AssumeRoot makes sessions of the root user of a member of the caller's
// organization, for fifteen minutes and one of AWS's five tasks. The account must
// manage the organization or administer IAM for it, IAM must have access to it,
// and the task's feature must be on (iam:EnableOrganizationsRootSessions and
// iam:EnableOrganizationsRootCredentialsManagement). The root user itself has no say:
// the caller's own policies decide, and root users may assume unless
// identity.Config.StrictCredentials refuses them as AWS does. AssumeRoot and
// GetWebIdentityToken are unknown to the global endpoint, sts.amazonaws.com.
//
// # Where AWS's documentation is silent
//
//   - How AWS packs session policies and tags is not known. PackedPolicySize is
//     the deflated size in percent of 2,048 bytes.
//   - Managed policies as session policies are looked up for every call; one
//     that is deleted later allows nothing.
//   - SessionTokenSize and SessionTokenUtilization are answered to who asks for
//     MinimumSessionTokenSize.
//   - A code of an MFA device is good if it is the device's by the emulator's
//     clock or by real time: tests turn the clock, authenticator apps do not know
//     of that. It may be 30 seconds early or late, and is good once. A call that is
//     refused uses none up. The codes that EnableMFADevice took count as used.
//   - The policies of AssumeRoot's tasks only deny. They count as identity-based
//     policies of the root user, which needs none to be allowed; a denial names them.
//   - A session of AssumeRoot goes on when its feature is turned off, as on AWS. It
//     ends when its account leaves the organization or is closed.
//   - Only GetSessionToken's sessions prove MFA to conditions. A role's session
//     that was assumed with MFA is one in CloudTrail's records alone.
//   - An assertion is for AWS if its recipient is a sign-in page of any region or
//     partition, and its audience such a page or urn:amazon:webservices. It is judged
//     by the clock, like a web identity's token. Encrypted ones, and signatures by
//     SHA-1, are refused. Where AWS's text is not known, the error says what is wrong.
//
// # Left out
//
// GetDelegatedAccessToken is answered as an unknown operation. ProvidedContexts
// are taken and prove nothing, so that no sts:RequestContext key is ever set.
package sts
