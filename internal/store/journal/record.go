package journal

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"iter"
	"slices"
)

// record is what one commit writes to the log: a head, then the writes.
//
//	4 bytes  CRC-32C of the folder's id and of all that follows
//	4 bytes  how many bytes follow the head
//	8 bytes  the record's number: one more than that of the record before it
//
// A write is a byte that says which, the length of the key and the key, and of a put the
// length of the value and the value. The id makes sure that no log is taken for that of
// another folder, and that nothing that a client has stored is taken for a record.
type record []byte

const headSize = 16

// maxRecord bounds what is in one record.
const maxRecord = 1 << 30

const (
	opPut    byte = 1
	opDelete byte = 2
	opClear  byte = 3 // deletes every key
)

func (r *record) reset() {
	const kept = 1 << 20 // a larger buffer is not kept for the next record
	if cap(*r) > kept {
		*r = nil
	}
	*r = append((*r)[:0], make([]byte, headSize)...)
}

func (r *record) put(key string, value []byte) {
	b := append(*r, opPut)
	b = binary.AppendUvarint(b, uint64(len(key)))
	b = append(b, key...)
	b = binary.AppendUvarint(b, uint64(len(value)))
	*r = append(b, value...)
}

func (r *record) delete(key string) {
	b := append(*r, opDelete)
	b = binary.AppendUvarint(b, uint64(len(key)))
	*r = append(b, key...)
}

func (r *record) clear() { *r = append(*r, opClear) }

func (r record) empty() bool { return len(r) == headSize }

// seal completes the head.
func (r record) seal(id string, number uint64) {
	binary.LittleEndian.PutUint32(r[4:], uint32(len(r)-headSize))
	binary.LittleEndian.PutUint64(r[8:], number)
	binary.LittleEndian.PutUint32(r, checksum(id, r[4:]))
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(id string, b []byte) uint32 {
	return crc32.Update(crc32.Checksum([]byte(id), castagnoli), castagnoli, b)
}

// records yields the numbers of the records that b begins with, and the records, up to
// the first that is cut short, damaged, or does not have the next number.
func records(id string, b []byte) iter.Seq2[uint64, record] {
	return func(yield func(uint64, record) bool) {
		for last := uint64(0); len(b) >= headSize; {
			size := record(b).size()
			number := binary.LittleEndian.Uint64(b[8:])
			if size > int64(len(b)) || last != 0 && number != last+1 {
				return
			}
			r := record(b[:size])
			if binary.LittleEndian.Uint32(r) != checksum(id, r[4:]) || r.empty() || !yield(number, r) {
				return
			}
			last, b = number, b[size:]
		}
	}
}

// size is how long the record is that r begins with.
func (r record) size() int64 { return headSize + int64(binary.LittleEndian.Uint32(r[4:])) }

// writes are those of records, in their order.
type writes struct {
	cleared bool // what was there before is deleted
	items   []item
}

// item is a write, the nth of them; a nil value deletes.
type item struct {
	key, value []byte
	nth        int
}

// add adds the writes of a record, in whose memory they stay.
func (w *writes) add(r record) {
	b := r[headSize:]
	text := func() []byte {
		n, size := binary.Uvarint(b)
		found := b[size : size+int(n)]
		b = b[size+int(n):]
		return found
	}
	for len(b) > 0 {
		op := b[0]
		b = b[1:]
		switch op {
		case opPut:
			key := text()
			w.items = append(w.items, item{key, text(), len(w.items)})
		case opDelete:
			w.items = append(w.items, item{key: text(), nth: len(w.items)})
		case opClear:
			w.cleared = true
			w.items = w.items[:0]
		}
	}
}

// last yields the last write of every key, in the order of the keys.
func (w *writes) last() iter.Seq2[[]byte, []byte] {
	slices.SortFunc(w.items, func(a, b item) int {
		if c := bytes.Compare(a.key, b.key); c != 0 {
			return c
		}
		return a.nth - b.nth
	})
	return func(yield func([]byte, []byte) bool) {
		for i, item := range w.items {
			if i+1 < len(w.items) && bytes.Equal(item.key, w.items[i+1].key) {
				continue
			}
			if !yield(item.key, item.value) {
				return
			}
		}
	}
}
