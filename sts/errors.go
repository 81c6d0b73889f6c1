package sts

import "github.com/waxseal/waxseal/internal/api"

// The errors of STS. Statuses and codes are those of its API reference.
//
// See https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html.
var (
	errAccessDenied   = &api.Error{Code: "AccessDenied", Status: 403, Common: true}
	errExpiredToken   = &api.Error{Code: "ExpiredTokenException"}
	errIdentityToken  = &api.Error{Code: "InvalidIdentityTokenException", QueryCode: "InvalidIdentityToken"}
	errInvalidMessage = &api.Error{Code: "InvalidAuthorizationMessageException", Message: "The message is not an encoded authorization message."}
	errInvalidValue   = &api.Error{Code: "InvalidParameterValue", Common: true}
	errMalformed      = &api.Error{Code: "MalformedPolicyDocumentException", QueryCode: "MalformedPolicyDocument"}
	errMissingToken   = &api.Error{Code: "MissingAuthenticationToken", Status: 403, Common: true, Message: "Request is missing Authentication Token"}
	errTooLarge       = &api.Error{Code: "PackedPolicyTooLargeException", QueryCode: "PackedPolicyTooLarge"}
	errValidation     = &api.Error{Code: "ValidationError", Common: true}
)

// errMFA refuses a code of an MFA device: there are none here.
var errMFA = errAccessDenied.With("MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.")
