package control

import (
	"net/http"
	"time"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/web"
)

// clockState is the clock as the control API shows it.
type clockState struct {
	Now    string `json:"now"`    // RFC 3339
	Offset string `json:"offset"` // ahead of real time, such as 5m0s
}

func (a *API) showClock(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Parameters(r); err != nil {
		return err
	}
	a.answerClock(w)
	return nil
}

func (a *API) answerClock(w http.ResponseWriter) {
	c := a.config.Clock
	web.Answer(w, http.StatusOK, clockState{
		Now:    c.Now().Format(time.RFC3339Nano),
		Offset: c.Offset().String(),
	})
}

func (a *API) turnClock(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Parameters(r); err != nil {
		return err
	}
	var in struct {
		Advance, Set string
		Reset        bool
	}
	if err := web.Decode(r, &in); err != nil {
		return err
	}
	c := a.config.Clock
	switch {
	case in.Advance != "" && in.Set == "" && !in.Reset:
		d, err := clock.ParseDuration(in.Advance)
		if err != nil {
			return web.Refused(http.StatusBadRequest, "advance: %v", err)
		}
		if c.TryAdvance(d) != nil {
			return web.Refused(http.StatusBadRequest, "advance: %s from %s leads out of what the clock can show: 1970-01-01 to 9999-12-31", in.Advance, c.Now().Format(time.RFC3339))
		}
	case in.Set != "" && in.Advance == "" && !in.Reset:
		t, err := time.Parse(time.RFC3339, in.Set)
		if err != nil {
			return web.Refused(http.StatusBadRequest, "set: %q is not a time such as 2026-01-01T00:00:00Z", in.Set)
		}
		if c.TrySet(t) != nil {
			return web.Refused(http.StatusBadRequest, "set: the clock can show 1970-01-01 to 9999-12-31, and not %s", in.Set)
		}
	case in.Reset && in.Advance == "" && in.Set == "":
		c.SetOffset(clock.Offset{})
	default:
		return web.Refused(http.StatusBadRequest, `one of {"advance":"5m"}, {"set":"2026-01-01T00:00:00Z"}, {"reset":true} is wanted`)
	}
	if err := a.config.Runtime().SaveClock(r.Context()); err != nil {
		return err
	}
	a.answerClock(w)
	return nil
}
