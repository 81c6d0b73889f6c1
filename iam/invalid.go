package iam

import (
	"slices"

	"github.com/waxseal/waxseal/internal/api"
)

// ownWords are the members whose pattern IAM checks itself and words itself,
// and what it says of them. The other members, names of instance profiles and
// of certificates among them, break a pattern of the model as anywhere in AWS.
var ownWords = map[string]string{
	"userName": ofName, "newUserName": ofName,
	"groupName": ofName, "newGroupName": ofName,
	"roleName": ofName, "policyName": ofName,
	"path": ofPath, "newPath": ofPath,
	"pathPrefix": "It must begin with the / character and contain only alphanumeric characters and/or / characters.",
}

const (
	ofName = "It must contain only alphanumeric characters and/or the following: +=,.@_-"
	ofPath = "It must begin and end with / and contain only alphanumeric characters and/or / characters."
)

// invalid is the error for input that breaks its shape's constraints. What IAM
// words itself is said alone, and before anything about lengths.
func invalid(violations []api.Violation) *api.Error {
	if words := inOwnWords(violations); words != "" {
		return errValidation.With(words)
	}
	for i := range violations {
		violations[i].Shown = false // IAM never repeats a value [I011]
	}
	return errValidation.With(api.ValidationText(violations))
}

// inOwnWords is what IAM says of the first member that it checks itself. It does
// so once all is there that must be.
func inOwnWords(violations []api.Violation) string {
	if slices.ContainsFunc(violations, func(v api.Violation) bool { return v.Null }) {
		return ""
	}
	for _, v := range violations {
		if words, ok := ownWords[v.Path]; ok && v.Rule == api.RulePattern {
			return "The specified value for " + v.Path + " is invalid. " + words
		}
	}
	return ""
}
