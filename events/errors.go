package events

import (
	"strings"

	"github.com/waxseal/waxseal/internal/api"
)

// The errors of Amazon EventBridge. All client errors are answered with status 400 [V002].
//
// See https://docs.aws.amazon.com/eventbridge/latest/APIReference/CommonErrors.html and each operation's page.
var (
	ErrAccessDenied          = &api.Error{Code: "AccessDeniedException", Common: true}
	ErrInvalidEventPattern   = &api.Error{Code: "InvalidEventPatternException"}
	ErrLimitExceeded         = &api.Error{Code: "LimitExceededException", Message: "The requested resource exceeds the maximum number allowed."}
	ErrPolicyLengthExceeded  = &api.Error{Code: "PolicyLengthExceededException"}
	ErrResourceAlreadyExists = &api.Error{Code: "ResourceAlreadyExistsException"}
	ErrResourceNotFound      = &api.Error{Code: "ResourceNotFoundException"}
	ErrValidation            = &api.Error{Code: "ValidationException", Common: true} // [V004]
)

// invalidParameter refuses a value, with EventBridge's words around the reason [V070].
func invalidParameter(name, reason string) *api.Error {
	if reason == "" {
		return ErrValidation.Withf("Parameter %s is not valid.", name)
	}
	return ErrValidation.Withf("Parameter %s is not valid. Reason: %s", name, reason)
}

// absent refuses an input that lacks a member, or one of several, which the shape itself
// does not require [V042].
func absent(names ...string) *api.Error {
	return ErrValidation.Withf("Parameter(s) %s must be specified.", strings.Join(names, " or "))
}

func busMissing(name string) *api.Error {
	return ErrResourceNotFound.Withf("Event bus %s does not exist.", name) // [V019]
}

func ruleMissing(rule, bus string) *api.Error {
	return ErrResourceNotFound.Withf("Rule %s does not exist on EventBus %s.", rule, bus) // [V050]
}

// denied words a refused call.
func denied(d *api.Denial) *api.Error { return ErrAccessDenied.With(d.Text(d.Action)) }

// invalid is the error for an input that breaks constraints of its shape [V005] [V006].
func invalid(violations []api.Violation) *api.Error {
	return ErrValidation.With(api.ValidationText(violations))
}
