package server

import (
	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/certs"
	"github.com/waxseal/waxseal/internal/store"
)

// Limits that the tests know.
const (
	HeaderTimeout = headerTimeout
	IdleTimeout   = idleTimeout
	WriteTimeout  = writeTimeout
	MaxLogged     = maxLogged
)

// AddService makes a further service callable, until the next reset.
func (s *Server) AddService(service api.Service) {
	s.generation.router.Add(s.generation.Dispatcher.Register(service).Service)
}

// Engine is what the state is stored in.
func (s *Server) Engine() store.Engine { return s.config.Engine }

// CA signs the server's certificates.
func (s *Server) CA() *certs.CA { return s.ca }
