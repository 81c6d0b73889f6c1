package server

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/gorilla/mux"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/certs"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/control"
	"github.com/waxseal/waxseal/internal/fixture"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/issuers"
	"github.com/waxseal/waxseal/internal/listen"
	"github.com/waxseal/waxseal/internal/localstack"
	"github.com/waxseal/waxseal/internal/notice"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/sigv4"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/mem"
	"github.com/waxseal/waxseal/internal/upstream"
	"github.com/waxseal/waxseal/internal/web"
	"github.com/waxseal/waxseal/internal/wire"
)

// The defaults of Config.
const (
	DefaultAccount = "123456789012"
	DefaultRegion  = "us-east-1"
)

// Config says what a Server works with. The zero value is a server in memory.
type Config struct {
	Engine  store.Engine    // nil: in memory
	Clock   *clock.Turnable // nil: one that shows real time
	IDs     *ids.Source     // nil: unpredictable ones
	RootKey []byte          // of the HSM, hsm.KeySize bytes; nil: a fresh one
	CA      *certs.CA       // nil: a fresh one
	// Certificate is shown to every TLS client; nil: the CA mints one for each server name.
	Certificate *tls.Certificate
	Account     string // default account; empty: DefaultAccount
	Region      string // for requests that name none; empty: DefaultRegion
	// Regions are those that requests may be signed for; nil: AWS's.
	Regions *arn.Regions
	Strict  runtime.Strict
	// Lanes is how many queues an SNS message is delivered to at a time; 0 is 1.
	// More of them share the commits of an engine that writes to disk.
	Lanes int
	// AllowHosts are the host names, beside those that nobody can point here, by
	// which the control API is reached, and by which browsers reach anything.
	AllowHosts []string
	// ControlToken is what the control API wants to see; empty: nothing.
	ControlToken string
	// Fixtures is what is there from the start, and again after a Reset; nil: nothing.
	Fixtures *fixture.Set
	// InitScripts are shown as LocalStack shows its own; nil: none. Their holder runs them.
	InitScripts *localstack.InitScripts
	// Upstream is another emulator, to which calls for services that are not emulated are
	// passed on; nil: none. upstream.Parse reads its URL.
	Upstream *url.URL
	// Further are services beside those that there are; nil: none.
	Further []runtime.Constructor
	Log     *slog.Logger // nil: none
	Version string
}

func (c *Config) fill() {
	if c.Engine == nil {
		c.Engine = mem.New()
	}
	if c.Clock == nil {
		c.Clock = clock.New()
	}
	if c.IDs == nil {
		c.IDs = ids.New()
	}
	if c.RootKey == nil {
		c.RootKey = hsm.NewRootKey()
	}
	if c.Account == "" {
		c.Account = DefaultAccount
	}
	if c.Region == "" {
		c.Region = DefaultRegion
	}
	if c.InitScripts == nil {
		c.InitScripts = new(localstack.InitScripts)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
}

// Server is an emulator: the AWS services and the control API behind one HTTP
// handler. It is safe for concurrent use.
type Server struct {
	config  Config
	log     *slog.Logger
	hsm     *hsm.Module
	ca      *certs.CA
	control *control.API
	// upstream is where calls for other services go; nil: nowhere.
	upstream *upstream.Neighbor
	// router leads to the control API and to LocalStack's requests. It is made when
	// somebody wants it: compiling its paths is most of what a server costs, and AWS's
	// calls need none of them.
	router func() *mux.Router

	// lock guards which generation there is. A call goes on in the one that it began
	// in, which a reset ends: waiting for long polls would hold up the reset.
	lock       sync.RWMutex
	generation *generation

	baseURLs web.BaseURLs
}

// New is a server on what c names, its fixtures applied. It owns c.Engine from
// then on. It fails with fixture.Problems where what the engine holds and the
// fixtures do not go together. Where it fails, c.Engine is the caller's still,
// and holds what it held.
func New(ctx context.Context, c Config) (*Server, error) {
	c.fill()
	module, err := hsm.New(c.RootKey)
	if err != nil {
		return nil, err
	}
	s := &Server{config: c, log: c.Log, hsm: module, ca: c.CA, upstream: upstream.New(c.Upstream, c.Log)}
	if s.ca == nil {
		s.ca = certs.New(clock.Real)
	}
	if err := runtime.LoadClock(ctx, c.Engine, c.Clock); err != nil {
		return nil, err
	}
	rt, err := runtime.Open(ctx, s.runtimeConfig())
	if err != nil {
		return nil, err
	}
	s.generation = newGeneration(rt, &c)
	s.connect()
	return s, nil
}

// connect makes what answers beside AWS's API.
func (s *Server) connect() {
	c := &s.config
	s.control = control.New(control.Config{
		Runtime: s.Runtime, Reset: s.ResetIn, Clock: c.Clock, IDs: c.IDs, CA: s.ca,
		Region: c.Region, Regions: c.Regions, Version: c.Version, Log: s.log,
		Upstream: s.upstream,
	})
	habits := localstack.New(localstack.Config{
		Runtime: s.Runtime, Call: func(r *http.Request) *wire.Call { return s.incoming(r).call },
		Health: s.control.MergedHealth, Reset: s.control.Reset, Scripts: c.InitScripts, Clock: c.Clock, IDs: c.IDs,
		Region: c.Region, Regions: c.Regions, Version: c.Version, Log: s.log,
	})
	s.router = sync.OnceValue(func() *mux.Router {
		// Paths are taken as they come: a queue's URL in one is not to be redirected.
		r := mux.NewRouter().SkipClean(true).UseEncodedPath()
		none := web.Handler{Log: s.log}.Of(func(_ http.ResponseWriter, r *http.Request) error {
			return web.Refused(http.StatusNotFound, "there is no control request %s %s", r.Method, r.URL.Path)
		})
		r.NotFoundHandler, r.MethodNotAllowedHandler = none, none
		routePage(r)
		habits.Routes(r)
		s.control.Routes(r)
		return r
	})
}

// ServeHTTP answers AWS's and the control API's requests. A request counts as
// secure transport where r.TLS is set.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if isThrough(r) {
		s.serveThrough(w, r)
		return
	}
	if id := issuers.Of(r); id != "" {
		issuers.Serve(w, r, s.Runtime().Identity, id, s.log)
		return
	}
	if isControlPath(r.URL.Path) {
		s.serveControl(w, r)
		return
	}
	s.serveAWS(w, r, nil)
}

// serveControl answers a request of the control API or of LocalStack's, of who may
// make one.
func (s *Server) serveControl(w http.ResponseWriter, r *http.Request) {
	// No page is to read an answer as a script, a style or an image of its own, or to frame
	// it, and none is of use later. What is to be looked at, the console, says so itself.
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	w.Header().Set("Cache-Control", "no-store")
	if err := s.mayControl(r); err != nil {
		web.Handler{Log: s.log}.Error(w, r, err)
		return
	}
	s.router().ServeHTTP(w, r)
}

// generation is a Runtime with what the wire's side keeps for it. A reset ends one
// and begins the next.
type generation struct {
	*runtime.Runtime
	router     *wire.Router // of the requests from outside
	signatures *sigv4.Verifier
	endpoints  endpoints
	// noticed is what the log was told of once, and refused of whose calls reach
	// nothing: apart, for whoever makes these makes up as many as it likes.
	noticed, refused notice.Set
}

func newGeneration(rt *runtime.Runtime, c *Config) *generation {
	g := &generation{Runtime: rt, router: wire.NewRouter(), signatures: sigv4.NewVerifier(c.Regions), endpoints: rt.EC2}
	for _, service := range rt.Dispatcher.Services() {
		g.router.Add(service.Service)
	}
	g.router.Below(c.AllowHosts...)
	return g
}

// present is the generation that there is now, which a reset may replace meanwhile.
func (s *Server) present() *generation {
	s.lock.RLock()
	defer s.lock.RUnlock()
	return s.generation
}

// Runtime is the state with its services as it is now. A reset replaces it.
func (s *Server) Runtime() *runtime.Runtime { return s.present().Runtime }

// runtimeConfig is what a Runtime works with, at the start and after a Reset.
func (s *Server) runtimeConfig() runtime.Config {
	c := &s.config
	return runtime.Config{
		Engine: c.Engine, Clock: c.Clock, IDs: c.IDs, HSM: s.hsm, Account: c.Account, Region: c.Region, Regions: c.Regions,
		Strict: c.Strict, Lanes: c.Lanes, Fixtures: c.Fixtures, Log: c.Log, Further: c.Further,
	}
}

// Reset makes everything as it was at the start: state, trail and clock.
func (s *Server) Reset(ctx context.Context) error { return s.ResetIn(ctx, "") }

// ResetIn is Reset with another default account, which has what the fixtures declare for
// the first one. Empty: the first one again.
func (s *Server) ResetIn(ctx context.Context, account string) error {
	next := s.runtimeConfig()
	if account != "" {
		moved, err := next.Fixtures.Moved(next.Account, account)
		if err != nil {
			return web.Refused(http.StatusBadRequest, "account: %v", err)
		}
		next.Account, next.Fixtures = account, moved
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	s.generation.Close()
	s.config.Clock.SetOffset(clock.Offset{})
	if err := s.config.Engine.Clear(ctx); err != nil {
		return err
	}
	rt, err := runtime.Open(ctx, next)
	if err != nil {
		rt = runtime.New(next)
	}
	s.generation = newGeneration(rt, &s.config)
	return err
}

// Close ends what runs by itself, has what is left to be written written, and closes
// the engine.
func (s *Server) Close() error {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.generation.Close()
	return errors.Join(s.generation.Flush(context.Background()), s.config.Engine.Close())
}

// Serve answers the connections of l, HTTP and HTTPS alike, until ctx is done;
// then it lets running requests finish, for drain at the most, and cuts off the rest.
func (s *Server) Serve(ctx context.Context, l net.Listener, drain time.Duration) error {
	plain, secure := listen.Split(l, s.tlsConfig(), s.log)
	h := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: listen.HeaderTimeout,
		IdleTimeout:       listen.IdleTimeout,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 2)
	for _, branch := range []net.Listener{plain, secure} {
		go func() { failed <- h.Serve(branch) }()
	}
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
		// Long polls and streams would not end by themselves.
		s.Runtime().Close()
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	if h.Shutdown(stop) != nil {
		// Whoever sends half a request and waits does not hold up the end.
		s.log.Info("requests that were still running at the end are cut off", "after", drain)
		err = errors.Join(err, h.Close())
	}
	return err
}

func (s *Server) tlsConfig() *tls.Config {
	if s.config.Certificate != nil {
		return &tls.Config{Certificates: []tls.Certificate{*s.config.Certificate}, MinVersion: tls.VersionTLS12}
	}
	return s.ca.TLSConfig()
}
