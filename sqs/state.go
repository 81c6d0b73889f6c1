package sqs

import (
	"encoding/binary"
	"time"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// The schema. Queues are kept per account and region:
//
//	sqs.queue    ACCOUNT/REGION/NAME  queue
//	sqs.deleted  ACCOUNT/REGION/NAME  tombstone: a name that is not free for a minute
//	sqs.source   ARN 0 ACCOUNT/REGION/NAME  nothing: the queue's dead-letter queue has the ARN
//	sqs.task     ARN 0 STARTED ID     task
//	sqs.handles                       the key of receipt handles, wrapped by the HSM
//	sqs.rooms                         the number of the newest backlog
//	sqs.b        ROOM …               messages: see backlog.go; sqs.room in earlier versions
//	sqs.sweep    ROOM                 nothing: a backlog without a queue, to be swept
//
// A backlog holds a queue's messages. A purge gives the queue a new, empty backlog; a
// purge or deletion gives up the old one, whose records are swept bit by bit, so that
// neither takes longer for a full queue than for an empty one.
const (
	handlesKey    = "sqs.handles\x00"
	backlogsKey   = "sqs.rooms\x00"
	sweepPrefix   = "sqs.sweep\x00"
	backlogPrefix = "sqs.b\x00"
	// earlierPrefix is that of the backlogs of earlier versions, which are numbered from 1 on.
	earlierPrefix = "sqs.room\x00"
	// firstBacklog is the number from which on backlogs have the shorter prefix: with it
	// most keys of a message are 32 bytes long at the most, and not 35, for which Go
	// allocates 48 whenever one is made.
	firstBacklog = 1 << 32
	// sourcePrefix begins the list of queues that have a dead-letter queue.
	sourcePrefix = "sqs.source\x00"
)

// name says which queue: sqs.queue's key is its text.
type name struct{ account, region, queue string }

func (n name) key() string { return n.account + "/" + n.region + "/" + n.queue }

func (n name) arn() string { return arn.New("sqs", n.region, n.account, n.queue).String() }

// nameOf is the queue of an ARN; false where it is not the ARN of a queue.
func nameOf(text string) (name, bool) {
	a, err := arn.Parse(text)
	if err != nil || a.Service != "sqs" || a.Region == "" || a.AccountID == "" || a.Resource == "" {
		return name{}, false
	}
	return name{a.AccountID, a.Region, a.Resource}, true
}

// queue is a queue without its messages.
type queue struct {
	Account, Region, Name string
	Backlog               uint64 `json:"Room"`
	Created, Modified     int64  // seconds since 1970
	Purged                int64  `json:",omitempty"` // milliseconds since 1970
	// Attributes are those that were set, in the form in which they are read back.
	Attributes map[string]string
	// PolicyEpoch is when the policy was set: the policy means the principals of that time.
	PolicyEpoch uint64            `json:",omitempty"`
	Tags        map[string]string `json:",omitempty"`
	// DeduplicatesByGroup is what DeduplicationScope said at creation: it can
	// be changed later, but only for show [Q079].
	DeduplicatesByGroup bool `json:",omitempty"`

	store.Version `json:"-"`
	settings
	arn    string
	digest [queueSize]byte // of arn, in receipt handles
	// context is the encryption context of the queue's data keys [A5.1].
	context map[string]string
	policy  *policyeval.Policy
	keys    *prefix // of its backlog
}

// Load implements store.Loader.
func (q *queue) Load() error {
	q.arn = q.name().arn()
	q.digest = handleDigest(q.arn)
	q.context = EncryptionContext(q.arn)
	q.settings = q.parse()
	q.keys = newPrefix(q.Backlog)
	if q.redrive != nil { // earlier versions stored it as it was given
		q.Attributes["RedrivePolicy"] = q.redrive.text()
	}
	if text := q.Attributes["Policy"]; text != "" {
		var err error
		if q.policy, err = resource.Compile(q.arn, text, q.PolicyEpoch); err != nil {
			return err
		}
	}
	return nil
}

func (q *queue) name() name { return name{q.Account, q.Region, q.Name} }

// prefix is the prefix of the queue's present backlog, which a purge may just have
// replaced.
func (q *queue) prefix() *prefix {
	if q.keys == nil || q.keys.backlog != q.Backlog {
		return newPrefix(q.Backlog)
	}
	return q.keys
}

// tombstone is what remains of a deleted queue: its name is not free for a minute.
type tombstone struct {
	Deleted int64 // milliseconds since 1970
}

// newBacklog is the number of a fresh backlog.
func newBacklog(tx store.Tx) uint64 {
	n := uint64(firstBacklog)
	if raw := tx.Get(backlogsKey); raw != nil {
		n = max(n, binary.BigEndian.Uint64(raw)+1)
	}
	tx.Put(backlogsKey, binary.BigEndian.AppendUint64(nil, n))
	return n
}

// prefixOf is what the keys of a backlog's records begin with.
func prefixOf(backlog uint64) string {
	if backlog < firstBacklog {
		return earlierPrefix + number(backlog)
	}
	return backlogPrefix + number(backlog)
}

func number(n uint64) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], n)
	return string(b[:])
}

// leave gives a backlog up to be swept.
func leave(tx store.Tx, backlog uint64) { tx.Put(sweepPrefix+number(backlog), nil) }

func millis(t time.Time) int64 { return t.UnixMilli() }
