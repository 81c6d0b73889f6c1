package policyeval

// Decision is a verdict and how it came about.
type Decision struct {
	Verdict
	Steps []Step
}

// Step is one thing that was looked at.
type Step struct{}

type trace struct{}

// Evaluate decides as Decide does and explains every statement.
func Evaluate(req *Request, policies *Policies) Decision {
	return Decision{Verdict: Decide(req, policies)}
}

func (r *run) tracePolicy(l Layer, p *Policy) {}
