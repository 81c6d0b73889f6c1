package control

import (
	"net/http"

	"github.com/waxseal/waxseal/internal/web"
)

// health is how the server is.
type health struct {
	Services map[string]string `json:"services"`
	Status   string            `json:"status"`
	Upstream *upstreamHealth   `json:"upstream,omitempty"`
	Version  string            `json:"version"`
}

type upstreamHealth struct {
	URL    string `json:"url"`
	Status string `json:"status"` // running or unreachable
}

// Health answers how the server is, and how its neighbor is.
func (a *API) Health(w http.ResponseWriter, r *http.Request) error {
	return a.answerHealth(w, r, func(h *health) {
		status, _ := a.config.Upstream.Health(r.Context())
		h.Upstream = &upstreamHealth{a.config.Upstream.URL(), status}
	})
}

// MergedHealth answers the same in LocalStack's form: the services of the neighbor are
// among those that there are.
func (a *API) MergedHealth(w http.ResponseWriter, r *http.Request) error {
	return a.answerHealth(w, r, func(h *health) {
		_, theirs := a.config.Upstream.Health(r.Context())
		for name, state := range theirs {
			if _, ours := h.Services[name]; !ours {
				h.Services[name] = state
			}
		}
	})
}

func (a *API) answerHealth(w http.ResponseWriter, r *http.Request, withUpstream func(*health)) error {
	if _, err := web.Parameters(r); err != nil {
		return err
	}
	h := &health{Status: "ok", Version: a.config.Version, Services: map[string]string{}}
	for _, service := range a.config.Runtime().Dispatcher.Services() {
		h.Services[service.Name] = "running"
	}
	if a.config.Upstream != nil {
		withUpstream(h)
	}
	web.Answer(w, http.StatusOK, h)
	return nil
}
