// Package upstream passes requests on to another emulator, the neighbor, which has the
// services that are not emulated here.
//
// A request goes on as it came: with its path, its query, its Host and its other headers
// as they were spelled, so that its signature holds, and its body packed as it is, piece
// by piece; so does the answer. A connection that is upgraded, such as to a websocket,
// becomes one to the neighbor. Nothing is added.
package upstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/waxseal/waxseal/internal/clock"
)

// Neighbor is another emulator. A nil one is none.
type Neighbor struct {
	base  *url.URL
	proxy *httputil.ReverseProxy
	asks  *http.Client
	// own are the addresses from which the neighbor is called at this moment: a request
	// that comes from one of them is one that was passed on to this server itself.
	own sync.Map
}

// Parse reads the URL of a neighbor: a scheme, a host and no more, for paths are passed on
// as they are.
func Parse(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, err
	case u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return nil, fmt.Errorf("%q is no URL such as http://127.0.0.1:5000", text)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "":
		return nil, fmt.Errorf("%q has more than a scheme and a host", u.Redacted())
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}

// dialTimeout is how long a connection to the neighbor may take. What is said over it may
// take any time: a call's client knows how long it waits.
const dialTimeout = 10 * time.Second

// New is the neighbor at a URL that Parse has read; a nil one of a nil URL.
func New(base *url.URL, log *slog.Logger) *Neighbor {
	if base == nil {
		return nil
	}
	n := &Neighbor{base: base}
	dialer := &net.Dialer{Timeout: dialTimeout}
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			n.own.Store(conn.LocalAddr().String(), nil)
			return &connection{conn, n}, nil
		},
		// Accept-Encoding is the client's own, and so is what is packed.
		DisableCompression:    true,
		ExpectContinueTimeout: time.Second,
		TLSHandshakeTimeout:   dialTimeout,
		MaxIdleConnsPerHost:   64,
		IdleConnTimeout:       90 * time.Second,
	}
	n.asks = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	n.proxy = &httputil.ReverseProxy{
		Rewrite: n.rewrite, Transport: transport, FlushInterval: -1, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	return n
}

// connection is one to the neighbor.
type connection struct {
	net.Conn
	to *Neighbor
}

func (c *connection) Close() error {
	c.to.own.Delete(c.LocalAddr().String())
	return c.Conn.Close()
}

// rewrite leads a request to the neighbor. Its path is spelled as it was.
func (n *Neighbor) rewrite(r *httputil.ProxyRequest) {
	r.Out.URL.Scheme, r.Out.URL.Host = n.base.Scheme, n.base.Host
	r.Out.Host = r.In.Host
	r.Out.URL.RawQuery = r.In.URL.RawQuery
	if path, _, _ := strings.Cut(r.In.RequestURI, "?"); strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") {
		r.Out.URL.Opaque = path
	}
	// What ReverseProxy takes away for proxies' sake is the client's.
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
		if values, ok := r.In.Header[name]; ok {
			r.Out.Header[name] = values
		}
	}
}

// URL is where the neighbor is.
func (n *Neighbor) URL() string { return n.base.String() }

// ErrSelf says that the neighbor is this very server.
var ErrSelf = errors.New("the upstream is this server itself")

// leftover is how long what a neighbor has not read of a request is waited for.
const leftover = time.Second

// Pass passes a request on, and writes what is answered. failed writes the answer to what
// could not be passed on.
func (n *Neighbor) Pass(w http.ResponseWriter, r *http.Request, failed func(error)) {
	if _, own := n.own.Load(r.RemoteAddr); own {
		failed(ErrSelf)
		return
	}
	// The neighbor may answer before it has read everything. A writer that cannot do both at
	// once is none of HTTP/1's, and needs no telling. net/http wants a body that is read so to
	// be done with when this returns: what the neighbor did not want is not waited for long.
	connection := http.NewResponseController(w)
	_ = connection.EnableFullDuplex()
	defer func() {
		_ = connection.SetReadDeadline(clock.Real().Add(leftover))
		_ = r.Body.Close()
		_ = connection.SetReadDeadline(time.Time{})
	}()
	proxy := *n.proxy
	proxy.ErrorHandler = func(_ http.ResponseWriter, _ *http.Request, err error) { failed(err) }
	proxy.ServeHTTP(w, r)
}

// askTimeout is how long the neighbor may take to say how it is.
const askTimeout = 2 * time.Second

// Health is how the neighbor is: running, or why it is not, and its services where it says
// what these are, as LocalStack does.
func (n *Neighbor) Health(ctx context.Context) (status string, services map[string]string) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, n.base.String()+"/_localstack/health", http.NoBody)
	if err != nil {
		return err.Error(), nil
	}
	answer, err := n.asks.Do(r)
	if err != nil {
		return "unreachable", nil
	}
	defer func() { _ = answer.Body.Close() }()
	var said struct{ Services map[string]string }
	if json.NewDecoder(io.LimitReader(answer.Body, 1<<20)).Decode(&said) != nil {
		return "running", nil
	}
	return "running", said.Services
}
