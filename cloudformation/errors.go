package cloudformation

import (
	"errors"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/template"
)

// The errors of CloudFormation [C004].
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/CommonErrors.html and each operation's page.
var (
	ErrAccessDenied             = &api.Error{Code: "AccessDenied", Status: 403, Common: true}
	ErrAlreadyExists            = &api.Error{Code: "AlreadyExistsException"}
	ErrChangeSetNotFound        = &api.Error{Code: "ChangeSetNotFoundException", QueryCode: "ChangeSetNotFound", Status: 404}
	ErrInsufficientCapabilities = &api.Error{Code: "InsufficientCapabilitiesException"}
	ErrInvalidChangeSetStatus   = &api.Error{Code: "InvalidChangeSetStatusException", QueryCode: "InvalidChangeSetStatus"}
	ErrTokenAlreadyExists       = &api.Error{Code: "TokenAlreadyExistsException"}
	ErrValidation               = &api.Error{Code: "ValidationError", Common: true}
)

// The four wordings of one fault [C039].
func stackIDMissing(name string) *api.Error {
	return ErrValidation.Withf("Stack with id %s does not exist", name)
}

func stackMissing(name string) *api.Error {
	return ErrValidation.Withf("Stack [%s] does not exist", name)
}

func quotedMissing(name string) *api.Error {
	return ErrValidation.Withf("Stack '%s' does not exist", name)
}

func changeSetMissing(name string) *api.Error {
	return ErrChangeSetNotFound.Withf("ChangeSet [%s] does not exist", name) // [C086]
}

func resourceMissing(id, stack string) *api.Error {
	return ErrValidation.Withf("Resource %s does not exist for stack %s", id, stack) // [C060]
}

var (
	errNoUpdates      = ErrValidation.With("No updates are to be performed.")                         // [C033]
	errNoTemplate     = ErrValidation.With("Either Template URL or Template Body must be specified.") // [C044]
	errTwoTemplates   = ErrValidation.With("Only one of Template URL or Template Body must be specified.")
	errChangeSetStack = ErrValidation.With("StackName must be specified if ChangeSetName is not specified as an ARN.") // [C086]
	errToken          = ErrValidation.With("The token is not valid, or was given for other parameters.")
	errNoPolicies     = ErrValidation.With("Stack policies are not available.")
	errNoTriggers     = ErrValidation.With("Rollback triggers are not available: there are no alarms.")
	errNoImport       = ErrValidation.With("Existing resources cannot be imported into a stack.")
)

// denied words a refused call.
func denied(d *api.Denial) *api.Error { return ErrAccessDenied.With(d.Text(d.Action)) }

// invalid is the error for an input that breaks constraints of its shape [C005] [C008].
func invalid(violations []api.Violation) *api.Error {
	return ErrValidation.With(api.ValidationText(violations))
}

// badTemplate is the error for a template that cannot be deployed. Where its fault stands
// AWS does not say; the log does.
func badTemplate(err error) error {
	fault, ok := errors.AsType[*template.Error](err)
	if !ok {
		return err
	}
	e := *ErrValidation.With(fault.Message)
	e.Cause = &api.Refusal{Kind: "template", Reason: fault.Message, Position: position(fault.At)}
	if fault.Transform != "" {
		return &transformFailed{&e}
	}
	return &e
}

// transformFailed is the error of a template whose transform fails: a change set is made
// and has failed with it [C121].
type transformFailed struct{ refused *api.Error }

func (e *transformFailed) Error() string { return e.refused.Error() }
func (e *transformFailed) Unwrap() error { return e.refused }
