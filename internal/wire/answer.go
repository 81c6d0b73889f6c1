package wire

import (
	"net/http"
	"reflect"
	"strconv"
	"sync"
)

// buffers hold answers while they are made.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// keep puts a buffer back, unless an unusually large answer made it large.
func keep(buffer *[]byte, b []byte) {
	if cap(b) <= 1<<16 {
		*buffer = b[:0]
		buffers.Put(buffer)
	}
}

// planned is an output, a pointer to a shape, with the plan of its type.
func planned(out any) (*plan, reflect.Value) {
	v := reflect.ValueOf(out).Elem()
	return planOf(v.Type()), v
}

// send writes an answer that is whole.
func send(w http.ResponseWriter, status int, media, requestID string, body []byte) {
	h := w.Header()
	// The names are spelled as Header keeps them.
	values := [...]string{media, requestID, strconv.Itoa(len(body))}
	h["Content-Type"], h["X-Amzn-Requestid"], h["Content-Length"] = values[0:1:1], values[1:2:2], values[2:3:3]
	w.WriteHeader(status)
	// A client that is gone does not read the answer; there is nobody to tell.
	_, _ = w.Write(body)
}
