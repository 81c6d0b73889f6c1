package sts

import (
	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/policyeval"
)

// The errors of STS. Statuses and codes are those of its API reference.
//
// See https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html.
var (
	errAccessDenied   = &api.Error{Code: "AccessDenied", Status: 403, Common: true}
	errClaimsTooLarge = &api.Error{Code: "JWTPayloadSizeExceededException", Message: "The requested token payload size exceeds the maximum allowed size. Reduce the number of request tags."}
	errEscalation     = &api.Error{Code: "SessionDurationEscalationException", Status: 403, Message: "The requested token duration would extend the session beyond its original expiration time."}
	errExpiredToken   = &api.Error{Code: "ExpiredTokenException"}
	errIdentityToken  = &api.Error{Code: "InvalidIdentityTokenException", QueryCode: "InvalidIdentityToken"}
	errInvalidMessage = &api.Error{Code: "InvalidAuthorizationMessageException", Message: "The message is not an encoded authorization message."}
	errInvalidValue   = &api.Error{Code: "InvalidParameterValue", Common: true}
	errMalformed      = &api.Error{Code: "MalformedPolicyDocumentException", QueryCode: "MalformedPolicyDocument"}
	errMissingToken   = &api.Error{Code: "MissingAuthenticationToken", Status: 403, Common: true, Message: "Request is missing Authentication Token"}
	errNoIssuer       = &api.Error{Code: "OutboundWebIdentityFederationDisabledException", Status: 403, Message: "The outbound web identity federation feature is not enabled for this account."}
	errRejectedClaim  = &api.Error{Code: "IDPRejectedClaimException", QueryCode: "IDPRejectedClaim", Status: 403, Message: "The identity provider reports that authentication failed."}
	errTooLarge       = &api.Error{Code: "PackedPolicyTooLargeException", QueryCode: "PackedPolicyTooLarge"}
	errUnknown        = &api.Error{Code: "InvalidAction", Common: true, Message: "Unknown Operation"}
	errValidation     = &api.Error{Code: "ValidationError", Common: true}
)

// errNotAuthorizedWeb answers a valid token with which the role may not be
// assumed.
var errNotAuthorizedWeb = errAccessDenied.With("Not authorized to perform sts:AssumeRoleWithWebIdentity")

// What can be wrong with an MFA code [I069]: the device is not the caller's, the code
// is wrong or was used before, or only one of serial number and code is given.
var (
	errMFADevice = errAccessDenied.With("MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.")
	errMFACode   = errAccessDenied.With("MultiFactorAuthentication failed with invalid MFA one time pass code. ")
	errMFABoth   = errAccessDenied.With("MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.")
)

// denied is the error for a denial. The reason is left out where the role's trust
// policy does not allow the caller, or where the role is in another account, so that a
// role that does not exist looks the same [E5]. It is also left out where a root user
// is to be assumed.
func denied(d *api.Denial) *api.Error {
	switch {
	case d.Operation == "AssumeRoleWithWebIdentity", d.Operation == "AssumeRoleWithSAML":
		return errAccessDenied.With("Not authorized to perform sts:" + d.Operation)
	case d.Operation == "AssumeRoot", d.CrossAccount, d.Verdict.Layer == policyeval.LayerTrust && d.Verdict.Statement < 0:
		return errAccessDenied.With(d.Subject(d.Action))
	default:
		return errAccessDenied.With(d.Text(d.Action))
	}
}
