package cloudtrail

import (
	"encoding/json"
	"time"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

// The schema of trails. 0 is a zero byte.
//
//	cloudtrail.trail    ACCOUNT 0 REGION 0 NAME    trailRecord
//	cloudtrail.status   ID of the trail            statusRecord
//	cloudtrail.stream   ID of the trail 0 REGION   streamRecord
//	cloudtrail.pending  ID of the trail 0 REGION 0 TIME 0 NUMBER   pendingRecord
//	cloudtrail.key      REGION 0 YEAR              keyRecord
//
// The ID is of one making of a trail: what belonged to a deleted trail is never that of
// the next one of its name.
type trailTables struct {
	trails   *store.Table[trailRecord]
	statuses *store.Table[statusRecord]
	streams  *store.Table[streamRecord]
	pending  *store.Table[pendingRecord]
	keys     *store.Table[keyRecord]
}

func newTrailTables() trailTables {
	return trailTables{
		trails:   store.NewTable[trailRecord]("cloudtrail.trail"),
		statuses: store.NewTable[statusRecord]("cloudtrail.status"),
		streams:  store.NewTable[streamRecord]("cloudtrail.stream"),
		pending:  store.NewTable[pendingRecord]("cloudtrail.pending").Keeping(0),
		keys:     store.NewTable[keyRecord]("cloudtrail.key"),
	}
}

// trailRecord is a trail.
type trailRecord struct {
	ID                    string
	Account, Region, Name string // Region is its home region
	Bucket                string
	Prefix                string         `json:",omitempty"`
	Topic                 string         `json:",omitempty"` // as it was given
	Key                   string         `json:",omitempty"` // the ARN of the KMS key
	GlobalEvents          bool           `json:",omitempty"`
	MultiRegion           bool           `json:",omitempty"`
	Validation            bool           `json:",omitempty"`
	Tags                  []resource.Tag `json:",omitempty"`
	Selectors             selectors
	// Logging: events are logged. Started and Stopped are when that was last turned on
	// and off.
	Logging          bool      `json:",omitempty"`
	Started, Stopped time.Time `json:",omitzero"`

	store.Version `json:"-"`
	ARN           string `json:"-"`
}

// Load implements store.Loader.
func (t *trailRecord) Load() error {
	t.ARN = t.trailID().arn()
	return nil
}

func (t *trailRecord) trailID() trailID { return trailID{t.Account, t.Region, t.Name} }

// topicARN is the ARN of the topic that is told of log files: one that was given by name
// is of the trail's account and home region.
func (t *trailRecord) topicARN() string {
	if t.Topic == "" || serviceOf(t.Topic) != "" {
		return t.Topic
	}
	return arn.New("sns", t.Region, t.Account, t.Topic).String()
}

// in reports whether the trail logs events of a region: those of its home region, or of
// every region of its partition.
func (t *trailRecord) in(region string) bool {
	return t.Region == region || t.MultiRegion && arn.Partition(t.Region) == arn.Partition(region)
}

// location is where the trail's files of a region lie.
func (t *trailRecord) location(region string) *location {
	return &location{t.Bucket, t.Prefix, t.Account, region, t.Name, t.Region}
}

// serviceOf is the service of an ARN; empty: the text is none.
func serviceOf(text string) string {
	a, err := arn.Parse(text)
	if err != nil {
		return ""
	}
	return a.Service
}

// statusRecord is what became of a trail's deliveries. A time is zero where there was
// none; an error is the code of the last attempt's, empty where that succeeded.
type statusRecord struct {
	Delivered       time.Time `json:",omitzero"` // a log file
	Attempted       time.Time `json:",omitzero"`
	Error           string    `json:",omitempty"`
	Digested        time.Time `json:",omitzero"`
	DigestError     string    `json:",omitempty"`
	Notified        time.Time `json:",omitzero"`
	NotifyAttempted time.Time `json:",omitzero"`
	NotifyError     string    `json:",omitempty"`
}

// streamRecord is what a trail has logged in one region since its last digest there.
type streamRecord struct {
	Region string
	// Delivered is when log files were last due and delivered: what comes later goes into
	// the next ones.
	Delivered time.Time `json:",omitzero"`
	// Retry is when the next attempt is made after one that failed; zero: the last one succeeded.
	Retry time.Time `json:",omitzero"`
	// Chain is the chain of digests that is being made; nil: none is, for log files are
	// not validated or nothing is logged.
	Chain *chainRecord `json:",omitempty"`
	// LastDigest is when the newest digest of any chain ended. No two end in the same
	// second, for they would have the same key.
	LastDigest time.Time `json:",omitzero"`
}

// chainRecord is a chain of digests.
type chainRecord struct {
	// From is when the next digest begins, and LogFiles are those that were delivered since.
	From     time.Time
	LogFiles []digestLogFile `json:",omitempty"`
	// Previous is the digest before; nil: the next one is the first.
	Previous *chainLink `json:",omitempty"`
}

// pendingRecord are records of events that are to be delivered together: they were
// written at once and are of the same five minutes. Oldest and Newest are their times as
// they tell them.
type pendingRecord struct {
	Oldest, Newest string
	Records        []json.RawMessage
}

// keyRecord is a key that signs the digests of a region in one year [T053].
type keyRecord struct {
	Region      string
	Wrapped     []byte // the private key in PKCS#1's form, wrapped by the HSM
	Public      []byte // in PKCS#1's form [T054]
	Fingerprint string
	From, Until time.Time // Until is the first moment at which it is not valid
}

// The keys of the records.

func streamKey(id, region string) string { return id + "\x00" + region }

// pendingTime is how the keys of pending records tell the time: in the order of texts.
const pendingTime = "2006-01-02T15:04:05.000000000"
