package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// client speaks to the control API of a running server.
type client struct {
	endpoint string
	token    token
	http     *http.Client // nil: one that heeds AWS_CA_BUNDLE
}

// endpointFlag adds --endpoint-url and --control-token to a command.
func endpointFlag(cmd *cobra.Command) *client {
	c := new(client)
	c.flag(cmd.Flags())
	return c
}

func (c *client) flag(flags *pflag.FlagSet) {
	flags.StringVar(&c.endpoint, "endpoint-url", serverURL(), "the running server [AWS_ENDPOINT_URL]")
	c.token.add(flags, "the token that the server's control API wants")
}

// serverURL is the server's URL where no flag gives one: the one in the
// environment, or the address on which serve listens in the same environment.
func serverURL() string {
	addr := fromEnv("WAXSEAL_ADDR", defaultAddr)
	if _, port, err := net.SplitHostPort(addr); err != nil || port == "0" {
		addr = defaultAddr // the port is chosen when the server starts
	}
	return outsideURL(fromEnv(allServices, "http://"+reachable(addr)))
}

// reachable is the address by which a client on the same machine reaches a server that
// listens at addr.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// controlTimeout is how long a control request may take.
const controlTimeout = 10 * time.Second

// call makes a control request. in is sent as JSON unless it is nil; the answer
// is decoded into out, or returned as it came where out is nil. An answer with
// another status than success is a *statusError.
func (c *client) call(ctx context.Context, method, path string, in, out any) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, controlTimeout)
	defer cancel()
	answer, err := c.send(ctx, method, path, in)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	b, err := io.ReadAll(answer.Body)
	if err != nil || out == nil {
		return b, err
	}
	if err := json.Unmarshal(b, out); err != nil {
		return nil, fmt.Errorf("%s does not answer as waxseal does: %w", c.endpoint, err)
	}
	return b, nil
}

// send makes a control request, whose answer is a success; its body is to be closed.
func (c *client) send(ctx context.Context, method, path string, in any) (*http.Response, error) {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.endpoint, "/")+"/_waxseal"+path, body)
	if err != nil {
		return nil, fmt.Errorf("--endpoint-url: %w", err)
	}
	token, err := c.token.value()
	if err != nil {
		return nil, err
	}
	if token != "" {
		r.Header.Set("Authorization", bearer(token))
	}
	h := c.http
	if h == nil {
		if h, err = httpClient(); err != nil {
			return nil, err
		}
	}
	answer, err := h.Do(r)
	if err != nil {
		return nil, fmt.Errorf("no server answers at %s: %w; start one with: waxseal serve", c.endpoint, errors.Unwrap(err))
	}
	if answer.StatusCode < http.StatusMultipleChoices {
		return answer, nil
	}
	defer func() { _ = answer.Body.Close() }()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode == http.StatusUnauthorized {
		return nil, &statusError{answer.StatusCode, "the server wants its control token, and " + tokenMissing(token)}
	}
	return nil, &statusError{answer.StatusCode, reason(b)}
}

// isWaxseal asks what answers whether it is a server of waxseal's.
func (c *client) isWaxseal(ctx context.Context) error {
	var health struct {
		Version  string
		Services map[string]string
	}
	_, err := c.call(ctx, http.MethodGet, "/health", nil, &health)
	if _, answered := errors.AsType[*statusError](err); answered || err == nil && (health.Version == "" || health.Services == nil) {
		return fmt.Errorf("what answers at %s is not waxseal", c.endpoint)
	}
	return err
}

// httpClient trusts, beside the system's CAs, those of AWS_CA_BUNDLE.
func httpClient() (*http.Client, error) {
	file := fromEnv("AWS_CA_BUNDLE", "")
	if file == "" {
		return http.DefaultClient, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("AWS_CA_BUNDLE: %w", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("AWS_CA_BUNDLE: %s holds no certificate", file)
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}}, nil
}

// tokenMissing says why the server refused a token.
func tokenMissing(token string) string {
	if token == "" {
		return "none is given: --" + tokenName + " or " + variable(tokenName) + " says which"
	}
	return "this is another one (--" + tokenName + ", " + variable(tokenName) + ")"
}

// statusError is an answer of the control API that is no success.
type statusError struct {
	status int
	reason string
}

func (e *statusError) Error() string { return e.reason }

func reason(body []byte) string {
	var e struct{ Error string }
	if json.Unmarshal(body, &e) == nil && e.Error != "" {
		return e.Error
	}
	return strings.TrimSpace(string(body))
}
