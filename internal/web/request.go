package web

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
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

// deadliner is a connection whose reads may be given a time. One in memory has none.
type deadliner interface{ SetReadDeadline(time.Time) error }

// renewal is how often the time for the next piece of a body is moved on, at the most.
const renewal = time.Second

// StreamBody is the body of a request as it comes. What it must not be is silent for long:
// it may take any time in all.
func StreamBody(w http.ResponseWriter, r *http.Request) io.ReadCloser {
	connection, timed := w.(deadliner)
	if !timed || r.Body == nil {
		return r.Body
	}
	return &progress{ReadCloser: r.Body, connection: connection}
}

// progress reads a body each piece of which must come in time.
type progress struct {
	io.ReadCloser
	connection deadliner
	renewed    time.Time
}

func (p *progress) Read(b []byte) (int, error) {
	if now := clock.Real(); now.Sub(p.renewed) >= renewal {
		_ = p.connection.SetReadDeadline(now.Add(bodyTimeout))
		p.renewed = now
	}
	n, err := p.ReadCloser.Read(b)
	switch {
	case errors.Is(err, io.EOF):
		_ = p.connection.SetReadDeadline(time.Time{})
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = errSilent
	}
	return n, err
}

// errSilent answers a body that does not come.
var errSilent = &api.Error{
	Code: "RequestTimeout", Message: "Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.",
}

// ReadBody reads the whole body of an API call within its time and size: into
// buffer, where it fits in.
func ReadBody(w http.ResponseWriter, r *http.Request, buffer []byte) ([]byte, *api.Error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	// A connection in memory has no deadlines, and needs none.
	connection, timed := w.(deadliner)
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

// BaseURLs makes the texts of BaseURL. It keeps one: most call as the one before.
type BaseURLs struct{ last atomic.Pointer[base] }

type base struct {
	host   string
	secure bool
	url    string
}

// Of is the BaseURL of a request.
func (u *BaseURLs) Of(r *http.Request) string {
	if last := u.last.Load(); last != nil && last.host == r.Host && last.secure == (r.TLS != nil) {
		return last.url
	}
	b := &base{r.Host, r.TLS != nil, BaseURL(r)}
	u.last.Store(b)
	return b.url
}

// SourceIP is the address of a request's sender.
func SourceIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
