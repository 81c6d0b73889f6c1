package sqs

import (
	"encoding/binary"
	"errors"
)

var errDamaged = errors.New("sqs: a stored message is damaged")

// encryption says under which kind of key a body is stored.
type encryption byte

const (
	plain encryption = iota
	sseSQS
	sseKMS
)

// String is the encryption as people write it.
func (e encryption) String() string { return [...]string{"none", "SSE-SQS", "SSE-KMS"}[e] }

// message is what is stored of a message when it is sent. It never changes.
type message struct {
	ID            string
	Sent          int64 // milliseconds: SentTimestamp
	Sender        string
	Group         string
	Deduplication string
	Trace         string // AWSTraceHeader
	// DeadLetterSource is the ARN of the queue that moved the message to its dead-letter
	// queue.
	DeadLetterSource string
	Attributes       []messageAttribute // by name
	BodyMD5          string             // hexadecimal

	Encryption encryption
	KeyARN     string // of the KMS key
	Wrapped    []byte // the data key
	// SealedFor is the ARN of the queue that the body was encrypted for.
	SealedFor string
	// Body is the text, or nonce and ciphertext.
	Body []byte
}

// messageAttribute is a message attribute with its name.
type messageAttribute struct {
	Name, DataType string
	Value          []byte
}

const messageVersion = 1

// encode is the stored form of a message: its fields in order, texts with their
// length before them, and the body.
func (m *message) encode() []byte { return append(m.head(len(m.Body)), m.Body...) }

// head is the stored form up to the body, with room for a body of that size.
func (m *message) head(body int) []byte {
	size := 160 + body + len(m.Sender) + len(m.Trace) + len(m.DeadLetterSource) + len(m.Wrapped) + len(m.Group) + len(m.Deduplication) + len(m.SealedFor) + len(m.KeyARN)
	for _, a := range m.Attributes {
		size += 6 + len(a.Name) + len(a.DataType) + len(a.Value)
	}
	b := make([]byte, 0, size)
	b = append(b, messageVersion, byte(m.Encryption))
	b = appendText(b, m.ID)
	b = binary.AppendVarint(b, m.Sent)
	for _, text := range [...]string{m.Sender, m.Group, m.Deduplication, m.Trace, m.DeadLetterSource, m.BodyMD5, m.KeyARN, m.SealedFor} {
		b = appendText(b, text)
	}
	b = appendText(b, m.Wrapped)
	b = binary.AppendUvarint(b, uint64(len(m.Attributes)))
	for _, a := range m.Attributes {
		b = appendText(b, a.Name)
		b = appendText(b, a.DataType)
		b = appendText(b, a.Value)
	}
	return b
}

// decode reads a stored form; false where it is damaged. The message keeps raw.
func (m *message) decode(raw []byte) bool {
	d := decoder{rest: raw}
	if d.byte() != messageVersion {
		return false
	}
	m.Encryption = encryption(d.byte())
	m.ID = string(d.text())
	m.Sent = d.varint()
	for _, text := range [...]*string{&m.Sender, &m.Group, &m.Deduplication, &m.Trace, &m.DeadLetterSource, &m.BodyMD5, &m.KeyARN, &m.SealedFor} {
		*text = string(d.text())
	}
	m.Wrapped = d.text()
	for range d.uvarint() {
		if d.failed {
			return false
		}
		m.Attributes = append(m.Attributes, messageAttribute{string(d.text()), string(d.text()), d.text()})
	}
	m.Body = d.rest
	return !d.failed
}

func appendText[T string | []byte](b []byte, text T) []byte {
	b = binary.AppendUvarint(b, uint64(len(text)))
	return append(b, text...)
}

// decoder reads a binary form. Once something is missing it has failed and reads zeros.
type decoder struct {
	rest   []byte
	failed bool
}

func (d *decoder) fail() {
	d.rest, d.failed = nil, true
}

func (d *decoder) byte() byte {
	if len(d.rest) == 0 {
		d.fail()
		return 0
	}
	b := d.rest[0]
	d.rest = d.rest[1:]
	return b
}

func (d *decoder) uvarint() uint64 {
	n, size := binary.Uvarint(d.rest)
	if size <= 0 {
		d.fail()
		return 0
	}
	d.rest = d.rest[size:]
	return n
}

func (d *decoder) varint() int64 {
	n, size := binary.Varint(d.rest)
	if size <= 0 {
		d.fail()
		return 0
	}
	d.rest = d.rest[size:]
	return n
}

func (d *decoder) text() []byte {
	n := d.uvarint()
	if n > uint64(len(d.rest)) {
		d.fail()
		return nil
	}
	if n == 0 {
		return nil
	}
	text := d.rest[:n:n]
	d.rest = d.rest[n:]
	return text
}
