package sns

import (
	"errors"
	"fmt"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
)

// The errors of Amazon SNS.
//
// See https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html and each operation's page.
var (
	ErrAuthorization         = &api.Error{Code: "AuthorizationErrorException", QueryCode: "AuthorizationError", Status: 403}
	ErrBatchIDsNotDistinct   = &api.Error{Code: "BatchEntryIdsNotDistinctException", QueryCode: "BatchEntryIdsNotDistinct", Message: "Two or more batch entries in the request have the same Id."}
	ErrBatchTooLong          = &api.Error{Code: "BatchRequestTooLongException", QueryCode: "BatchRequestTooLong", Message: "The length of all the messages put together is more than the limit."}
	ErrEmptyBatch            = &api.Error{Code: "EmptyBatchRequestException", QueryCode: "EmptyBatchRequest", Message: "The batch request doesn't contain any entries."}
	ErrEndpointDisabled      = &api.Error{Code: "EndpointDisabledException", QueryCode: "EndpointDisabled", Message: "Endpoint is disabled"}
	ErrInvalidBatchEntryID   = &api.Error{Code: "InvalidBatchEntryIdException", QueryCode: "InvalidBatchEntryId"}
	ErrInvalidParameter      = &api.Error{Code: "InvalidParameterException", QueryCode: "InvalidParameter"}
	ErrInvalidParameterValue = &api.Error{Code: "InvalidParameterValueException", QueryCode: "ParameterValueInvalid"}
	ErrInvalidSecurity       = &api.Error{Code: "InvalidSecurityException", QueryCode: "InvalidSecurity", Status: 403, Message: "The credential signature isn't valid. You must use an HTTPS endpoint and sign your request using Signature Version 4."}
	ErrInvalidState          = &api.Error{Code: "InvalidStateException", QueryCode: "InvalidState"}
	ErrKMSAccessDenied       = &api.Error{Code: "KMSAccessDeniedException", QueryCode: "KMSAccessDenied"}
	ErrKMSDisabled           = &api.Error{Code: "KMSDisabledException", QueryCode: "KMSDisabled"}
	ErrKMSInvalidState       = &api.Error{Code: "KMSInvalidStateException", QueryCode: "KMSInvalidState"}
	ErrKMSNotFound           = &api.Error{Code: "KMSNotFoundException", QueryCode: "KMSNotFound"}
	ErrKMSOptInRequired      = &api.Error{Code: "KMSOptInRequired", Status: 403}
	ErrKMSThrottling         = &api.Error{Code: "KMSThrottlingException", QueryCode: "KMSThrottling"}
	ErrNotFound              = &api.Error{Code: "NotFoundException", QueryCode: "NotFound", Status: 404}
	ErrOptedOut              = &api.Error{Code: "OptedOutException", QueryCode: "OptedOut"}
	ErrPlatformDisabled      = &api.Error{Code: "PlatformApplicationDisabledException", QueryCode: "PlatformApplicationDisabled", Message: "Platform application is disabled"}
	ErrResourceNotFound      = &api.Error{Code: "ResourceNotFoundException", QueryCode: "ResourceNotFound", Status: 404, Message: "Resource does not exist"}
	ErrTagLimitExceeded      = &api.Error{Code: "TagLimitExceededException", QueryCode: "TagLimitExceeded", Message: "Could not complete request: tag quota of per resource exceeded"}
	ErrTooManyEntries        = &api.Error{Code: "TooManyEntriesInBatchRequestException", QueryCode: "TooManyEntriesInBatchRequest", Message: "The batch request contains more entries than permissible."}
	ErrUserError             = &api.Error{Code: "UserErrorException", QueryCode: "UserError"}
	ErrValidation            = &api.Error{Code: "ValidationException", QueryCode: "ValidationError"}
	ErrVerification          = &api.Error{Code: "VerificationException", Message: "The one-time password (OTP) is incorrect or has expired."}
)

var (
	errTopicNotFound        = ErrNotFound.With("Topic does not exist")
	errSubscriptionNotFound = ErrNotFound.With("Subscription does not exist")
	errApplicationNotFound  = ErrNotFound.With("PlatformApplication does not exist")
	errUnreachable          = invalidParameter("Unreachable Endpoint")
	errDeviceNotFound       = ErrNotFound.With("Endpoint does not exist")
)

// errNowhere ends the attempts at HTTP endpoints of a service without a HTTPSender.
var errNowhere = errors.New("sns: nothing here posts to HTTP endpoints")

// invalidParameter is the error of nearly every mistake in a request: its text
// follows "Invalid parameter: ".
func invalidParameter(format string, args ...any) *api.Error {
	return ErrInvalidParameter.With("Invalid parameter: " + fmt.Sprintf(format, args...))
}

// badDocument is the refusal of an attribute, with the reason for the log where
// the attribute is a document.
func badDocument(name, reason string) *api.Error {
	e := invalidParameter("%s: %s", name, reason)
	if !strings.HasSuffix(name, "Policy") {
		return e
	}
	return api.Refused(e, name, "", errors.New(strings.ReplaceAll(reason, "\n", "")))
}

// denied words a refused call; SNS spells its actions SNS:Publish.
func denied(d *api.Denial) *api.Error {
	return ErrAuthorization.With(d.Text(strings.Replace(d.Action, "sns:", "SNS:", 1)))
}

// absent refuses a call without a member that it needs.
func absent(path string) *api.Error {
	return invalid([]api.Violation{{Path: path, Null: true, Constraint: "Member must not be null"}})
}

func invalid(violations []api.Violation) *api.Error {
	return ErrValidation.With(api.ValidationText(violations))
}
