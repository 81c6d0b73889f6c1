package waxseal

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/explain"
	"github.com/waxseal/waxseal/internal/layout"
	"github.com/waxseal/waxseal/policyeval"
)

// Explain says why a call failed: which policies were evaluated, which of their
// statements matched or nearly matched, and what would have allowed the call; or why a
// document that the call carried was refused, with line and column. err is what the
// SDK's call returned. The result is the error's own text where the call failed for
// another reason, and empty where err is nil.
func (s *Server) Explain(err error) string {
	if err == nil {
		return ""
	}
	if id := requestID(err); id != "" {
		if text := s.explainer().Request(context.Background(), id, policyeval.TextOptions{}); text != "" {
			return layout.Wrap(text, layout.Width)
		}
	}
	return err.Error()
}

func (s *Server) explainer() explain.Explainer {
	return explain.Explainer{Runtime: s.server.Runtime()}
}

// requestID is the id of the request that failed; empty: err is not an answer
// of the server.
func requestID(err error) string {
	if r, ok := errors.AsType[interface {
		error
		ServiceRequestID() string
	}](err); ok {
		return r.ServiceRequestID()
	}
	return ""
}

// Denied asserts that err is a denial of action, such as "sqs:SendMessage", and
// returns the explanation of that denial. Otherwise it fails the test, which
// continues, and returns an empty text. It also accepts the denial of a call
// that a service made on the caller's behalf: sending to an encrypted queue can
// be denied kms:GenerateDataKey.
func (s *Server) Denied(err error, action string) string {
	s.t.Helper()
	if prefix, operation, ok := strings.Cut(action, ":"); !ok || prefix == "" || operation == "" {
		s.t.Errorf("waxseal: Denied: %q is not an action: name the service and the operation, as in sqs:SendMessage", action)
		return ""
	}
	if err == nil {
		s.t.Errorf("waxseal: %s was to be denied, but the call succeeded.\n%s", action, s.last(action))
		return ""
	}
	id := requestID(err)
	if id == "" {
		s.t.Errorf("waxseal: %s was to be denied, but this error is no answer of the server: %v\nGive Denied what the SDK's call returned.", action, err)
		return ""
	}
	if text, ok := s.explainer().Denied(context.Background(), id, action); ok {
		return layout.Wrap(text, layout.Width)
	}
	s.t.Errorf("waxseal: %s was to be denied, but the call failed otherwise: %v\n%s", action, err, layout.Wrap(s.explainer().Request(context.Background(), id, policyeval.TextOptions{}), layout.Width))
	return ""
}

// last explains the newest decision on the action.
func (s *Server) last(action string) string {
	for _, d := range slices.Backward(s.decisions()) {
		if strings.EqualFold(d.Request.Action, action) {
			return "The last decision on it:\n" + layout.Wrap(d.Text(policyeval.TextOptions{}), layout.Width)
		}
	}
	return "No call asked for it: is the action spelled as IAM spells it, and is the client one of this server's Config or As?"
}
