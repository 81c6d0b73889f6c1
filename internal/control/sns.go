package control

import (
	"net/http"
	"time"

	"github.com/waxseal/waxseal/internal/explain"
	"github.com/waxseal/waxseal/internal/web"
	"github.com/waxseal/waxseal/sns"
)

// deliveryView is a delivery as the control API shows it.
type deliveryView struct {
	MessageID         string          `json:"messageId"`
	TopicArn          string          `json:"topicArn"`
	SubscriptionArn   string          `json:"subscriptionArn"`
	Protocol          string          `json:"protocol"`
	Endpoint          string          `json:"endpoint"`
	Status            string          `json:"status"`
	Attempts          int             `json:"attempts"`
	ProviderResponse  string          `json:"providerResponse,omitempty"`
	DecisionRequestID string          `json:"decisionRequestId,omitempty"`
	Time              time.Time       `json:"time"`
	DeadLetter        *deadLetterView `json:"deadLetter,omitempty"`
}

// deadLetterView is how sending the message to the dead-letter queue has ended.
type deadLetterView struct {
	QueueArn          string `json:"queueArn"`
	Status            string `json:"status"`
	ProviderResponse  string `json:"providerResponse,omitempty"`
	DecisionRequestID string `json:"decisionRequestId,omitempty"`
}

func viewDelivery(d sns.Delivery) deliveryView {
	v := deliveryView{
		MessageID: d.MessageID, TopicArn: d.TopicArn, SubscriptionArn: d.SubscriptionArn,
		Protocol: d.Protocol, Endpoint: d.Endpoint, Status: d.Status, Attempts: d.Attempts,
		ProviderResponse: d.ProviderResponse, DecisionRequestID: d.DecisionRequestID, Time: d.Time,
	}
	if l := d.DeadLetter; l != nil {
		v.DeadLetter = &deadLetterView{l.QueueArn, l.Status, l.ProviderResponse, l.DecisionRequestID}
	}
	return v
}

func (a *API) listDeliveries(w http.ResponseWriter, r *http.Request) error {
	query, err := web.Parameters(r, "topic", "subscription", "message-id", "status", "limit")
	if err != nil {
		return err
	}
	switch query.Get("status") {
	case "", sns.StatusSuccess, sns.StatusFailure, sns.StatusPending:
	default:
		return web.Refused(http.StatusBadRequest, "status is %s, %s or %s", sns.StatusSuccess, sns.StatusFailure, sns.StatusPending)
	}
	views, err := newest(query, a.config.Runtime().Deliveries.Newest(), func(d sns.Delivery) bool {
		return is(query.Get("topic"), d.TopicArn) && is(query.Get("subscription"), d.SubscriptionArn) &&
			is(query.Get("message-id"), d.MessageID) && is(query.Get("status"), d.Status)
	}, viewDelivery)
	if err != nil {
		return err
	}
	web.Answer(w, http.StatusOK, map[string]any{"deliveries": views})
	return nil
}

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
