package explain

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

// Remembered is all that is remembered of a request.
type Remembered struct {
	// Origin is the client's request for which a service made this one; empty: it is the
	// client's own.
	Origin string
	// Decisions are the request's own, and then those of the calls that services made for it.
	Decisions  []*trail.Decision
	Deliveries []trail.Delivery
	Event      *trail.Event // nil: it is forgotten
	Text       string       // as Request explains it
}

// Remembered finds what is remembered of a request; nil: nothing.
func (x Explainer) Remembered(ctx context.Context, requestID string) *Remembered {
	found := &Remembered{Decisions: x.DecisionsOf(requestID), Text: x.Request(ctx, requestID, policyeval.TextOptions{})}
	if call := x.RecordOf(requestID); call != nil {
		found.Origin = call.Request().Origin
		if events := call.Events(); len(events) > 0 {
			found.Event = events[len(events)-1] // the other is for the owner of what it acted on
		}
	}
	for _, d := range found.Decisions {
		if d.RequestID == requestID {
			found.Origin = d.Origin
		}
	}
	slices.SortStableFunc(found.Decisions, func(a, b *trail.Decision) int { return foreign(a, requestID) - foreign(b, requestID) })
	found.Deliveries = x.deliveriesOf(requestID, found)
	if len(found.Decisions)+len(found.Deliveries) == 0 && found.Event == nil && found.Text == "" {
		return nil
	}
	return found
}

// foreign is 1 for a decision on a call that a service made for a request.
func foreign(d *trail.Decision, requestID string) int {
	if d.RequestID == requestID {
		return 0
	}
	return 1
}

// deliveriesOf are the deliveries, newest first, of what a request published, put or
// changed, and those in whose course it was made.
func (x Explainer) deliveriesOf(requestID string, r *Remembered) (found []trail.Delivery) {
	calls := map[string]bool{requestID: true}
	for _, d := range r.Decisions {
		calls[d.RequestID] = true
	}
	messages := map[string]bool{requestID: true}
	if r.Event != nil {
		messagesIn(r.Event.ResponseElements, messages)
	}
	for d := range x.Deliveries.Newest() {
		letter := d.DeadLetter != nil && calls[d.DeadLetter.DecisionRequestID]
		if messages[d.MessageID] || calls[d.DecisionRequestID] || letter {
			found = append(found, d)
		}
	}
	return found
}

// messagesIn adds the ids of messages and events that an answer tells.
func messagesIn(response json.RawMessage, ids map[string]bool) {
	var answer struct {
		MessageID  string `json:"messageId"`
		Successful []struct {
			MessageID string `json:"messageId"`
		}
		Entries []struct {
			EventID string `json:"eventId"`
		}
	}
	if json.Unmarshal(response, &answer) != nil {
		return // it tells none
	}
	ids[answer.MessageID] = true
	for _, s := range answer.Successful {
		ids[s.MessageID] = true
	}
	for _, e := range answer.Entries {
		ids[e.EventID] = true
	}
	delete(ids, "")
}

// Fix is what would allow a denied call.
type Fix struct {
	Text string `json:"text"` // all that is needed, a line each
	// Statement is the first statement to add; null: there is none to add.
	Statement json.RawMessage `json:"statement"`
	// Key names the policy that Statement is for, as resource.PolicyKey does; empty: a new one.
	Key string `json:"key"`
}

// Fix is the smallest change that would allow a denied call, as its explanation names it;
// nil: no policy could allow it, or it was allowed.
func (x Explainer) Fix(ctx context.Context, d *trail.Decision) *Fix {
	if d.Allowed() || d.Missing {
		return nil
	}
	blockers := x.blockersBesides(ctx, d)
	if w, _, ok := x.wayOfDecision(ctx, d); ok {
		blockers = w.blockers()
	}
	if len(blockers) == 0 {
		blockers = suggested(d)
	}
	fix, remedies := new(Fix), make([]string, len(blockers))
	for i, b := range blockers {
		remedies[i] = b.remedy
		if fix.Statement == nil && b.add != "" {
			fix.Statement, fix.Key = json.RawMessage(b.add), b.key
		}
	}
	if fix.Text = x.withAliases(ctx, strings.Join(remedies, "\n")); fix.Text == "" {
		return nil
	}
	return fix
}

// suggested is what would have allowed a denied call when it was decided.
func suggested(d *trail.Decision) (list []blocker) {
	s, _ := policyeval.Suggest(&d.Request, &d.Policies)
	for _, c := range s.Changes {
		list = append(list, blocker{d.Message, c.String(), c.Add, keyOf(c, d.Request.Resource)})
	}
	return list
}

// keyOf names the policy of a change that concerns a resource.
func keyOf(c policyeval.Change, resourceARN string) string {
	switch {
	case c.Policy != nil && resource.PolicyKey(c.Policy) != "":
		return resource.PolicyKey(c.Policy)
	case c.Layer == policyeval.LayerResource || c.Layer == policyeval.LayerTrust:
		return resource.PolicyHolder(resourceARN)
	default:
		return ""
	}
}
