package control

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/record"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/internal/web"
	"github.com/waxseal/waxseal/policyeval"
)

// decisionView is a decision as the control API shows it.
type decisionView struct {
	RequestID string               `json:"requestId"`
	Origin    string               `json:"origin,omitempty"`
	Time      time.Time            `json:"time"`
	Principal string               `json:"principal"`
	Action    string               `json:"action"`
	Resource  string               `json:"resource"`
	Alias     string               `json:"alias,omitempty"`    // of the resource, where it is a key
	Endpoint  string               `json:"endpoint,omitempty"` // the VPC endpoint that the call came through
	Decision  string               `json:"decision"`           // Allow or Deny
	Reason    string               `json:"reason"`
	Message   string               `json:"message,omitempty"`
	Seq       uint64               `json:"seq,omitempty"` // absent of decisions that are not remembered
	Trace     *policyeval.Decision `json:"trace,omitempty"`
}

// decisionViewer shows decisions: with the keys' aliases, and with traces where they are wanted.
type decisionViewer struct {
	aliases map[string]string // by the ARN of the key
	traces  bool
	asked   time.Time // when aliases were asked for again; zero: never
}

func (v decisionViewer) view(d *trail.Decision) decisionView {
	shown := decisionView{
		RequestID: d.RequestID, Origin: d.Origin, Time: d.Time, Principal: d.Principal,
		Action: d.Request.Action, Resource: d.Request.Resource, Alias: v.aliases[d.Request.Resource], Endpoint: d.Endpoint(),
		Decision: d.Effect(), Reason: d.Verdict.Reason.String(), Message: d.Message, Seq: d.Seq,
	}
	if v.traces {
		trace := d.Explain()
		shown.Trace = &trace
	}
	return shown
}

// decisionFilters are the parameters that say which decisions are wanted, and how.
var decisionFilters = []string{"request-id", "principal", "action", "resource", "decision", "trace"}

// decisionsWanted reads the parameters of a request for decisions: decisionFilters and more.
func decisionsWanted(r *http.Request, rt *runtime.Runtime, more ...string) (url.Values, decisionViewer, error) {
	query, err := web.Parameters(r, append(slices.Clone(decisionFilters), more...)...)
	if err != nil {
		return nil, decisionViewer{}, err
	}
	if wanted := query.Get("decision"); wanted != "" && wanted != "Allow" && wanted != "Deny" {
		return nil, decisionViewer{}, web.Refused(http.StatusBadRequest, "decision is Allow or Deny, not %q", wanted)
	}
	traces := query.Get("trace")
	if traces != "" && traces != "true" && traces != "false" {
		return nil, decisionViewer{}, web.Refused(http.StatusBadRequest, "trace is true or false, not %q", traces)
	}
	aliases, err := rt.KMS.AliasNames(r.Context())
	return query, decisionViewer{aliases: aliases, traces: traces != "false"}, err
}

func (a *API) listDecisions(w http.ResponseWriter, r *http.Request) error {
	rt := a.config.Runtime()
	query, viewer, err := decisionsWanted(r, rt, "limit")
	if err != nil {
		return err
	}
	views, err := newest(query, rt.Dispatcher.Decisions().Newest(), func(d *trail.Decision) bool { return decisionMatches(d, query) }, viewer.view)
	if err != nil {
		return err
	}
	web.Answer(w, http.StatusOK, map[string]any{"decisions": views})
	return nil
}

func decisionMatches(d *trail.Decision, query url.Values) bool {
	return (query.Get("request-id") == "" || d.Of(query.Get("request-id"))) &&
		(isPrincipal(query.Get("principal"), d.Principal) || query.Get("principal") == d.Request.Principal.IssuerARN) &&
		(query.Get("action") == "" || strings.EqualFold(query.Get("action"), d.Request.Action)) &&
		is(query.Get("resource"), d.Request.Resource) &&
		is(query.Get("decision"), d.Effect())
}

// streamDecisions sends the decisions that match as server-sent events, from now on or, with
// since=SEQ or Last-Event-ID, also those after that one that are still remembered.
func (a *API) streamDecisions(w http.ResponseWriter, r *http.Request) error {
	rt := a.config.Runtime()
	query, viewer, err := decisionsWanted(r, rt, "since")
	if err != nil {
		return err
	}
	log := rt.Dispatcher.Decisions()
	added, stop := log.Follow()
	defer stop()
	sent, err := sentBefore(r, query, log)
	if err != nil {
		return err
	}
	return stream(w, r, rt.Done(), added, since(log, sent, func(d *trail.Decision) iter.Seq[event] {
		return func(yield func(event) bool) {
			if decisionMatches(d, query) {
				yield(event{d.Seq, renewed(r.Context(), &viewer, rt, d).view(d)})
			}
		}
	}))
}

// aliasesAge is how long a stream shows a key without the alias that it has meanwhile.
const aliasesAge = time.Second

// renewed is the viewer with the aliases that there are now, where the decision is on a key
// that had none.
func renewed(ctx context.Context, v *decisionViewer, rt *runtime.Runtime, d *trail.Decision) *decisionViewer {
	if v.aliases[d.Request.Resource] == "" && strings.Contains(d.Request.Resource, ":key/") && clock.Real().Sub(v.asked) > aliasesAge {
		if aliases, err := rt.KMS.AliasNames(ctx); err == nil {
			v.aliases, v.asked = aliases, clock.Real()
		}
	}
	return v
}

// sentBefore is the number of the last decision that the reader of a stream has. One that
// is not there yet is of another life of the log, which a reset ends: all of this one is new.
func sentBefore(r *http.Request, query url.Values, log *record.Decisions) (uint64, error) {
	newest := log.Added()
	// A browser that connects again sends the header with the address of the first time.
	text := r.Header.Get("Last-Event-ID")
	if text == "" {
		text = query.Get("since")
	}
	if text == "" {
		return newest, nil
	}
	sent, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, web.Refused(http.StatusBadRequest, "since, or Last-Event-ID, is the number of a decision (seq), not %q", trail.Cut(text, maxShown))
	}
	if sent > newest {
		return 0, nil
	}
	return sent, nil
}

// maxShown is how much of a wrong parameter is repeated, in bytes.
const maxShown = 64
