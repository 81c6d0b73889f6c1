package sns

import (
	"context"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/eventpattern"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/trail"
)

// PublishInput is the input of Publish. Where a message goes to is a pointer: an
// empty ARN is not the absence of one.
type PublishInput struct {
	Message                string                           `check:"required" trail:"hide"`
	MessageAttributes      map[string]MessageAttributeValue `query:"MessageAttributes,key=Name,value=Value" trail:"hide"`
	MessageDeduplicationId string
	MessageGroupId         string
	MessageStructure       string
	PhoneNumber            *string
	Subject                *string `trail:"hide"`
	TargetArn              *string
	TopicArn               *string
}

// PublishOutput is the output of Publish.
type PublishOutput struct {
	MessageId      string
	SequenceNumber string
}

// Publish sends a message to the subscribers of a topic, to a platform endpoint
// or to a phone number. When it returns, every queue has the message or has
// refused it.
//
// See https://docs.aws.amazon.com/sns/latest/api/API_Publish.html.
func (s *Service) Publish(ctx context.Context, in *PublishInput) (*PublishOutput, error) {
	return api.Do(ctx, in, s.publishTarget, s.publishOne)
}

func (s *Service) publishOne(ctx context.Context, to *destination, in *PublishInput) (*PublishOutput, error) {
	m := &message{
		TopicArn: in.destination(), Text: in.Message, Subject: in.Subject, Attributes: in.MessageAttributes,
		GroupID: in.MessageGroupId, DeduplicationID: in.MessageDeduplicationId,
	}
	var err error
	switch {
	case to.device != nil:
		err = s.publishToDevice(ctx, to.device, m, in.MessageStructure)
	case to.audience != nil:
		if err = m.check(in.MessageStructure, ""); err == nil {
			err = s.publish(ctx, to.audience, errMessageTooLong, m)
		}
	default:
		if err = m.check(in.MessageStructure, ""); err == nil {
			err = s.publishToPhone(ctx, *in.PhoneNumber, m)
		}
	}
	if err != nil {
		return nil, err
	}
	return &PublishOutput{MessageId: m.ID, SequenceNumber: m.Sequence}, nil
}

// destination is where one message goes to: a topic, a platform endpoint or, where
// it is neither, the phone number of the input.
type destination struct {
	audience *audience
	device   *installation
}

// destination is the ARN that a message is for; a topic's may stand in TargetArn [N087].
func (in *PublishInput) destination() string {
	switch {
	case in.TopicArn != nil:
		return *in.TopicArn
	case in.TargetArn != nil:
		return *in.TargetArn
	default:
		return ""
	}
}

func (s *Service) publishTarget(ctx context.Context, in *PublishInput) (target api.Target, to *destination, err error) {
	given := 0
	for _, destination := range []*string{in.TopicArn, in.TargetArn, in.PhoneNumber} {
		if destination != nil {
			given++
		}
	}
	to = new(destination)
	switch {
	case given == 0:
		err = invalidParameter("TopicArn or TargetArn Reason: no value for required parameter")
	case given > 1:
		err = invalidParameter("TopicArn, TargetArn or PhoneNumber Reason: only one of them can be given")
	case in.PhoneNumber != nil:
		target = api.Target{ARN: *in.PhoneNumber, Account: api.RequestFrom(ctx).Account}
	case in.TopicArn != nil:
		target, to.audience, err = s.audienceTarget(ctx, *in.TopicArn, "TopicArn")
	case isDevice(*in.TargetArn):
		target, to.device, err = s.installationTarget(ctx, *in.TargetArn)
	default:
		target, to.audience, err = s.audienceTarget(ctx, *in.TargetArn, "TargetArn")
	}
	return target, to, err
}

// audience is a topic, with the revision of its subscriptions at the same moment.
type audience struct {
	topic    *topicRecord
	revision string
}

// audienceTarget is topicTarget for messages.
func (s *Service) audienceTarget(ctx context.Context, text, member string) (target api.Target, to *audience, err error) {
	name, err := parseTopicARN(ctx, text, member)
	if err != nil {
		return target, nil, err
	}
	to, err = s.readAudience(ctx, func(r store.Reader) (topic *topicRecord, err error) {
		target, topic, err = s.describe(ctx, r, text, name.AccountID)
		return topic, err
	})
	return target, to, err
}

// readAudience reads the topic that find answers, if any.
func (s *Service) readAudience(ctx context.Context, find func(store.Reader) (*topicRecord, error)) (to *audience, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		to = nil
		topic, err := find(r)
		if topic != nil && err == nil {
			to = &audience{topic, s.revision(r, topic.Arn)}
		}
		return err
	})
	return to, err
}

// publish sends messages to a topic. It gives them their ids. tooLong is the error for
// messages that are together larger than the topic allows.
func (s *Service) publish(ctx context.Context, to *audience, tooLong *api.Error, messages ...*message) error {
	topic, size := to.topic, 0
	for _, m := range messages {
		size += m.size()
	}
	if size > topic.maximumSize() {
		return tooLong
	}
	for _, m := range messages {
		if err := m.suits(topic); err != nil {
			return err
		}
	}
	if err := s.authorizeKey(ctx, topic); err != nil {
		return err
	}
	now := s.clock.Now()
	for _, m := range messages {
		m.ID, m.Time = s.ids.UUID(), now
		if err := s.protectInbound(ctx, topic, m); err != nil {
			return err
		}
	}
	// A publisher that closes its connection has published all the same.
	ctx = api.WithRequest(context.WithoutCancel(ctx), api.RequestFrom(ctx))
	if topic.Fifo {
		return s.publishInOrder(ctx, topic, messages)
	}
	recipients, err := s.recipients(ctx, to, messages)
	if err != nil {
		return err
	}
	return s.fanOutAll(ctx, topic, messages, recipients)
}

func (s *Service) fanOutAll(ctx context.Context, topic *topicRecord, messages []*message, recipients [][]*subscriptionRecord) error {
	for i, m := range messages {
		if err := s.fanOut(ctx, topic, m, recipients[i]); err != nil {
			return err
		}
	}
	return nil
}

// errMessageTooLong is the error for a message that comes alone [N091].
var errMessageTooLong = invalidParameter("Message too long")

// suits checks a message against the kind of its topic [N098]-[N100].
func (m *message) suits(topic *topicRecord) error {
	switch {
	case !topic.Fifo && m.DeduplicationID != "":
		return invalidParameter("MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type")
	case topic.Fifo && m.GroupID == "":
		return invalidParameter("The MessageGroupId parameter is required for FIFO topics")
	case topic.Fifo && m.DeduplicationID == "" && topic.attribute(attrContentBasedDeduplication) != "true":
		return invalidParameter("The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly")
	case !validGroupID(m.GroupID):
		return invalidParameter("MessageGroupId")
	case !validGroupID(m.DeduplicationID):
		return invalidParameter("MessageDeduplicationId")
	}
	return nil
}

// validGroupID: up to 128 letters, digits and ASCII punctuation.
func validGroupID(id string) bool {
	return len(id) <= 128 && !strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' })
}

// fanOut delivers a message to subscriptions.
func (s *Service) fanOut(ctx context.Context, topic *topicRecord, m *message, subscriptions []*subscriptionRecord) error {
	forms := &forms{service: s, topic: topic, message: m}
	room := make([]job, len(subscriptions)) // in one piece
	jobs := make([]*job, 0, len(subscriptions))
	for i, r := range subscriptions {
		if r.paused() {
			continue
		}
		allowed, err := s.notificationJob(ctx, forms, r, &room[i])
		if err != nil {
			return err
		}
		if allowed {
			jobs = append(jobs, &room[i])
		}
	}
	return s.deliverAll(ctx, jobs)
}

// notificationJob makes j the delivery of a message to a subscription; false where the
// topic's data protection policy prohibits it.
func (s *Service) notificationJob(ctx context.Context, f *forms, r *subscriptionRecord, j *job) (allowed bool, err error) {
	m := f.message
	s.fillJob(ctx, j, f.topic, r, typeNotification)
	j.Structured = m.Texts != nil
	j.MessageID, j.Published = m.ID, m.Time
	j.GroupID, j.DeduplicationID = m.GroupID, m.DeduplicationID
	text, prohibited := f.topic.protect.outbound(r.Principal, m.text(r.textName()))
	if prohibited {
		j.Attempts = 1
		d := j.record(trail.StatusFailure, trail.Outcome{StatusCode: 403, ProviderResponse: "The topic's data protection policy prohibits this message from being delivered to " + r.Arn}, s.clock.Now())
		s.record(ctx, &d)
		return false, nil
	}
	switch {
	case r.raw():
		j.Raw, j.Body, j.Attributes = true, text, m.Attributes
		if r.Protocol == protocolSQS {
			j.shared = f.shared(text)
		}
	case r.Protocol == protocolEmail:
		j.Body, j.Subject = emailText(f.unsubscribe(ctx, r), text), m.Subject
	case r.Protocol == protocolSMS || r.Protocol == protocolApplication:
		j.Body, j.Subject, j.Attributes = text, m.Subject, m.Attributes
	default:
		var n *notification
		if n, err = f.note(ctx, text); err != nil {
			return false, err
		}
		j.Body = n.body(r.Arn)
		if r.Protocol == protocolLambda {
			j.Body, err = lambdaEvent(r.Arn, j.Body)
		}
		if r.Protocol == protocolEmailJSON {
			j.Subject = m.Subject
		}
	}
	return true, err
}

// emailText is a notification as a mail.
func emailText(unsubscribe, text string) string {
	return text + "\n\n--\nIf you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:\n" +
		unsubscribe + "\n\nPlease do not reply directly to this email."
}

// forms are the documents in which one message is delivered. Subscribers who get the
// same text share one, because a signature is the most expensive part of a delivery.
type forms struct {
	service *Service
	topic   *topicRecord
	message *message
	notes   map[string]*notification // by text
	raw     struct {                 // the text that a queue was sent last as it is
		text   string
		shared QueueBody
	}
}

func (f *forms) shared(text string) QueueBody {
	if f.raw.shared == nil || f.raw.text != text {
		f.raw.text, f.raw.shared = text, f.service.queues.Share(text)
	}
	return f.raw.shared
}

func (f *forms) note(ctx context.Context, text string) (*notification, error) {
	if n := f.notes[text]; n != nil {
		return n, nil
	}
	n, err := f.service.newNotification(ctx, f.topic, f.message, text)
	if err != nil {
		return nil, err
	}
	if f.notes == nil {
		f.notes = map[string]*notification{}
	}
	f.notes[text] = n
	return n, nil
}

func (f *forms) unsubscribe(ctx context.Context, r *subscriptionRecord) string {
	return unsubscribeURL(ctx) + r.Arn
}

// unsubscribeURL ends a subscription whose ARN is added to it [N129].
func unsubscribeURL(ctx context.Context) string {
	return secureURL(ctx) + "/?Action=Unsubscribe&SubscriptionArn="
}

// secureURL is the URL at which the caller reached this server, with https: programs
// that verify messages accept only https for the certificate's URL, as on AWS. The
// server's port speaks both HTTP and HTTPS.
func secureURL(ctx context.Context) string {
	_, host, _ := strings.Cut(api.RequestFrom(ctx).PublicURL(), "://")
	return "https://" + host
}

// passes reports whether the subscription's filter lets the message through.
func (m *message) passes(r *subscriptionRecord) bool {
	return r.filter == nil || r.filter.match(m.event(r.filterPlace()))
}

// event is the message as filters at a place see it.
func (m *message) event(at filterPlace) *eventpattern.Event {
	if !at.body {
		if m.byAttributes == nil {
			m.byAttributes = attributeEvent(m.Attributes)
		}
		return m.byAttributes
	}
	text := m.text(at.textName)
	e, ok := m.byBody[text]
	if !ok {
		if m.byBody == nil {
			m.byBody = map[string]*eventpattern.Event{}
		}
		e = bodyEvent(text)
		m.byBody[text] = e
	}
	return e
}

// isDevice reports whether an ARN is that of a platform endpoint.
func isDevice(text string) bool {
	a, err := arn.Parse(text)
	return err == nil && strings.HasPrefix(a.Resource, "endpoint/")
}
