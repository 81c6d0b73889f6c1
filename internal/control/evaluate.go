package control

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/internal/web"
	"github.com/waxseal/waxseal/internal/whatif"
)

// evaluate decides a recorded request again, with another principal or other policies; it
// performs and records nothing.
func (a *API) evaluate(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Parameters(r); err != nil {
		return err
	}
	var asked struct {
		RequestID, Principal string
		Policies             map[string]json.RawMessage
	}
	if err := web.Decode(r, &asked); err != nil {
		return err
	}
	if asked.RequestID == "" {
		return web.Refused(http.StatusBadRequest, "requestId is to say which request is decided again")
	}
	change := whatif.Change{Principal: asked.Principal, Policies: map[string]*string{}}
	for key, document := range asked.Policies {
		if text := string(document); text != "null" {
			_ = json.Unmarshal(document, &text) // a document in a string, whose lines then are its own
			change.Policies[key] = &text
		} else {
			change.Policies[key] = nil
		}
	}
	rt := a.config.Runtime()
	decision, err := whatif.Decide(r.Context(), rt, asked.RequestID, change)
	if errors.Is(err, whatif.ErrForgotten) {
		return web.Refused(http.StatusNotFound, "no decision of request %s is remembered", trail.Cut(asked.RequestID, maxShown))
	}
	if refusal, ok := errors.AsType[*whatif.Refusal](err); ok {
		return web.Refused(http.StatusBadRequest, "%v", refusal)
	}
	if err != nil {
		return err
	}
	aliases, err := rt.KMS.AliasNames(r.Context())
	if err != nil {
		return err
	}
	web.Answer(w, http.StatusOK, decisionViewer{aliases: aliases, traces: true}.view(decision))
	return nil
}
