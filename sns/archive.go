package sns

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/jackson"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// maxRetention is how long a topic archives at most, in days.
const maxRetention = 365

// normalArchive is an archive policy as it is kept; {} turns archiving off.
func normalArchive(value string) (stored, refused string) {
	if value == "" || jackson.Compact(value) == "{}" {
		return "", ""
	}
	err := checkShape(value, archiveShape)
	if err == nil {
		_, err = parseRetention(value)
	}
	if err != nil {
		return "", err.Error()
	}
	return value, ""
}

var archiveShape = anObject(map[string]*shape{"MessageRetentionPeriod": aCount})

// parseRetention is how long an archive policy keeps messages; 0 where there is none.
func parseRetention(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	var policy struct{ MessageRetentionPeriod json.RawMessage }
	if err := json.Unmarshal([]byte(text), &policy); err != nil {
		return 0, refusal("failed to parse JSON")
	}
	// The number of days may be a JSON string or number.
	digits := string(policy.MessageRetentionPeriod)
	if unquoted, err := strconv.Unquote(digits); err == nil {
		digits = unquoted
	}
	days, err := strconv.Atoi(digits)
	if err != nil || days < 1 || days > maxRetention {
		return 0, refusal("MessageRetentionPeriod must be an integer between 1 and 365")
	}
	return time.Duration(days) * 24 * time.Hour, nil
}

// archiveFrom notes since when the topic archives.
func (t *topicRecord) archiveFrom(now time.Time) {
	switch {
	case t.Attributes[attrArchivePolicy] == "":
		t.Archiving = time.Time{}
	case t.Archiving.IsZero():
		t.Archiving = now
	}
}

// archiveBegins is the time of the oldest message that can be replayed.
func (t *topicRecord) archiveBegins(now time.Time) time.Time {
	if oldest := now.Add(-t.retention); oldest.After(t.Archiving) {
		return oldest
	}
	return t.Archiving
}

// archived is a message of a FIFO topic's archive.
type archived struct {
	ID              string
	Time            time.Time
	Sequence        string
	GroupID         string
	DeduplicationID string
	archivedContent
	// Sealed is the content of a message to an encrypted topic, Wrapped its data key.
	Sealed  []byte `json:",omitempty"`
	Wrapped []byte `json:",omitempty"`
}

type archivedContent struct {
	Text       string                           `json:",omitempty"`
	Texts      map[string]string                `json:",omitempty"`
	Subject    *string                          `json:",omitempty"`
	Attributes map[string]MessageAttributeValue `json:",omitempty"`
}

func (a *archived) key(topic string) string {
	return topic + "\x00" + timeKey(a.Time) + "\x00" + a.Sequence
}

// archived is a message as the archive keeps it.
func (s *Service) archived(topic *topicRecord, m *message) (*archived, error) {
	a := &archived{ID: m.ID, Time: m.Time, Sequence: m.Sequence, GroupID: m.GroupID, DeduplicationID: m.DeduplicationID}
	secret := archivedContent{m.Text, m.Texts, m.Subject, m.Attributes}
	if topic.Attributes[attrKmsMasterKeyID] == "" {
		a.archivedContent = secret
		return a, nil
	}
	key, err := s.owned.Encryption(topic.Arn)
	if err != nil {
		return nil, err
	}
	a.Sealed, a.Wrapped = seal(key, secret, a.ID), key.Wrapped
	return a, nil
}

// unarchived is the archived message. It fails with errDamaged where its record is
// damaged, and with another error where the archive's key cannot be unwrapped.
func (s *Service) unarchived(topic string, a *archived) (*message, error) {
	if len(a.Sealed) > 0 {
		key, err := s.owned.Decryption(topic, a.Wrapped)
		if err != nil {
			return nil, err
		}
		if err := open(key, a.Sealed, a.ID, &a.archivedContent); err != nil {
			return nil, fmt.Errorf("%w: %w", errDamaged, err)
		}
	}
	return &message{
		ID: a.ID, TopicArn: topic, Text: a.Text, Texts: a.Texts, Subject: a.Subject, Attributes: a.Attributes,
		GroupID: a.GroupID, DeduplicationID: a.DeduplicationID, Sequence: a.Sequence, Time: a.Time,
	}, nil
}

// The states of a replay, as the attribute ReplayStatus shows them.
const (
	replayPending   = "Pending"
	replayRunning   = "In progress"
	replayCompleted = "Completed"
	replayFailed    = "Failed"
)

// replayState is the state of a subscription's replay.
type replayState struct {
	Status string `json:",omitempty"`
	// Ends: the replay has an end, after which the subscription gets nothing new.
	Ends bool `json:",omitempty"`
}

// paused reports whether the subscription does not get what is published now: a running
// replay delivers it later, in order, and after a replay with an end nothing follows.
func (r *subscriptionRecord) paused() bool {
	switch r.Replay.Status {
	case replayPending, replayRunning:
		return true
	default:
		return r.Replay.Ends
	}
}

// replayRecord is a replay that is not finished.
type replayRecord struct {
	ID      string
	From    string // key of the archive from which to go on
	Until   time.Time
	BaseURL string
}

// replayPolicy is a ReplayPolicy.
type replayPolicy struct {
	PointType     string
	StartingPoint time.Time
	EndingPoint   *time.Time
}

// normalReplay is a replay policy as it was given; {} ends the replay.
func normalReplay(value string) (stored, refused string) {
	if value == "" || jackson.Compact(value) == "{}" {
		return "", ""
	}
	err := checkShape(value, replayShape)
	if err == nil {
		_, err = parseReplay(value)
	}
	if err != nil {
		return "", err.Error()
	}
	return value, ""
}

var replayShape = anObject(map[string]*shape{"PointType": aString, "StartingPoint": aString, "EndingPoint": aString})

func parseReplay(text string) (*replayPolicy, error) {
	p := new(replayPolicy)
	if err := json.Unmarshal([]byte(text), p); err != nil {
		return nil, refusal("StartingPoint and EndingPoint must be timestamps such as 2023-06-07T03:04:23.000Z")
	}
	switch {
	case p.PointType != "Timestamp":
		return nil, refusal("PointType must be Timestamp")
	case p.StartingPoint.IsZero():
		return nil, refusal("StartingPoint is required")
	case p.EndingPoint != nil && p.EndingPoint.Before(p.StartingPoint):
		return nil, refusal("EndingPoint must not be before StartingPoint")
	}
	return p, nil
}

// checkReplay refuses a replay that the topic's archive cannot serve.
func (s *Service) checkReplay(topic *topicRecord, r *subscriptionRecord, now time.Time) error {
	text := r.Attributes[attrReplayPolicy]
	if text == "" {
		return nil
	}
	p, err := parseReplay(text)
	switch {
	case err != nil:
		return err
	case topic == nil || topic.Archiving.IsZero():
		return invalidParameter("ReplayPolicy: the topic has no ArchivePolicy")
	case p.StartingPoint.After(now) || p.EndingPoint != nil && p.EndingPoint.After(now):
		return invalidParameter("ReplayPolicy: StartingPoint and EndingPoint must not be in the future")
	}
	return nil
}

// startReplay begins the replay that r's policy asks for, or ends the one that
// it had. The worker does the rest. A pending subscription's begins when it is confirmed.
func (s *Service) startReplay(tx store.Tx, r *subscriptionRecord, baseURL string) {
	text := r.Attributes[attrReplayPolicy]
	if text == "" || r.Pending {
		r.Replay = replayState{}
		s.replays.delete(tx, r.Arn)
		return
	}
	p, err := parseReplay(text)
	if err != nil {
		tx.Fail(err) // it was checked when it was set
		return
	}
	r.Replay = replayState{Status: replayPending, Ends: p.EndingPoint != nil}
	record := &replayRecord{ID: s.ids.UUID(), From: r.TopicArn + "\x00" + timeKey(p.StartingPoint), BaseURL: baseURL}
	if p.EndingPoint != nil {
		record.Until = *p.EndingPoint
	}
	s.replays.put(tx, r.Arn, record)
}

// replayBatch is how many messages a replay delivers between looking whether it
// is still wanted.
const replayBatch = 100

// replay delivers from the archive until there is no more, then hands over to
// what is published next.
func (s *Service) replay(ctx context.Context, subscription string) {
	for ctx.Err() == nil {
		more, err := s.replaySome(ctx, subscription)
		if err != nil && ctx.Err() == nil {
			s.log.LogAttrs(ctx, slog.LevelError, "sns: a replay failed", slog.String("subscription", subscription), slog.Any("error", err))
			err = s.endReplay(ctx, subscription, replayFailed)
		}
		if err != nil || !more {
			return
		}
	}
}

// replaySome delivers one batch.
func (s *Service) replaySome(ctx context.Context, subscription string) (more bool, err error) {
	topicArn := topicOf(subscription)
	// Under the lock nothing is published: an archive without more is at its end.
	unlock := s.orders.lock(topicArn)
	defer unlock()
	var batch []*archived
	var topic *topicRecord
	var r *subscriptionRecord
	var record *replayRecord
	var damaged finds
	err = s.engine.Update(ctx, func(tx store.Tx) error {
		batch, damaged = nil, finds{}
		topic, record = s.topics.Get(tx, topicArn), s.replays.get(tx, subscription)
		r = s.subscriptions.Edit(tx, subscription)
		if topic == nil || record == nil || r == nil {
			s.replays.delete(tx, subscription)
			record = nil
			return nil
		}
		now := s.clock.Now()
		oldest := topicArn + "\x00" + timeKey(topic.archiveBegins(now))
		for key, a := range s.archive.scan(tx, topicArn+"\x00", max(record.From, oldest), damaged.add) {
			if len(batch) == replayBatch || !record.Until.IsZero() && a.Time.After(record.Until) {
				break
			}
			batch = append(batch, a)
			record.From = key + "\x00"
		}
		r.Replay.Status = replayRunning
		if len(batch) == 0 {
			r.Replay.Status = replayCompleted
			s.replays.delete(tx, subscription)
		}
		s.putSubscription(tx, r)
		return nil
	})
	if err != nil || record == nil {
		return false, err
	}
	s.tellDamaged(ctx, "archived message", damaged)
	if len(batch) == 0 {
		return false, nil
	}
	if err := s.replayBatch(ctx, topic, r, record, batch); err != nil {
		return false, err
	}
	return true, s.engine.Update(ctx, func(tx store.Tx) error {
		// A replay that was begun anew meanwhile keeps its own place.
		if current := s.replays.get(tx, subscription); current != nil && current.ID == record.ID {
			s.replays.put(tx, subscription, record)
		}
		return nil
	})
}

// replayBatch delivers messages of the archive to one subscription.
func (s *Service) replayBatch(ctx context.Context, topic *topicRecord, r *subscriptionRecord, record *replayRecord, batch []*archived) error {
	ctx = api.WithRequest(ctx, &api.Request{
		ID: s.ids.UUID(), Account: topic.owner(), Region: topic.arn.Region, Time: s.clock.Now(), SecureTransport: true, BaseURL: record.BaseURL,
		Caller:    &api.Caller{Principal: policyeval.Principal{Type: policyeval.Service, Service: servicePrincipal}},
		SourceARN: topic.Arn, SourceAccount: topic.owner(),
	})
	for _, a := range batch {
		m, err := s.unarchived(topic.Arn, a)
		if errors.Is(err, errDamaged) {
			s.tellDamaged(ctx, "archived message", finds{a.ID: err})
			continue
		}
		if err != nil { // the archive's key is missing, for all messages
			return err
		}
		if !m.passes(r) {
			continue
		}
		m.replayed(record.ID)
		j := new(job)
		allowed, err := s.notificationJob(ctx, &forms{service: s, topic: topic, message: m}, r, j)
		if err == nil && allowed {
			err = s.deliverAll(ctx, []*job{j})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// replayed marks a message that is delivered again: by an attribute, and by a
// deduplication id of the replay's own, or FIFO queues would drop it.
func (m *message) replayed(replay string) {
	attributes := map[string]MessageAttributeValue{"Replayed": {DataType: "String", StringValue: ptrTo("true")}}
	for name, a := range m.Attributes {
		attributes[name] = a
	}
	m.Attributes = attributes
	sum := sha256.Sum256([]byte(replay + m.DeduplicationID))
	m.DeduplicationID = hex.EncodeToString(sum[:])
}

func (s *Service) endReplay(ctx context.Context, subscription, status string) error {
	return s.engine.Update(ctx, func(tx store.Tx) error {
		s.replays.delete(tx, subscription)
		if r := s.subscriptions.Edit(tx, subscription); r != nil {
			r.Replay.Status = status
			s.putSubscription(tx, r)
		}
		return nil
	})
}

func ptrTo[T any](v T) *T { return &v }
