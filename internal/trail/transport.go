package trail

import "github.com/waxseal/waxseal/policyeval"

// keySecureTransport is whether the connection that a request came over was TLS.
const keySecureTransport = "aws:SecureTransport"

// byHTTPS is the advice for a denial that was caused by a plain HTTP
// connection.
const byHTTPS = "It hangs on " + keySecureTransport + ": the call came over plain HTTP. Call by HTTPS:\n" +
	"  waxseal exec --https and waxseal env --https set the environment for it."

// hangsOnTransport reports whether a request was denied because it came over plain
// HTTP: the same request over TLS would be allowed, or at least the layer that denied
// it would decide otherwise.
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
	// TLS helps where a statement no longer denies, or where one now allows.
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
