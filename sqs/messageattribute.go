package sqs

import (
	"crypto/md5" //nolint:gosec // the protocol's digest
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MessageAttributeValue is the value of a message attribute.
type MessageAttributeValue struct {
	StringValue      string
	BinaryValue      []byte
	StringListValues []string `query:"StringListValue,flat"`
	BinaryListValues [][]byte `query:"BinaryListValue,flat"`
	DataType         string
}

// MessageSystemAttributeValue is the value of a message system attribute.
type MessageSystemAttributeValue struct {
	StringValue      string
	BinaryValue      []byte
	StringListValues []string `query:"StringListValue,flat"`
	BinaryListValues [][]byte `query:"BinaryListValue,flat"`
	DataType         string
}

// maxAttributes is how many message attributes a message may have.
const maxAttributes = 10

// userAttributes checks message attributes and sorts them by name.
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html.
func userAttributes(given map[string]MessageAttributeValue) ([]messageAttribute, error) {
	if len(given) > maxAttributes {
		return nil, ErrInvalidParameterValue.Withf("Number of message attributes [%d] exceeds the allowed maximum [%d].", len(given), maxAttributes)
	}
	var out []messageAttribute
	for _, name := range sortedKeys(given) {
		if err := checkAttributeName(name); err != nil {
			return nil, err
		}
		a, err := newAttribute("user", name, given[name])
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

// systemAttributes checks message system attributes: AWSTraceHeader is the only one there is.
func systemAttributes(given map[string]MessageSystemAttributeValue) ([]messageAttribute, error) {
	var out []messageAttribute
	for _, name := range sortedKeys(given) {
		if name == "" {
			return nil, ErrInvalidParameterValue.With("The request must contain non-empty message system attribute name.")
		}
		if name != "AWSTraceHeader" {
			return nil, ErrInvalidParameterValue.Withf("Message system attribute name '%s' is invalid.", name)
		}
		a, err := newAttribute("system", name, MessageAttributeValue(given[name]))
		if err != nil {
			return nil, err
		}
		if a.DataType != "String" {
			return nil, ErrInvalidParameterValue.Withf("The type of message (system) attribute '%s' is invalid. You must use only the following supported type prefixes: String.", name)
		}
		out = append(out, a)
	}
	return out, nil
}

// newAttribute checks an attribute's type and value.
func newAttribute(kind, name string, v MessageAttributeValue) (messageAttribute, error) {
	bad := func(format string, args ...any) (messageAttribute, error) {
		return messageAttribute{}, ErrInvalidParameterValue.Withf("%s", fmt.Sprintf(format, args...))
	}
	if v.DataType == "" {
		return bad("The message (%s) attribute '%s' must contain a non-empty message attribute type.", kind, name)
	}
	base, _, _ := strings.Cut(v.DataType, ".")
	if len(v.DataType) > 256 || base != "String" && base != "Number" && base != "Binary" {
		return bad("The type of message (%s) attribute '%s' is invalid. You must use only the following supported type prefixes: Binary, Number, String.", kind, name)
	}
	if len(v.StringListValues) > 0 || len(v.BinaryListValues) > 0 {
		return bad("Message (%s) attribute list values in SendMessage operation are not supported.", kind)
	}
	a := messageAttribute{Name: name, DataType: v.DataType, Value: []byte(v.StringValue)}
	if base == "Binary" {
		a.Value = v.BinaryValue
	}
	switch {
	case base == "Binary" && v.StringValue != "":
		return bad("The message (%s) attribute '%s' with type 'Binary' must use field 'Binary'.", kind, name)
	case base != "Binary" && len(v.BinaryValue) > 0:
		return bad("The message (%s) attribute '%s' with type '%s' must use field 'String'.", kind, name, base)
	case len(a.Value) == 0:
		return bad("Message (%s) attribute '%s' must contain a non-empty value of type '%s'.", kind, name, base) // [Q107]
	case base != "Binary" && badCharacter(v.StringValue) >= 0:
		return bad("Invalid binary character '#x%X' was found in the message (%s) attribute '%s' value, the set of allowed characters is %s",
			badCharacter(v.StringValue), kind, name, allowedCharacters)
	case base == "Number" && !isNumber(v.StringValue):
		return bad("Can't cast the value of message (%s) attribute '%s' to a number.", kind, name)
	}
	return a, nil
}

// isNumber reports whether s is a decimal number between -10^128 and 10^126,
// which is what AWS says of the type Number.
func isNumber(s string) bool {
	n, err := strconv.ParseFloat(s, 64)
	return err == nil && !strings.ContainsAny(s, "xXpP_nN") && -1e128 <= n && n <= 1e126
}

// checkAttributeName refuses what is no attribute name: up to 256 letters,
// digits, underscores, hyphens and periods; no period first, last or twice.
// Letters need not be of ASCII [Q110].
func checkAttributeName(name string) error {
	lower := strings.ToLower(name)
	switch {
	case name == "":
		return ErrInvalidParameterValue.With("The request must contain non-empty message attribute name.")
	case len(name) > 256:
		return ErrInvalidParameterValue.With("Length of message attribute name must be less than 256 bytes.")
	case strings.HasPrefix(lower, "aws.") || strings.HasPrefix(lower, "amazon."):
		return ErrInvalidParameterValue.With("You can't use message attribute names beginning with 'AWS.' or 'Amazon.'.")
	case name[0] == '.':
		return ErrInvalidParameterValue.With("Invalid message attribute name starting with character '.' was found.")
	case name[len(name)-1] == '.':
		return ErrInvalidParameterValue.With("Invalid message attribute name ending with character '.' was found.")
	case strings.Contains(name, ".."):
		return ErrInvalidParameterValue.With("Message attribute name can not have successive '.' character.")
	}
	for _, c := range name {
		ascii := c < utf8.RuneSelf
		if ascii && c != '_' && c != '-' && c != '.' && !isName(string(c)) || c == '§' {
			return ErrInvalidParameterValue.Withf("Invalid non-alphanumeric character '#x%X' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.", c)
		}
	}
	return nil
}

const allowedCharacters = "#x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF]"

// badCharacter is the first character of s that XML 1.0 does not allow; -1 where there is none.
func badCharacter(s string) rune {
	s = s[plainPrefix(s):]
	for i, c := range s {
		switch {
		case c == '\t', c == '\n', c == '\r', ' ' <= c && c <= '\uD7FF', '\uE000' <= c && c <= '\uFFFC', c >= 0x10000:
		case c == utf8.RuneError:
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return rune(s[i]) // not UTF-8
			}
		default:
			return c
		}
	}
	return -1
}

// plainPrefix is how many bytes at the beginning of a text are plain ASCII. They are
// checked eight at a time, without decoding; most bodies have no others.
func plainPrefix(s string) int {
	const each, high = 0x0101010101010101, 0x8080808080808080
	n := 0
	for ; n+8 <= len(s); n += 8 {
		w := uint64(s[n]) | uint64(s[n+1])<<8 | uint64(s[n+2])<<16 | uint64(s[n+3])<<24 |
			uint64(s[n+4])<<32 | uint64(s[n+5])<<40 | uint64(s[n+6])<<48 | uint64(s[n+7])<<56
		// A byte's high bit is set if it is not ASCII, or if subtracting ' ' from it
		// underflowed, that is, if it is a control character.
		if (w|(w-' '*each)&^w)&high != 0 {
			break
		}
	}
	for n < len(s) && s[n] >= ' ' && s[n] < utf8.RuneSelf {
		n++
	}
	return n
}

func checkBody(body string) error {
	if c := badCharacter(body); c >= 0 {
		return ErrInvalidMessage.Withf("Invalid binary character '#x%X' was found in the message body, the set of allowed characters is %s", c, allowedCharacters)
	}
	return nil
}

func attributesSize(attributes []messageAttribute) int {
	n := 0
	for _, a := range attributes {
		n += len(a.Name) + len(a.DataType) + len(a.Value)
	}
	return n
}

// attributesMD5 is the digest of attributes sorted by name; empty for none.
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation.
func attributesMD5(attributes []messageAttribute) string {
	if len(attributes) == 0 {
		return ""
	}
	var b []byte
	text := func(t []byte) {
		b = binary.BigEndian.AppendUint32(b, uint32(len(t)))
		b = append(b, t...)
	}
	for _, a := range attributes {
		text([]byte(a.Name))
		text([]byte(a.DataType))
		transport := byte(1)
		if a.binary() {
			transport = 2
		}
		b = append(b, transport)
		text(a.Value)
	}
	sum := md5.Sum(b) //nolint:gosec // the protocol's digest
	return hex.EncodeToString(sum[:])
}

func (a *messageAttribute) binary() bool { return strings.HasPrefix(a.DataType, "Binary") }

func (a *messageAttribute) value() MessageAttributeValue {
	if a.binary() {
		return MessageAttributeValue{BinaryValue: a.Value, DataType: a.DataType}
	}
	return MessageAttributeValue{StringValue: string(a.Value), DataType: a.DataType}
}

// selectAttributes are the attributes that a receive asks for: by name, by
// prefix (Hel.*) or all (All, *, .*).
func selectAttributes(all []messageAttribute, wanted []string) []messageAttribute {
	var out []messageAttribute
	for _, a := range all {
		if slices.ContainsFunc(wanted, func(w string) bool { return a.wanted(w) }) {
			out = append(out, a)
		}
	}
	return out
}

func (a *messageAttribute) wanted(pattern string) bool {
	if pattern == "All" || pattern == "*" || pattern == ".*" || pattern == a.Name {
		return true
	}
	prefix, ok := strings.CutSuffix(pattern, ".*")
	return ok && strings.HasPrefix(a.Name, prefix)
}
