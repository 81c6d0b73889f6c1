package server

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/dispatch"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/internal/wire"
)

// answered is what is known of a call when it is answered.
type answered struct {
	id      string
	began   time.Time
	service *dispatch.Service // nil: none that is here
	caller  *api.Caller       // nil: it was refused before
}

// How much the log is told of what a caller made up, in bytes.
const (
	maxName   = 64      // of a name
	maxLogged = 2 << 10 // of another text
)

// logCall tells the log, at debug, of a call in one line. Of an error it tells
// the code alone, empty for none: its text can repeat what no log is to hold.
func (s *Server) logCall(r *http.Request, c *wire.Call, a *answered, status int, code string) {
	if !s.log.Enabled(r.Context(), slog.LevelDebug) {
		return
	}
	name, principal := "", ""
	if a.service != nil {
		name = a.service.Name
	}
	if a.caller != nil {
		principal = a.caller.DisplayName()
	}
	s.log.LogAttrs(r.Context(), slog.LevelDebug, "request",
		slog.String("method", r.Method), slog.String("service", name), slog.String("operation", trail.Cut(c.Operation, maxName)),
		slog.String("principal", principal), slog.Int("status", status), slog.String("error", code),
		slog.Duration("took", clock.Real().Sub(a.began)), slog.String("request", a.id))
}
