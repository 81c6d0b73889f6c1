package waxseal

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/server"
)

// Options says what Start starts. The zero value is what most tests want.
type Options struct {
	// Account and Region are the defaults: 123456789012 and us-east-1 where empty.
	Account, Region string
	// Strict makes waxseal as strict as AWS where it is more forgiving by
	// itself: any of "credentials", "principals", "transport", or "all".
	Strict []string
}

// Server is an emulator that runs as long as its test. Its methods fail the
// test where they cannot do what they say.
type Server struct {
	t      testing.TB
	server *server.Server
	clock  *clock.Turnable
	region string

	listen sync.Once
	url    string
}

// Start runs an emulator in memory until the test ends.
func Start(t testing.TB, options ...Options) *Server {
	t.Helper()
	var o Options
	switch len(options) {
	case 0:
	case 1:
		o = options[0]
	default:
		t.Fatal("waxseal.Start takes at most one Options")
	}
	strict, err := server.ParseStrict(strings.Join(o.Strict, ","))
	if err != nil {
		t.Fatalf("waxseal.Start: %v", err)
	}
	s := &Server{t: t, clock: clock.New(), region: o.Region}
	if s.region == "" {
		s.region = server.DefaultRegion
	}
	s.server, err = server.New(context.Background(), server.Config{
		Clock: s.clock, Account: o.Account, Region: o.Region, Strict: strict,
		// Failed deliveries and the like stand among the test's own lines.
		Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		t.Fatalf("waxseal.Start: %v", err)
	}
	t.Cleanup(func() {
		if err := s.server.Close(); err != nil {
			t.Errorf("waxseal: %v", err)
		}
	})
	return s
}

// endpoint is where the clients of Config and As send their requests. Nothing
// listens there: the requests go through memory.
const endpoint = "https://localhost"

// Config is the configuration of an SDK client that calls as the root user of
// the default account, over TLS as far as policies can see. To call over plain
// HTTP set its BaseEndpoint to http://localhost.
func (s *Server) Config() aws.Config {
	return s.config(aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test", Source: "waxseal"})
}

// As is Config for the principal: "root", "role/NAME", "user/NAME" of the
// default account, or the ARN of a role, user or account root.
func (s *Server) As(principal string) aws.Config {
	s.t.Helper()
	c, err := s.server.Credentials(context.Background(), principal)
	if err != nil {
		s.t.Fatalf("waxseal: As(%q): %v", principal, err)
	}
	return s.config(aws.Credentials{
		AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey, SessionToken: c.Token, Source: "waxseal",
	})
}

func (s *Server) config(c aws.Credentials) aws.Config {
	return aws.Config{
		Region:       s.region,
		BaseEndpoint: aws.String(endpoint),
		Credentials:  aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return c, nil }),
		HTTPClient:   &http.Client{Transport: &transport{s.server}},
		// A denial is an answer, not a fault of the line: nothing is tried twice.
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	}
}

// URL is the base URL of a socket on the loopback interface that speaks HTTP
// and, by the same port, HTTPS. It is opened at the first call.
func (s *Server) URL() string {
	s.t.Helper()
	s.listen.Do(func() {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			s.t.Fatalf("waxseal: URL: %v", err)
		}
		s.url = "http://" + l.Addr().String()
		ctx, stop := context.WithCancel(context.Background())
		stopped := make(chan error, 1)
		go func() { stopped <- s.server.Serve(ctx, l, drain) }()
		s.t.Cleanup(func() {
			stop()
			if err := <-stopped; err != nil {
				s.t.Errorf("waxseal: %v", err)
			}
		})
	})
	return s.url
}

// drain is how long the socket waits at the end of the test for calls that still run.
const drain = 5 * time.Second

// Advance turns the server's clock by d: visibility timeouts, retention,
// data-key reuse, sessions, rotations and long polls follow it.
func (s *Server) Advance(d time.Duration) { s.clock.Advance(d) }

// Explain says why a call failed: which policies had a say, which of their
// statements matched or nearly matched, and what would have allowed the call.
// err is what the SDK's call returned. It is the error's own text where the
// call was not refused by policy, and empty where err is nil.
func (s *Server) Explain(err error) string {
	if err == nil {
		return ""
	}
	if r, ok := errors.AsType[interface {
		error
		ServiceRequestID() string
	}](err); ok {
		if text := s.server.Explain(r.ServiceRequestID()); text != "" {
			return text
		}
	}
	return err.Error()
}
