package trail

import "github.com/waxseal/waxseal/policyeval"

// keySecureTransport is whether the connection that a request came over was TLS.
const keySecureTransport = "aws:SecureTransport"

// byHTTPS is the remedy of a denial that hangs on a plain connection.
const byHTTPS = "It hangs on " + keySecureTransport + ": the call came over plain HTTP. Call by HTTPS:\n" +
	"  waxseal exec --https and waxseal env --https set the environment for it."

// hangsOnTransport reports whether a request was denied for the plain
// connection that it came over: over TLS, and the same otherwise, it would be
// allowed, or what denied it in the layer that decided would come out otherwise.
func (d *Decision) hangsOnTransport(was *policyeval.Decision) bool {
	context := d.Request.Context
	if came, _, ok := context.Get(keySecureTransport); !ok || len(came) != 1 || came[0] != "false" {
		return false
	}
	secure := d.Request
	secure.Context = context.Clone()
	secure.Context.SetBool(keySecureTransport, true)
	is := policyeval.Evaluate(&secure, &d.Policies)
	if is.Allowed {
		return true
	}
	if len(is.Steps) != len(was.Steps) {
		return false
	}
	// What would help: a statement that denies no more, or one that allows at last.
	wanted := policyeval.Allow
	if was.Reason == policyeval.ExplicitDeny {
		wanted = policyeval.Deny
	}
	for i := range was.Steps {
		before, after := &was.Steps[i], &is.Steps[i]
		if before.Layer == was.Layer && before.Effect() == wanted &&
			before.Applies() == (wanted == policyeval.Deny) && after.Applies() != before.Applies() {
			return true
		}
	}
	return false
}
