package sns

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/store"
)

// A deleted topic or platform application is gone at once. What belonged to it is swept:
// a limited number of records in the transaction of the deletion, which is enough for
// most, and the rest in the background. Until the sweep is done, a remainsRecord marks
// the ARN: readers treat what belonged to it as deleted, and a new topic or application
// of that ARN is made only after the rest was swept.

// remainsRecord is what is left of a deleted topic or platform application.
type remainsRecord struct {
	// Expires is when the topic's subscriptions end.
	Expires time.Time `json:",omitzero"`
	// Aside is the key in sns.aside at which the sweep goes on; those before it are done.
	Aside string `json:",omitempty"`
	// AsideDone: the sweep of sns.aside is done.
	AsideDone bool `json:",omitempty"`
}

// sweepKey is the sweep's key among what the worker has in progress.
const sweepKey = "sweep"

// sweep sweeps what deletions have left until there is no more.
func (s *Service) sweep(ctx context.Context) {
	err := store.Sweep(ctx, s.engine, func(tx store.Tx) (more bool) {
		for text := range s.remains.Scan(tx, "", "", 1) {
			s.sweepRest(tx, text)
			return true
		}
		return false
	})
	if err != nil && ctx.Err() == nil {
		s.worker.park(sweepKey)
		s.log.LogAttrs(ctx, slog.LevelError, "sns: what belonged to deleted topics cannot be deleted", slog.Any("error", err))
	}
}

// sweepRest sweeps some of what is left of the topic or application of an ARN that
// was deleted, if any is. It reports whether there is more.
func (s *Service) sweepRest(tx store.Tx, text string) (more bool) {
	left := s.remains.Edit(tx, text)
	if left == nil {
		return false
	}
	if isApplication(text) {
		return s.sweepApplication(tx, text, left)
	}
	return s.sweepTopic(tx, text, left)
}

func isApplication(text string) bool { return strings.Contains(text, ":app/") }

// leave stores what is left of a deleted topic or application; where nothing is left,
// it deletes the remainsRecord.
func (s *Service) leave(tx store.Tx, text string, left *remainsRecord, more bool) bool {
	if more {
		s.remains.Put(tx, text, left)
	} else {
		s.remains.Delete(tx, text)
	}
	return more
}

// makeAnew runs an update that may make a topic or application whose ARN belonged to a
// deleted one. It first sweeps what is left of that.
func (s *Service) makeAnew(ctx context.Context, text string, write func(store.Tx) error) error {
	for more := true; more; {
		err := s.engine.Update(ctx, func(tx store.Tx) error {
			if more = s.sweepRest(tx, text); more {
				return nil
			}
			return write(tx)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// sweepTopic sweeps some of what belonged to a deleted topic: what it remembered
// is deleted, and its subscriptions are moved aside. It reports whether there is more.
func (s *Service) sweepTopic(tx store.Tx, topic string, left *remainsRecord) (more bool) {
	room := store.SweepSize
	for _, prefix := range []string{s.dedup.prefix(), s.dedupEnds.prefix(), s.archive.prefix()} {
		if room -= store.DeleteSome(tx, prefix+topic+"\x00", room); room == 0 {
			return s.leave(tx, topic, left, true)
		}
	}
	// sns.aside comes first: the confirmed subscriptions are moved there afterwards.
	if !left.AsideDone {
		if room = s.orphanPending(tx, topic, left, room); room <= 0 {
			return s.leave(tx, topic, left, true)
		}
	}
	return s.leave(tx, topic, left, s.orphanConfirmed(tx, topic, left, room))
}

// orphanKeys is how many keys orphan writes at the most.
const orphanKeys = 5

// orphanPending orphans the subscriptions aside that wait for their confirmation,
// as far as there is room for keys, and answers the room that is left.
func (s *Service) orphanPending(tx store.Tx, topic string, left *remainsRecord, room int) int {
	var pending []*subscriptionRecord
	lost := finds{} // damaged: they go with the topic
	seen, limit := 0, max(room/orphanKeys, 1)
	for key, r := range s.aside.ScanWhole(tx, topic+":", left.Aside, limit, lost.add) {
		seen++
		left.Aside = key + "\x00"
		if r.Pending {
			pending = append(pending, r)
		}
	}
	for key := range lost {
		s.aside.Delete(tx, key)
	}
	for _, r := range pending {
		s.orphan(tx, r, left.Expires)
	}
	left.AsideDone = seen < limit
	return room - seen*orphanKeys - len(lost)
}

// orphanConfirmed orphans confirmed subscriptions, as far as there is room for
// keys. It reports whether there are more.
func (s *Service) orphanConfirmed(tx store.Tx, topic string, left *remainsRecord, room int) (more bool) {
	var confirmed []*subscriptionRecord
	lost := finds{}
	limit := max(room/orphanKeys, 1)
	for _, r := range s.subscriptions.ScanWhole(tx, topic+":", "", limit, lost.add) {
		confirmed = append(confirmed, r)
	}
	for key := range lost {
		s.subscriptions.Delete(tx, key)
	}
	for _, r := range confirmed {
		s.orphan(tx, r, left.Expires)
	}
	return len(confirmed) == limit
}

// orphan moves a subscription of a deleted topic aside.
func (s *Service) orphan(tx store.Tx, r *subscriptionRecord, expires time.Time) {
	if !r.Pending {
		s.subscriptions.Delete(tx, r.Arn)
	}
	s.endpoints.Delete(tx, endpointKey(r.TopicArn, r.Protocol, r.Endpoint))
	if isFifo(r.TopicArn) {
		s.replays.delete(tx, r.Arn)
	}
	s.dropToken(tx, r)
	s.aside.Put(tx, r.Arn, r.orphaned(expires))
}

// orphaned is the subscription when its topic is deleted.
func (r *subscriptionRecord) orphaned(expires time.Time) *subscriptionRecord {
	orphan := *r
	orphan.Pending, orphan.Token, orphan.Expires = false, "", expires
	return &orphan
}

// isOrphan reports whether the subscription was left by a deleted topic.
func (r *subscriptionRecord) isOrphan() bool { return !r.Pending && !r.Expires.IsZero() }

// present is a stored subscription, or nil, as it is now: one of a deleted topic is as
// the sweep will leave it.
func (s *Service) present(r store.Reader, found *subscriptionRecord) *subscriptionRecord {
	if found == nil || found.isOrphan() {
		return found
	}
	if left := s.remains.Get(r, found.TopicArn); left != nil {
		return found.orphaned(left.Expires)
	}
	return found
}

// sweepApplication deletes some of the platform endpoints of a deleted
// application. It reports whether there are more.
func (s *Service) sweepApplication(tx store.Tx, application string, left *remainsRecord) (more bool) {
	const limit = store.SweepSize / 2
	var devices []*deviceRecord
	for _, device := range s.devices.Scan(tx, devicePrefix(application), "", limit) {
		devices = append(devices, device)
	}
	for _, device := range devices {
		s.devices.Delete(tx, device.Arn)
		s.deviceTokens.Delete(tx, device.tokenKey())
	}
	return s.leave(tx, application, left, len(devices) == limit)
}

// device is the platform endpoint of the given ARN, or nil: also where its
// application was deleted.
func (s *Service) device(r store.Reader, text string) *deviceRecord {
	found := s.devices.Get(r, text)
	if found == nil || s.applications.Get(r, found.Application) == nil {
		return nil
	}
	return found
}
