package server

import (
	"cmp"
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/waxseal/waxseal/ec2"
	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/internal/web"
)

// EndpointPrefix begins the paths of requests through a VPC endpoint, but for the slash after it.
const EndpointPrefix = "/_vpce"

// Isolated stands in a path for the endpoint that a VPC without internet access lacks.
const Isolated = "isolated"

const vpcePrefix = "vpce-" // of an endpoint's id

// endpoints are the VPC endpoints; nil: there is none of the id.
type endpoints interface {
	Endpoint(ctx context.Context, id string) (*ec2.EndpointView, error)
}

// isThrough reports whether a request names a VPC endpoint as its way. Every request
// is asked this.
func isThrough(r *http.Request) bool { return namesEndpoint(r.URL.Path) || hasEndpointHost(r.Host) }

func namesEndpoint(path string) bool {
	rest, ok := strings.CutPrefix(path, EndpointPrefix)
	return ok && (rest == "" || rest[0] == '/')
}

func hasEndpointHost(host string) bool { return endpointLabel(host) >= 0 }

// endpointLabel is where the endpoint's label begins in a host; -1: it has none. Labels
// before it, the last of them bucket, are S3's: bucket.vpce-…, NAME.bucket.vpce-….
func endpointLabel(host string) int {
	if len(host) >= len(vpcePrefix) && host[len(vpcePrefix)-1] == '-' && strings.EqualFold(host[:len(vpcePrefix)], vpcePrefix) {
		return 0
	}
	const mark = "bucket."
	if i := strings.Index(host, mark+vpcePrefix); i == 0 || i > 0 && host[i-1] == '.' {
		return i + len(mark)
	}
	return -1
}

// passage is the way of a request through a VPC endpoint.
type passage struct {
	sent *http.Request // the request as it came, which its signature is over
	// id is the endpoint's; address is the caller's in the VPC, if addressed: the request
	// says it; service and region are those that the host names, empty for none.
	id, address, service, region string
	addressed                    bool
	// base and public are the URLs of this server by which the caller came, and by which
	// one without the endpoint would come.
	base, public string

	endpoint *ec2.EndpointView
	source   netip.Addr // address, or the one that the endpoint has for it
}

// serveThrough answers a request through a VPC endpoint, or closes its connection.
func (s *Server) serveThrough(w http.ResponseWriter, r *http.Request) {
	g := s.present()
	p, routed, reason := passageOf(r)
	if reason == "" {
		reason = s.enter(g, p)
	}
	if reason != "" {
		s.closeThrough(g, p, reason)
	}
	s.serveAWS(w, routed, p)
}

// passageOf reads the way that a request names. The second result is the request as
// it goes on; reason is why it does not.
func passageOf(r *http.Request) (p *passage, routed *http.Request, reason string) {
	p = &passage{sent: r, base: web.BaseURL(r)}
	routed = r
	if hasEndpointHost(r.Host) {
		p.fromHost(r)
	} else {
		routed = p.fromPath(r)
	}
	switch path := routed.URL.Path; {
	case namesEndpoint(path):
		reason = "a way through one VPC endpoint does not lead through another"
	case isControlPath(path):
		reason = "the control API is not reached through a VPC endpoint"
	}
	return p, routed, reason
}

// fromPath reads /_vpce/ID@ADDRESS and answers the request without it. It goes by the
// path as it was escaped, so that both forms of the path are cut at the same place.
func (p *passage) fromPath(r *http.Request) (routed *http.Request) {
	rest := strings.TrimPrefix(strings.TrimPrefix(r.URL.EscapedPath(), EndpointPrefix), "/")
	named, rest, _ := strings.Cut(rest, "/")
	p.public, p.base = p.base, p.base+EndpointPrefix+"/"+named
	if plain, err := url.PathUnescape(named); err == nil {
		named = plain
	}
	p.id, p.address, p.addressed = strings.Cut(named, "@")
	routed = new(http.Request)
	*routed = *r
	to := *r.URL
	to.RawPath = "/" + rest
	to.Path, _ = url.PathUnescape(to.RawPath) // of a URL that was parsed, so it is well escaped
	routed.URL = &to
	return routed
}

// fromHost reads vpce-ID[-SUFFIX[-ZONE]].SERVICE.REGION.vpce.DOMAIN, of which all
// after the id may be something else.
func (p *passage) fromHost(r *http.Request) {
	label, domain, _ := strings.Cut(web.HostName(r.Host[endpointLabel(r.Host):]), ".")
	unique, _, _ := strings.Cut(label[len(vpcePrefix):], "-")
	p.id = vpcePrefix + unique
	public := domain
	if names := strings.SplitN(domain, ".", 4); len(names) == 4 && names[2] == "vpce" {
		p.service, p.region, public = names[0], names[1], names[3]
		if strings.HasPrefix(public, "amazonaws.com") {
			public = p.service + "." + p.region + "." + public
		}
	}
	if public == "" {
		public = "localhost" // the id is the whole name, which says nothing of another one
	}
	scheme, _, _ := strings.Cut(p.base, "://")
	p.public = scheme + "://" + public
	if _, port, ok := strings.Cut(r.Host, ":"); ok {
		p.public += ":" + port
	}
}

// enter finds the endpoint, and says why it takes no calls from there; empty: it does.
func (s *Server) enter(g *generation, p *passage) (reason string) {
	if p.id == Isolated {
		return "the VPC has no endpoint for the service and no way to the internet (--isolated)"
	}
	e, err := g.endpoints.Endpoint(p.sent.Context(), p.id)
	switch {
	case err != nil:
		s.log.Error("a VPC endpoint cannot be read", "endpoint", trail.Cut(p.id, maxName), "cause", err)
		return "the endpoint cannot be read"
	case e == nil:
		return "there is no endpoint of this id"
	case !e.Available():
		return "the endpoint is " + e.State + ", not available"
	case p.service != "" && (p.service != e.Service || p.region != e.Region):
		return "the host names " + p.service + " in " + p.region + ", and the endpoint is for " + e.Service + " in " + e.Region
	case e.Type == gateway && hasEndpointHost(p.sent.Host):
		return "a gateway endpoint has no name of its own; it is reached by path"
	case s.config.Strict.Transport && p.sent.TLS == nil:
		return "an endpoint takes no plain HTTP (--strict transport)" // [G4.1]
	}
	p.endpoint = e
	return p.locate()
}

const gateway = "Gateway"

// locate finds out from where in the VPC the call comes.
func (p *passage) locate() (reason string) {
	var err error
	switch {
	case p.addressed:
		if p.source, err = netip.ParseAddr(p.address); err != nil || !p.endpoint.Contains(p.source) {
			return cmp.Or(trail.Cut(p.address, maxName), "nothing") + " is no address of " + p.endpoint.VPC
		}
	default:
		if p.source = p.endpoint.From(); !p.source.IsValid() {
			return p.endpoint.VPC + " has no addresses"
		}
	}
	return ""
}

// closeThrough ends a request without an answer, and tells the log why.
func (s *Server) closeThrough(g *generation, p *passage, reason string) {
	id := trail.Cut(p.id, maxName)
	if g.refused.First("endpoint " + id + " " + reason) {
		s.log.Warn("a connection through a VPC endpoint is closed", "endpoint", id, "reason", reason)
	}
	panic(http.ErrAbortHandler) // which net/http takes for this: it closes the connection
}

// keepTo closes the connection of a call that the endpoint does not serve: of another
// service or region. service is empty where it is not known.
func (s *Server) keepTo(in *incoming, service string) {
	p := in.through
	if p == nil {
		return
	}
	e := p.endpoint
	if service != "" && service != e.Service {
		s.closeThrough(in.generation, p, "the call is for "+trail.Cut(service, maxName)+", and the endpoint for "+e.Service)
	}
	if in.signature != nil {
		if region, known := s.config.Regions.Find(in.signature.Region); known && region != e.Region {
			s.closeThrough(in.generation, p, "the call is for "+region+", and the endpoint is in "+e.Region)
		}
	}
}

// arrive makes r a request that arrives through the endpoint.
func (s *Server) arrive(g *generation, p *passage, r *api.Request) {
	e := p.endpoint
	r.SourceIP, r.BaseURL = p.source.String(), p.base
	r.VPCEndpoint = &api.VPCEndpoint{ID: e.ID, VPC: e.VPC, Account: e.Account, Region: e.Region, Service: e.Service, Policy: e.Policy, PublicURL: p.public}
	if !e.AdmitsHTTPS(p.source) && g.refused.First("groups "+e.ID+" "+r.SourceIP) {
		s.warnOfGroups(e, r.SourceIP)
	}
}

// warnOfGroups says that the security groups of an endpoint do not let a caller in. Where
// they let members of groups in, the caller may be one on AWS.
func (s *Server) warnOfGroups(e *ec2.EndpointView, address string) {
	text, told := "no security group of a VPC endpoint admits port 443 from the caller's address: on AWS the call would hang", []any{"endpoint", e.ID, "address", address}
	if groups := e.AdmittedGroups(); len(groups) > 0 {
		text, told = text+" unless the caller has a group that is let in", append(told, "groups", groups)
	}
	s.log.Warn(text, told...)
}
