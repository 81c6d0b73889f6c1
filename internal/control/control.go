package control

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gorilla/mux"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/certs"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/issuers"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/upstream"
	"github.com/waxseal/waxseal/internal/web"
)

// Prefix is the path of the control API. It is no part of AWS, so no policy protects
// it; package server decides which clients may reach it.
const Prefix = "/_waxseal"

// defaultLimit is how many entries a listing answers where no limit is given.
const defaultLimit = 1000

// Config says what the control API looks into and acts on.
type Config struct {
	// Runtime is the present Runtime: a reset makes a new one.
	Runtime func() *runtime.Runtime
	// Reset makes everything as it was at the start, in another default account where
	// one is named.
	Reset func(ctx context.Context, account string) error
	Clock *clock.Turnable
	IDs   *ids.Source
	CA    *certs.CA
	// Region applies where a request names none. Regions are those that exist; nil: AWS's.
	Region   string
	Regions  *arn.Regions
	Version  string
	Upstream *upstream.Neighbor // nil: none
	Log      *slog.Logger
}

// API answers the requests of the control API.
type API struct {
	config Config
	handle web.Handler
}

// New is a control API.
func New(c Config) *API { return &API{c, web.Handler{Log: c.Log}} }

// Routes adds the control API to a router.
func (a *API) Routes(r *mux.Router) {
	c := r.PathPrefix(Prefix).Subrouter()
	c.HandleFunc("/health", a.handle.Of(a.Health)).Methods(http.MethodGet, http.MethodHead)
	c.HandleFunc("/reset", a.handle.Of(a.resetTo)).Methods(http.MethodPost)
	c.HandleFunc("/clock", a.handle.Of(a.showClock)).Methods(http.MethodGet)
	c.HandleFunc("/clock", a.handle.Of(a.turnClock)).Methods(http.MethodPost)
	c.HandleFunc("/decisions", a.handle.Of(a.listDecisions)).Methods(http.MethodGet)
	c.HandleFunc("/decisions/stream", a.handle.Of(a.streamDecisions)).Methods(http.MethodGet)
	c.HandleFunc("/decisions/{id}", a.handle.Of(a.showRequest)).Methods(http.MethodGet)
	c.HandleFunc("/evaluate", a.handle.Of(a.evaluate)).Methods(http.MethodPost)
	c.HandleFunc("/graph", a.handle.Of(a.showGraph)).Methods(http.MethodGet)
	c.HandleFunc("/explain", a.handle.Of(a.explain)).Methods(http.MethodGet)
	c.HandleFunc("/events", a.handle.Of(a.listEvents)).Methods(http.MethodGet)
	c.HandleFunc("/events/stream", a.handle.Of(a.streamEvents)).Methods(http.MethodGet)
	c.HandleFunc("/deliveries", a.handle.Of(a.listDeliveries)).Methods(http.MethodGet)
	c.HandleFunc("/outbox", a.handle.Of(a.listOutbox)).Methods(http.MethodGet)
	c.HandleFunc("/coverage", a.handle.Of(a.showCoverage)).Methods(http.MethodGet)
	c.HandleFunc("/at-rest/{account}/{region}/{queue}", a.handle.Of(a.atRest)).Methods(http.MethodGet)
	c.HandleFunc("/credentials/{account}/{kind:role|user}/{name:.+}", a.handle.Of(a.credentials)).Methods(http.MethodGet)
	c.HandleFunc("/credentials/{account:[0-9]{12}}/root", a.handle.Of(a.credentials)).Methods(http.MethodGet)
	c.HandleFunc("/issuers/{id}/.well-known/{document}", a.handle.Of(a.showIssuer)).Methods(http.MethodGet)
	a.inventoryRoutes(c)
	c.HandleFunc("/vpc-endpoints", a.handle.Of(a.listVPCEndpoints)).Methods(http.MethodGet)
	a.learnRoutes(c)
	c.HandleFunc("/act", a.handle.Of(a.performAct)).Methods(http.MethodPost)
	c.HandleFunc("/ca.pem", a.handle.Of(a.caCertificate)).Methods(http.MethodGet)
}

// showIssuer answers what verifies the tokens of an account's issuer.
func (a *API) showIssuer(w http.ResponseWriter, r *http.Request) error {
	return issuers.ServeAt(w, r, a.config.Runtime().Identity, Prefix+"/issuers")
}

func limit(query url.Values) (int, error) {
	text := query.Get("limit")
	if text == "" {
		return defaultLimit, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, web.Refused(http.StatusBadRequest, "limit is a positive number, not %q", text)
	}
	return n, nil
}

// Reset makes everything as it was at the start.
func (a *API) Reset(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Parameters(r); err != nil {
		return err
	}
	return a.reset(w, r, "")
}

// resetTo is Reset, whose body may name another default account.
func (a *API) resetTo(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Parameters(r); err != nil {
		return err
	}
	body := bufio.NewReader(r.Body)
	if _, err := body.Peek(1); errors.Is(err, io.EOF) {
		return a.reset(w, r, "")
	}
	r.Body = io.NopCloser(body)
	var in struct{ Account *string }
	if err := web.Decode(r, &in); err != nil {
		return err
	}
	if in.Account == nil {
		return a.reset(w, r, "")
	}
	if !arn.IsAccountID(*in.Account) {
		return web.Refused(http.StatusBadRequest, "account: %q is not an account of 12 digits", *in.Account)
	}
	return a.reset(w, r, *in.Account)
}

func (a *API) reset(w http.ResponseWriter, r *http.Request, account string) error {
	if err := a.config.Reset(r.Context(), account); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (a *API) atRest(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Parameters(r); err != nil {
		return err
	}
	v := mux.Vars(r)
	messages, found, err := a.config.Runtime().SQS.AtRest(r.Context(), v["account"], v["region"], v["queue"])
	if err != nil {
		return err
	}
	if !found {
		return web.Refused(http.StatusNotFound, "there is no queue %s in account %s, region %s", v["queue"], v["account"], v["region"])
	}
	web.Answer(w, http.StatusOK, map[string]any{"messages": messages})
	return nil
}

// credentials answers in the format of the ECS container credentials endpoint.
//
// See https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html.
func (a *API) credentials(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Parameters(r); err != nil {
		return err
	}
	v := mux.Vars(r)
	spec := "root"
	if v["kind"] != "" {
		spec = v["kind"] + "/" + v["name"]
	}
	issued, err := a.config.Runtime().Issue(r.Context(), v["account"], spec)
	if errors.Is(err, identity.ErrNotFound) {
		return web.Refused(http.StatusNotFound, "there is no %s %s in account %s", v["kind"], v["name"], v["account"])
	}
	if err != nil {
		return err
	}
	// The SDK that holds them does not know this clock and renews them by real time.
	if !issued.Expiration.IsZero() {
		issued.Expiration = clock.Real().Add(issued.Expiration.Sub(a.config.Clock.Now())).UTC().Truncate(time.Second)
	}
	web.Answer(w, http.StatusOK, issued)
	return nil
}

func (a *API) caCertificate(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Parameters(r); err != nil {
		return err
	}
	pem, err := a.config.CA.PEM()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/x-pem-file")
	_, _ = w.Write(pem)
	return nil
}
