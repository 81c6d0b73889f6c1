package wire

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/waxseal/waxseal/internal/api"
)

// scalar binds a value that is neither structure, list nor map.
func (b *binder) scalar(p *plan, r *rules, at int32, v reflect.Value) *api.Error {
	n := &b.nodes[at]
	if p.shape == shapeStream && (p.typ != bodyType || n.kind == kindText) {
		return b.malformed
	}
	switch n.kind {
	case kindText:
		return b.textValue(p, n.text, v)
	case kindObject:
		if b.parameters {
			// Whatever is below it, AWS calls it a list.
			return b.wrong(textUnexpectedList)
		}
		return b.wrong(textUnexpectedObject)
	case kindList:
		return b.wrong(textUnexpectedList)
	default:
		return b.jsonValue(p, r, n, v)
	}
}

// textValue binds a parameter of Query.
func (b *binder) textValue(p *plan, s string, v reflect.Value) *api.Error {
	switch p.shape {
	case shapeString:
		v.SetString(s)
	case shapeBool:
		switch s {
		case "true", "1":
			v.SetBool(true)
		case "false", "0":
		case "":
			return b.wrong(textMissingBoolean)
		default:
			return b.wrong(textBoolean)
		}
	case shapeInt:
		n, err := strconv.ParseInt(s, 10, p.bits)
		switch {
		case s == "":
			return b.wrong(textMissingDecimal)
		case err != nil:
			return b.malformed
		}
		v.SetInt(n)
	case shapeFloat:
		f, err := strconv.ParseFloat(s, 64)
		switch {
		case s == "":
			return b.wrong(textMissingDecimal)
		case err != nil || math.IsInf(f, 0) || math.IsNaN(f):
			return b.malformed
		}
		v.SetFloat(f)
	case shapeBlob:
		blob, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return b.malformed
		}
		v.SetBytes(blob)
	default: // shapeTime
		t, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			return b.wrong(textTimestamp)
		}
		setTime(v, t)
	}
	return nil
}

func setTime(v reflect.Value, t time.Time) { *v.Addr().Interface().(*time.Time) = t.UTC() }

// jsonValue binds a token of JSON.
func (b *binder) jsonValue(p *plan, r *rules, n *node, v reflect.Value) *api.Error {
	switch {
	case p.shape == shapeString && n.kind == kindString:
		v.SetString(unquote(n.raw))
	case p.shape == shapeBool && (n.kind == kindTrue || n.kind == kindFalse):
		v.SetBool(n.kind == kindTrue)
	case p.shape == shapeBool && n.kind == kindString:
		return b.boolFromString(n, v)
	case p.shape == shapeInt && n.kind == kindNumber:
		return b.jsonInt(p, r, n.raw, v)
	case p.shape == shapeFloat && n.kind == kindNumber:
		f, err := strconv.ParseFloat(string(n.raw), 64)
		if err != nil {
			return b.unfit(n, "a Double")
		}
		v.SetFloat(f)
	case p.shape == shapeBlob && n.kind == kindString:
		return b.jsonBlob(n.raw, v)
	case p.typ == bodyType && n.kind == kindString: // no service speaks JSON and streams: see DecodeJSON
		var whole []byte
		if err := b.jsonBlob(n.raw, reflect.ValueOf(&whole).Elem()); err != nil {
			return err
		}
		v.Set(reflect.ValueOf(api.NewBody(bytes.NewReader(whole), int64(len(whole)), nil)))
	case p.shape == shapeTime && n.kind == kindNumber:
		f, err := strconv.ParseFloat(string(n.raw), 64)
		if err != nil || math.Abs(f) > maxSeconds {
			return b.unfit(n, "milliseconds since epoch")
		}
		setTime(v, time.UnixMilli(int64(math.Round(f*1000))))
	default:
		return b.unfit(n, javaName(p))
	}
	return nil
}

// maxSeconds bounds times: the end of the year 9999, as in AWS's own formats.
const maxSeconds = 253402300799

// javaName is a type as AWS's messages name it.
func javaName(p *plan) string {
	switch p.shape {
	case shapeString:
		return "a String"
	case shapeBool:
		return "a Boolean"
	case shapeInt:
		if p.bits == 32 {
			return "an Integer"
		}
		return "a Long"
	case shapeFloat:
		return "a Double"
	case shapeBlob:
		return "a Blob"
	default:
		return "milliseconds since epoch"
	}
}

// unfit is the error for a token that cannot be what the member is.
func (b *binder) unfit(n *node, what string) *api.Error {
	token := "STRING_VALUE"
	switch n.kind {
	case kindTrue:
		token = "TRUE_VALUE"
	case kindFalse:
		token = "FALSE_VALUE"
	case kindNumber:
		token = "NUMBER_VALUE"
	default:
	}
	return b.wrong(token + " can not be converted to " + what)
}

// boolFromString: AWS takes strings that name a boolean.
func (b *binder) boolFromString(n *node, v reflect.Value) *api.Error {
	switch strings.ToLower(unquote(n.raw)) {
	case "true", "yes", "y", "t", "1":
		v.SetBool(true)
	case "false", "no", "n", "f", "0":
	default:
		return b.unfit(n, "an Boolean")
	}
	return nil
}

// jsonInt binds a number to an integer. A fraction is cut off, as AWS does. A
// number that no integer of the size holds breaks the member's bounds, where
// it has any.
func (b *binder) jsonInt(p *plan, r *rules, raw []byte, v reflect.Value) *api.Error {
	n, err := strconv.ParseInt(string(raw), 10, p.bits)
	if err == nil {
		v.SetInt(n)
		return nil
	}
	f, _ := strconv.ParseFloat(string(raw), 64) // infinite where it is out of range
	// Compare with 2^(bits-1), which a float64 holds exactly.
	if limit := math.Ldexp(1, p.bits-1); f < limit && f > -limit-1 {
		v.SetInt(int64(f))
		return nil
	}
	if r != nil {
		r.brokenSize(f, func(rule api.Rule, text string) {
			b.judged = true
			b.violate(string(raw), true, rule, text)
		})
	}
	if !b.judged {
		return b.unfit(&node{kind: kindNumber}, javaName(p))
	}
	return nil
}

func (b *binder) jsonBlob(raw []byte, v reflect.Value) *api.Error {
	text := raw[1 : len(raw)-1]
	if bytes.IndexByte(text, '\\') >= 0 {
		text = []byte(unquote(raw))
	}
	blob, err := base64.StdEncoding.AppendDecode(make([]byte, 0, base64.StdEncoding.DecodedLen(len(text))), text)
	if err == nil {
		v.SetBytes(blob)
		return nil
	}
	s := string(text)
	why := "Invalid last non-pad Base64 character dectected" // AWS's spelling
	if at, ok := errors.AsType[base64.CorruptInputError](err); ok && int(at) < len(s) {
		why = fmt.Sprintf("Invalid Base64 character: '%c'", s[at])
	}
	if len(s)%4 != 0 {
		why = fmt.Sprintf("Base64 encoded length is expected a multiple of 4 bytes but found: %d", len(s))
	}
	return b.wrong("'" + s + "' can not be converted to a Blob: " + why)
}

// unquote is the text that a JSON string stands for, in one copy. The decoder
// has found the string well-formed.
func unquote(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1])
	}
	text, _ := jsontext.AppendUnquote(make([]byte, 0, len(raw)), raw)
	// Nobody else holds text, so it may become a string as it is.
	return unsafe.String(unsafe.SliceData(text), len(text))
}
