package waxseal

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/fixture"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/server"
)

// TB is what a Server needs of its test. Every testing.TB is one, and
// GinkgoT() of Ginkgo.
type TB interface {
	Helper()
	Cleanup(func())
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Output() io.Writer
}

// Options says what Start starts. The zero value is what most tests want.
type Options struct {
	// Account and Region are the defaults: 123456789012 and us-east-1 where empty.
	Account, Region string
	// AllowRegions are regions that may be used beside AWS's.
	AllowRegions []string
	// Strict makes waxseal as strict as AWS where it is more forgiving by
	// default: any of "credentials", "principals", "transport", "templates", or "all".
	Strict []string
	// Fixtures are files, YAML or JSON, that declare what is there from the
	// start: principals, keys, queues and topics; or CloudFormation templates, folders
	// that cdk synth made, and what terraform show -json printed. Their form is that of
	// waxseal serve --init. Relative names are relative to the test's package.
	Fixtures []string
	// Parameters are values for every template that declares a parameter of the name.
	Parameters map[string]string
}

// Server is an emulator that runs as long as its test, seen from one of its
// accounts. A method that cannot do its work fails the test. It is safe for
// concurrent use.
type Server struct {
	*emulator
	account string
}

// emulator is what the views of all accounts share.
type emulator struct {
	t                      TB
	server                 *server.Server
	clock                  *clock.Turnable
	log                    *slog.Logger
	defaultAccount, region string

	listen sync.Once
	url    string
}

// Start runs an emulator in memory until the test ends. It takes about
// a millisecond, so every test can have its own.
func Start(t TB, options ...Options) *Server {
	t.Helper()
	var o Options
	switch len(options) {
	case 0:
	case 1:
		o = options[0]
	default:
		t.Fatalf("waxseal.Start takes at most one Options; it was given %d", len(options))
	}
	config, err := o.config()
	if err != nil {
		t.Fatalf("waxseal.Start: %v", err)
	}
	// Failed deliveries and the like stand among the test's own lines.
	config.Log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	for _, w := range config.Fixtures.Warnings() {
		config.Log.Warn(w)
	}
	s := &Server{&emulator{t: t, clock: config.Clock, log: config.Log, defaultAccount: config.Account, region: config.Region}, config.Account}
	if s.server, err = server.New(context.Background(), config); err != nil {
		t.Fatalf("waxseal.Start: %v", err)
	}
	t.Cleanup(func() {
		if err := s.server.Close(); err != nil {
			t.Errorf("waxseal: %v", err)
		}
	})
	return s
}

// config is the options as the server takes them, checked.
func (o Options) config() (server.Config, error) {
	c := server.Config{Clock: clock.New(), Account: o.Account, Region: o.Region}
	if c.Account == "" {
		c.Account = server.DefaultAccount
	}
	if c.Region == "" {
		c.Region = server.DefaultRegion
	}
	if !arn.IsAccountID(c.Account) {
		return c, badOption("Account", c.Account, "an account id of 12 digits, such as 111122223333")
	}
	var err error
	if c.Regions, err = arn.NewRegions(o.AllowRegions...); err != nil {
		return c, fmt.Errorf("Options.AllowRegions: %w", err)
	}
	if _, known := c.Regions.Find(c.Region); !known {
		return c, badOption("Region", c.Region, "a region of AWS's, such as eu-west-1, or one of AllowRegions")
	}
	if c.Strict, err = runtime.ParseStrict(strings.Join(o.Strict, ",")); err != nil {
		return c, err
	}
	if len(o.Fixtures) > 0 {
		of := fixture.Options{
			Account: c.Account, Region: c.Region, Regions: c.Regions,
			StrictPrincipals: c.Strict.Principals, StrictTemplates: c.Strict.Templates, Parameters: o.Parameters,
		}
		if c.Fixtures, err = of.Load(o.Fixtures...); err != nil {
			return c, err
		}
	}
	return c, nil
}

// Account is the same server seen from another account, which need not be
// created: Config is its root user, As looks for principals in it, and Role and
// User make them there. id has 12 digits.
func (s *Server) Account(id string) *Server {
	s.t.Helper()
	if !arn.IsAccountID(id) {
		s.t.Fatalf("waxseal: Account(%q): an account id has 12 digits, such as 111122223333", id)
	}
	return &Server{s.emulator, id}
}

// endpoint is where the clients of Config and As send their requests. Nothing
// listens there: the requests go through memory.
const endpoint = "https://localhost"

// Config is the configuration of an SDK client that calls as the root user of
// the account, over TLS as far as policies can see. To call over plain HTTP
// set its BaseEndpoint to http://localhost.
func (s *Server) Config() aws.Config {
	key := "test"
	if s.account != s.defaultAccount {
		key = s.account // an account id as access key belongs to the root user of that account
	}
	c := aws.Credentials{AccessKeyID: key, SecretAccessKey: "test", Source: "waxseal"}
	return s.config(func(context.Context) (aws.Credentials, error) { return c, nil })
}

// As is Config for the principal: "root", "role/NAME", "user/NAME" of the
// account, or the ARN of a role, user or account root, as Role and User return
// it. The credentials are temporary and renewed as Advance makes them expire.
func (s *Server) As(principal string) aws.Config {
	s.t.Helper()
	c := &credentials{server: s, principal: s.spelled(principal)}
	if _, err := c.get(context.Background()); err != nil {
		s.t.Fatalf("waxseal: As(%q): %v\nMake it first: Role(%q), User(%q), or a client's CreateRole or CreateUser.", principal, err, name(principal), name(principal))
	}
	return s.config(c.get)
}

// spelled is a principal's ARN, where it was named within the account.
func (s *Server) spelled(principal string) string {
	if strings.HasPrefix(principal, "arn:") {
		return principal
	}
	return arn.Global("iam", s.region, s.account, principal).String()
}

// name is the last part of a principal's ARN or short form.
func name(principal string) string { return principal[strings.LastIndexAny(principal, ":/")+1:] }

func (s *Server) config(get func(context.Context) (aws.Credentials, error)) aws.Config {
	return aws.Config{
		Region:       s.region,
		BaseEndpoint: aws.String(endpoint),
		Credentials:  aws.CredentialsProviderFunc(get),
		HTTPClient:   &http.Client{Transport: &transport{s.server}},
		// A denial is an answer, not a fault of the line: nothing is tried twice.
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	}
}

// credentials provides a principal's credentials, and new ones when these have
// expired by the server's clock.
type credentials struct {
	server    *Server
	principal string // ARN

	mu     sync.Mutex
	issued *identity.Issued // nil: none yet
}

func (c *credentials) get(ctx context.Context) (aws.Credentials, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.issued == nil || !c.issued.Expiration.IsZero() && !c.server.clock.Now().Before(c.issued.Expiration) {
		var err error
		if c.issued, err = c.server.server.Runtime().Credentials(ctx, c.principal); err != nil {
			c.issued = nil
			return aws.Credentials{}, err
		}
	}
	return aws.Credentials{
		AccessKeyID: c.issued.AccessKeyID, SecretAccessKey: c.issued.SecretAccessKey, SessionToken: c.issued.Token, Source: "waxseal",
	}, nil
}

// URL is the base URL of a socket on the loopback interface that speaks HTTP
// and, by the same port, HTTPS: for clients that are not in this process. It is
// opened at the first call.
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

// Advance turns the server's clock by d, back where d is negative: visibility
// timeouts, retention, data-key reuse, sessions, rotations and long polls
// follow it. What is exactly as old as its period has expired.
func (s *Server) Advance(d time.Duration) {
	s.t.Helper()
	if err := s.clock.TryAdvance(d); err != nil {
		s.t.Fatalf("waxseal: Advance(%v): %v", d, err)
	}
}

func badOption(name, value, want string) error {
	return fmt.Errorf("%s: %q is not %s", name, value, want)
}
