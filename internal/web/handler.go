// Package web is what everything has in common that answers requests by HTTP:
// handlers whose errors are JSON, query parameters and bodies within bounds, and how
// a caller reached this server.
package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxJSON is the most that a request to a Handler may send, in bytes.
const maxJSON = 1 << 20

// refusal is a request that is answered with a status and a reason.
type refusal struct {
	status int
	reason string
}

func (e *refusal) Error() string { return e.reason }

// Refused is the error of a handler that answers a status and a reason.
func Refused(status int, format string, args ...any) error {
	return &refusal{status, fmt.Sprintf(format, args...)}
}

// Handler makes handlers of functions whose errors are answered as JSON: those of
// Refused with their status, any other with 500, of which the log is told.
type Handler struct{ Log *slog.Logger }

// Of is the handler of a function.
func (h Handler) Of(handle func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxJSON)
		if err := handle(w, r); err != nil {
			h.Error(w, r, err)
		}
	}
}

// Error answers why a request is not done.
func (h Handler) Error(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusInternalServerError
	if e, ok := errors.AsType[*refusal](err); ok {
		status = e.status
	} else {
		h.Log.Error("control request failed", "path", r.URL.Path, "cause", err)
	}
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="waxseal"`)
	}
	Answer(w, status, map[string]string{"error": err.Error()})
}

// Answer writes v as JSON.
func Answer(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // a client that went away needs no answer
}

// Parameters are a request's query parameters. It refuses any that is not known: a
// typing error must not look like an empty answer.
func Parameters(r *http.Request, known ...string) (url.Values, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, Refused(http.StatusBadRequest, "the query string is malformed: %v", err)
	}
	for name := range query {
		if !slices.Contains(known, name) {
			return nil, Refused(http.StatusBadRequest, "there is no parameter %q; there are: %s", name, strings.Join(known, ", "))
		}
	}
	return query, nil
}

// Decode reads a request's JSON body into v and refuses members that v does not have, and
// doubled ones.
func Decode(r *http.Request, v any) error {
	err := jsonv2.UnmarshalRead(r.Body, v, jsonv2.RejectUnknownMembers(true), jsonv2.MatchCaseInsensitiveNames(true))
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return Refused(http.StatusRequestEntityTooLarge, "the body is larger than %d bytes", large.Limit)
	}
	if err != nil {
		return Refused(http.StatusBadRequest, "the body is not the JSON that this request takes: %s", undecoded(err))
	}
	return nil
}

// undecoded says why a body was not decoded, in words about the body alone.
func undecoded(err error) string {
	var text string
	var at jsontext.Pointer
	if e, ok := errors.AsType[*jsonv2.SemanticError](err); ok {
		at, text = e.JSONPointer, "unexpected "+e.JSONKind.String()
		if errors.Is(e.Err, jsonv2.ErrUnknownName) {
			at, text = at.Parent(), fmt.Sprintf("unknown field %q", shortened(at.LastToken()))
		}
	} else if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		at, text = e.JSONPointer, e.Err.Error()
		if errors.Is(e.Err, jsontext.ErrDuplicateName) {
			at, text = at.Parent(), fmt.Sprintf("doubled field %q", shortened(at.LastToken()))
		}
	} else {
		return err.Error()
	}
	if at != "" {
		text += " at " + shortened(string(at))
	}
	return text
}

// shortened is as much of a name as is worth repeating.
func shortened(name string) string {
	const most = 256
	if len(name) > most {
		name = strings.ToValidUTF8(name[:most], "") + "…"
	}
	return name
}
