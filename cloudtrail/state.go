package cloudtrail

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"time"
)

// partition is the part of the event history that one call of LookupEvents sees.
type partition struct{ account, region string }

// entry is a record of the event history: what lookups compare, and the record itself.
type entry struct {
	key                               string // its place in the partition: newest first
	id, name, source, user, accessKey string
	readOnly                          bool
	resources                         []named
	text                              string // the CloudTrail record, in JSON
}

// named is what a record acted on, as lookups name it.
type named struct{ kind, name string }

// secondsDigits and nanosDigits are how many digits of the keys tell the time.
const (
	secondsDigits = 12
	nanosDigits   = 9
	timeDigits    = secondsDigits + nanosDigits
)

const maxNanos = 999_999_999

// latest is 9999-12-31 23:59:59, the last second that the clock can show.
const latest = 253402300799

// placeTime is the part of a key that tells when the call was made. Later times come
// first: the engine scans upward, and the newest records are wanted first.
func placeTime(seconds int64, nanos int) string {
	return fmt.Sprintf("%0*d%0*d", secondsDigits, latest-seconds, nanosDigits, maxNanos-nanos)
}

// place is the key of a record within its partition: by the time of the call, then
// by the order in which calls ended. origin tells apart the processes that write.
func place(t time.Time, sequence uint64, origin string) string {
	return placeTime(t.Unix(), t.Nanosecond()) + fmt.Sprintf("%016x", ^sequence) + origin
}

// secondsOf is the time that a key tells, in whole seconds, as records show it; false:
// it is no key.
func secondsOf(key string) (int64, bool) {
	var inverted int64
	if len(key) < timeDigits {
		return 0, false
	}
	for _, c := range []byte(key[:secondsDigits]) {
		if c < '0' || c > '9' {
			return 0, false
		}
		inverted = 10*inverted + int64(c-'0')
	}
	return latest - inverted, true
}

// encode is an entry as it is stored: a checksum, what lookups compare, and the
// record's text at the end. So a lookup reads no JSON.
func (e *entry) encode() []byte {
	b := make([]byte, checksumSize, checksumSize+len(e.text)+256)
	for _, field := range []string{e.id, e.name, e.source, e.user, e.accessKey} {
		b = appendText(b, field)
	}
	b = append(b, flag(e.readOnly))
	b = binary.AppendUvarint(b, uint64(len(e.resources)))
	for _, r := range e.resources {
		b = appendText(appendText(b, r.kind), r.name)
	}
	b = append(b, e.text...)
	binary.BigEndian.PutUint32(b, crc32.ChecksumIEEE(b[checksumSize:]))
	return b
}

const checksumSize = 4

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

var errDamaged = errors.New("the record is damaged")

// decode reads an entry of a key as encode wrote it.
func decode(key string, stored []byte) (*entry, error) {
	if len(stored) < checksumSize || binary.BigEndian.Uint32(stored) != crc32.ChecksumIEEE(stored[checksumSize:]) {
		return nil, errDamaged
	}
	if _, ok := secondsOf(key); !ok {
		return nil, errDamaged
	}
	e := &entry{key: key}
	d := decoder{rest: string(stored[checksumSize:])}
	for _, field := range []*string{&e.id, &e.name, &e.source, &e.user, &e.accessKey} {
		*field = d.text()
	}
	e.readOnly = d.take(1) == "\x01"
	for n := d.number(); n > 0 && !d.short; n-- {
		e.resources = append(e.resources, named{d.text(), d.text()})
	}
	if d.short {
		return nil, errDamaged
	}
	e.text = d.rest
	return e, nil
}

// decoder reads the parts of a stored entry. What is not there is empty, and short is set.
type decoder struct {
	rest  string
	short bool
}

func (d *decoder) take(n uint64) string {
	if n > uint64(len(d.rest)) {
		d.rest, d.short = "", true
		return ""
	}
	taken := d.rest[:n]
	d.rest = d.rest[n:]
	return taken
}

func (d *decoder) number() uint64 {
	n, size := binary.Uvarint([]byte(d.rest[:min(len(d.rest), binary.MaxVarintLen64)]))
	if size <= 0 {
		d.rest, d.short = "", true
		return 0
	}
	d.rest = d.rest[size:]
	return n
}

func (d *decoder) text() string { return d.take(d.number()) }

// The keys of the event history. Each partition has its records, by place; how many there
// are; and lists of them, by age: a list names what one transaction has written, so that
// what is old can be deleted without looking for it. Only the records count for lookups.
const (
	recordBucket = "cloudtrail.record\x00"
	listBucket   = "cloudtrail.list\x00"
	countBucket  = "cloudtrail.count\x00"
)

// in is the prefix of a partition's keys in a bucket.
func (p partition) in(bucket string) string {
	return bucket + p.account + "\x00" + p.region + "\x00"
}

// partitionOf is the partition whose prefix a key of a bucket begins with.
func partitionOf(bucket, key string) (partition, bool) {
	account, rest, _ := strings.Cut(strings.TrimPrefix(key, bucket), "\x00")
	region, _, ok := strings.Cut(rest, "\x00")
	return partition{account, region}, ok
}
