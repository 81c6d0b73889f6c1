package sqs

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/waxseal/waxseal/policyeval"
)

// validPolicy is a queue policy in the form in which it is kept: as it was
// given, with the version 2008-10-17 where it names none. A document that is
// refused gets no reason (D8).
func (s *Service) validPolicy(_ context.Context, _ name, text string) (string, error) {
	if len(text) > maxPolicySize || !strings.HasPrefix(strings.TrimSpace(text), "{") {
		return "", badAttribute("Policy")
	}
	var top map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &top); err != nil {
		return "", badAttribute("Policy")
	}
	if _, err := policyeval.Parse(text); err != nil {
		return "", badAttribute("Policy")
	}
	if _, ok := top["Version"]; !ok {
		text = strings.Replace(text, "{", `{"Version":"2008-10-17",`, 1)
	}
	return text, nil
}
