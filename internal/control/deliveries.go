package control

import (
	"net/http"
	"time"

	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/internal/web"
)

// deliveryView is a delivery as the control API shows it.
type deliveryView struct {
	Source            string          `json:"source"`
	MessageID         string          `json:"messageId"`
	TopicArn          string          `json:"topicArn,omitempty"`
	SubscriptionArn   string          `json:"subscriptionArn,omitempty"`
	RuleArn           string          `json:"ruleArn,omitempty"`
	Bucket            string          `json:"bucket,omitempty"`
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

func viewDelivery(d trail.Delivery) deliveryView {
	v := deliveryView{
		Source: d.Source, MessageID: d.MessageID, TopicArn: d.TopicArn, SubscriptionArn: d.SubscriptionArn, RuleArn: d.RuleArn, Bucket: d.Bucket,
		Protocol: d.Protocol, Endpoint: d.Endpoint, Status: d.Status, Attempts: d.Attempts,
		ProviderResponse: d.ProviderResponse, DecisionRequestID: d.DecisionRequestID, Time: d.Time,
	}
	if l := d.DeadLetter; l != nil {
		v.DeadLetter = &deadLetterView{l.QueueArn, l.Status, l.ProviderResponse, l.DecisionRequestID}
	}
	return v
}

func (a *API) listDeliveries(w http.ResponseWriter, r *http.Request) error {
	query, err := web.Parameters(r, "source", "topic", "subscription", "rule", "bucket", "message-id", "status", "limit")
	if err != nil {
		return err
	}
	switch query.Get("status") {
	case "", trail.StatusSuccess, trail.StatusFailure, trail.StatusPending:
	default:
		return web.Refused(http.StatusBadRequest, "status is %s, %s or %s", trail.StatusSuccess, trail.StatusFailure, trail.StatusPending)
	}
	switch query.Get("source") {
	case "", trail.SourceSNS, trail.SourceEvents, trail.SourceS3:
	default:
		return web.Refused(http.StatusBadRequest, "source is %s, %s or %s", trail.SourceSNS, trail.SourceEvents, trail.SourceS3)
	}
	views, err := newest(query, a.config.Runtime().Deliveries.Newest(), func(d trail.Delivery) bool {
		return is(query.Get("source"), d.Source) && is(query.Get("topic"), d.TopicArn) && is(query.Get("subscription"), d.SubscriptionArn) &&
			is(query.Get("rule"), d.RuleArn) && is(query.Get("bucket"), d.Bucket) &&
			is(query.Get("message-id"), d.MessageID) && is(query.Get("status"), d.Status)
	}, viewDelivery)
	if err != nil {
		return err
	}
	web.Answer(w, http.StatusOK, map[string]any{"deliveries": views})
	return nil
}
