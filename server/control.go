package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/identity"
)

// controlPrefix is where the control API lives. It is no part of AWS, so no
// policy guards it.
const controlPrefix = "/_waxseal"

// defaultLimit is how many entries a listing answers where no limit is given.
const defaultLimit = 1000

// controlBody is the most that a control request may send, in bytes.
const controlBody = 1 << 20

// controlRoutes adds the control API to the router.
func (s *Server) controlRoutes(r *mux.Router) {
	none := s.control(func(_ http.ResponseWriter, r *http.Request) error {
		return refused(http.StatusNotFound, "there is no control request %s %s", r.Method, r.URL.Path)
	})
	r.NotFoundHandler, r.MethodNotAllowedHandler = none, none
	s.localStackRoutes(r)
	c := r.PathPrefix(controlPrefix).Subrouter()
	c.HandleFunc("/health", s.control(s.health)).Methods(http.MethodGet, http.MethodHead)
	c.HandleFunc("/reset", s.control(s.reset)).Methods(http.MethodPost)
	c.HandleFunc("/clock", s.control(s.showClock)).Methods(http.MethodGet)
	c.HandleFunc("/clock", s.control(s.turnClock)).Methods(http.MethodPost)
	c.HandleFunc("/decisions", s.control(s.listDecisions)).Methods(http.MethodGet)
	c.HandleFunc("/decisions/stream", s.control(s.streamDecisions)).Methods(http.MethodGet)
	c.HandleFunc("/explain", s.control(s.explain)).Methods(http.MethodGet)
	c.HandleFunc("/events", s.control(s.listEvents)).Methods(http.MethodGet)
	c.HandleFunc("/deliveries", s.control(s.listDeliveries)).Methods(http.MethodGet)
	c.HandleFunc("/outbox", s.control(s.listOutbox)).Methods(http.MethodGet)
	c.HandleFunc("/coverage", s.control(s.showCoverage)).Methods(http.MethodGet)
	c.HandleFunc("/at-rest/{account}/{region}/{queue}", s.control(s.atRest)).Methods(http.MethodGet)
	c.HandleFunc("/credentials/{account}/{kind:role|user}/{name:.+}", s.control(s.credentials)).Methods(http.MethodGet)
	c.HandleFunc("/credentials/{account:[0-9]{12}}/root", s.control(s.credentials)).Methods(http.MethodGet)
	c.HandleFunc("/issuers/{id}/.well-known/{document}", s.control(s.showIssuer)).Methods(http.MethodGet)
	c.HandleFunc("/act", s.control(s.performAct)).Methods(http.MethodPost)
	c.HandleFunc("/ca.pem", s.control(s.caCertificate)).Methods(http.MethodGet)
}

// refusal is a control request that is answered with a status and a reason.
type refusal struct {
	status int
	reason string
}

func (e *refusal) Error() string { return e.reason }

func refused(status int, format string, args ...any) error {
	return &refusal{status, fmt.Sprintf(format, args...)}
}

// serveControl answers a control request of who may make one.
func (s *Server) serveControl(w http.ResponseWriter, r *http.Request) {
	// No page is to read an answer as a script, a style or an image of its own.
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
	if err := s.mayControl(r); err != nil {
		s.answerError(w, r, err)
		return
	}
	s.router().ServeHTTP(w, r)
}

// control makes a handler of a function whose error is answered as JSON.
func (s *Server) control(handle func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, controlBody)
		if err := handle(w, r); err != nil {
			s.answerError(w, r, err)
		}
	}
}

// answerError answers why a control request is not done.
func (s *Server) answerError(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusInternalServerError
	if e, ok := errors.AsType[*refusal](err); ok {
		status = e.status
	} else {
		s.log.Error("control request failed", "path", r.URL.Path, "cause", err)
	}
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="waxseal"`)
	}
	answer(w, status, map[string]string{"error": err.Error()})
}

// answer writes v as JSON.
func answer(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // a client that went away needs no answer
}

// parameters are the query parameters of a listing. It refuses any that is not
// known: a typing error must not look like an empty answer.
func parameters(r *http.Request, known ...string) (url.Values, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, refused(http.StatusBadRequest, "the query string is malformed: %v", err)
	}
	for name := range query {
		if !slices.Contains(known, name) {
			return nil, refused(http.StatusBadRequest, "there is no parameter %q; there are: %s", name, strings.Join(known, ", "))
		}
	}
	return query, nil
}

func limit(query url.Values) (int, error) {
	text := query.Get("limit")
	if text == "" {
		return defaultLimit, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, refused(http.StatusBadRequest, "limit is a positive number, not %q", text)
	}
	return n, nil
}

func (s *Server) health(w http.ResponseWriter, r *http.Request) error {
	if _, err := parameters(r); err != nil {
		return err
	}
	services := map[string]string{}
	for _, service := range s.Runtime().Dispatcher.Services() {
		services[service.Name] = "running"
	}
	answer(w, http.StatusOK, map[string]any{"status": "ok", "version": s.config.Version, "services": services})
	return nil
}

func (s *Server) reset(w http.ResponseWriter, r *http.Request) error {
	if _, err := parameters(r); err != nil {
		return err
	}
	if err := s.Reset(r.Context()); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) atRest(w http.ResponseWriter, r *http.Request) error {
	if _, err := parameters(r); err != nil {
		return err
	}
	v := mux.Vars(r)
	messages, found, err := s.Runtime().SQS.AtRest(r.Context(), v["account"], v["region"], v["queue"])
	if err != nil {
		return err
	}
	if !found {
		return refused(http.StatusNotFound, "there is no queue %s in account %s, region %s", v["queue"], v["account"], v["region"])
	}
	answer(w, http.StatusOK, map[string]any{"messages": messages})
	return nil
}

// credentials answers in the format of the ECS container credentials endpoint.
//
// See https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html.
func (s *Server) credentials(w http.ResponseWriter, r *http.Request) error {
	if _, err := parameters(r); err != nil {
		return err
	}
	v := mux.Vars(r)
	spec := "root"
	if v["kind"] != "" {
		spec = v["kind"] + "/" + v["name"]
	}
	issued, err := s.Runtime().Issue(r.Context(), v["account"], spec)
	if errors.Is(err, identity.ErrNotFound) {
		return refused(http.StatusNotFound, "there is no %s %s in account %s", v["kind"], v["name"], v["account"])
	}
	if err != nil {
		return err
	}
	// The SDK that keeps them knows nothing of this clock and renews them by real time.
	if !issued.Expiration.IsZero() {
		issued.Expiration = clock.Real().Add(issued.Expiration.Sub(s.config.Clock.Now())).UTC().Truncate(time.Second)
	}
	answer(w, http.StatusOK, issued)
	return nil
}

func (s *Server) caCertificate(w http.ResponseWriter, r *http.Request) error {
	if _, err := parameters(r); err != nil {
		return err
	}
	pem, err := s.ca.PEM()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/x-pem-file")
	_, _ = w.Write(pem)
	return nil
}

// decode reads a request's JSON body into v and refuses members that v does not have.
func decode(r *http.Request, v any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return refused(http.StatusBadRequest, "the body is not the JSON that this request takes: %v", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return refused(http.StatusBadRequest, "the body goes on after its JSON value")
	}
	return nil
}
