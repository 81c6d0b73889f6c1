package server

import (
	"context"
	"net/http"

	"github.com/waxseal/waxseal/ec2"
	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/certs"
	"github.com/waxseal/waxseal/internal/listen"
	"github.com/waxseal/waxseal/internal/store"
)

// Limits that the tests know.
const (
	HeaderTimeout = listen.HeaderTimeout
	IdleTimeout   = listen.IdleTimeout
	WriteTimeout  = listen.WriteTimeout
	MaxLogged     = maxLogged
)

// AddService makes a further service callable, until the next reset.
func (s *Server) AddService(service api.Service) {
	s.generation.router.Add(s.generation.Dispatcher.Register(service).Service)
}

// SetEndpoints makes the VPC endpoints, by id, those that requests come through,
// until the next reset.
func (s *Server) SetEndpoints(all map[string]*ec2.EndpointView) {
	s.generation.endpoints = endpointMap(all)
}

type endpointMap map[string]*ec2.EndpointView

func (m endpointMap) Endpoint(_ context.Context, id string) (*ec2.EndpointView, error) {
	return m[id], nil
}

// IsThrough is asked of every request.
func IsThrough(r *http.Request) bool { return isThrough(r) }

// Engine is what the state is stored in.
func (s *Server) Engine() store.Engine { return s.config.Engine }

// CA signs the server's certificates.
func (s *Server) CA() *certs.CA { return s.ca }

// PublicURL is where a request that comes through an endpoint would come without it.
func PublicURL(r *http.Request) string {
	p, _, _ := passageOf(r)
	return p.public
}
