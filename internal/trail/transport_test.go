package trail

import (
	"strings"
	"testing"

	"github.com/waxseal/waxseal/policyeval"
)

// Over plain HTTP a denial that hangs on it, and no other, is told to be gone by HTTPS.
func TestADenialForPlainHTTPNamesHTTPS(t *testing.T) {
	const (
		queue   = "arn:aws:sqs:us-east-1:123456789012:q"
		allow   = `{"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*"}`
		onPlain = `{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`
		onTLS   = `{"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}`
		always  = `{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*"}`
		other   = `{"Effect":"Deny","Principal":"*","Action":"sqs:PurgeQueue","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`
		away    = `{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"},"StringNotEquals":{"aws:SourceVpc":"vpc-1"}}}`
	)
	for _, c := range []struct {
		name, transport, statements string
		want                        bool
	}{
		{"a deny of plain HTTP", "false", allow + "," + onPlain, true},
		{"a deny with a further condition that is met", "false", allow + "," + away, true},
		{"a deny of plain HTTP where nothing allows", "false", onPlain, true},
		{"an allow for TLS alone", "false", onTLS, true},
		{"a deny of plain HTTP beside another deny", "false", always + "," + onPlain, true},
		{"a deny of everything", "false", onTLS + "," + always, false},
		{"a deny of plain HTTP for another action", "false", other, false},
		{"nothing allows", "false", "", false},
		{"the request came over TLS", "true", always + "," + onPlain, false},
		{"the request is not of a connection", "", always + "," + onPlain, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			document, err := policyeval.Parse(`{"Version":"2012-10-17","Statement":[` + c.statements + `]}`)
			if err != nil {
				t.Fatal(err)
			}
			d := Decision{
				Request: policyeval.Request{
					Principal: policyeval.Principal{Type: policyeval.User, Account: "123456789012", ARN: "arn:aws:iam::123456789012:user/u"},
					Action:    "sqs:SendMessage", Resource: queue, ResourceAccount: "123456789012", Context: new(policyeval.Context),
				},
				Policies: policyeval.Policies{Resource: &policyeval.Policy{Name: queue, Document: document}},
			}
			if c.transport != "" {
				d.Request.Context.Set("aws:securetransport", c.transport)
			}
			d.Verdict = policyeval.Decide(&d.Request, &d.Policies)
			if d.Verdict.Allowed {
				t.Fatal("allowed")
			}
			if text := d.Text(policyeval.TextOptions{}); strings.Contains(text, byHTTPS) != c.want {
				t.Errorf("want %v:\n%s", c.want, text)
			}
		})
	}
}
