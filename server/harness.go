package server

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/policyeval"
	"github.com/waxseal/waxseal/sns"
)

// Credentials are fresh credentials of a principal: "root", "role/NAME",
// "user/NAME" of the default account, or the ARN of an account's root, a role
// or a user. It fails with identity.ErrNotFound where there is none.
func (s *Server) Credentials(ctx context.Context, principal string) (*identity.Issued, error) {
	account, spec := s.config.Account, principal
	if a, err := arn.Parse(principal); err == nil {
		account, spec = a.AccountID, a.Resource
	}
	if spec == "root" {
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
// on its behalf. It is empty where no decision of the request is remembered.
func (s *Server) Explain(requestID string) string {
	return s.explainRequest(requestID, policyeval.TextOptions{})
}

func (s *Server) explainRequest(requestID string, o policyeval.TextOptions) string {
	var texts []string
	s.inWorld(func(w *world) {
		for d := range w.dispatcher.decisions.Newest() {
			if d.Of(requestID) {
				texts = append(texts, d.Text(o))
			}
		}
	})
	slices.Reverse(texts) // the request's own decisions come first
	return strings.Join(texts, "\n")
}

// explainMessage says what became of an SNS message: each delivery, and of
// those that were refused the decision. It is empty where none is remembered.
func (s *Server) explainMessage(messageID string, o policyeval.TextOptions) string {
	var text strings.Builder
	s.inWorld(func(w *world) {
		for d := range w.deliveries.newest() {
			if d.MessageID != messageID {
				continue
			}
			fmt.Fprintf(&text, "%s  %s %s (%d attempts)\n  subscription %s\n", d.Status, d.Protocol, d.Endpoint, d.Attempts, d.SubscriptionArn)
			if d.ProviderResponse != "" {
				fmt.Fprintf(&text, "  answer %s\n", d.ProviderResponse)
			}
			if l := d.DeadLetter; l != nil {
				fmt.Fprintf(&text, "  dead-letter queue %s: %s %s\n", l.QueueArn, l.Status, l.ProviderResponse)
			}
			if d.Status == sns.StatusSuccess {
				continue
			}
			for _, id := range deniedBy(&d) {
				text.WriteString("\n" + s.explainRequest(id, o))
			}
		}
	})
	return text.String()
}

// deniedBy are the requests whose decisions say why a delivery failed.
func deniedBy(d *sns.Delivery) []string {
	var requests []string
	if d.DecisionRequestID != "" {
		requests = append(requests, d.DecisionRequestID)
	}
	if d.DeadLetter != nil && d.DeadLetter.Status != sns.StatusSuccess && d.DeadLetter.DecisionRequestID != "" {
		requests = append(requests, d.DeadLetter.DecisionRequestID)
	}
	return requests
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
