package sns

import (
	"fmt"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
)

// The errors of Amazon SNS.
//
// See https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html and each operation's page.
var (
	ErrAuthorization         = &api.Error{Code: "AuthorizationErrorException", QueryCode: "AuthorizationError", Status: 403}
	ErrInvalidParameter      = &api.Error{Code: "InvalidParameterException", QueryCode: "InvalidParameter"}
	ErrInvalidParameterValue = &api.Error{Code: "InvalidParameterValueException", QueryCode: "ParameterValueInvalid"}
	ErrInvalidSecurity       = &api.Error{
		Code: "InvalidSecurityException", QueryCode: "InvalidSecurity", Status: 403,
		Message: "The credential signature isn't valid. You must use an HTTPS endpoint and sign your request using Signature Version 4.",
	}
	ErrKMSAccessDenied  = &api.Error{Code: "KMSAccessDeniedException", QueryCode: "KMSAccessDenied"}
	ErrKMSDisabled      = &api.Error{Code: "KMSDisabledException", QueryCode: "KMSDisabled"}
	ErrKMSInvalidState  = &api.Error{Code: "KMSInvalidStateException", QueryCode: "KMSInvalidState"}
	ErrKMSNotFound      = &api.Error{Code: "KMSNotFoundException", QueryCode: "KMSNotFound"}
	ErrKMSOptInRequired = &api.Error{Code: "KMSOptInRequired", Status: 403}
	ErrKMSThrottling    = &api.Error{Code: "KMSThrottlingException", QueryCode: "KMSThrottling"}
	ErrNotFound         = &api.Error{Code: "NotFoundException", QueryCode: "NotFound", Status: 404}
	ErrValidation       = &api.Error{Code: "ValidationException", QueryCode: "ValidationError"}
)

var (
	errTopicNotFound        = ErrNotFound.With("Topic does not exist")
	errSubscriptionNotFound = ErrNotFound.With("Subscription does not exist")
)

// invalidParameter is the error of nearly every mistake in a request: its text
// follows "Invalid parameter: ".
func invalidParameter(format string, args ...any) *api.Error {
	return ErrInvalidParameter.With("Invalid parameter: " + fmt.Sprintf(format, args...))
}

// denied words a refused call; SNS spells its actions SNS:Publish.
func denied(d *api.Denial) *api.Error {
	return ErrAuthorization.With(d.Text(strings.Replace(d.Action, "sns:", "SNS:", 1)))
}

func invalid(violations []api.Violation) *api.Error {
	return ErrValidation.With(api.ValidationText(violations))
}
