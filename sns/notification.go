package sns

import (
	"context"
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// notification is the JSON document in which subscribers that do not ask for
// raw delivery find a message. The members stand in AWS's order [N120] [N125].
type notification struct {
	document
	// unsubscribe is the unsigned URL that ends a subscription, without the subscription's
	// ARN at its end.
	unsubscribe string
	attributes  string
}

// newNotification renders what all subscribers of a protocol get alike.
// Messages of FIFO topics are not signed.
func (s *Service) newNotification(ctx context.Context, topic *topicRecord, m *message, text string) (*notification, error) {
	n := &notification{unsubscribe: unsubscribeURL(ctx), attributes: renderAttributes(m.Attributes)}
	timestamp := m.Time.UTC().Format(timestampLayout)
	n.add("Type", typeNotification)
	n.add("MessageId", m.ID)
	if topic.Fifo {
		n.add("SequenceNumber", m.Sequence)
	}
	n.add("TopicArn", topic.Arn)
	if m.Subject != nil {
		n.add("Subject", *m.Subject)
	}
	n.add("Message", text)
	n.add("Timestamp", timestamp)
	if topic.Fifo {
		return n, nil
	}
	version := topic.attribute(attrSignatureVersion)
	signed := []string{"Message", text, "MessageId", m.ID}
	if m.Subject != nil {
		signed = append(signed, "Subject", *m.Subject)
	}
	signed = append(signed, "Timestamp", timestamp, "TopicArn", topic.Arn, "Type", typeNotification)
	signature, certificate, err := s.signer.sign(ctx, version, signed)
	if err != nil {
		return nil, err
	}
	n.add("SignatureVersion", version)
	n.add("Signature", signature)
	n.add("SigningCertURL", secureURL(ctx)+certificate)
	return n, nil
}

// timestampLayout is how SNS writes times in messages: always milliseconds.
const timestampLayout = "2006-01-02T15:04:05.000Z"

// body is the document for one subscription.
func (n *notification) body(subscription string) string {
	d := document{text: n.text}
	d.add("UnsubscribeURL", n.unsubscribe+subscription)
	if n.attributes != "" {
		d.addRaw("MessageAttributes", n.attributes)
	}
	return d.String()
}

// renderAttributes is the member MessageAttributes, or nothing [N122].
func renderAttributes(attributes map[string]MessageAttributeValue) string {
	if len(attributes) == 0 {
		return ""
	}
	b := []byte("{")
	for i, name := range sortedKeys(attributes) {
		if i > 0 {
			b = append(b, ',')
		}
		a := attributes[name]
		value := a.text()
		if len(a.BinaryValue) > 0 {
			value = base64.StdEncoding.EncodeToString(a.BinaryValue)
		}
		b = append(b, "\n    "...)
		b = appendQuoted(b, name)
		b = append(b, ` : {"Type":`...)
		b = appendQuoted(b, a.DataType)
		b = append(b, `,"Value":`...)
		b = appendQuoted(b, value)
		b = append(b, '}')
	}
	return string(append(b, "\n  }"...))
}

// document writes a JSON object the way SNS does: one member a line.
type document struct{ text string }

func (d *document) add(name, value string) {
	d.addRaw(name, string(appendQuoted(make([]byte, 0, len(value)+2), value)))
}

func (d *document) addRaw(name, value string) {
	var b strings.Builder
	b.Grow(len(d.text) + len(name) + len(value) + 12)
	if d.text == "" {
		b.WriteString("{\n")
	} else {
		b.WriteString(d.text)
		b.WriteString(",\n")
	}
	b.WriteString(`  "` + name + `" : `)
	b.WriteString(value)
	d.text = b.String()
}

func (d *document) String() string { return d.text + "\n}" }

// appendQuoted appends a JSON string as SNS writes it: other than
// encoding/json's it escapes nothing that need not be escaped.
func appendQuoted(b []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	b = append(b, '"')
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, `\n`...)
		case c == '\r':
			b = append(b, `\r`...)
		case c == '\t':
			b = append(b, `\t`...)
		case c == '\b':
			b = append(b, `\b`...)
		case c == '\f':
			b = append(b, `\f`...)
		case c < ' ':
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(s[i:])
			b = utf8.AppendRune(b, r) // what is not UTF-8 becomes U+FFFD
			i += size
			continue
		default:
			b = append(b, c)
		}
		i++
	}
	return append(b, '"')
}
