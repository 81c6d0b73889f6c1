package server

import (
	"iter"
	"net/http"
	"time"

	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/sns"
)

// outbox keeps what would have left for mail, text messages, Lambda, Firehose
// and push services. It implements sns.Outbox.
type outbox struct{ log *trail.Log[sns.Captured] }

func newOutbox() *outbox {
	return &outbox{trail.NewLog(trail.Limits[sns.Captured]{Entries: trail.Capacity, Bytes: trail.Budget, Size: capturedSize})}
}

// Capture implements sns.Outbox.
func (o *outbox) Capture(c sns.Captured) { o.log.Add(c) }

// capturedView is a captured message as the control API shows it.
type capturedView struct {
	Time            time.Time                    `json:"time"`
	Protocol        string                       `json:"protocol"`
	Endpoint        string                       `json:"endpoint"`
	TopicArn        string                       `json:"topicArn,omitempty"`
	SubscriptionArn string                       `json:"subscriptionArn,omitempty"`
	MessageID       string                       `json:"messageId"`
	Subject         string                       `json:"subject,omitempty"`
	Body            string                       `json:"body"`
	Attributes      map[string]capturedAttribute `json:"attributes,omitempty"`
}

type capturedAttribute struct {
	Type        string  `json:"type"`
	StringValue *string `json:"stringValue,omitempty"`
	BinaryValue []byte  `json:"binaryValue,omitempty"`
}

func viewCaptured(c sns.Captured) capturedView {
	v := capturedView{
		Time: c.Time, Protocol: c.Protocol, Endpoint: c.Endpoint, TopicArn: c.TopicArn, SubscriptionArn: c.SubscriptionArn,
		MessageID: c.MessageID, Subject: c.Subject, Body: c.Body, Attributes: map[string]capturedAttribute{},
	}
	for name, a := range c.Attributes {
		v.Attributes[name] = capturedAttribute{a.DataType, a.StringValue, a.BinaryValue}
	}
	return v
}

func (s *Server) listOutbox(w http.ResponseWriter, r *http.Request) error {
	query, err := parameters(r, "protocol", "limit")
	if err != nil {
		return err
	}
	var entries iter.Seq[sns.Captured]
	s.inWorld(func(w *world) { entries = w.outbox.log.Newest() })
	views, err := newest(query, entries, func(c sns.Captured) bool { return is(query.Get("protocol"), c.Protocol) }, viewCaptured)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, map[string]any{"messages": views})
	return nil
}

func capturedSize(c sns.Captured) int {
	const item = 64 // what an item of a map takes beside its texts
	n := 512 + len(c.Endpoint) + len(c.TopicArn) + len(c.SubscriptionArn) + len(c.Subject) + len(c.Body)
	for name, a := range c.Attributes {
		n += 2*item + len(name) + len(a.DataType) + len(a.BinaryValue)
		if a.StringValue != nil {
			n += len(*a.StringValue)
		}
	}
	return n
}
