package sns

import (
	"context"

	"github.com/waxseal/waxseal/internal/envelope"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

// Summary is a topic as a list of topics shows it.
type Summary struct {
	ARN     string `json:"arn"`
	Name    string `json:"name"`
	Account string `json:"account"`
	Region  string `json:"region"`
	FIFO    bool   `json:"fifo"`
	// KeyID is the KMS key as the topic's attribute names it; empty: it has no encryption.
	KeyID         string                `json:"keyId,omitempty"`
	HasPolicy     bool                  `json:"hasPolicy"` // another than the default one
	Subscriptions []SubscriptionSummary `json:"subscriptions"`
}

// SubscriptionSummary is a subscription as it is listed with its topic.
type SubscriptionSummary struct {
	ARN          string `json:"arn"`
	Protocol     string `json:"protocol"`
	Endpoint     string `json:"endpoint"`
	Owner        string `json:"owner"` // account
	Pending      bool   `json:"pending"`
	FilterPolicy string `json:"filterPolicy,omitempty"`
	// FilterPolicyScope is MessageAttributes or MessageBody, where there is a policy.
	FilterPolicyScope string `json:"filterPolicyScope,omitempty"`
	Raw               bool   `json:"raw"`
	DeadLetterTarget  string `json:"deadLetterTarget,omitempty"` // the ARN of a queue
}

// Summaries are the topics of a scope, by ARN, with their subscriptions.
func (s *Service) Summaries(ctx context.Context, of resource.Scope) (list []Summary, err error) {
	now := s.clock.Now()
	err = s.engine.View(ctx, func(r store.Reader) error {
		list = []Summary{}
		for _, topic := range s.topics.ScanWhole(r, "", "", store.All, passBy) {
			if !of.Has(topic.owner(), topic.arn.Region) {
				continue
			}
			summary := topic.summary()
			for _, found := range s.ofTopic(r, topic.Arn, "") {
				if found.alive(now) {
					summary.Subscriptions = append(summary.Subscriptions, found.summary())
				}
			}
			list = append(list, summary)
		}
		return nil
	})
	return list, err
}

func (t *topicRecord) summary() Summary {
	return Summary{
		ARN: t.Arn, Name: t.arn.Resource, Account: t.owner(), Region: t.arn.Region, FIFO: t.Fifo,
		KeyID: t.Attributes[attrKmsMasterKeyID], HasPolicy: !t.hasDefaultPolicy(), Subscriptions: []SubscriptionSummary{},
	}
}

func (r *subscriptionRecord) summary() SubscriptionSummary {
	out := SubscriptionSummary{
		ARN: r.Arn, Protocol: r.Protocol, Endpoint: r.Endpoint, Owner: r.Owner, Pending: r.Pending, Raw: r.raw(),
		FilterPolicy: r.Attributes[attrFilterPolicy], DeadLetterTarget: r.deadLetter,
	}
	if out.FilterPolicy != "" {
		out.FilterPolicyScope = r.attribute(attrFilterPolicyScope)
	}
	return out
}

// DataKeys are who has needed data keys of which topic, by ARN.
func (s *Service) DataKeys() []envelope.Usage {
	usages := s.keys.Usages()
	for i := range usages {
		usages[i].Reuse = envelope.DefaultReuse
	}
	return usages
}
