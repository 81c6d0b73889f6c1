package ec2

import (
	"encoding/json"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/policyeval"
)

// denied words a denial [X012] [X013].
func (s *Service) denied(d *api.Denial) *api.Error {
	message := "You are not authorized to perform this operation. " + d.Text(d.Action)
	if s.encode != nil && d.Target.ARN != "*" {
		message += ". Encoded authorization failure message: " + s.encode(details(d))
	}
	return errUnauthorized.With(message)
}

// details is a denial as sts:DecodeAuthorizationMessage tells it.
//
// See https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html.
func details(d *api.Denial) string {
	type principal struct {
		ID   string `json:"id"`
		Name string `json:"name,omitempty"`
		ARN  string `json:"arn"`
	}
	type context struct {
		Principal principal `json:"principal"`
		Action    string    `json:"action"`
		Resource  string    `json:"resource"`
	}
	text, err := json.Marshal(struct {
		Allowed      bool    `json:"allowed"`
		ExplicitDeny bool    `json:"explicitDeny"`
		Context      context `json:"context"`
	}{
		ExplicitDeny: d.Verdict.Reason == policyeval.ExplicitDeny,
		Context:      context{principal{d.Caller.UserID, d.Caller.Name, d.Caller.DisplayName()}, d.Action, d.Target.ARN},
	})
	if err != nil {
		panic("ec2: " + err.Error()) // texts alone
	}
	return string(text)
}
