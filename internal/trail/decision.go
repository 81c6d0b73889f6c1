package trail

import (
	"strings"
	"time"

	"github.com/waxseal/waxseal/policyeval"
)

// Decision is one authorization decision. It keeps what was decided upon, so
// that the explanation can be made when somebody asks for it.
type Decision struct {
	RequestID string
	// Origin is the id of the request in whose course a service made this
	// call; empty for a request of its own.
	Origin string
	Time   time.Time
	// Principal is the caller's ARN, the name of a service principal, or "anonymous".
	Principal string
	Request   policyeval.Request
	Policies  policyeval.Policies
	// ResourcePolicy is the kind of Policies.Resource, where there is one.
	ResourcePolicy policyeval.Kind
	Verdict        policyeval.Verdict
	// Message is the denial in AWS's words; empty where the call was allowed.
	Message string
	// Missing: what the call names does not exist, so that no policy makes it succeed.
	Missing bool
	// Cut: the request carried more than the trail keeps of one. What it keeps,
	// Request and Message show.
	Cut bool
	// Holds is how many bytes the decision holds on to, its policies apart.
	Holds int
}

// Of reports whether the decision was taken for the request of that id, or for
// a call that a service made in its course. No decision is of an empty id.
func (d *Decision) Of(requestID string) bool {
	return requestID != "" && (d.RequestID == requestID || d.Origin == requestID)
}

// Allowed reports whether the call was allowed: one that its policies allow may
// still be the owner's alone.
func (d *Decision) Allowed() bool { return d.Verdict.Allowed && d.Message == "" }

// Explain evaluates the decision once more, with every step.
func (d *Decision) Explain() policyeval.Decision {
	return policyeval.Evaluate(&d.Request, &d.Policies)
}

// Text explains the decision to a person. Where it denies, what would allow the
// call is added, and what the policies hardly mean as they stand.
func (d *Decision) Text(o policyeval.TextOptions) string {
	if !d.Verdict.Allowed && !d.Missing {
		o.Suggestion, _ = policyeval.Suggest(&d.Request, &d.Policies)
	}
	return d.Evidence(o)
}

// Evidence is Text without what would allow the call.
func (d *Decision) Evidence(o policyeval.TextOptions) string {
	explained := d.Explain()
	text := explained.Text(o)
	if d.Missing {
		text += "\nWhat the request names does not exist: no policy makes it succeed.\n"
	}
	if d.Cut {
		text += "\nThe request carried more than is kept: it was decided on as it came, and is shown with its texts cut.\n"
	}
	if d.Verdict.Allowed {
		return text
	}
	if !d.Missing && d.hangsOnTransport(&explained) {
		text += "\n" + byHTTPS + "\n"
	}
	if found := d.findings(o.Place); len(found) > 0 {
		text += "\nPerhaps not meant:\n  " + strings.Join(found, "\n  ") + "\n"
	}
	return text
}
