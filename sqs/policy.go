package sqs

import (
	"context"
	"log/slog"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/policyeval"
)

// validPolicy is a queue policy in the form in which it is kept: as it was
// given, with the version 2008-10-17 where it names none (D8). The log is told
// what a person hardly meant.
func (s *Service) validPolicy(ctx context.Context, n name, text string) (string, error) {
	document, err := policyeval.Parse(text)
	if err != nil {
		return "", badAttribute("Policy")
	}
	problems := policyeval.Validate(document, policyeval.ValidateOptions{
		Kind: policyeval.QueuePolicy, Account: n.account, Exists: s.existence(ctx, n),
	})
	if len(problems) > 0 {
		return "", refusal(problems[0])
	}
	s.lint(ctx, n, document)
	if document.Version() == "" {
		text = strings.Replace(text, "{", `{"Version":"2008-10-17",`, 1)
	}
	return text, nil
}

func (s *Service) lint(ctx context.Context, n name, d *policyeval.Document) {
	api.LintPolicy(ctx, s.Log, d, policyeval.LintContext{Kind: policyeval.QueuePolicy, Resource: n.arn(), Account: n.account})
}

// refusal words a problem of a queue policy. AWS gives a reason for one kind alone.
func refusal(p policyeval.Problem) *api.Error {
	if p.Code == policyeval.UnknownAction {
		return badValue(p.Value, "ActionName", "Please refer to the appropriate WSDL for a list of valid actions.")
	}
	return because(badAttribute("Policy"), p)
}

// existence is what the check of a policy asks of principals; nil: nothing.
func (s *Service) existence(ctx context.Context, n name) func(string) bool {
	if s.PrincipalExists == nil {
		return nil
	}
	return func(principal string) bool {
		if s.PrincipalExists(ctx, principal) {
			return true
		}
		if s.WarnPrincipals {
			s.Log.LogAttrs(ctx, slog.LevelWarn, "sqs: a queue policy names a principal that does not exist",
				slog.String("queue", n.arn()), slog.String("principal", principal))
		}
		return s.WarnPrincipals
	}
}
