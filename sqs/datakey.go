package sqs

import (
	"encoding/binary"
	"time"
)

// dataKey is what messages that were encrypted with one data key have in common. It is
// stored once in a backlog, and each message has its id: a wrapped key of KMS is longer
// than many a message. A message of an earlier version has a data key of its own, without an id.
//
//	k ID    until when there are messages that may have it, KeyARN, Wrapped, SealedFor
type dataKey struct {
	key     string // the id; empty: there is none
	KeyARN  string // of the KMS key
	Wrapped []byte
	// SealedFor is the ARN of the queue that the body was encrypted for.
	SealedFor string
}

const keyDataKey = 'k'

// keyCovers is for how long a stored data key may be referred to before it is stored
// anew with a later time.
const keyCovers = time.Hour

// keysAtOnce is how many data keys are looked at when another is stored, to delete those
// that no message has any more.
const keysAtOnce = 8

func (k *dataKey) keySize() int {
	return textSize(len(k.KeyARN)) + textSize(len(k.Wrapped)) + textSize(len(k.SealedFor))
}

func (k *dataKey) appendKey(b []byte) []byte {
	return appendText(appendText(appendText(b, k.KeyARN), k.Wrapped), k.SealedFor)
}

func (k *dataKey) decodeKey(d *decoder) {
	k.KeyARN, k.Wrapped, k.SealedFor = string(d.text()), d.text(), string(d.text())
}

// load reads the data key of an id; false where it is not there or is damaged.
func (k *dataKey) load(v *backlogView) bool {
	d := decoder{rest: v.r.Get(v.key(keyDataKey, k.key))}
	d.varint()
	k.decodeKey(&d)
	return !d.failed
}

// until is the time, in milliseconds, of a stored data key.
func until(raw []byte) int64 {
	at, _ := binary.Varint(raw)
	return at
}

// keep stores the data key of the message at a place. Of all messages in a backlog with
// one data key none came later than the record says: it goes when only later ones are left.
func (b *backlog) keep(k *dataKey, o order) {
	if k.key == "" {
		return
	}
	key := b.key(keyDataKey, k.key)
	raw := b.tx.Get(key)
	if raw != nil && o.at() <= until(raw) {
		return
	}
	anew := binary.AppendVarint(make([]byte, 0, 6+k.keySize()), o.at()+keyCovers.Milliseconds())
	b.tx.Put(key, k.appendKey(anew))
	if raw == nil {
		b.dropKeys(key)
	}
}

// dropKeys deletes data keys that no message has any more, of those behind a new one: ids
// are random, so that in time each is looked at.
func (b *backlog) dropKeys(behind string) {
	oldest := b.oldest()
	var unused []string
	for key, raw := range b.tx.Scan(b.key(keyDataKey, ""), behind+"\x00", keysAtOnce) {
		if oldest == "" || until(raw) < oldest.at() {
			unused = append(unused, key)
		}
	}
	for _, key := range unused {
		b.tx.Delete(key)
	}
}
