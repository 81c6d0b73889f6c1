package control

import (
	"net/http"

	"github.com/gorilla/mux"

	"github.com/waxseal/waxseal/internal/explain"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/internal/web"
)

// requestView is a request as the control API shows it.
type requestView struct {
	RequestID  string          `json:"requestId"`
	Origin     string          `json:"origin,omitempty"`
	Decisions  []explainedView `json:"decisions"`
	Deliveries []deliveryView  `json:"deliveries"`
	Event      *trail.Event    `json:"event"`
	Text       string          `json:"text"`
}

// explainedView is a decision with what would have to change.
type explainedView struct {
	decisionView
	Missing bool         `json:"missing"` // what it names does not exist
	Own     bool         `json:"own"`     // on the request itself, not on a call that a service made for it
	Fix     *explain.Fix `json:"fix,omitempty"`
}

// showRequest answers all that is remembered of a request.
func (a *API) showRequest(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Parameters(r); err != nil {
		return err
	}
	id, explainer := mux.Vars(r)["id"], explain.Explainer{Runtime: a.config.Runtime()}
	found := explainer.Remembered(r.Context(), id)
	if found == nil {
		return web.Refused(http.StatusNotFound, "nothing of request %s is remembered", trail.Cut(id, maxShown))
	}
	aliases, err := explainer.KMS.AliasNames(r.Context())
	if err != nil {
		return err
	}
	shown := requestView{RequestID: id, Origin: found.Origin, Decisions: []explainedView{}, Deliveries: []deliveryView{}, Event: found.Event, Text: found.Text}
	for _, d := range found.Decisions {
		shown.Decisions = append(shown.Decisions, explainedView{
			decisionViewer{aliases: aliases, traces: true}.view(d), d.Missing, d.RequestID == id, explainer.Fix(r.Context(), d),
		})
	}
	for _, d := range found.Deliveries {
		shown.Deliveries = append(shown.Deliveries, viewDelivery(d))
	}
	web.Answer(w, http.StatusOK, shown)
	return nil
}

// showGraph answers who talks to whom.
func (a *API) showGraph(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Parameters(r); err != nil {
		return err
	}
	graph, err := explain.Explainer{Runtime: a.config.Runtime()}.Graph(r.Context())
	if err != nil {
		return err
	}
	web.Answer(w, http.StatusOK, graph)
	return nil
}
