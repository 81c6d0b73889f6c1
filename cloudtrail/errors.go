package cloudtrail

import "github.com/waxseal/waxseal/internal/api"

// The errors of CloudTrail. All client errors are answered with status 400 [T001].
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/CommonErrors.html and each operation's page.
var (
	ErrAccessDenied            = &api.Error{Code: "AccessDeniedException", Common: true}
	ErrInvalidEventCategory    = &api.Error{Code: "InvalidEventCategoryException", Message: "The event category is not valid: insight is the only one that can be given."}
	ErrInvalidLookupAttributes = &api.Error{Code: "InvalidLookupAttributesException"}
	ErrInvalidMaxResults       = &api.Error{Code: "InvalidMaxResultsException"}
	ErrInvalidNextToken        = &api.Error{Code: "InvalidNextTokenException", Message: "The token is not valid, or was given for other parameters."}
	ErrInvalidTimeRange        = &api.Error{Code: "InvalidTimeRangeException", Message: "The start time is after the end time."}
	ErrValidation              = &api.Error{Code: "ValidationException", Common: true}
)

// invalidMembers are the errors for members of an input that break a constraint;
// for others it is ErrValidation.
var invalidMembers = map[string]*api.Error{
	"EventCategory":    ErrInvalidEventCategory,
	"LookupAttributes": ErrInvalidLookupAttributes,
	"MaxResults":       ErrInvalidMaxResults,
}

// invalid is the error for an input that breaks constraints of its shape. Its code is
// about the first of them.
func invalid(violations []api.Violation) *api.Error {
	if e := invalidMembers[violations[0].Member]; e != nil {
		return e.With(api.ValidationText(violations))
	}
	return ErrValidation.With(api.ValidationText(violations))
}

// denied words a refused call.
func denied(d *api.Denial) *api.Error { return ErrAccessDenied.With(d.Text(d.Action)) }
