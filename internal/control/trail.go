package control

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/explain"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/internal/web"
	"github.com/waxseal/waxseal/policyeval"
)

// decisionView is a decision as the control API shows it.
type decisionView struct {
	RequestID string               `json:"requestId"`
	Time      time.Time            `json:"time"`
	Principal string               `json:"principal"`
	Action    string               `json:"action"`
	Resource  string               `json:"resource"`
	Alias     string               `json:"alias,omitempty"` // of the resource, where it is a key
	Decision  string               `json:"decision"`        // Allow or Deny
	Reason    string               `json:"reason"`
	Message   string               `json:"message,omitempty"`
	Trace     *policyeval.Decision `json:"trace"`
}

func view(d *trail.Decision) decisionView {
	trace := d.Explain()
	return decisionView{
		RequestID: d.RequestID, Time: d.Time, Principal: d.Principal,
		Action: d.Request.Action, Resource: d.Request.Resource,
		Decision: effect(d), Reason: d.Verdict.Reason.String(), Message: d.Message, Trace: &trace,
	}
}

// effect is how the call has ended.
func effect(d *trail.Decision) string {
	if d.Allowed() {
		return "Allow"
	}
	return "Deny"
}

func (a *API) listDecisions(w http.ResponseWriter, r *http.Request) error {
	query, err := web.Parameters(r, "request-id", "principal", "action", "resource", "decision", "limit")
	if err != nil {
		return err
	}
	if wanted := query.Get("decision"); wanted != "" && wanted != "Allow" && wanted != "Deny" {
		return web.Refused(http.StatusBadRequest, "decision is Allow or Deny, not %q", wanted)
	}
	rt := a.config.Runtime()
	aliases, err := rt.KMS.AliasNames(r.Context())
	if err != nil {
		return err
	}
	views, err := newest(query, rt.Dispatcher.Decisions().Newest(), func(d *trail.Decision) bool { return decisionMatches(d, query) }, func(d *trail.Decision) decisionView {
		v := view(d)
		v.Alias = aliases[v.Resource]
		return v
	})
	if err != nil {
		return err
	}
	web.Answer(w, http.StatusOK, map[string]any{"decisions": views})
	return nil
}

func decisionMatches(d *trail.Decision, query url.Values) bool {
	return (query.Get("request-id") == "" || d.Of(query.Get("request-id"))) &&
		isPrincipal(query.Get("principal"), d.Principal) &&
		(query.Get("action") == "" || strings.EqualFold(query.Get("action"), d.Request.Action)) &&
		is(query.Get("resource"), d.Request.Resource) &&
		is(query.Get("decision"), effect(d))
}

// newest collects up to the query's limit of the entries that match.
func newest[T, V any](query url.Values, entries iter.Seq[T], matches func(T) bool, view func(T) V) ([]V, error) {
	n, err := limit(query)
	if err != nil {
		return nil, err
	}
	views := []V{}
	for e := range entries {
		if len(views) == n {
			break
		}
		if matches(e) {
			views = append(views, view(e))
		}
	}
	return views, nil
}

func is(wanted, got string) bool { return wanted == "" || wanted == got }

// isPrincipal takes the whole name of a principal, or its short form: role/NAME
// is every session of the role.
func isPrincipal(wanted, got string) bool {
	if is(wanted, got) {
		return true
	}
	if name, ok := strings.CutPrefix(wanted, "role/"); ok {
		return strings.Contains(got, ":assumed-role/"+name+"/")
	}
	return strings.HasSuffix(got, ":"+wanted)
}

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

// streamDecisions sends every decision from now on as a server-sent event.
func (a *API) streamDecisions(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Parameters(r); err != nil {
		return err
	}
	rt := a.config.Runtime()
	decisions, stop := rt.Dispatcher.Decisions().Follow()
	defer stop()
	return stream(w, r, rt, decisions, func(d *trail.Decision) []decisionView { return []decisionView{view(d)} })
}

// stream sends what is made of each entry, as server-sent events, until the reader goes
// away or the Runtime ends.
func stream[T, V any](w http.ResponseWriter, r *http.Request, rt *runtime.Runtime, entries <-chan T, views func(T) []V) error {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := http.NewResponseController(w)
	if err := out.Flush(); err != nil {
		return err
	}
	for {
		select {
		case e := <-entries:
			for _, v := range views(e) {
				body, err := json.Marshal(v)
				if err != nil {
					return err
				}
				if _, err := fmt.Fprintf(w, "data: %s\n\n", body); err != nil {
					return nil // the reader went away
				}
			}
			if err := out.Flush(); err != nil {
				return nil
			}
		case <-r.Context().Done():
			return nil
		case <-rt.Done():
			return nil
		}
	}
}
