package server

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/trail"
)

// serviceName is the form of what is taken for the name of a service.
var serviceName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{1,63}$`)

// elsewhere is the service of AWS's that a call is for where it is none of those
// that are emulated: by its credential scope, else X-Amz-Target, else a host
// such as dynamodb.us-east-1.localhost. It is empty where nothing tells.
func (s *Server) elsewhere(in *incoming, r *http.Request) string {
	name, c := in.call.Scope, in.call
	if name == "" {
		name, _, _ = strings.Cut(c.Target(), "_") // DynamoDB_20120810
	}
	if name == "" && c.HostBucket() == "" {
		name = s.serviceOfHost(r.Host)
	}
	if in.Dispatcher.Service(name) != nil || c.Target() != "" && c.Known() || !serviceName.MatchString(name) {
		return ""
	}
	return strings.Clone(name)
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
