package sns

import (
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// The schema. A topic's ARN holds its region and account, and a subscription's
// ARN begins with its topic's, so ARNs are the keys. TIME is nanoseconds since
// 1970 in 20 digits, NUL a zero byte.
//
//	sns.topic         TOPIC                            topicRecord
//	sns.tally         TOPIC                            tallyRecord
//	sns.subscription  TOPIC:UUID                       subscriptionRecord: what Publish fans out to
//	sns.aside         TOPIC:UUID                       subscriptionRecord: pending confirmation, or of a deleted topic
//	sns.endpoint      TOPIC NUL PROTOCOL NUL ENDPOINT  linkRecord: the subscription of an endpoint
//	sns.owner         REGION/ACCOUNT/TOPIC:UUID        linkRecord: the subscriptions of an account
//	sns.token         TOKEN                            tokenRecord: what a confirmation token confirms
//	sns.sequence      TOPIC                            sequenceRecord: of a FIFO topic
//	sns.dedup         TOPIC NUL GROUP NUL ID           dedupRecord: what a FIFO topic accepted lately
//	sns.dedupend      TOPIC NUL TIME NUL GROUP NUL ID  nothing: when a FIFO topic forgets it
//	sns.archive       TOPIC NUL TIME NUL SEQUENCE      archived: a message of a FIFO topic's archive
//	sns.replay        TOPIC:UUID                       replayRecord: a replay that goes on
//	sns.outbox        TIME/ID                          job: a delivery that is still to be made, by when
//	sns.application   APPLICATION                      applicationRecord
//	sns.device        ENDPOINT                         deviceRecord: a platform endpoint
//	sns.devicetoken   APPLICATION NUL TOKEN            linkRecord: the platform endpoint of a token
//	sns.sms           REGION/ACCOUNT                   smsRecord
//	sns.optout        REGION/ACCOUNT/NUMBER            optOutRecord
//	sns.sandbox       REGION/ACCOUNT/NUMBER            sandboxRecord
//	sns.signer        current                          signerRecord
//	sns.remains       TOPIC or APPLICATION             remainsRecord: it was deleted, and not all that belonged to it yet
type tables struct {
	topics        *store.Table[topicRecord]
	tallies       *store.Table[tallyRecord]
	subscriptions *store.Table[subscriptionRecord]
	aside         *store.Table[subscriptionRecord]
	endpoints     *store.Table[linkRecord]
	owners        *store.Table[linkRecord]
	tokens        journal[tokenRecord]
	sequences     journal[sequenceRecord]
	dedup         journal[dedupRecord]
	dedupEnds     journal[struct{}]
	archive       journal[archived]
	replays       journal[replayRecord]
	jobs          journal[job]
	applications  *store.Table[applicationRecord]
	devices       *store.Table[deviceRecord]
	deviceTokens  *store.Table[linkRecord]
	sms           *store.Table[smsRecord]
	optOuts       *store.Table[optOutRecord]
	sandbox       *store.Table[sandboxRecord]
	remains       *store.Table[remainsRecord]
}

// maxCompiled is how many subscriptions are kept with their policies compiled.
// A topic's roster is made of all of its own: one more in all, and they are read anew.
const maxCompiled = 1 << 18

func newTables() tables {
	return tables{
		topics:        store.NewTable[topicRecord]("sns.topic"),
		tallies:       store.NewTable[tallyRecord]("sns.tally"),
		subscriptions: store.NewTable[subscriptionRecord]("sns.subscription").Keeping(maxCompiled),
		aside:         store.NewTable[subscriptionRecord]("sns.aside"),
		endpoints:     store.NewTable[linkRecord]("sns.endpoint"),
		owners:        store.NewTable[linkRecord]("sns.owner"),
		tokens:        "sns.token",
		sequences:     "sns.sequence",
		dedup:         "sns.dedup",
		dedupEnds:     "sns.dedupend",
		archive:       "sns.archive",
		replays:       "sns.replay",
		jobs:          "sns.outbox",
		applications:  store.NewTable[applicationRecord]("sns.application"),
		devices:       store.NewTable[deviceRecord]("sns.device"),
		deviceTokens:  store.NewTable[linkRecord]("sns.devicetoken"),
		sms:           store.NewTable[smsRecord]("sns.sms"),
		optOuts:       store.NewTable[optOutRecord]("sns.optout"),
		sandbox:       store.NewTable[sandboxRecord]("sns.sandbox"),
		remains:       store.NewTable[remainsRecord]("sns.remains"),
	}
}

// journal is a bucket, by its name, for records that are written once and read once:
// unlike a store.Table it keeps no decoded records in memory.
type journal[T any] string

func (j journal[T]) prefix() string { return string(j) + "\x00" }

func (j journal[T]) decode(key string, raw []byte) (*T, error) {
	record := new(T)
	if err := json.Unmarshal(raw, record); err != nil {
		return nil, fmt.Errorf("%s: record %q: %w", string(j), key, err)
	}
	return record, nil
}

func (j journal[T]) get(r store.Reader, key string) *T {
	raw := r.Get(j.prefix() + key)
	if raw == nil {
		return nil
	}
	record, err := j.decode(key, raw)
	if err != nil {
		r.Fail(err)
	}
	return record
}

func (j journal[T]) put(tx store.Tx, key string, record *T) {
	raw, err := store.Marshal(record)
	if err != nil {
		tx.Fail(fmt.Errorf("%s: record %q: %w", string(j), key, err))
		return
	}
	tx.Put(j.prefix()+key, raw)
}

func (j journal[T]) delete(tx store.Tx, key string) { tx.Delete(j.prefix() + key) }

// keys yields the keys that begin with prefix, from the first that is not less
// than from, up to limit of them.
func (j journal[T]) keys(r store.Reader, prefix, from string, limit int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for key := range r.Scan(j.prefix()+prefix, j.prefix()+from, limit) {
			if !yield(strings.TrimPrefix(key, j.prefix())) {
				return
			}
		}
	}
}

// scan yields the records whose keys begin with prefix, from the first key that
// is not less than from. It skips those that cannot be decoded, and reports them to damaged.
func (j journal[T]) scan(r store.Reader, prefix, from string, damaged func(key string, err error)) iter.Seq2[string, *T] {
	return func(yield func(string, *T) bool) {
		for key, raw := range r.Scan(j.prefix()+prefix, j.prefix()+from, store.All) {
			key = strings.TrimPrefix(key, j.prefix())
			record, err := j.decode(key, raw)
			if err != nil {
				damaged(key, err)
				continue
			}
			if !yield(key, record) {
				return
			}
		}
	}
}

// timeKey is t in a form whose order is that of time.
func timeKey(t time.Time) string {
	seconds, nanos := max(t.Unix(), 0), t.Nanosecond()
	if seconds < 1e11 {
		return fmt.Sprintf("%011d%09d", seconds, nanos)
	}
	return fmt.Sprintf(":%012d%09d", seconds, nanos) // after the year 5138, and in order after all digits
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
	// PolicyEpoch is when it was set: the policy means the principals of that time.
	PolicyEpoch    uint64         `json:",omitempty"`
	DataProtection string         `json:",omitempty"`
	Tags           []resource.Tag `json:",omitempty"`
	// Archiving is when the topic began to archive; zero: it does not.
	Archiving time.Time `json:",omitzero"`

	store.Version `json:"-"`
	arn           arn.ARN
	compiled      *policyeval.Policy
	delivery      topicDelivery
	retention     time.Duration
	protect       *dataProtection
}

// Load implements store.Loader.
func (t *topicRecord) Load() error {
	var err error
	if t.arn, err = arn.Parse(t.Arn); err != nil {
		return err
	}
	if t.compiled, err = resource.Compile(t.Arn, t.policy(), t.PolicyEpoch); err != nil {
		return err
	}
	if t.delivery, err = parseTopicDelivery(t.Attributes[attrDeliveryPolicy]); err != nil {
		return fmt.Errorf("sns: the delivery policy of %s: %w", t.Arn, err)
	}
	if t.retention, err = parseRetention(t.Attributes[attrArchivePolicy]); err != nil {
		return fmt.Errorf("sns: the archive policy of %s: %w", t.Arn, err)
	}
	if t.DataProtection != "" {
		if t.protect, err = parseDataProtection(t.DataProtection); err != nil {
			return fmt.Errorf("sns: the data protection policy of %s: %w", t.Arn, err)
		}
	}
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

// tallyRecord counts a topic's subscriptions. It is apart from the topic, so
// that subscribing does not compile the topic's policy again.
type tallyRecord struct {
	Confirmed, Deleted int
	// Revision tells one state of the confirmed subscriptions from all others; empty: they
	// have not changed since a version that knew no revisions, or since the topic was made.
	Revision string `json:",omitempty"`
}

// subscriptionRecord is a subscription.
type subscriptionRecord struct {
	Arn      string
	TopicArn string
	Protocol string
	Endpoint string
	Owner    string // account
	// Principal is the ARN of the principal that subscribed.
	Principal string
	Created   time.Time
	// Attributes are those that were set, in their stored form.
	Attributes map[string]string `json:",omitempty"`
	// Pending: the endpoint has not confirmed yet; Token is what it confirms with.
	Pending bool   `json:",omitempty"`
	Token   string `json:",omitempty"`
	// Authenticated: the confirmation was made by a signed request.
	Authenticated bool `json:",omitempty"`
	// Guarded: only signed requests may unsubscribe (AuthenticateOnUnsubscribe).
	Guarded bool `json:",omitempty"`
	// Expires is when a pending subscription, or one of a deleted topic, ends.
	Expires time.Time `json:",omitzero"`
	// Replay is the state of the replay that was asked for last.
	Replay replayState `json:",omitempty"`

	store.Version `json:"-"`
	filter        *filter
	delivery      subscriptionDelivery
	deadLetter    string // ARN of the queue; empty: none
}

// Load implements store.Loader.
func (r *subscriptionRecord) Load() error {
	var err error
	if text := r.Attributes[attrFilterPolicy]; text != "" {
		if r.filter, err = compileFilter(text, r.attribute(attrFilterPolicyScope)); err != nil {
			return err
		}
	}
	if r.delivery, err = parseSubscriptionDelivery(r.Attributes[attrDeliveryPolicy]); err != nil {
		return err
	}
	if text := r.Attributes[attrRedrivePolicy]; text != "" {
		if r.deadLetter, err = parseRedrive(text); err != nil {
			return err
		}
	}
	return nil
}

func (r *subscriptionRecord) raw() bool { return r.Attributes[attrRawMessageDelivery] == "true" }

// textName is the subscription's text in messages whose structure is json: that
// of its protocol, or of its push service.
func (r *subscriptionRecord) textName() string {
	if r.Protocol == protocolApplication {
		return platformOf(r.Endpoint)
	}
	return r.Protocol
}

// alive reports whether the subscription still exists at the given time.
func (r *subscriptionRecord) alive(now time.Time) bool {
	return r.Expires.IsZero() || now.Before(r.Expires)
}

// linkRecord points to a subscription or a platform endpoint.
type linkRecord struct{ Arn string }

func endpointKey(topic, protocol, endpoint string) string {
	return topic + "\x00" + protocol + "\x00" + endpoint
}

func ownerPrefix(region, account string) string { return region + "/" + account + "/" }

func (r *subscriptionRecord) ownerKey() string {
	return ownerPrefix(regionOf(r.TopicArn), r.Owner) + r.Arn
}

// regionOf is the region of a stored ARN.
func regionOf(text string) string {
	a, err := arn.Parse(text)
	if err != nil {
		panic("sns: " + err.Error()) // only ARNs that parse are stored
	}
	return a.Region
}

// ownerOf is the account of a stored ARN.
func ownerOf(text string) string {
	a, err := arn.Parse(text)
	if err != nil {
		panic("sns: " + err.Error())
	}
	return a.AccountID
}
