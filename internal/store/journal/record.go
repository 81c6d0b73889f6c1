package journal

import (
	"encoding/binary"
	"hash/crc32"
	"iter"
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

// records yields the numbers and the writes of the records that b begins with, up to
// the first that is cut short, damaged, or does not have the next number.
func records(id string, b []byte) iter.Seq2[uint64, []byte] {
	return func(yield func(uint64, []byte) bool) {
		for last := uint64(0); len(b) >= headSize; {
			size := int64(binary.LittleEndian.Uint32(b[4:]))
			number := binary.LittleEndian.Uint64(b[8:])
			if size == 0 || size > int64(len(b)-headSize) || last != 0 && number != last+1 {
				return
			}
			whole := b[:headSize+size]
			if binary.LittleEndian.Uint32(whole) != checksum(id, whole[4:]) || !yield(number, whole[headSize:]) {
				return
			}
			last, b = number, b[len(whole):]
		}
	}
}

// writes are the last writes for every key; a nil value deletes.
type writes struct {
	cleared bool // what was there before is deleted
	values  map[string][]byte
}

// add adds the writes of a record that was read from the log. The values stay in its
// memory.
func (w *writes) add(b []byte) {
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
			key := string(text())
			w.values[key] = text()
		case opDelete:
			w.values[string(text())] = nil
		case opClear:
			w.cleared = true
			clear(w.values)
		}
	}
}
