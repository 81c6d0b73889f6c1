package ec2

import (
	"slices"
	"time"

	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// The schema of VPC endpoints:
//
//	ec2.endpoint  ACCOUNT/REGION/ID  vpcEndpoint
//	ec2.deleting  ACCOUNT/REGION/ID  vpcEndpoint: one that was just deleted and is still shown
//	ec2.whose     ID                 whose: where an endpoint is, for requests that come through it
//
// The endpoints of a VPC hang on it in the index of links.

// endpointKind is VPC endpoints [X109].
var endpointKind = &kind{
	name: "vpc-endpoint", prefix: "vpce-",
	malformed: "InvalidVpcEndpointId.Malformed", missing: "InvalidVpcEndpointId.NotFound", text: "The Vpc Endpoint Id '%s' does not exist",
}

// whose is where an endpoint is.
type whose struct{ Account, Region string }

// vpcEndpoint is a VPC endpoint.
type vpcEndpoint struct {
	record

	Vpc  string
	Type string // Interface or Gateway
	// Service is the service's full name.
	Service string
	// Policy is the text of the endpoint's policy; empty: it has the default one.
	Policy  string `json:",omitempty"`
	Created time.Time
	// Gone is when the endpoint, which was deleted, is no longer shown; zero: it was not.
	Gone time.Time `json:",omitzero"`

	// Of a gateway endpoint.
	RouteTables []string `json:",omitempty"`

	// Of an interface endpoint.
	Groups     []string           `json:",omitempty"`
	Interfaces []subnetAttachment `json:",omitempty"`
	PrivateDNS bool               `json:",omitempty"`
	// InboundOnly is the option PrivateDnsOnlyForInboundResolverEndpoint; nil: it does
	// not apply.
	InboundOnly *bool `json:",omitempty"`

	policy *policyeval.Policy
}

// subnetAttachment is the interface of an endpoint in one of its subnets.
type subnetAttachment struct{ Subnet, Zone, Interface string }

func (e *vpcEndpoint) kind() *kind { return endpointKind }

func (e *vpcEndpoint) arn() string { return e.place().arn(endpointKind, e.ID) }

// conditionKeys are those of an endpoint [X131].
func (e *vpcEndpoint) conditionKeys(c *policyeval.Context) { serviceKeys(c, e.Region, e.Service) }

// serviceKeys are the condition keys of an endpoint that tell its service: one of
// Amazon's, in the same region.
func serviceKeys(c *policyeval.Context, region, fullName string) {
	c.Set("ec2:VpceServiceName", fullName)
	c.Set("ec2:VpceServiceOwner", serviceOwner)
	c.Set("ec2:VpceServiceRegion", region)
	c.Set("ec2:VpceMultiRegion", "false")
}

// Load implements store.Loader.
func (e *vpcEndpoint) Load() (err error) {
	text := e.Policy
	if text == "" {
		text = fullAccess
	}
	e.policy, err = resource.Compile(e.arn(), text, policyeval.Latest)
	return err
}

// Reuse implements store.Reuser.
func (e *vpcEndpoint) Reuse(old *vpcEndpoint) { e.policy = resource.SamePolicy(e.policy, old.policy) }

// service is the service that the endpoint leads to.
func (e *vpcEndpoint) service() endpointService {
	s, _ := findEndpointService(e.Region, e.Service) // it was found when the endpoint was made
	return s
}

// attachment is the endpoint's interface in a subnet; nil: it has none.
func (e *vpcEndpoint) attachment(subnet string) *subnetAttachment {
	i := slices.IndexFunc(e.Interfaces, func(a subnetAttachment) bool { return a.Subnet == subnet })
	if i < 0 {
		return nil
	}
	return &e.Interfaces[i]
}

// subnetIDs are the ids of the endpoint's subnets.
func (e *vpcEndpoint) subnetIDs() []string {
	ids := make([]string, len(e.Interfaces))
	for i, a := range e.Interfaces {
		ids[i] = a.Subnet
	}
	return ids
}

// putEndpoint stores an endpoint, which is found from then on by its id, by its VPC and
// by its security groups.
func (s *Service) putEndpoint(tx store.Tx, e *vpcEndpoint) {
	p := e.place()
	s.endpoints.put(tx, e)
	s.whose.Put(tx, e.ID, &whose{e.Account, e.Region})
	link(tx, p, e.Vpc, e.ID)
	for _, g := range e.Groups {
		link(tx, p, g, e.ID)
	}
}

// endpointsOf are the endpoints of a VPC, those that are being deleted last.
func (s *Service) endpointsOf(r store.Reader, p place, vpc string, now time.Time) []*vpcEndpoint {
	var found []*vpcEndpoint
	for id := range linked(r, p, vpc, endpointKind.prefix) {
		found = append(found, s.endpoints.get(r, p, id))
	}
	for e := range s.shownDeleting(r, p, now) {
		if e.Vpc == vpc {
			found = append(found, e)
		}
	}
	return found
}
