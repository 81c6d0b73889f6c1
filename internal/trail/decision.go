package trail

import (
	"strings"
	"time"

	"github.com/waxseal/waxseal/policyeval"
)

// Decision is one authorization decision. It has the request and the
// policies, so that the explanation can be made when it is asked for.
type Decision struct {
	// Seq is the decision's number in the log, from 1 on: each has the next one.
	Seq       uint64
	RequestID string
	// Origin is the id of the client's request for which a service made this
	// call; empty where the call is itself a client's request.
	Origin string
	// Service is the name of the service that was called, such as sqs.
	Service string
	Time    time.Time
	// Principal is the caller's ARN, the name of a service principal, or "anonymous".
	Principal string
	Request   policyeval.Request
	Policies  policyeval.Policies
	// ResourcePolicy is the kind of Policies.Resource, where there is one.
	ResourcePolicy policyeval.Kind
	// Verdict has, of a decision that is remembered, no Policy, Statement and Grant: Explain
	// tells them.
	Verdict policyeval.Verdict
	// Message is the denial in AWS's words; empty where the call was allowed.
	Message string
	// Phrase names the resource in Message where that is not by its ARN.
	Phrase string
	// Missing: the resource that the call names does not exist, so no policy can make
	// the call succeed.
	Missing bool
	// Cut: the request had more data than the trail keeps. Request and Message
	// hold only the part that is kept.
	Cut bool
}

// Of reports whether the decision was taken for the request with that id, or
// for a call that a service made for that request. It is false for an empty id.
func (d *Decision) Of(requestID string) bool {
	return requestID != "" && (d.RequestID == requestID || d.Origin == requestID)
}

// Allowed reports whether the call was allowed. A call that the policies allow
// can still be denied, with a Message: some operations are only for the
// resource's owner.
func (d *Decision) Allowed() bool { return d.Verdict.Allowed && d.Message == "" }

// Effect is how the call has ended: Allow or Deny.
func (d *Decision) Effect() string {
	if d.Allowed() {
		return policyeval.Allow.String()
	}
	return policyeval.Deny.String()
}

// Endpoint is the id of the VPC endpoint that the request came through; empty: it came
// through none.
func (d *Decision) Endpoint() string {
	id, _, _ := d.Request.Context.Get("aws:SourceVpce")
	return strings.Join(id, "")
}

// Explain evaluates the decision once more, with every step.
func (d *Decision) Explain() policyeval.Decision {
	return policyeval.Evaluate(&d.Request, &d.Policies)
}

// Text explains the decision to a person. For a denial it adds what would allow
// the call, and what lint finds in the policies.
func (d *Decision) Text(o policyeval.TextOptions) string {
	if !d.Verdict.Allowed && !d.Missing {
		o.Suggestion, _ = policyeval.Suggest(&d.Request, &d.Policies)
	}
	return d.Evidence(o)
}

// Evidence is Text without the suggestion of what would allow the call.
func (d *Decision) Evidence(o policyeval.TextOptions) string {
	explained := d.Explain()
	text := explained.Text(o)
	if d.Missing {
		text += "\nWhat the request names does not exist: policies decide only whether the caller is told so.\n"
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
