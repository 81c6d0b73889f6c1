package iam

import "github.com/waxseal/waxseal/internal/api"

// The errors of IAM. Statuses and codes are those of its API reference.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html.
var (
	errAccessDenied   = &api.Error{Code: "AccessDenied", Status: 403, Common: true}
	errNoSuchEntity   = &api.Error{Code: "NoSuchEntityException", QueryCode: "NoSuchEntity", Status: 404}
	errExists         = &api.Error{Code: "EntityAlreadyExistsException", QueryCode: "EntityAlreadyExists", Status: 409}
	errDeleteConflict = &api.Error{Code: "DeleteConflictException", QueryCode: "DeleteConflict", Status: 409}
	errLimitExceeded  = &api.Error{Code: "LimitExceededException", QueryCode: "LimitExceeded", Status: 409}
	errMalformed      = &api.Error{Code: "MalformedPolicyDocumentException", QueryCode: "MalformedPolicyDocument"}
	errInvalidInput   = &api.Error{Code: "InvalidInputException", QueryCode: "InvalidInput"}
	errValidation     = &api.Error{Code: "ValidationError", Common: true}
)

func noSuch(kind, name string) *api.Error {
	return errNoSuchEntity.Withf("The %s with name %s cannot be found.", kind, name)
}

func exists(kind, name string) *api.Error {
	return errExists.Withf("%s with name %s already exists.", kind, name)
}
