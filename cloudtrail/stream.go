package cloudtrail

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/store"
)

// stream is what a trail logs in one region, as it is delivered.
type stream struct {
	*trails
	trail  *trailRecord
	region string
}

func (s *stream) key() string { return streamKey(s.trail.ID, s.region) }

// pendingIn is what waits in a stream: the record of its state, and when the oldest
// event that is not delivered happened.
type pendingIn struct {
	streamRecord
	some   bool
	oldest time.Time
	ahead  bool // the oldest is of a time that is still to come: the clock was turned back
	// settled: all that was left has been delivered, and what waits came meanwhile.
	settled bool
}

// load reads what waits.
func (s *stream) load(ctx context.Context) (p pendingIn, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		p = pendingIn{}
		found := s.tables.streams.Get(r, s.key())
		if found == nil {
			return nil
		}
		p.streamRecord = *found
		for key := range s.tables.pending.Scan(r, s.key()+"\x00", "", 1) {
			p.some, p.oldest = true, timeOf(key)
		}
		return nil
	})
	p.ahead = p.some && p.oldest.After(s.clock.Now()) // by now events may wait that are younger than this delivery
	return p, err
}

// timeOf is the time that the key of a pending record tells.
func timeOf(key string) time.Time {
	parts := strings.Split(key, "\x00")
	t, err := time.Parse(pendingTime, parts[min(2, len(parts)-1)])
	if err != nil {
		return time.Time{}
	}
	return t
}

// step is one delivery that a stream has to make. The zero step is none.
type step struct {
	due time.Time
	// at is the time that the files tell: when they would have been delivered had the clock
	// not been turned further.
	at time.Time
	// files: log files with what happened before at, or with all that waits when the step
	// is made.
	files, all bool
	// digest: a digest up to at. last: it ends its chain.
	digest, last bool
	// begin: a chain begins at at.
	begin bool
}

// next is the next step of a stream, at a time of the clock: it may lie in the future.
func (p *pendingIn) next(t *trailRecord, now time.Time, full bool) step {
	if wait := p.Retry.Sub(now); wait > 0 && wait <= filePeriod {
		return step{due: p.Retry}
	}
	logs := t.Logging && t.in(p.Region)
	if !logs || p.Chain != nil && !t.Validation { // what is left is due at once
		switch {
		case p.some && !(logs && p.settled):
			return step{due: now, at: now, files: true, all: true}
		case p.Chain != nil:
			return step{due: now, at: now, digest: true, last: true}
		}
		return step{}
	}
	if t.Validation && p.Chain == nil {
		return step{due: now, at: now, begin: true}
	}
	files, digest := p.filesDue(now, full), p.digestDue(now)
	switch {
	case files.due.IsZero(), !digest.due.IsZero() && digest.due.Before(files.due):
		return digest
	default:
		return files
	}
}

// filesDue is when log files are due: at the end of the five minutes in which the oldest
// event happened that is not delivered. One that is written late goes into the next.
func (p *pendingIn) filesDue(now time.Time, full bool) step {
	switch {
	case !p.some:
		return step{}
	case full, p.ahead:
		return step{due: now, at: now, files: true, all: true}
	}
	since := p.oldest
	if p.Delivered.After(since) && !p.Delivered.After(now) {
		since = p.Delivered
	}
	at := after(since, filePeriod)
	return step{due: at, at: at, files: true}
}

// digestDue is when the next digest is due: at the end of its hour.
func (p *pendingIn) digestDue(now time.Time) step {
	switch {
	case p.Chain == nil:
		return step{}
	case p.Chain.From.After(now): // the clock was turned back
		return step{due: now, at: now, begin: true}
	}
	at := after(p.Chain.From, digestPeriod)
	if reached := now.Add(-maxLeap).Truncate(digestPeriod); reached.After(at) {
		at = reached
	}
	return step{due: at, at: at, digest: true}
}

// after is the first multiple of a period after a time.
func after(t time.Time, period time.Duration) time.Time { return t.Truncate(period).Add(period) }

// deliver makes all steps that are due at a time, and answers when the next one is; zero: none is.
// A delivery that fails is not an error: the trail's status tells of it, and it is made
// again.
func (s *stream) deliver(ctx context.Context, now time.Time) (next time.Time, err error) {
	full, settled := s.backlog.clear(s.key()), false
	for {
		p, err := s.load(ctx)
		if err != nil {
			return next, err
		}
		p.settled = settled
		do := p.next(s.trail, now, full)
		if do.due.IsZero() || do.due.After(now) {
			return do.due, nil
		}
		full, settled = false, settled || do.all
		switch {
		case do.begin:
			err = s.beginChain(ctx, do.at)
		case do.files:
			err = s.deliverFiles(ctx, do)
		default:
			err = s.deliverDigest(ctx, &p, do)
		}
		if err != nil {
			return next, err
		}
	}
}

// change changes the stream's record and the trail's status together, unless the trail
// was deleted.
func (s *stream) change(ctx context.Context, change func(store.Tx, *streamRecord, *statusRecord)) error {
	return s.engine.Update(ctx, func(tx store.Tx) error {
		record := s.tables.streams.Edit(tx, s.key())
		if t := s.tables.trails.Get(tx, s.trail.trailID().key()); record == nil || t == nil || t.ID != s.trail.ID {
			return nil
		}
		status := s.tables.statuses.Edit(tx, s.trail.ID)
		if status == nil {
			status = new(statusRecord)
		}
		change(tx, record, status)
		s.tables.streams.Put(tx, s.key(), record)
		s.tables.statuses.Put(tx, s.trail.ID, status)
		return nil
	})
}

// beginChain begins a chain of digests. Log files that no digest names are for its first one.
func (s *stream) beginChain(ctx context.Context, at time.Time) error {
	return s.change(ctx, func(_ store.Tx, record *streamRecord, _ *statusRecord) {
		fresh := &chainRecord{From: at.Truncate(time.Second)}
		if record.Chain != nil {
			fresh.LogFiles = record.Chain.LogFiles
		}
		record.Chain = fresh
	})
}

const (
	// maxFile bounds a log file's content in bytes, but for the last record, and
	// maxFileParts the pending records of which it is made.
	maxFile      = 16 << 20
	maxFileParts = 200
)

// part is what one log file is made of.
type part struct {
	keys           []string // of the pending records
	records        []json.RawMessage
	oldest, newest string
}

// deliverFiles delivers log files until nothing is left for them. What waits only since it
// began is left to others: deliveries make data keys and publish, which the trail may
// log, so that there would be no end.
func (s *stream) deliverFiles(ctx context.Context, do step) error {
	last := s.lastWritten()
	for {
		p, err := s.collect(ctx, do, last)
		if err != nil {
			return err
		}
		if len(p.keys) == 0 {
			return s.change(ctx, func(_ store.Tx, record *streamRecord, _ *statusRecord) {
				record.Delivered, record.Retry = do.at, time.Time{}
			})
		}
		if delivered, err := s.deliverFile(ctx, do, p); err != nil || !delivered {
			return err
		}
	}
}

// collect is what the next log file is made of, up to the pending record of a number.
func (s *stream) collect(ctx context.Context, do step, last uint64) (p part, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		p = part{}
		size := 0
		for key, pending := range s.tables.pending.Scan(r, s.key()+"\x00", "", store.All) {
			if size >= maxFile || len(p.keys) == maxFileParts || !do.all && !timeOf(key).Before(do.at) {
				break
			}
			if s.writtenAfter(key, last) {
				continue
			}
			p.keys = append(p.keys, key)
			p.records = append(p.records, pending.Records...)
			for _, text := range pending.Records {
				size += len(text)
			}
			if p.oldest == "" || pending.Oldest < p.oldest {
				p.oldest = pending.Oldest
			}
			p.newest = max(p.newest, pending.Newest)
		}
		return nil
	})
	return p, err
}

// deliverFile delivers a log file, and reports whether that succeeded.
func (s *stream) deliverFile(ctx context.Context, do step, p part) (delivered bool, err error) {
	where, content := s.trail.location(s.region), logContent(p.records)
	key := where.logFile(do.at, content)
	if err := s.buckets.Put(ctx, s.file(key, content, nil)); err != nil {
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		return false, s.fails(ctx, func(status *statusRecord) { status.Attempted, status.Error = do.at, codeOf(err) })
	}
	err = s.change(ctx, func(tx store.Tx, record *streamRecord, status *statusRecord) {
		for _, key := range p.keys {
			s.tables.pending.Delete(tx, key)
		}
		record.Retry = time.Time{}
		if record.Chain != nil {
			record.Chain.LogFiles = append(record.Chain.LogFiles, digestLogFile{where.bucket, key, hashOf(content), hashAlgorithm, p.newest, p.oldest})
		}
		status.Delivered, status.Attempted, status.Error = do.at, do.at, ""
	})
	if err != nil {
		return false, err
	}
	return true, s.notify(ctx, do.at, key)
}

// file is a file of the trail as it is put into the bucket.
func (s *stream) file(key string, content []byte, metadata map[string]string) *File {
	t := s.trail
	return &File{Behalf: t.behalf(), Bucket: t.Bucket, Key: key, Body: compressed(content), Metadata: metadata, KMSKey: t.Key}
}

// fails notes that a delivery failed. It is made again when log files are due next.
func (s *stream) fails(ctx context.Context, note func(*statusRecord)) error {
	retry := after(s.clock.Now(), filePeriod)
	return s.change(ctx, func(_ store.Tx, record *streamRecord, status *statusRecord) {
		record.Retry = retry
		note(status)
	})
}

// deliverDigest delivers a digest of the log files since the one before.
func (s *stream) deliverDigest(ctx context.Context, p *pendingIn, do step) error {
	from, end := p.Chain.From, do.at.Truncate(time.Second)
	if do.last && !end.After(from) && len(p.Chain.LogFiles) == 0 { // nothing was logged in no time
		return s.change(ctx, func(_ store.Tx, record *streamRecord, _ *statusRecord) { record.Chain = nil })
	}
	if from.After(end) { // the clock was turned back
		from = end
	}
	if again := p.LastDigest.Sub(end); again >= 0 && again < digestPeriod { // its key must be another
		end = p.LastDigest.Add(time.Second)
	}
	where := s.trail.location(s.region)
	private, fingerprint, err := s.signingKey(ctx, s.region, end)
	if err != nil {
		return err
	}
	d := newDigest(where, from, end, p.Chain.LogFiles, p.Chain.Previous, fingerprint)
	content := d.content()
	signature, err := sign(private, d.toSign(content))
	if err != nil {
		return err
	}
	file := s.file(d.DigestS3Object, content, map[string]string{"signature": signature, "signature-algorithm": signatureAlgorithm}) // [T050]
	if err := s.buckets.Put(ctx, file); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return s.fails(ctx, func(status *statusRecord) { status.DigestError = codeOf(err) })
	}
	return s.change(ctx, func(_ store.Tx, record *streamRecord, status *statusRecord) {
		status.Digested, status.DigestError = end, ""
		record.LastDigest, record.Retry = end, time.Time{}
		if do.last {
			record.Chain = nil
			return
		}
		record.Chain = &chainRecord{From: end, Previous: &chainLink{where.bucket, d.DigestS3Object, hashOf(content), signature}}
	})
}

// notify tells the trail's topic of a log file, where it has one.
func (s *stream) notify(ctx context.Context, at time.Time, key string) error {
	t := s.trail
	if t.Topic == "" {
		return nil
	}
	message := marshalText(struct {
		Bucket string   `json:"s3Bucket"`
		Keys   []string `json:"s3ObjectKey"`
	}{t.Bucket, []string{key}})
	failed := s.topics.Publish(ctx, &Notification{t.behalf(), t.topicARN(), message})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return s.change(ctx, func(_ store.Tx, _ *streamRecord, status *statusRecord) {
		status.NotifyAttempted, status.NotifyError = at, ""
		if failed != nil {
			status.NotifyError = codeOf(failed)
			return
		}
		status.Notified = at
	})
}

func marshalText(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic("cloudtrail: " + err.Error()) // texts can always be marshaled
	}
	return string(text)
}
