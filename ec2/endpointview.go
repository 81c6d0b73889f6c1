package ec2

import (
	"context"
	"net/netip"
	"slices"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// EndpointView is a VPC endpoint as a request that comes through it sees it.
type EndpointView struct {
	ID, ARN string
	// Account owns the endpoint.
	Account string
	Region  string
	VPC     string // its id
	// ServiceName is what the API calls the service that the endpoint leads to, such as
	// com.amazonaws.us-east-1.sqs, and Service what actions and ARNs call it, such as sqs.
	ServiceName, Service string
	Type                 string // Interface or Gateway
	State                string // available or deleting
	// CIDRs are the blocks of the VPC.
	CIDRs []netip.Prefix
	// Source is the address of a caller that names none: the first free one of the
	// endpoint's first subnet, or the first where none is free. An endpoint without subnets has the zero Addr.
	Source netip.Addr
	// Policy is the endpoint's policy, the default one where it was given none. It is
	// the same as long as its text is.
	Policy *policyeval.Policy

	gate *gate // nil where no security groups stand before the endpoint
}

// Available reports whether requests can come through the endpoint.
func (v *EndpointView) Available() bool { return v.State == stateAvailable }

// Contains reports whether an address is in the endpoint's VPC.
func (v *EndpointView) Contains(a netip.Addr) bool {
	return slices.ContainsFunc(v.CIDRs, func(block netip.Prefix) bool { return block.Contains(a) })
}

// reserved is how many addresses AWS keeps at the beginning of a subnet [X042].
const reserved = 4

// From is the address from which a caller comes that names none: Source, and without
// subnets (or of a gateway endpoint) the first that AWS does not reserve in the VPC. It is
// the zero Addr where the VPC has no addresses.
func (v *EndpointView) From() netip.Addr {
	if v.Source.IsValid() || len(v.CIDRs) == 0 {
		return v.Source
	}
	from := v.CIDRs[0].Addr()
	for range reserved {
		from = from.Next()
	}
	return from
}

const https = 443 // the port

// AdmitsHTTPS reports whether the endpoint's security groups let HTTPS in from an
// address. Where they do not, a client on AWS waits until it gives up.
func (v *EndpointView) AdmitsHTTPS(from netip.Addr) bool {
	return v.gate == nil || v.gate.admits(https, from)
}

// AdmittedGroups are the ids of the security groups whose members are let in. What has
// no interface here, such as a Lambda function, may be in one of them on AWS, although
// AdmitsHTTPS does not know it.
func (v *EndpointView) AdmittedGroups() []string {
	if v.gate == nil {
		return nil
	}
	return v.gate.groups(https)
}

// Endpoint is the VPC endpoint of an id, in whatever account and region; nil: there is
// none. One that is being deleted is there, in that state. It only looks up what it
// needs, and asks nobody's permission: it is for finding out where a request comes from.
func (s *Service) Endpoint(ctx context.Context, id string) (*EndpointView, error) {
	var v *EndpointView
	err := s.engine.View(ctx, func(r store.Reader) error {
		v = nil
		at := s.whose.Get(r, id)
		if at == nil {
			return nil
		}
		p := place{at.Account, at.Region}
		e := s.endpoints.get(r, p, id)
		if e == nil {
			if e = s.deleting.Get(r, p.key(id)); e == nil || !s.clock.Now().Before(e.Gone) {
				return nil
			}
		}
		v = s.viewOf(r, e)
		return nil
	})
	return v, err
}

func (s *Service) viewOf(r store.Reader, e *vpcEndpoint) *EndpointView {
	p := e.place()
	v := &EndpointView{
		ID: e.ID, ARN: e.policy.Name, Account: e.Account, Region: e.Region, VPC: e.Vpc,
		ServiceName: e.Service, Service: e.service().serves(), Type: e.Type, State: e.state(), Policy: e.policy,
	}
	if in := s.vpcs.get(r, p, e.Vpc); in != nil {
		v.CIDRs = []netip.Prefix{in.Cidr}
	}
	if len(e.Interfaces) > 0 {
		if sn := s.subnets.get(r, p, e.Interfaces[0].Subnet); sn != nil {
			if v.Source = s.freeAddress(r, sn); !v.Source.IsValid() {
				v.Source = firstAddress(sn.Cidr) // the subnet is full: the caller is one of those in it
			}
		}
	}
	if e.Type == typeInterface {
		v.gate = s.gate(r, p, e.Groups)
	}
	return v
}
