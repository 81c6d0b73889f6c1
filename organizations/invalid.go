package organizations

import "github.com/waxseal/waxseal/internal/api"

// wordings is what Organizations says of input that breaks a constraint of its
// shape, and the reason that the error carries: neither the member nor what it
// may be, of which other services tell.
var wordings = map[api.Rule]struct{ message, reason string }{
	api.RuleParts:     {"You provided a list to a parameter that contains at least one invalid value.", "INVALID_LIST_MEMBER"},
	api.RulePattern:   {"You provided a value that does not match the required pattern.", "INVALID_PATTERN"},
	api.RuleEnum:      {"You specified an invalid value.", "INVALID_ENUM"},
	api.RuleMinLength: {"You provided a string parameter that is shorter than allowed.", "MIN_LENGTH_EXCEEDED"},
	api.RuleMaxLength: {"You provided a string parameter that is longer than allowed.", "MAX_LENGTH_EXCEEDED"},
	api.RuleMinValue:  {"You provided a numeric parameter that has a smaller value than allowed.", "MIN_VALUE_EXCEEDED"},
	api.RuleMaxValue:  {"You provided a numeric parameter that has a larger value than allowed.", "MAX_VALUE_EXCEEDED"},
}

// invalid is the error for input that breaks its shape's constraints: one of
// them, and first what is missing.
func invalid(violations []api.Violation) *api.Error {
	for _, v := range violations {
		if v.Null {
			return errInvalid.With("You must include a value for all required parameters.").Because("INPUT_REQUIRED")
		}
	}
	w := wordings[violations[0].Rule]
	return errInvalid.With(w.message).Because(w.reason)
}
