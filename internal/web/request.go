package web

import (
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
)

const (
	// maxBody is the most that a request may carry, in bytes: a message of 1 MiB
	// every byte of which is escaped, and what stands around it.
	maxBody = 8 << 20
	// bodyTimeout is how long a request's body may take.
	bodyTimeout = 60 * time.Second
)

var (
	errTooLarge = &api.Error{
		Code: "RequestEntityTooLargeException", QueryCode: "RequestEntityTooLarge", Status: http.StatusRequestEntityTooLarge, Common: true,
		Message: "The request body is larger than the service accepts.",
	}
	errIncompleteBody = &api.Error{
		Code: "RequestTimeoutException", QueryCode: "RequestTimeout", Status: http.StatusRequestTimeout, Common: true,
		Message: "The request body did not arrive whole and in time.",
	}
)

// ReadBody reads the whole body of an API call within its time and size: into
// buffer, where it fits in.
func ReadBody(w http.ResponseWriter, r *http.Request, buffer []byte) ([]byte, *api.Error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	// A connection in memory has no deadlines, and needs none.
	connection, timed := w.(interface{ SetReadDeadline(time.Time) error })
	if timed {
		_ = connection.SetReadDeadline(clock.Real().Add(bodyTimeout))
	}
	var body []byte
	var err error
	if n := r.ContentLength; n > 0 && n <= maxBody {
		body = slices.Grow(buffer[:0], int(n))[:n]
		_, err = io.ReadFull(r.Body, body)
	} else {
		body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	}
	if timed {
		_ = connection.SetReadDeadline(time.Time{})
	}
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, errTooLarge
	}
	if err != nil {
		return nil, errIncompleteBody
	}
	return body, nil
}

// HostName is the name in a Host, without its port and in small letters.
func HostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

// BaseURL is scheme://host[:port] as a request's sender called.
func BaseURL(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// SourceIP is the address of a request's sender.
func SourceIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
