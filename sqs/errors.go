package sqs

import (
	"strings"

	"github.com/waxseal/waxseal/internal/api"
)

// The errors of Amazon SQS.
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html.
var (
	ErrQueueDoesNotExist = &api.Error{
		Code: "QueueDoesNotExist", QueryCode: "AWS.SimpleQueueService.NonExistentQueue",
		Message:      "The specified queue does not exist.",
		QueryMessage: "The specified queue does not exist for this wsdl version.",
	}
	// ErrNoAccess is what services and principals of other accounts get for a queue that
	// they may not use, whether it exists or not [B16] [E2].
	ErrNoAccess = &api.Error{
		Code: "QueueDoesNotExist", QueryCode: "AWS.SimpleQueueService.NonExistentQueue",
		Message: "The specified queue does not exist or you do not have access to it.",
	}
	ErrQueueNameExists      = &api.Error{Code: "QueueNameExists", QueryCode: "QueueAlreadyExists"}
	ErrQueueDeletedRecently = &api.Error{
		Code: "QueueDeletedRecently", QueryCode: "AWS.SimpleQueueService.QueueDeletedRecently",
		Message: "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
	}
	ErrPurgeQueueInProgress = &api.Error{Code: "PurgeQueueInProgress", QueryCode: "AWS.SimpleQueueService.PurgeQueueInProgress", Status: 403}

	ErrInvalidParameterValue = &api.Error{Code: "InvalidParameterValueException", QueryCode: "InvalidParameterValue"}
	ErrMissingParameter      = &api.Error{Code: "MissingRequiredParameterException", QueryCode: "MissingParameter"}
	ErrInvalidAttributeName  = &api.Error{Code: "InvalidAttributeName"}
	ErrInvalidAttributeValue = &api.Error{Code: "InvalidAttributeValue"}
	ErrInvalidMessage        = &api.Error{Code: "InvalidMessageContents"}
	ErrReceiptHandle         = &api.Error{Code: "ReceiptHandleIsInvalid", Status: 404}
	ErrOverLimit             = &api.Error{Code: "OverLimit", Status: 403}
	ErrResourceNotFound      = &api.Error{Code: "ResourceNotFoundException", Status: 404}
	ErrUnsupported           = &api.Error{Code: "UnsupportedOperation", QueryCode: "AWS.SimpleQueueService.UnsupportedOperation"}
	ErrInvalidSecurity       = &api.Error{
		Code: "InvalidSecurity", Status: 403,
		Message: "All requests to this queue must use HTTPS and SigV4.",
	}

	ErrEmptyBatch     = &api.Error{Code: "EmptyBatchRequest", QueryCode: "AWS.SimpleQueueService.EmptyBatchRequest"}
	ErrTooManyEntries = &api.Error{Code: "TooManyEntriesInBatchRequest", QueryCode: "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"}
	ErrNotDistinct    = &api.Error{Code: "BatchEntryIdsNotDistinct", QueryCode: "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"}
	ErrBatchTooLong   = &api.Error{Code: "BatchRequestTooLong", QueryCode: "AWS.SimpleQueueService.BatchRequestTooLong"}
	ErrBatchEntryID   = &api.Error{
		Code: "InvalidBatchEntryId", QueryCode: "AWS.SimpleQueueService.InvalidBatchEntryId",
		Message: "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
	}

	ErrKmsAccessDenied    = &api.Error{Code: "KmsAccessDenied", QueryCode: "KMS.AccessDeniedException"}
	ErrKmsDisabled        = &api.Error{Code: "KmsDisabled", QueryCode: "KMS.DisabledException"}
	ErrKmsInvalidState    = &api.Error{Code: "KmsInvalidState", QueryCode: "KMS.InvalidStateException"}
	ErrKmsNotFound        = &api.Error{Code: "KmsNotFound", QueryCode: "KMS.NotFoundException"}
	ErrKmsOptInRequired   = &api.Error{Code: "KmsOptInRequired", QueryCode: "KMS.OptInRequired", Status: 403}
	ErrKmsThrottled       = &api.Error{Code: "KmsThrottled", QueryCode: "KMS.ThrottlingException"}
	ErrKmsInvalidKeyUsage = &api.Error{Code: "KmsInvalidKeyUsage", QueryCode: "KMS.InvalidKeyUsageException"}

	errAccessDenied = &api.Error{Code: "AccessDeniedException", QueryCode: "AccessDenied", Status: 403, Common: true}
)

// denied words a refusal: SQS spells actions in lower case [E2].
func denied(d *api.Denial) *api.Error {
	return errAccessDenied.With(d.Text(strings.ToLower(d.Action)))
}

// onlyOwner is SQS's message for actions that only the queue's account may use.
const onlyOwner = "Only the queue owner is allowed to invoke this action."

// ownerOnly is the refusal of an operation that no policy opens to other accounts [D2].
func ownerOnly(*api.Denial) *api.Error {
	return errAccessDenied.With(onlyOwner)
}

// invalid words the first violation. The only constraint that the shapes declare is
// that a member is required.
func invalid(violations []api.Violation) *api.Error {
	v := violations[0]
	if v.Null {
		return missing(v.Member)
	}
	return ErrInvalidParameterValue.With(api.ValidationText(violations))
}

func missing(parameter string) *api.Error {
	return ErrMissingParameter.Withf("The request must contain the parameter %s.", parameter)
}

// badValue is the usual refusal of a parameter's value.
func badValue(value any, parameter, reason string) *api.Error {
	return ErrInvalidParameterValue.Withf("Value %v for parameter %s is invalid. Reason: %s", value, parameter, reason)
}

func unknownAttribute(name string) *api.Error {
	return ErrInvalidAttributeName.Withf("Unknown Attribute %s.", name)
}

func badAttribute(name string) *api.Error {
	return ErrInvalidAttributeValue.Withf("Invalid value for the parameter %s.", name)
}

// because is e with its cause.
func because(e *api.Error, cause error) *api.Error {
	c := *e
	c.Cause = cause
	return &c
}
