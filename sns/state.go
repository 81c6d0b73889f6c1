package sns

import (
	"fmt"
	"time"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// The schema. A topic's ARN holds its region and account, and a subscription's
// ARN begins with its topic's, so ARNs are the keys:
//
//	sns.topic         TOPIC                                  topicRecord
//	sns.tally         TOPIC                                  tallyRecord
//	sns.subscription  TOPIC:UUID                             subscriptionRecord: what Publish fans out to
//	sns.aside         TOPIC:UUID                             subscriptionRecord: pending confirmation, or left by a deleted topic
//	sns.endpoint      TOPIC NUL PROTOCOL NUL ENDPOINT        linkRecord: the subscription of an endpoint
//	sns.owner         REGION/ACCOUNT/TOPIC:UUID              linkRecord: the subscriptions of an account
type tables struct {
	topics        *store.Table[topicRecord]
	tallies       *store.Table[tallyRecord]
	subscriptions *store.Table[subscriptionRecord]
	aside         *store.Table[subscriptionRecord]
	endpoints     *store.Table[linkRecord]
	owners        *store.Table[linkRecord]
}

func newTables() tables {
	return tables{
		topics:        store.NewTable[topicRecord]("sns.topic"),
		tallies:       store.NewTable[tallyRecord]("sns.tally"),
		subscriptions: store.NewTable[subscriptionRecord]("sns.subscription"),
		aside:         store.NewTable[subscriptionRecord]("sns.aside"),
		endpoints:     store.NewTable[linkRecord]("sns.endpoint"),
		owners:        store.NewTable[linkRecord]("sns.owner"),
	}
}

// topicRecord is a topic.
type topicRecord struct {
	Arn     string
	Created time.Time
	Fifo    bool `json:",omitempty"`
	// Attributes are those that were set, but for Policy and FifoTopic.
	Attributes map[string]string `json:",omitempty"`
	// Policy is the access policy as it was set; empty: the default policy.
	Policy string `json:",omitempty"`
	Tags   []Tag  `json:",omitempty"`

	arn      arn.ARN
	compiled *policyeval.Policy
}

// Load implements store.Loader.
func (t *topicRecord) Load() error {
	var err error
	if t.arn, err = arn.Parse(t.Arn); err != nil {
		return err
	}
	document, err := policyeval.Parse(t.policy())
	if err != nil {
		return fmt.Errorf("sns: the policy of %s: %w", t.Arn, err)
	}
	t.compiled = &policyeval.Policy{Name: t.Arn, Document: document}
	return nil
}

func (t *topicRecord) owner() string { return t.arn.AccountID }

// policy is the topic's access policy as text.
func (t *topicRecord) policy() string {
	if t.Policy != "" {
		return t.Policy
	}
	return defaultPolicy(t.arn)
}

// tagMap is the topic's tags as aws:ResourceTag needs them.
func (t *topicRecord) tagMap() map[string]string {
	tags := make(map[string]string, len(t.Tags))
	for _, tag := range t.Tags {
		tags[tag.Key] = tag.Value
	}
	return tags
}

// tallyRecord counts a topic's subscriptions. It is apart from the topic, so
// that subscribing does not compile the topic's policy again.
type tallyRecord struct {
	Confirmed, Deleted int
}

// subscriptionRecord is a subscription.
type subscriptionRecord struct {
	Arn      string
	TopicArn string
	Protocol string
	Endpoint string
	Owner    string // account
	// Principal is the ARN of who subscribed.
	Principal string
	Created   time.Time
	// Attributes are those that were set, in their stored form.
	Attributes map[string]string `json:",omitempty"`
	// Authenticated: the confirmation was made by a signed request.
	Authenticated bool `json:",omitempty"`
}

// Load implements store.Loader.
func (r *subscriptionRecord) Load() error { return nil }

func (r *subscriptionRecord) raw() bool { return r.Attributes[attrRawMessageDelivery] == "true" }

// linkRecord points to a subscription.
type linkRecord struct{ Arn string }

func endpointKey(topic, protocol, endpoint string) string {
	return topic + "\x00" + protocol + "\x00" + endpoint
}

func ownerPrefix(region, account string) string { return region + "/" + account + "/" }

func ownerKey(region string, r *subscriptionRecord) string {
	return ownerPrefix(region, r.Owner) + r.Arn
}
