package server

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/trail"
)

// serviceName is the form of what is taken for the name of a service.
var serviceName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{1,63}$`)

// elsewhere is the service of AWS's that a call is for where it is none of those
// that are emulated, or one of which only some calls are (ssm): by its credential
// scope, else X-Amz-Target, else a host such as dynamodb.us-east-1.localhost. It is
// empty where nothing tells.
func (s *Server) elsewhere(in *incoming, r *http.Request) string {
	name, c := in.call.Scope, in.call
	if name == "" {
		name, _, _ = strings.Cut(c.Target(), "_") // DynamoDB_20120810
	}
	if name == "" && c.HostBucket() == "" {
		name = s.serviceOfHost(r.Host)
	}
	known := in.Dispatcher.Service(name)
	if known == nil && c.Target() != "" {
		if s := c.Known(); s != nil {
			known = in.Dispatcher.Service(s.Name)
		}
	}
	switch {
	case known != nil && known.Own != nil:
		return known.Name
	case known != nil || !serviceName.MatchString(name):
		return ""
	default:
		return strings.Clone(name)
	}
}

// maxPeeked is how much of a body is looked at to know whose the call is, in bytes: a
// call of ours that has more is none that AWS takes.
const maxPeeked = 16 << 10

// peekTimeout is how long that may take.
const peekTimeout = 10 * time.Second

// own reports whether a call is for what is here of a service of which the rest is the
// neighbor's.
func (in *incoming) own(w http.ResponseWriter, r *http.Request, service string) bool {
	s := in.Dispatcher.Service(service)
	if s == nil {
		return false
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if s.Operation(operation) == nil {
		return false
	}
	connection := http.NewResponseController(w)
	_ = connection.SetReadDeadline(clock.Real().Add(peekTimeout)) // a connection in memory has none, and needs none
	head, err := io.ReadAll(io.LimitReader(r.Body, maxPeeked))
	_ = connection.SetReadDeadline(time.Time{})
	r.Body = &peeked{io.MultiReader(bytes.NewReader(head), r.Body), r.Body}
	return err == nil && s.Own(operation, head)
}

// peeked is a body of which the beginning was read already.
type peeked struct {
	io.Reader
	io.Closer
}

// serviceOfHost is what stands before a region in a host: dynamodb.us-east-1.localhost,
// API.execute-api.us-east-1.localhost.
func (s *Server) serviceOfHost(host string) string {
	labels := strings.Split(host, ".")
	for i := 1; i < len(labels)-1; i++ {
		if _, ok := s.config.Regions.Find(labels[i]); ok {
			return labels[i-1]
		}
	}
	return ""
}

// ofService begins what the log was told of a service that is not emulated.
const ofService = "service "

// notEmulated is an error that says, too, that the call is for a service that is
// not emulated, where it is for one. The log is told once of each.
func (s *Server) notEmulated(in *incoming, r *http.Request, unknown *api.Error) *api.Error {
	name := s.elsewhere(in, r)
	if name == "" {
		return unknown
	}
	s.keepTo(in, name)
	emulated := strings.Join(slices.Sorted(slices.Values(in.Dispatcher.Names())), ", ")
	if in.noticed.First(ofService + name) {
		s.log.Warn("calls for a service that is not emulated are refused", "service", name, "operation", trail.Cut(in.call.Operation, maxName), "emulated", emulated)
	}
	text := "The service " + name + " is not emulated; waxseal emulates " + emulated + ", and passes other calls on to an emulator that serve --upstream URL names."
	if unknown.Message != "" {
		text = strings.TrimSuffix(unknown.Message, ".") + ". " + text
	}
	return unknown.With(text)
}

// NotEmulated are the services that calls were for and that are not emulated.
func (s *Server) NotEmulated() []string { return s.present().noticed.WithPrefix(ofService) }
