package server

import (
	"context"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

// Credentials are fresh credentials of a principal: "root", "role/NAME",
// "user/NAME" of the default account, or the ARN of an account's root, a role
// or a user. It fails with identity.ErrNotFound where there is none.
func (s *Server) Credentials(ctx context.Context, principal string) (*identity.Issued, error) {
	account, spec := s.config.Account, principal
	if a, err := arn.Parse(principal); err == nil {
		account, spec = a.AccountID, a.Resource
	}
	return s.issue(ctx, account, spec)
}

func (s *Server) issue(ctx context.Context, account, spec string) (*identity.Issued, error) {
	if spec == "root" && !s.config.Strict.Credentials && arn.IsAccountID(account) {
		// Any access key that was not made here is the root user's; one that
		// spells an account is that account's.
		return &identity.Issued{AccessKeyID: account, SecretAccessKey: "root"}, nil
	}
	var issued *identity.Issued
	var err error
	s.inWorld(func(w *world) {
		issued, err = w.identity.Issue(ctx, account, s.config.Region, spec)
	})
	return issued, err
}

// Explain says in words why a request was allowed or denied, decision by
// decision: those of the request itself and of the calls that services made
// on its behalf, and before them why a document that it carried was refused. It
// is empty where nothing of the request is remembered.
func (s *Server) Explain(requestID string) string {
	return s.explainRequest(requestID, policyeval.TextOptions{})
}

func (s *Server) explainRequest(requestID string, o policyeval.TextOptions) string {
	var texts []string
	s.inWorld(func(w *world) {
		texts = w.explainRefusals(requestID)
		for _, d := range w.decisionsOf(requestID) {
			texts = append(texts, d.Text(o))
		}
	})
	return strings.Join(texts, "\n")
}

// decisionsOf are the decisions of a request: its own come first.
func (w *world) decisionsOf(requestID string) []*trail.Decision {
	var decisions []*trail.Decision
	for d := range w.dispatcher.decisions.Newest() {
		if d.Of(requestID) {
			decisions = append(decisions, d)
		}
	}
	slices.Reverse(decisions)
	return decisions
}

// lastDenial is the id of the newest request that was denied; empty where none was.
func (s *Server) lastDenial() (requestID string) {
	s.inWorld(func(w *world) {
		for d := range w.dispatcher.decisions.Newest() {
			if effect(d) == "Deny" {
				requestID = d.RequestID
				return
			}
		}
	})
	return requestID
}

// Operations are the names of the operations of a service, such as sqs.
func (s *Server) Operations(service string) []string {
	var names []string
	s.inWorld(func(w *world) {
		if known := w.dispatcher.services[service]; known != nil {
			for name := range known.operations {
				names = append(names, name)
			}
		}
	})
	return names
}
