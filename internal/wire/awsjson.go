package wire

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
)

// awsJSON is AWS JSON 1.0 and 1.1: X-Amz-Target names the service and the
// operation, input and output are JSON.
//
// See https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html.
type awsJSON struct {
	rpc

	byTarget map[string]*served // by what stands before the last dot
}

func newAWSJSON() *awsJSON { return &awsJSON{byTarget: map[string]*served{}} }

const jsonMedia = "application/x-amz-json-"

func (d *awsJSON) speaks(said api.Dialect) bool {
	_, ok := said.(*api.AWSJSON)
	return ok
}

func (d *awsJSON) serve(s *served) {
	said := s.said.(*api.AWSJSON)
	d.byTarget[said.TargetPrefix] = s
	if said.ShortPrefix != "" {
		d.byTarget[said.ShortPrefix] = s
	}
}

func (d *awsJSON) match(c *Call) claim {
	switch {
	case c.target != "":
		return byName
	case strings.HasPrefix(c.media, jsonMedia):
		return byForm
	default:
		return unclaimed
	}
}

func (d *awsJSON) read(c *Call, body []byte) *api.Error {
	c.body = body
	dot := strings.LastIndexByte(c.target, '.')
	if dot < 0 {
		return errUnknownOperation
	}
	c.Operation = c.target[dot+1:]
	return nil
}

func (d *awsJSON) find(c *Call) *served { return d.byTarget[c.Target()] }

func (d *awsJSON) refuse(c *Call) *api.Error {
	if c.Op == nil {
		return errUnknownOperation
	}
	return nil
}

func (d *awsJSON) decode(c *Call, in reflect.Type) (any, []api.Violation, *api.Error) {
	return bindJSON(c.body, in, c.defaults)
}

func bindJSON(body []byte, in reflect.Type, defaults []assignment) (any, []api.Violation, *api.Error) {
	t, err := parseJSON(body)
	if err != nil {
		return nil, nil, err
	}
	defer t.release()
	return bind(t, &jsonNotation, in, defaults)
}

// DecodeJSON is Decode for an input that comes as plain JSON and not as a call. A stream
// is given as a blob is, in base64.
func DecodeJSON(body []byte, in reflect.Type) (any, []api.Violation, *api.Error) {
	return bindJSON(body, in, nil)
}

func (d *awsJSON) result(w http.ResponseWriter, c *Call, out any, requestID string) {
	p, v := planned(out)
	buffer := buffers.Get().(*[]byte)
	b := (*buffer)[:0]
	// An operation without output answers nothing at all, not an empty object.
	if p.output() {
		b = appendJSON(b, p, v)
	}
	send(w, http.StatusOK, d.answerMedia(c), requestID, b)
	keep(buffer, b)
}

// JSONOf is an output, a pointer to a shape, as plain JSON, without its stream.
func JSONOf(out any) []byte {
	p, v := planned(out)
	return appendJSON(nil, p, v)
}

// WholeJSONOf is JSONOf with the stream, which is read, closed and shown as a blob is, in
// base64. The error is that of reading it, or [ErrLongStream].
func WholeJSONOf(out any) ([]byte, error) {
	p, v := planned(out)
	b := JSONOf(out)
	for _, f := range p.fields {
		if f.plan.shape != shapeStream || v.Field(f.index).IsNil() {
			continue
		}
		whole, err := readStream(v.Field(f.index).Interface().(io.Reader))
		if err != nil {
			return nil, err
		}
		if b = b[:len(b)-1]; len(b) > 1 {
			b = append(b, ',')
		}
		b = append(append(append(b, f.quoted...), '"'), base64.StdEncoding.AppendEncode(nil, whole)...)
		b = append(b, `"}`...)
	}
	return b, nil
}

// maxShownStream is how much of a stream JSON shows, in bytes.
const maxShownStream = 1 << 20

// ErrLongStream says that an answer has a stream of more than a mebibyte.
var ErrLongStream = errors.New("the body is longer than 1 MiB")

func readStream(r io.Reader) ([]byte, error) {
	if c, ok := r.(io.Closer); ok {
		defer func() { _ = c.Close() }() // it was read; there is nothing to be lost
	}
	whole, err := io.ReadAll(io.LimitReader(r, maxShownStream+1))
	if len(whole) > maxShownStream {
		return nil, ErrLongStream
	}
	return whole, err
}

func (d *awsJSON) failure(w http.ResponseWriter, c *Call, e *api.Error, status int, requestID string) {
	buffer := buffers.Get().(*[]byte)
	said, _ := c.said.(*api.AWSJSON)
	b := appendJSONError((*buffer)[:0], said, e)
	if said != nil && said.QueryCompatible {
		w.Header().Set("X-Amzn-Query-Error", e.Query()+";"+e.Fault.String())
	}
	send(w, status, d.answerMedia(c), requestID, b)
	keep(buffer, b)
}

// answerMedia is the version that the service speaks, else the one that the client does.
func (d *awsJSON) answerMedia(c *Call) string {
	if said, ok := c.said.(*api.AWSJSON); ok && said.Version == "1.1" || !ok && c.media == jsonMedia+"1.1" {
		return jsonMedia + "1.1"
	}
	return jsonMedia + "1.0"
}

// appendJSONError prints the error's type and message. AWS's front layer writes
// Message, the services message; an empty one is not there at all [K004].
func appendJSONError(b []byte, said *api.AWSJSON, e *api.Error) []byte {
	namespace := ""
	if said != nil {
		namespace = said.Namespace
		if e.Common {
			namespace = said.CommonNamespace
		}
	}
	key := `,"message":`
	if e.Common && namespace != "" || e.Code == errSerialization.Code {
		key = `,"Message":`
	}
	if namespace != "" {
		namespace += "#"
	}
	b = appendString(append(b, `{"__type":`...), namespace+e.Code)
	if e.Message != "" {
		b = appendString(append(b, key...), e.Message)
	}
	if e.Reason != "" {
		b = appendString(append(b, `,"Reason":`...), e.Reason)
	}
	return append(b, '}')
}
