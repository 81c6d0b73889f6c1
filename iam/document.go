package iam

import (
	"encoding/json"

	"github.com/waxseal/waxseal/policyeval"
)

// checkDocument refuses a policy document that IAM refuses when it is set.
func checkDocument(document string) error {
	if !json.Valid([]byte(document)) {
		return errMalformed.With("This policy contains invalid Json")
	}
	if _, err := policyeval.Parse(document); err != nil {
		return errMalformed.With("Syntax errors in policy.")
	}
	return nil
}
