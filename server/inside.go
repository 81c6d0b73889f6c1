package server

import (
	"context"
	"slices"

	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/sns"
	"github.com/waxseal/waxseal/sqs"
)

// What the control API shows to everybody, a program that holds the Server has
// by these methods. Lists are in the order in which things happened, and reach
// back as far as the trail does.

// Decisions are the decisions of the authorizer.
func (s *Server) Decisions() (decisions []*trail.Decision) {
	s.inWorld(func(w *world) { decisions = slices.Collect(w.dispatcher.Decisions().Newest()) })
	slices.Reverse(decisions)
	return decisions
}

// Allowed reports whether a call was allowed by that decision: one that its
// policies allow may still be the owner's alone.
func Allowed(d *trail.Decision) bool { return effect(d) == "Allow" }

// Events are the API calls as CloudTrail records them.
func (s *Server) Events() (events []*trail.Event) {
	s.inWorld(func(w *world) { events = slices.Collect(w.dispatcher.Events()) })
	slices.Reverse(events)
	return events
}

// Deliveries are SNS's deliveries, each as it stands now, in the order of their
// first attempts.
func (s *Server) Deliveries() (deliveries []sns.Delivery) {
	s.inWorld(func(w *world) { deliveries = slices.Collect(w.deliveries.newest()) })
	slices.Reverse(deliveries)
	return deliveries
}

// AtRest is what is stored of a queue's messages, oldest first; found is false
// where there is no such queue.
func (s *Server) AtRest(ctx context.Context, account, region, queue string) (messages []sqs.AtRestMessage, found bool, err error) {
	s.inWorld(func(w *world) { messages, found, err = w.sqs.AtRest(ctx, account, region, queue) })
	return messages, found, err
}

// Uncovered are the statements that no request has exercised.
type Uncovered struct {
	Owner, Kind, Name string // of the policy
	Sid, Effect       string
	Index             int    // from 0, in the policy
	File              string // that the policy was declared in; empty: in none
	Line              int    // from 1, in the file or in the document
}

// Coverage is how much of the policies in force requests have exercised: 100,
// rounded down to one decimal, is every statement.
func (s *Server) Coverage(ctx context.Context) (percent float64, uncovered []Uncovered, err error) {
	var report *coverageReport
	s.inWorld(func(w *world) { report, err = w.coverageReport(ctx) })
	if err != nil {
		return 0, nil, err
	}
	for _, p := range report.Policies {
		for i, st := range p.Statements {
			if st.Allowed+st.Denied == 0 {
				uncovered = append(uncovered, Uncovered{p.Owner, p.Kind, p.Name, st.Sid, st.Effect, i, st.File, st.Line})
			}
		}
	}
	return report.Percent, uncovered, nil
}

// Directory is who there is.
func (s *Server) Directory() (d *identity.Directory) {
	s.inWorld(func(w *world) { d = w.identity })
	return d
}
