package sqs

import (
	"crypto/md5" //nolint:gosec // the protocol's digest
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/google/uuid"

	"github.com/waxseal/waxseal/internal/envelope"
	"github.com/waxseal/waxseal/internal/ids"
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
	dataKey
	// Body is the text, or nonce and ciphertext.
	Body []byte
}

// messageAttribute is a message attribute with its name.
type messageAttribute struct {
	Name, DataType string
	Value          []byte
}

// A stored form begins with its version and two bytes that say what else there is: the
// encryption in the lowest bits, above it these. What a message does not have takes no
// room, and an id and a digest take their bytes, where they are written as they mostly are.
const messageVersion = 2

const (
	hasTextID = 4 << iota
	hasTextMD5
	hasGroup
	hasDeduplication
	hasTrace
	hasDeadLetterSource
	hasAttributes
	hasOwnKey // the data key stands in the message: of no version but the first, and of tests
	hasKey    // the id of the data key does
)

const (
	idSize  = len(uuid.UUID{})
	md5Size = md5.Size
)

// flagged is a text of a message and the flag that says that it is there.
type flagged struct {
	flag uint16
	text *string
}

func (m *message) texts() [4]flagged {
	return [...]flagged{
		{hasGroup, &m.Group}, {hasDeduplication, &m.Deduplication},
		{hasTrace, &m.Trace}, {hasDeadLetterSource, &m.DeadLetterSource},
	}
}

// encode is the stored form of a message, the body at its end.
func (m *message) encode() []byte { return append(m.head(len(m.Body)), m.Body...) }

// head is the stored form up to the body, with room for a body of that size.
func (m *message) head(body int) []byte {
	flags := uint16(m.Encryption)
	id, binaryID := ids.ParseUUID(m.ID)
	if !binaryID {
		flags |= hasTextID
	}
	digest, binaryMD5 := parseMD5(m.BodyMD5)
	if !binaryMD5 {
		flags |= hasTextMD5
	}
	// The size is exact for what is mostly there: memory for messages is most of the memory.
	size := 3 + idSize + 6 + textSize(len(m.Sender)) + md5Size + body
	for _, t := range m.texts() {
		if *t.text != "" {
			flags |= t.flag
			size += textSize(len(*t.text))
		}
	}
	if len(m.Attributes) > 0 {
		flags |= hasAttributes
		size++
	}
	for _, a := range m.Attributes {
		size += textSize(len(a.Name)) + textSize(len(a.DataType)) + textSize(len(a.Value))
	}
	switch {
	case m.key != "":
		flags |= hasKey
		size += len(m.key)
	case m.Wrapped != nil || m.KeyARN != "" || m.SealedFor != "":
		flags |= hasOwnKey
		size += m.keySize()
	}
	b := make([]byte, 0, size)
	b = binary.BigEndian.AppendUint16(append(b, messageVersion), flags)
	b = appendEither(b, binaryID, id[:], m.ID)
	b = binary.AppendVarint(b, m.Sent)
	b = appendText(b, m.Sender)
	b = appendEither(b, binaryMD5, digest[:], m.BodyMD5)
	for _, t := range m.texts() {
		if *t.text != "" {
			b = appendText(b, *t.text)
		}
	}
	switch {
	case flags&hasKey != 0:
		b = append(b, m.key...)
	case flags&hasOwnKey != 0:
		b = m.appendKey(b)
	}
	return m.appendAttributes(b)
}

func (m *message) appendAttributes(b []byte) []byte {
	if len(m.Attributes) == 0 {
		return b
	}
	b = binary.AppendUvarint(b, uint64(len(m.Attributes)))
	for _, a := range m.Attributes {
		b = appendText(b, a.Name)
		b = appendText(b, a.DataType)
		b = appendText(b, a.Value)
	}
	return b
}

// parseMD5 is a digest's 16 bytes, where it is written as digests are.
func parseMD5(digits string) (sum [md5Size]byte, ok bool) {
	if len(digits) != 2*md5Size || strings.ToLower(digits) != digits {
		return sum, false
	}
	_, err := hex.Decode(sum[:], []byte(digits))
	return sum, err == nil
}

// decode reads a stored form; false where it is damaged. The message keeps raw. Where
// the data key is stored beside the messages, only its id is known then.
func (m *message) decode(raw []byte) bool {
	d := decoder{rest: raw}
	switch d.byte() {
	case 1:
		return m.decodeFirst(&d)
	case messageVersion:
	default:
		return false
	}
	flags := uint16(d.byte())<<8 | uint16(d.byte())
	m.Encryption = encryption(flags & 3)
	if flags&hasTextID != 0 {
		m.ID = string(d.text())
	} else {
		m.ID = uuid.UUID(d.fixed(idSize)).String()
	}
	m.Sent = d.varint()
	m.Sender = string(d.text())
	if flags&hasTextMD5 != 0 {
		m.BodyMD5 = string(d.text())
	} else {
		m.BodyMD5 = hex.EncodeToString(d.fixed(md5Size))
	}
	for _, t := range m.texts() {
		if flags&t.flag != 0 {
			*t.text = string(d.text())
		}
	}
	switch {
	case flags&hasKey != 0:
		m.key = string(d.fixed(envelope.IDSize))
	case flags&hasOwnKey != 0:
		m.decodeKey(&d)
	}
	if flags&hasAttributes != 0 && !m.decodeAttributes(&d) {
		return false
	}
	m.Body = d.rest
	return !d.failed && m.Encryption <= sseKMS
}

// groupOf is the group of a message in its stored form, which is read no further; false
// where it is damaged.
func groupOf(raw []byte) (group string, ok bool) {
	d := decoder{rest: raw}
	if d.byte() != messageVersion {
		m := new(message)
		ok = m.decode(raw)
		return m.Group, ok
	}
	flags := uint16(d.byte())<<8 | uint16(d.byte())
	d.either(flags&hasTextID != 0, idSize)
	d.varint()
	d.text()
	d.either(flags&hasTextMD5 != 0, md5Size)
	if flags&hasGroup != 0 {
		group = string(d.text())
	}
	return group, !d.failed
}

// decodeFirst reads the rest of the first version's form, which has every field, and
// texts only.
func (m *message) decodeFirst(d *decoder) bool {
	m.Encryption = encryption(d.byte())
	m.ID = string(d.text())
	m.Sent = d.varint()
	for _, text := range [...]*string{&m.Sender, &m.Group, &m.Deduplication, &m.Trace, &m.DeadLetterSource, &m.BodyMD5, &m.KeyARN, &m.SealedFor} {
		*text = string(d.text())
	}
	m.Wrapped = d.text()
	if !m.decodeAttributes(d) {
		return false
	}
	m.Body = d.rest
	return !d.failed && m.Encryption <= sseKMS
}

func (m *message) decodeAttributes(d *decoder) bool {
	for range d.uvarint() {
		if d.failed {
			return false
		}
		m.Attributes = append(m.Attributes, messageAttribute{string(d.text()), string(d.text()), d.text()})
	}
	return true
}

// textSize is how many bytes appendText appends, of texts that are not very long.
func textSize(n int) int {
	if n < 1<<7 {
		return 1 + n
	}
	return 2 + n
}

// appendEither appends the bytes or the text.
func appendEither(b []byte, bytes bool, fixed []byte, text string) []byte {
	if bytes {
		return append(b, fixed...)
	}
	return appendText(b, text)
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

// fixed is the next n bytes; n zeros where there are not so many.
func (d *decoder) fixed(n int) []byte {
	if n > len(d.rest) {
		d.fail()
		return make([]byte, n)
	}
	b := d.rest[:n:n]
	d.rest = d.rest[n:]
	return b
}

// either is what appendEither appended.
func (d *decoder) either(text bool, size int) []byte {
	if text {
		return d.text()
	}
	return d.fixed(size)
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
