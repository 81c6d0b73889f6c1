// Package localstack is what of LocalStack keeps working for those who come from it:
// its init scripts, its health, init and info requests, and the developer endpoints
// by which its users look at messages. What these show is shown to whoever may control
// the server, and so past every policy, but for what a key of KMS protects: that is
// shown as it is stored.
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

// Host is the name by which LocalStack's clients call: it, and what is below it, is
// 127.0.0.1.
const Host = "localhost.localstack.cloud"

// Config says what is shown as LocalStack shows it.
type Config struct {
	// Runtime is the present one.
	Runtime func() *runtime.Runtime
	// Call is what a request calls, before it is read.
	Call func(*http.Request) *wire.Call
	// Health and Reset answer as the control API does.
	Health, Reset func(http.ResponseWriter, *http.Request) error
	Scripts       *InitScripts
	Clock         *clock.Turnable
	IDs           *ids.Source
	// Account and Region are those of who names none; Regions are those that there
	// are, nil: AWS's.
	Account, Region string
	Regions         *arn.Regions
	Version         string
	Log             *slog.Logger
}

// API answers LocalStack's requests.
type API struct {
	config  Config
	handle  web.Handler
	session string // the id of this run
	started time.Time
}

// New answers as LocalStack does of what c names.
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

// showInfo says what runs here, in LocalStack's words. waxseal has no license to
// be activated, and asks the machine for no name.
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
