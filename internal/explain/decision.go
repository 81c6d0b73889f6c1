package explain

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

// Request says in words why a request was allowed or denied, decision by decision:
// those of the request itself and of the calls that services made on its behalf. If a
// document in the request was refused, it says first why. For a denial it names
// everything that is missing, not only the first thing. It is empty where the request
// is not remembered.
func (x Explainer) Request(ctx context.Context, requestID string, o policyeval.TextOptions) string {
	texts := x.explainRefusals(requestID)
	decisions := x.DecisionsOf(requestID)
	if e := x.RecordOf(requestID); e != nil && e.Failed() {
		// What a failed call failed of comes first: it may have been allowed itself.
		slices.SortStableFunc(decisions, func(a, b *trail.Decision) int { return cmp.Compare(rank(a), rank(b)) })
	}
	for _, d := range decisions {
		texts = append(texts, x.withAliases(ctx, x.explainDecision(ctx, d, o)))
	}
	return strings.Join(texts, "\n")
}

// rank is the place of a decision among those of a failed call.
func rank(d *trail.Decision) int {
	if d.Allowed() {
		return 1
	}
	return 0
}

// Denied explains the denial of an action in the course of a request; ok:
// there was one.
func (x Explainer) Denied(ctx context.Context, requestID, action string) (text string, ok bool) {
	for _, d := range x.DecisionsOf(requestID) {
		if !d.Allowed() && strings.EqualFold(d.Request.Action, action) {
			return x.withAliases(ctx, x.explainDecision(ctx, d, policyeval.TextOptions{})), true
		}
	}
	return "", false
}

// explainDecision explains a decision, and if it denies, what is missing.
func (x Explainer) explainDecision(ctx context.Context, d *trail.Decision, o policyeval.TextOptions) string {
	o.Place = x.PlaceIn
	if d.Allowed() || d.Missing {
		return d.Text(o)
	}
	if w, endpoint, ok := x.wayOfDecision(ctx, d); ok {
		var text strings.Builder
		text.WriteString(strings.TrimRight(d.Evidence(o), "\n") + "\n\n")
		w.explain(&text, endpoint)
		return text.String()
	}
	blockers := x.blockersBesides(ctx, d)
	if len(blockers) == 0 {
		return d.Text(o)
	}
	var text strings.Builder
	text.WriteString(strings.TrimRight(d.Evidence(o), "\n") + "\n\nTo allow it, and what comes after it, as things are now:\n")
	listBlockers(&text, blockers)
	return text.String()
}

// blockersBesides are what a denied call lacks, where that is more than what its denial
// tells; otherwise none.
func (x Explainer) blockersBesides(ctx context.Context, d *trail.Decision) []blocker {
	more, err := x.missingBesides(ctx, d)
	if err != nil || len(more.decisions)+len(more.others) == 0 {
		return nil
	}
	more.decisions = append([]*trail.Decision{d}, more.decisions...)
	return more.blockers()
}

func listBlockers(text *strings.Builder, all []blocker) {
	for i, b := range all {
		fmt.Fprintf(text, "  %d. %s\n     %s\n", i+1, b.why, b.remedy)
	}
}

// DecisionsOf are the decisions of a request and of the calls that services made for it, in
// the order in which they were taken.
func (x Explainer) DecisionsOf(requestID string) []*trail.Decision {
	decisions := slices.Collect(x.Dispatcher.Decisions().Of(requestID))
	slices.Reverse(decisions)
	return decisions
}

// LastDenial is the newest denial, and in words how old it is and how the calls since
// then have ended; nil: there was none.
func (x Explainer) LastDenial() (denial *trail.Decision, when string) {
	for d := range x.Dispatcher.Decisions().Newest() {
		if !d.Allowed() {
			return d, x.whenDenied(d)
		}
	}
	return nil, ""
}

// whenDenied says which denial is the last, how old it is by the clock, and how the
// calls since then have ended.
func (x Explainer) whenDenied(d *trail.Decision) string {
	var allowed, failed uint64
	for e := range x.Dispatcher.Records().Newest() {
		if e.Of(d.RequestID) || e.Of(d.Origin) || e.Time().Before(d.Time) {
			break
		}
		switch {
		case e.InvokedBy() != "": // a service made it
		case !e.Failed():
			allowed++
		default:
			failed++
		}
	}
	again := false
	for o := range x.Dispatcher.Decisions().Newest() {
		if o.Seq == d.Seq {
			break
		}
		again = again || o.Allowed() && sameQuestion(o, d)
	}
	text := fmt.Sprintf("The last denial, of %s (%s), request %s", ago(x.Now().Sub(d.Time)), d.Time.UTC().Format(time.RFC3339), d.RequestID)
	switch {
	case allowed == 1:
		text += "; 1 call since was allowed"
	case allowed > 1:
		text += fmt.Sprintf("; %d calls since were allowed", allowed)
	}
	if failed > 0 {
		text += fmt.Sprintf("; %d failed otherwise", failed)
	}
	if again {
		text += "; the same was allowed later"
	}
	return text + ".\n\n"
}

// ago says in words how long ago something was.
func ago(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return "just now"
	case d < time.Minute:
		return fmt.Sprintf("%d s ago", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	default:
		return fmt.Sprintf("%d days ago", int(d.Hours()/24))
	}
}
