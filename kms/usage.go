package kms

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// usageRecord is the last successful cryptographic operation with a key.
type usageRecord struct {
	Operation string
	RequestID string
	EventID   uuid.UUID // of the call's record in CloudTrail
	At        time.Time
}

// IsUse reports whether an operation is a cryptographic one, which counts as a use of
// its keys.
func IsUse(operation string) bool { return slices.Contains(uses, operation) }

var uses = []string{
	"Encrypt", "Decrypt", "ReEncrypt",
	"GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext",
	"Sign", "Verify", "GenerateMac", "VerifyMac", "DeriveSharedSecret", "Encapsulate", "Decapsulate",
}

// usageLog remembers each key's last use in memory, and in the store at most
// once an hour: AWS too takes up to an hour to show it, and a write for each use would
// be the most expensive part of Decrypt. No call waits for it to be stored.
type usageLog struct {
	mu      sync.Mutex
	last    map[string]*lastUse
	unsaved []use // that are to be stored
	saving  bool
	closed  bool
	work    sync.WaitGroup
	save    func() // stores what is unsaved
	table   *store.Table[usageRecord]
}

// lastUse is the last use of a key, and the time of the one that was stored last.
type lastUse struct {
	usageRecord
	saved time.Time
}

type use struct {
	key string
	usageRecord
}

const usageInterval = time.Hour

func newUsageLog() *usageLog {
	return &usageLog{last: map[string]*lastUse{}, table: store.NewTable[usageRecord]("kms.usage")}
}

// note records a use. Where it is time to store that, save is called in the background,
// unless it is running.
func (l *usageLog) note(key string, u usageRecord) {
	l.mu.Lock()
	defer l.mu.Unlock()
	last := l.last[key]
	if last == nil {
		last = new(lastUse)
		l.last[key] = last
	}
	last.usageRecord = u
	if !last.saved.IsZero() && !u.At.Before(last.saved) && u.At.Sub(last.saved) < usageInterval || l.closed {
		return
	}
	last.saved = u.At
	if l.unsaved = append(l.unsaved, use{key, u}); !l.saving {
		l.saving = true
		l.work.Go(l.save)
	}
}

// unstored takes some of the uses that are to be stored; none: saving ends.
func (l *usageLog) unstored() []use {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.unsaved) == 0 {
		l.unsaved, l.saving = nil, false
		return nil
	}
	n := min(len(l.unsaved), store.SweepSize)
	uses := l.unsaved[:n:n]
	l.unsaved = l.unsaved[n:]
	return uses
}

// close waits until what was noted is stored.
func (l *usageLog) close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.work.Wait()
}

func (l *usageLog) forget(tx store.Tx, k *keyRecord) {
	l.table.Delete(tx, k.key())
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.last, k.key())
}

// get is the last use of a key; nil: it was never used.
func (l *usageLog) get(r store.Reader, key string) *usageRecord {
	if u, ok := l.noted(key); ok {
		return &u
	}
	return l.table.Get(r, key)
}

func (l *usageLog) noted(key string) (u usageRecord, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if last := l.last[key]; last != nil {
		return last.usageRecord, true
	}
	return u, false
}

// used records that an operation with the key has succeeded.
func (s *Service) used(ctx context.Context, k *key, operation string) {
	r := api.RequestFrom(ctx)
	s.usages.note(k.key(), usageRecord{operation, r.ID, r.EventID, s.clock.Now()})
}

// saveUses stores the uses that are to be stored, many in one transaction while keys
// are used faster than the store writes.
func (s *Service) saveUses() {
	ctx := context.Background()
	for uses := s.usages.unstored(); uses != nil; uses = s.usages.unstored() {
		err := s.engine.Update(ctx, func(tx store.Tx) error {
			for i := range uses {
				u := &uses[i]
				if s.keys.Get(tx, u.key) != nil { // it may be gone by now, and its record with it
					s.usages.table.Put(tx, u.key, &u.usageRecord)
				}
			}
			return nil
		})
		if err != nil {
			s.log.LogAttrs(ctx, slog.LevelWarn, "the last uses of keys were not stored", slog.Int("keys", len(uses)), slog.Any("cause", err))
		}
	}
}

// GetKeyLastUsageInput is the input of GetKeyLastUsage.
type GetKeyLastUsageInput struct {
	KeyId string `check:"required,min=1,max=2048"`
}

// GetKeyLastUsageOutput is the output of GetKeyLastUsage.
type GetKeyLastUsageOutput struct {
	KeyCreationDate   time.Time
	KeyId             string
	KeyLastUsage      *KeyLastUsageData
	TrackingStartDate time.Time
}

// KeyLastUsageData is the last use of a key; empty: there was none.
type KeyLastUsageData struct {
	CloudTrailEventId string
	KmsRequestId      string
	Operation         string
	Timestamp         time.Time
}

func (u *usageRecord) shape() *KeyLastUsageData {
	shape := &KeyLastUsageData{KmsRequestId: u.RequestID, Operation: u.Operation, Timestamp: u.At}
	if u.EventID != uuid.Nil { // stored by a version that did not note it
		shape.CloudTrailEventId = u.EventID.String()
	}
	return shape
}

func (in *GetKeyLastUsageInput) use() keyUse { return byID(in.KeyId) }

// GetKeyLastUsage answers what a key was last used for. Keys are tracked from
// their creation on.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html.
func (s *Service) GetKeyLastUsage(ctx context.Context, in *GetKeyLastUsageInput) (*GetKeyLastUsageOutput, error) {
	return api.Do(ctx, in, onKey(s, (*GetKeyLastUsageInput).use), s.getKeyLastUsage)
}

func (s *Service) getKeyLastUsage(ctx context.Context, k *key, _ *GetKeyLastUsageInput) (*GetKeyLastUsageOutput, error) {
	var out *GetKeyLastUsageOutput
	err := s.engine.View(ctx, func(r store.Reader) error {
		out = &GetKeyLastUsageOutput{KeyId: k.ID, KeyCreationDate: k.Created, TrackingStartDate: k.Created, KeyLastUsage: &KeyLastUsageData{}}
		if u := s.usages.get(r, k.key()); u != nil {
			out.KeyLastUsage = u.shape()
		}
		return nil
	})
	return out, err
}

// unusedDays is for how many whole days a key has not been used:
// kms:TrailingDaysWithoutKeyUsage.
func (s *Service) unusedDays(r store.Reader, k *keyRecord) int {
	last := k.Created
	if u := s.usages.get(r, k.key()); u != nil {
		last = u.At
	}
	return int(s.clock.Now().Sub(last) / days(1))
}
