package integration

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// The chapter's statement: nothing over plain HTTP.
var denyUnencryptedTransport = statement{
	"Sid": "DenyUnencryptedTransport", "Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*",
	"Condition": statement{"Bool": statement{"aws:SecureTransport": "false"}},
}

func TestDenyUnencryptedTransport(t *testing.T) {
	p := serve(t)
	secure, insecure := newClients(t, p.config(p.httpsURL())), newClients(t, p.config(p.url))
	queue, queueARN := secure.queue("tls-only", nil)
	secure.setAttribute(queue, "Policy", document(t, denyUnencryptedTransport))

	t.Run("JSON", func(t *testing.T) {
		if err := secure.send(queue, "hello"); err != nil {
			t.Errorf("over https: %v", err)
		}
		want(t, "over http", insecure.send(queue, "hello"), answer{http.StatusForbidden, "AccessDenied",
			"User: arn:aws:iam::123456789012:root is not authorized to perform: sqs:sendmessage on resource: " + queueARN + " with an explicit deny in a resource-based policy"})
	})
	t.Run("Query", func(t *testing.T) {
		form := url.Values{"Action": {"SendMessage"}, "Version": {"2012-11-05"}, "MessageBody": {"hello"}, "QueueUrl": {queue}}
		client := p.config(p.url).HTTPClient.(*http.Client)
		if status, body := queryCall(t, client, p.httpsURL(), form); status != http.StatusOK {
			t.Errorf("over https: %d\n%s", status, body)
		}
		status, body := queryCall(t, client, p.url, form)
		var denied struct {
			XMLName xml.Name `xml:"http://queue.amazonaws.com/doc/2012-11-05/ ErrorResponse"`
			Type    string   `xml:"Error>Type"`
			Code    string   `xml:"Error>Code"`
			Message string   `xml:"Error>Message"`
		}
		if err := xml.Unmarshal([]byte(body), &denied); err != nil {
			t.Fatalf("%v\n%s", err, body)
		}
		if status != http.StatusForbidden || denied.Type != "Sender" || denied.Code != "AccessDenied" ||
			!strings.HasSuffix(denied.Message, "with an explicit deny in a resource-based policy") {
			t.Errorf("over http: %d %+v", status, denied)
		}
	})
	t.Run("explain", func(t *testing.T) {
		env := p.env()
		out := run(t, env, binary(t), "explain")
		for _, wanted := range []string{"DenyUnencryptedTransport", "aws:SecureTransport", "false", "sqs:SendMessage", queueARN, "waxseal exec --https", "waxseal env --https"} {
			if !strings.Contains(out, wanted) {
				t.Errorf("explain does not name %s:\n%s", wanted, out)
			}
		}
	})
}
