package sts

import "github.com/waxseal/waxseal/internal/api"

// The errors of STS. Statuses and codes are those of its API reference.
//
// See https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html.
var (
	errAccessDenied = &api.Error{Code: "AccessDenied", Status: 403, Common: true}
	errValidation   = &api.Error{Code: "ValidationError", Common: true}
	errInvalidValue = &api.Error{Code: "InvalidParameterValue", Common: true}
	errMalformed    = &api.Error{Code: "MalformedPolicyDocumentException", QueryCode: "MalformedPolicyDocument"}
	errTooLarge     = &api.Error{Code: "PackedPolicyTooLargeException", QueryCode: "PackedPolicyTooLarge"}
	errMissingToken = &api.Error{Code: "MissingAuthenticationToken", Status: 403, Common: true, Message: "Request is missing Authentication Token"}
)
