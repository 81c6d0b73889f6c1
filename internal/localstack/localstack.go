// Package localstack is the part of LocalStack's own interface that waxseal serves
// too: init scripts, the health, init and info requests, and the developer endpoints
// that show messages. These endpoints are open to every client that may control the
// server, and no policy limits them; but what a KMS key encrypts is shown encrypted,
// as it is stored.
package localstack

import (
	"log/slog"
	"net/http"
	"os"
	goruntime "runtime"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/web"
	"github.com/waxseal/waxseal/internal/wire"
)

// The paths of LocalStack's own requests, and of its developer endpoints.
const (
	Prefix          = "/_localstack"
	DeveloperPrefix = "/_aws"
)

// Host is the host name that LocalStack's clients call: it and its subdomains resolve
// to 127.0.0.1.
const Host = "localhost.localstack.cloud"

// Config says what is shown as LocalStack shows it.
type Config struct {
	// Runtime is the present Runtime: a reset makes a new one.
	Runtime func() *runtime.Runtime
	// Call is the call that a request makes, before its body is read.
	Call func(*http.Request) *wire.Call
	// Health and Reset answer as the control API does.
	Health, Reset func(http.ResponseWriter, *http.Request) error
	Scripts       *InitScripts
	Clock         *clock.Turnable
	IDs           *ids.Source
	// Region applies where a request names none. Regions are those that exist; nil: AWS's.
	Region  string
	Regions *arn.Regions
	Version string
	Log     *slog.Logger
}

// API answers LocalStack's requests.
type API struct {
	config  Config
	handle  web.Handler
	session string // the id of this run
	started time.Time
}

// New is an API.
func New(c Config) *API {
	return &API{c, web.Handler{Log: c.Log}, c.IDs.UUID(), clock.Real()}
}

// Routes adds the requests to a router.
func (l *API) Routes(r *mux.Router) {
	r.HandleFunc(Prefix+"/health", l.handle.Of(l.config.Health)).Methods(http.MethodGet, http.MethodHead)
	r.HandleFunc(Prefix+"/init", l.handle.Of(l.showInit)).Methods(http.MethodGet)
	r.HandleFunc(Prefix+"/init/{stage}", l.handle.Of(l.showStage)).Methods(http.MethodGet)
	r.HandleFunc(Prefix+"/info", l.handle.Of(l.showInfo)).Methods(http.MethodGet)
	l.sqsRoutes(r)
	l.snsRoutes(r)
	r.HandleFunc(Prefix+"/state/reset", l.handle.Of(l.config.Reset)).Methods(http.MethodPost)
}

// showInfo answers the server's version and system in LocalStack's form. waxseal has
// no license to activate, and does not read an id of the machine.
func (l *API) showInfo(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Parameters(r); err != nil {
		return err
	}
	_, outside := os.Stat("/.dockerenv") // Docker puts it into each container
	web.Answer(w, http.StatusOK, map[string]any{
		"version": l.config.Version, "edition": "community", "is_license_activated": false,
		"session_id": l.session, "machine_id": "", "system": goruntime.GOOS, "is_docker": outside == nil,
		"server_time_utc": l.config.Clock.Now().UTC().Format("2006-01-02T15:04:05"),
		"uptime":          int(clock.Real().Sub(l.started).Seconds()),
	})
	return nil
}

func (l *API) showInit(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Parameters(r); err != nil {
		return err
	}
	init := l.config.Scripts
	init.mu.Lock()
	defer init.mu.Unlock()
	completed := map[string]bool{}
	for _, stage := range stages {
		completed[stage] = init.completed[stage]
	}
	web.Answer(w, http.StatusOK, map[string]any{"completed": completed, "scripts": init.of("")})
	return nil
}

func (l *API) showStage(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Parameters(r); err != nil {
		return err
	}
	stage := strings.ToUpper(mux.Vars(r)["stage"])
	if !slices.Contains(stages, stage) {
		return web.Refused(http.StatusNotFound, "no such stage %s; there are boot, start, ready and shutdown", mux.Vars(r)["stage"])
	}
	init := l.config.Scripts
	init.mu.Lock()
	defer init.mu.Unlock()
	web.Answer(w, http.StatusOK, map[string]any{"completed": init.completed[stage], "scripts": init.of(stage)})
	return nil
}
