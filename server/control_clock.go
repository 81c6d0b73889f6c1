package server

import (
	"net/http"
	"time"

	"github.com/waxseal/waxseal/internal/clock"
)

// clockState is the clock as the control API shows it.
type clockState struct {
	Now    string `json:"now"`    // RFC 3339
	Offset string `json:"offset"` // ahead of real time, such as 5m0s
}

func (s *Server) showClock(w http.ResponseWriter, r *http.Request) error {
	if _, err := parameters(r); err != nil {
		return err
	}
	s.answerClock(w)
	return nil
}

func (s *Server) answerClock(w http.ResponseWriter) {
	c := s.config.Clock
	answer(w, http.StatusOK, clockState{
		Now:    c.Now().Format(time.RFC3339Nano),
		Offset: c.Offset().String(),
	})
}

func (s *Server) turnClock(w http.ResponseWriter, r *http.Request) error {
	if _, err := parameters(r); err != nil {
		return err
	}
	var in struct {
		Advance, Set string
		Reset        bool
	}
	if err := decode(r, &in); err != nil {
		return err
	}
	c := s.config.Clock
	switch {
	case in.Advance != "" && in.Set == "" && !in.Reset:
		d, err := clock.ParseDuration(in.Advance)
		if err != nil {
			return refused(http.StatusBadRequest, "advance: %v", err)
		}
		if c.TryAdvance(d) != nil {
			return refused(http.StatusBadRequest, "advance: %s from %s leads out of what the clock can show: 1970-01-01 to 9999-12-31", in.Advance, c.Now().Format(time.RFC3339))
		}
	case in.Set != "" && in.Advance == "" && !in.Reset:
		t, err := time.Parse(time.RFC3339, in.Set)
		if err != nil {
			return refused(http.StatusBadRequest, "set: %q is not a time such as 2026-01-01T00:00:00Z", in.Set)
		}
		if c.TrySet(t) != nil {
			return refused(http.StatusBadRequest, "set: the clock can show 1970-01-01 to 9999-12-31, and not %s", in.Set)
		}
	case in.Reset && in.Advance == "" && in.Set == "":
		c.SetOffset(clock.Offset{})
	default:
		return refused(http.StatusBadRequest, `one of {"advance":"5m"}, {"set":"2026-01-01T00:00:00Z"}, {"reset":true} is wanted`)
	}
	if err := s.Runtime().SaveClock(r.Context()); err != nil {
		return err
	}
	s.answerClock(w)
	return nil
}
