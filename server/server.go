package server

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/mux"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/certs"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/fixture"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/mem"
)

// The defaults of Config.
const (
	DefaultAccount = "123456789012"
	DefaultRegion  = "us-east-1"
)

// Strict names the points where waxseal is as strict as AWS although a plain
// local run is better served otherwise. The zero value is lenient.
type Strict struct {
	Credentials bool // unknown access keys are refused, and root users may not assume roles
	Principals  bool // resource policies may name only principals that exist
	Transport   bool // encrypted queues and topics refuse plain HTTP
}

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
	Strict  Strict
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
	InitScripts *InitScripts
	Log         *slog.Logger // nil: none
	Version     string
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
		c.InitScripts = new(InitScripts)
	}
	if c.Log == nil {
		c.Log = discard()
	}
}

// Server is an emulator: the AWS services and the control API behind one HTTP
// handler. It is safe for concurrent use.
type Server struct {
	config Config
	log    *slog.Logger
	hsm    *hsm.Module
	ca     *certs.CA
	// router is made when somebody wants it: compiling its paths is most of what
	// a server costs, and AWS's calls need none of them.
	router func() *mux.Router

	// session is this run of the server, as LocalStack tells of it.
	session struct {
		id      string
		started time.Time
	}

	// worldLock guards which world there is. A call goes on in the world that it
	// began in, which a reset ends: waiting for long polls would hold up the reset.
	worldLock sync.RWMutex
	world     *world

	lastBase atomic.Pointer[base] // how the last caller reached this server
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
	s := &Server{config: c, log: c.Log, hsm: module, ca: c.CA}
	if s.ca == nil {
		s.ca = certs.New(clock.Real)
	}
	if err := s.loadClock(ctx); err != nil {
		return nil, err
	}
	declared, err := s.prepare(ctx)
	if err != nil {
		return nil, err
	}
	s.world = newWorld(&s.config, module, busy)
	s.world.sources = declared
	s.router = sync.OnceValue(s.routes)
	s.session.id, s.session.started = c.IDs.UUID(), clock.Real()
	return s, nil
}

// routes is the router of the control API.
func (s *Server) routes() *mux.Router {
	// Paths are taken as they come: a queue's URL in one is not to be redirected.
	r := mux.NewRouter().SkipClean(true).UseEncodedPath()
	s.controlRoutes(r)
	return r
}

// ServeHTTP answers AWS's and the control API's requests. A request counts as
// secure transport where r.TLS is set.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if id := issuerOf(r); id != "" {
		s.serveIssuer(w, r, id)
		return
	}
	if isControlPath(r.URL.Path) {
		s.serveControl(w, r)
		return
	}
	s.serveAWS(w, r)
}

// inWorld calls f with the current world, which a reset may replace meanwhile.
func (s *Server) inWorld(f func(*world)) {
	s.worldLock.RLock()
	w := s.world
	s.worldLock.RUnlock()
	f(w)
}

// Reset makes everything as it was at the start: state, trail and clock.
func (s *Server) Reset(ctx context.Context) error {
	s.worldLock.Lock()
	defer s.worldLock.Unlock()
	s.world.end()
	s.config.Clock.SetOffset(clock.Offset{})
	if err := s.config.Engine.Clear(ctx); err != nil {
		return err
	}
	declared, err := s.prepare(ctx)
	s.world = newWorld(&s.config, s.hsm, busy)
	s.world.sources = declared
	return err
}

// Close ends the world and closes the engine.
func (s *Server) Close() error {
	s.worldLock.Lock()
	defer s.worldLock.Unlock()
	s.world.end()
	return s.config.Engine.Close()
}

// Serve answers the connections of l, HTTP and HTTPS alike, until ctx is done;
// then it lets running requests finish, for drain at the most, and cuts off the rest.
func (s *Server) Serve(ctx context.Context, l net.Listener, drain time.Duration) error {
	plain, secure := split(l, s.tlsConfig(), s.log)
	h := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
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
		s.inWorld((*world).end)
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

// rootKeyCheck is where something stands that the right root key alone opens.
const rootKeyCheck = "server\x00root-key"

// ErrRootKey says that the store was made with another root key.
var ErrRootKey = errors.New("server: the root key is not the one that the state was made with")

// checkRootKey makes sure that the keys in the store can be opened, and that
// whoever starts on it next can be told so.
func (s *Server) checkRootKey(ctx context.Context, engine store.Engine) error {
	return engine.Update(ctx, func(tx store.Tx) error {
		sealed := tx.Get(rootKeyCheck)
		if sealed == nil {
			tx.Put(rootKeyCheck, s.hsm.Wrap(nil, rootKeyCheck))
			return nil
		}
		if _, err := s.hsm.Unwrap(sealed, rootKeyCheck); err != nil {
			return ErrRootKey
		}
		return nil
	})
}

// clockKey is where the clock's offset stands in the store, so that it survives a restart.
const clockKey = "server\x00clock"

func (s *Server) loadClock(ctx context.Context) error {
	return s.config.Engine.View(ctx, func(r store.Reader) error {
		v := r.Get(clockKey)
		if v == nil {
			return nil
		}
		offset, err := clock.ParseOffset(v)
		if err == nil {
			s.config.Clock.SetOffset(offset)
		}
		return err
	})
}

func (s *Server) saveClock(ctx context.Context) error {
	offset := s.config.Clock.Offset().Append(nil)
	return s.config.Engine.Update(ctx, func(tx store.Tx) error {
		tx.Put(clockKey, offset)
		return nil
	})
}
