package control

import (
	"net/http"
	"time"

	"github.com/waxseal/waxseal/internal/explain"
	"github.com/waxseal/waxseal/internal/web"
	"github.com/waxseal/waxseal/sns"
)

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

func (a *API) listOutbox(w http.ResponseWriter, r *http.Request) error {
	query, err := web.Parameters(r, "protocol", "limit")
	if err != nil {
		return err
	}
	views, err := newest(query, a.config.Runtime().Captured.Newest(), func(c sns.Captured) bool { return is(query.Get("protocol"), c.Protocol) }, viewCaptured)
	if err != nil {
		return err
	}
	web.Answer(w, http.StatusOK, map[string]any{"messages": views})
	return nil
}

func (a *API) showCoverage(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Parameters(r); err != nil {
		return err
	}
	report, err := explain.Explainer{Runtime: a.config.Runtime()}.Coverage(r.Context())
	if err != nil {
		return err
	}
	web.Answer(w, http.StatusOK, report)
	return nil
}
