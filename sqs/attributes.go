package sqs

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/envelope"
	"github.com/waxseal/waxseal/internal/store"
)

// attribute is a queue attribute that can be set.
type attribute struct {
	name string
	// fallback is what a queue shows where it was never set; empty: nothing.
	fallback string
	// normal is a value in the form in which it is kept; false: it is no value.
	normal func(value string) (string, bool)
	// document takes the place of normal for an attribute that is a JSON document: its
	// error says what is wrong with the value. An empty value removes the attribute.
	document func(value string) (string, error)
	// fifo attributes exist on FIFO queues only.
	fifo bool
}

// maxMessageSize is the largest message and batch in bytes [Q059].
const maxMessageSize = 1 << 20

// attributes are listed in the order in which CreateQueue compares them.
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html.
var attributes = []attribute{
	{name: "DelaySeconds", fallback: "0", normal: between(0, 900)},
	{name: "MaximumMessageSize", fallback: "1048576", normal: between(1024, maxMessageSize)},
	{name: "MessageRetentionPeriod", fallback: "345600", normal: between(60, 1209600)},
	{name: "ReceiveMessageWaitTimeSeconds", fallback: "0", normal: between(0, 20)},
	{name: "VisibilityTimeout", fallback: "30", normal: between(0, 43200)},
	{name: "Policy", normal: anything},
	{name: "RedrivePolicy", document: newRedrivePolicy},
	{name: "RedriveAllowPolicy", document: newRedriveAllowPolicy},
	{name: "KmsMasterKeyId", normal: upTo(2048)},
	{name: "KmsDataKeyReusePeriodSeconds", fallback: "300", normal: between(60, 86400)},
	{name: "SqsManagedSseEnabled", fallback: "true", normal: boolean},
	{name: "FifoQueue", normal: boolean, fifo: true},
	{name: "ContentBasedDeduplication", fallback: "false", normal: boolean, fifo: true},
	{name: "DeduplicationScope", fallback: "queue", normal: oneOf("queue", "messageGroup"), fifo: true},
	{name: "FifoThroughputLimit", fallback: "perQueue", normal: oneOf("perQueue", "perMessageGroupId"), fifo: true},
}

func attributeOf(name string) *attribute {
	i := slices.IndexFunc(attributes, func(a attribute) bool { return a.name == name })
	if i < 0 {
		return nil
	}
	return &attributes[i]
}

func between(low, high int) func(string) (string, bool) {
	return func(v string) (string, bool) {
		n, err := strconv.Atoi(v)
		return strconv.Itoa(n), err == nil && low <= n && n <= high
	}
}

// boolean takes true and false in any case and keeps them in lower case [Q054].
func boolean(v string) (string, bool) {
	v = strings.ToLower(v)
	return v, v == "true" || v == "false"
}

func oneOf(values ...string) func(string) (string, bool) {
	return func(v string) (string, bool) { return v, slices.Contains(values, v) }
}

func upTo(length int) func(string) (string, bool) {
	return func(v string) (string, bool) { return v, len(v) <= length }
}

func anything(v string) (string, bool) { return v, true }

// kept is a value in the form in which it is kept.
func (a *attribute) kept(value string) (string, error) {
	switch {
	case a.document == nil:
		v, ok := a.normal(value)
		if !ok {
			return "", badAttribute(a.name)
		}
		return v, nil
	case value == "":
		return "", nil
	default:
		return a.document(value)
	}
}

// settings are a queue's attributes as the operations use them.
type settings struct {
	fifo         bool
	contentBased bool // ContentBasedDeduplication
	delay        time.Duration
	retention    time.Duration
	visibility   time.Duration
	wait         time.Duration
	maxSize      int
	kmsKey       string // empty: no SSE-KMS
	reuse        time.Duration
	sse          bool // SSE-SQS
	redrive      *redrivePolicy
	allow        *redriveAllowPolicy
}

// parse reads stored attributes, which were checked when they were set.
func (q *queue) parse() settings {
	seconds := func(name string) time.Duration {
		n, _ := strconv.Atoi(q.value(name))
		return time.Duration(n) * time.Second
	}
	size, _ := strconv.Atoi(q.value("MaximumMessageSize"))
	return settings{
		fifo:         q.Attributes["FifoQueue"] == "true",
		contentBased: q.Attributes["ContentBasedDeduplication"] == "true",
		delay:        seconds("DelaySeconds"),
		retention:    seconds("MessageRetentionPeriod"),
		visibility:   seconds("VisibilityTimeout"),
		wait:         seconds("ReceiveMessageWaitTimeSeconds"),
		maxSize:      size,
		kmsKey:       q.Attributes["KmsMasterKeyId"],
		reuse:        max(seconds("KmsDataKeyReusePeriodSeconds"), time.Minute),
		sse:          q.value("SqsManagedSseEnabled") == "true",
		redrive:      storedRedrivePolicy(q.Attributes["RedrivePolicy"]),
		allow:        storedRedriveAllowPolicy(q.Attributes["RedriveAllowPolicy"]),
	}
}

// value is an attribute as it is read back; empty where the queue shows none.
func (q *queue) value(name string) string {
	if v, ok := q.Attributes[name]; ok {
		return v
	}
	return attributeOf(name).fallback
}

// shown are the attributes that were set or have a default.
func (q *queue) shown() map[string]string {
	out := make(map[string]string, len(attributes)+8)
	for _, a := range attributes {
		v := q.value(a.name)
		hidden := v == "" || a.fifo && !q.fifo ||
			// [A9]: the period is of no use without a key.
			a.name == "KmsDataKeyReusePeriodSeconds" && q.kmsKey == ""
		if !hidden {
			out[a.name] = v
		}
	}
	return out
}

func (q *queue) encrypted() bool { return q.kmsKey != "" || q.sse }

// change is a set of attributes that a request sets, each in its kept form.
type change map[string]string

// newChange checks attributes as far as that is possible without the store.
func newChange(given map[string]string, fifo bool) (change, error) {
	c := change{}
	for _, name := range sortedKeys(given) {
		a := attributeOf(name)
		if a == nil {
			return nil, unknownAttribute(name)
		}
		if a.fifo && !fifo {
			return nil, notFIFO(name)
		}
		v, err := a.kept(given[name])
		if err != nil {
			return nil, err
		}
		c[name] = v
	}
	if c["KmsMasterKeyId"] != "" && c["SqsManagedSseEnabled"] == "true" {
		return nil, ErrInvalidAttributeName.With("You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.")
	}
	return c, nil
}

// notFIFO refuses FIFO attributes on standard queues ([Q048]-[Q051] [Q073]).
func notFIFO(name string) error {
	switch name {
	case "DeduplicationScope", "FifoThroughputLimit":
		return ErrInvalidAttributeName.Withf("You can specify the %s only when FifoQueue is set to true.", name)
	default:
		return unknownAttribute(name)
	}
}

// apply sets the attributes of c on q. Setting one kind of encryption removes the
// other [A1.3] [A1.6] [A1.7].
func (c change) apply(q *queue) {
	maps.Copy(q.Attributes, c)
	for _, name := range []string{"Policy", "RedrivePolicy", "RedriveAllowPolicy", "KmsMasterKeyId"} {
		if q.Attributes[name] == "" {
			delete(q.Attributes, name)
		}
	}
	switch {
	case c["KmsMasterKeyId"] != "":
		q.Attributes["SqsManagedSseEnabled"] = "false"
	case c["SqsManagedSseEnabled"] == "true":
		delete(q.Attributes, "KmsMasterKeyId")
	}
}

// apply sets the attributes of c on q, and binds a policy among them to the principals
// that it names now.
func (s *Service) apply(tx store.Tx, q *queue, c change) {
	c.apply(q)
	if c["Policy"] != "" {
		q.PolicyEpoch = s.policies.Epoch(tx)
	}
}

// SetQueueAttributesInput is the input of SetQueueAttributes.
type SetQueueAttributesInput struct {
	QueueUrl   string            `check:"required"`
	Attributes map[string]string `check:"required" query:"Attribute,flat,key=Name,value=Value"`
}

func (in *SetQueueAttributesInput) queue() string { return in.QueueUrl }

// SetQueueAttributesOutput is the output of SetQueueAttributes.
type SetQueueAttributesOutput struct{}

// SetQueueAttributes changes the attributes given and leaves the others as they
// are. An empty Policy, RedrivePolicy, RedriveAllowPolicy or KmsMasterKeyId is
// removed. Changes take effect at once.
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html.
func (s *Service) SetQueueAttributes(ctx context.Context, in *SetQueueAttributesInput) (*SetQueueAttributesOutput, error) {
	return api.Do(ctx, in, onQueue[*SetQueueAttributesInput](s), s.setQueueAttributes)
}

func (s *Service) setQueueAttributes(ctx context.Context, q *queue, in *SetQueueAttributesInput) (*SetQueueAttributesOutput, error) {
	c, err := newChange(in.Attributes, q.fifo)
	if err != nil {
		return nil, err
	}
	if c["FifoQueue"] == "false" {
		return nil, ErrInvalidAttributeValue.With("Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.")
	}
	if err := s.checkPolicy(ctx, q.name(), c); err != nil {
		return nil, err
	}
	for {
		err := s.engine.Update(ctx, func(tx store.Tx) error { return s.changeAttributes(tx, q, c) })
		if errors.Is(err, errDue) {
			err = s.catchUp(ctx, q)
		} else if err == nil {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	s.waiters.wake(q.arn) // a shorter delay may have made messages available
	return &SetQueueAttributesOutput{}, nil
}

// changeAttributes changes a queue. What is due by the old attributes must be
// applied before: a longer retention period brings no message back.
func (s *Service) changeAttributes(tx store.Tx, q *queue, c change) error {
	if err := confirm(tx, q); err != nil {
		return err
	}
	n := q.name()
	q = s.queues.Edit(tx, n.key())
	now := s.clock.Now()
	if v := look(tx, q, now); v.anyDue() {
		return errDue
	}
	if err := s.redriveTo(tx, q, c); err != nil {
		return err
	}
	s.apply(tx, q, c)
	if err := q.checkThroughput(); err != nil {
		return err
	}
	q.Modified = now.Unix()
	s.queues.Put(tx, n.key(), q)
	return nil
}

// checkThroughput refuses the throughput limit per group without deduplication per group.
func (q *queue) checkThroughput() error {
	if q.value("FifoThroughputLimit") == "perMessageGroupId" && q.value("DeduplicationScope") != "messageGroup" {
		return badAttribute("FifoThroughputLimit")
	}
	return nil
}

// GetQueueAttributesInput is the input of GetQueueAttributes.
type GetQueueAttributesInput struct {
	QueueUrl       string   `check:"required"`
	AttributeNames []string `query:"AttributeName,flat"`
}

func (in *GetQueueAttributesInput) queue() string { return in.QueueUrl }

// GetQueueAttributesOutput is the output of GetQueueAttributes.
type GetQueueAttributesOutput struct {
	Attributes map[string]string `query:"Attribute,flat,key=Name,value=Value"`
}

// readOnly are the attributes that cannot be set, beside the counts.
var readOnly = []string{
	"QueueArn", "CreatedTimestamp", "LastModifiedTimestamp",
	"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed",
}

// GetQueueAttributes answers the attributes asked for, as far as the queue has
// them; All stands for every one. The counts are exact.
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html.
func (s *Service) GetQueueAttributes(ctx context.Context, in *GetQueueAttributesInput) (*GetQueueAttributesOutput, error) {
	return api.Do(ctx, in, onQueue[*GetQueueAttributesInput](s), s.getQueueAttributes)
}

func (s *Service) getQueueAttributes(ctx context.Context, q *queue, in *GetQueueAttributesInput) (*GetQueueAttributesOutput, error) {
	for _, name := range in.AttributeNames {
		if name != "All" && !slices.Contains(readOnly, name) && attributeOf(name) == nil {
			return nil, unknownAttribute(name)
		}
	}
	if len(in.AttributeNames) == 0 {
		return &GetQueueAttributesOutput{}, nil
	}
	all, err := s.describe(ctx, q)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(in.AttributeNames, "All") {
		maps.DeleteFunc(all, func(name, _ string) bool { return !slices.Contains(in.AttributeNames, name) })
	}
	if len(all) == 0 {
		all = nil
	}
	return &GetQueueAttributesOutput{Attributes: all}, nil
}

// describe is every attribute of a queue.
func (s *Service) describe(ctx context.Context, q *queue) (map[string]string, error) {
	n, err := s.count(ctx, q)
	if err != nil {
		return nil, err
	}
	out := q.shown()
	if q.policy != nil {
		err := s.engine.View(ctx, func(r store.Reader) error {
			out["Policy"] = s.shownPolicy(r, q).Text()
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	out["QueueArn"] = q.arn
	out["CreatedTimestamp"] = strconv.FormatInt(q.Created, 10)
	out["LastModifiedTimestamp"] = strconv.FormatInt(q.Modified, 10)
	out["ApproximateNumberOfMessages"] = strconv.FormatInt(n.visible, 10)
	out["ApproximateNumberOfMessagesNotVisible"] = strconv.FormatInt(n.inFlight, 10)
	out["ApproximateNumberOfMessagesDelayed"] = strconv.FormatInt(n.delayed, 10)
	return out, nil
}

// encryptionOf says how a queue encrypts what is sent to it.
type encryptionOf struct {
	kmsKey string
	reuse  time.Duration
	sse    bool
}

func (q *queue) encryption() encryptionOf { return encryptionOf{q.kmsKey, q.reuse, q.sse} }

func (q *queue) use() envelope.Use {
	return envelope.Use{Resource: q.arn, KeyID: q.kmsKey, Reuse: q.reuse, Context: q.context}
}

func sortedKeys[V any](m map[string]V) []string {
	if len(m) == 0 {
		return nil
	}
	return slices.Sorted(maps.Keys(m))
}

// checkPolicy refuses a queue policy that AWS would refuse [D8], and writes the
// default version into one without a version.
func (s *Service) checkPolicy(ctx context.Context, n name, c change) error {
	if c["Policy"] == "" {
		return nil
	}
	text, err := s.validPolicy(ctx, n, c["Policy"])
	if err != nil {
		return err
	}
	c["Policy"] = text
	return nil
}

// checked is the attributes of a new queue, and whether it is a FIFO queue [Q046] [Q047].
func checked(given map[string]string, queueName string) (c change, err error) {
	fifo := strings.ToLower(given["FifoQueue"]) == "true"
	if err := checkName(queueName, fifo); err != nil {
		return nil, err
	}
	return newChange(given, fifo)
}
