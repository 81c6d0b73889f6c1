package ssm

import "github.com/waxseal/waxseal/internal/api"

// The errors of Systems Manager.
//
// See https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html#API_GetParameter_Errors.
var (
	errAccessDenied      = &api.Error{Code: "AccessDeniedException", Common: true}
	errParameterNotFound = &api.Error{Code: "ParameterNotFound"}
	errValidation        = &api.Error{Code: "ValidationException", Common: true}
)
