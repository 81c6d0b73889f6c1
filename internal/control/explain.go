package control

import (
	"io"
	"net/http"

	"github.com/waxseal/waxseal/internal/explain"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/internal/web"
	"github.com/waxseal/waxseal/policyeval"
)

// explain answers, as text for a person, why a request was allowed or denied;
// without a request id the last denial. With all=true every element of every
// statement is shown; message-id explains an SNS message delivery by delivery.
func (a *API) explain(w http.ResponseWriter, r *http.Request) error {
	query, err := web.Parameters(r, "request-id", "message-id", "all")
	if err != nil {
		return err
	}
	o := policyeval.TextOptions{All: query.Get("all") == "true"}
	id, message := query.Get("request-id"), query.Get("message-id")
	explainer := explain.Explainer{Runtime: a.config.Runtime()}
	var text string
	switch {
	case message != "" && id != "":
		return web.Refused(http.StatusBadRequest, "either request-id or message-id is explained, not both")
	case message != "":
		if text, err = explainer.Message(r.Context(), message, o); err != nil {
			return err
		}
		if text == "" {
			return web.Refused(http.StatusNotFound, "no delivery of message %s is remembered", message)
		}
	default:
		when := ""
		if id == "" {
			var denial *trail.Decision
			if denial, when = explainer.LastDenial(); denial == nil {
				return web.Refused(http.StatusNotFound, "no request has been denied")
			}
			id = denial.RequestID
		}
		if text = explainer.Request(r.Context(), id, o); text == "" {
			return web.Refused(http.StatusNotFound, "no decision of request %s is remembered", id)
		}
		text = when + text
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, text)
	return nil
}
