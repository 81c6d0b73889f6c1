package egress

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/waxseal/waxseal/sns"
)

const (
	// postTimeout is how long an HTTP endpoint may take to answer a notification.
	postTimeout = 15 * time.Second
	// reachTimeout is how long an endpoint may take to let itself be connected to.
	reachTimeout = 5 * time.Second
	// answerSize is how much of its answer is kept, in bytes.
	answerSize = 4 << 10
)

// HTTPSender takes notifications to HTTP endpoints. It implements sns.HTTPSender.
type HTTPSender struct{}

// endpoints is shared by all servers of the process, for it keeps connections.
// It follows no redirection, so what an endpoint is sent goes nowhere else.
var endpoints = &http.Client{
	Timeout:       postTimeout,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// Post implements sns.HTTPSender. User and password of the URL are sent to an
// endpoint that asks for them, and not before.
func (HTTPSender) Post(ctx context.Context, p *sns.Post) (sns.PostResponse, error) {
	u, err := url.Parse(p.URL)
	if err != nil {
		return sns.PostResponse{}, err
	}
	user := u.User
	u.User = nil
	answer, header, err := post(ctx, u, p, "")
	if err != nil || answer.Status != http.StatusUnauthorized || user == nil {
		return answer, err
	}
	credentials := authorization(header, u, user)
	if credentials == "" {
		return answer, nil
	}
	answer, _, err = post(ctx, u, p, credentials)
	return answer, err
}

// post makes one request.
func post(ctx context.Context, u *url.URL, p *sns.Post, credentials string) (sns.PostResponse, http.Header, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), strings.NewReader(p.Body))
	if err != nil {
		return sns.PostResponse{}, nil, err
	}
	for name, value := range p.Header {
		r.Header.Set(name, value)
	}
	if credentials != "" {
		r.Header.Set("Authorization", credentials)
	}
	answer, err := endpoints.Do(r)
	if err != nil {
		return sns.PostResponse{}, nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	var body bytes.Buffer
	if _, err := io.Copy(&body, io.LimitReader(answer.Body, answerSize)); err != nil {
		return sns.PostResponse{}, nil, err
	}
	return sns.PostResponse{Status: answer.StatusCode, Body: body.String()}, answer.Header, nil
}

// Reach implements sns.HTTPSender: it connects to an endpoint, and speaks TLS where
// the URL says so, but sends no request: a test may subscribe and answer in one
// goroutine.
func (HTTPSender) Reach(ctx context.Context, endpoint string) error {
	u, err := url.Parse(endpoint)
	if err != nil {
		return err
	}
	if proxy, err := http.ProxyFromEnvironment(&http.Request{URL: u}); err == nil && proxy != nil {
		return nil // only the proxy could tell
	}
	ctx, cancel := context.WithTimeout(ctx, reachTimeout)
	defer cancel()
	port, dialer := "80", interface {
		DialContext(ctx context.Context, network, address string) (net.Conn, error)
	}(new(net.Dialer))
	if u.Scheme == "https" {
		port, dialer = "443", new(tls.Dialer)
	}
	if given := u.Port(); given != "" {
		port = given
	}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err == nil {
		_ = conn.Close()
	}
	if noWayOut(err) {
		return nil
	}
	return err
}

// noWayOut reports whether a connection failed because this machine has no network
// or no name server, which says nothing about the endpoint.
func noWayOut(err error) bool {
	name, unresolved := errors.AsType[*net.DNSError](err)
	return unresolved && !name.IsNotFound || errors.Is(err, syscall.ENETUNREACH)
}
