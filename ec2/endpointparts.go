package ec2

import (
	"context"
	"net/netip"
	"slices"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// endpointParts are what an endpoint is to be made of.
type endpointParts struct {
	vpc     *vpc
	subnets []*subnet
	groups  []*securityGroup
	tables  []*routeTable
}

// namedParts finds what a call names. The checks are whether the caller may use it for
// the action.
func (s *Service) namedParts(ctx context.Context, r store.Reader, action, vpc string, subnets, groups, tables []string) ([]api.Check, *endpointParts, error) {
	checks, vpcs, err := named(ctx, r, s.vpcs, action, []string{vpc})
	if err != nil {
		return nil, nil, err
	}
	on := &endpointParts{vpc: vpcs[0]}
	add := func(more []api.Check, err error) error {
		checks = append(checks, more...)
		return err
	}
	var more []api.Check
	more, on.subnets, err = named(ctx, r, s.subnets, action, subnets)
	if err := add(more, err); err != nil {
		return nil, nil, err
	}
	more, on.groups, err = named(ctx, r, s.groups, action, groups)
	if err := add(more, err); err != nil {
		return nil, nil, err
	}
	more, on.tables, err = named(ctx, r, s.routeTables, action, tables)
	return checks, on, add(more, err)
}

// named finds the resources of ids, each once, and makes a check of each; one that does
// not exist is nil.
func named[T any, P pointer[T]](ctx context.Context, r store.Reader, c *collection[T, P], action string, ids []string) (checks []api.Check, found []P, err error) {
	for _, id := range unique(ids) {
		if err := c.of.check(id); err != nil {
			return nil, nil, err
		}
		e := c.get(r, placeOf(ctx), id)
		checks = append(checks, api.Check{Action: action, Target: target(ctx, c.of, id, e)})
		found = append(found, e)
	}
	return checks, found, nil
}

// confirm makes sure that all is as it was when the call was decided.
func (on *endpointParts) confirm(r store.Reader) error {
	entries := slices.Concat([]entry{on.vpc}, entriesOf(on.subnets), entriesOf(on.groups), entriesOf(on.tables))
	for _, e := range entries {
		if err := confirm(r, e); err != nil {
			return err
		}
	}
	return nil
}

func entriesOf[E entry](all []E) []entry {
	entries := make([]entry, len(all))
	for i, e := range all {
		entries[i] = e
	}
	return entries
}

// inVPC refuses what is in another VPC than the endpoint is.
func (on *endpointParts) inVPC() error {
	other := func(vpc string) bool { return vpc != on.vpc.ID }
	if slices.ContainsFunc(on.subnets, func(sn *subnet) bool { return other(sn.Vpc) }) ||
		slices.ContainsFunc(on.groups, func(g *securityGroup) bool { return other(g.Vpc) }) ||
		slices.ContainsFunc(on.tables, func(t *routeTable) bool { return other(t.Vpc) }) {
		return errParameter.With("You have specified two resources that belong to different networks.")
	}
	return nil
}

// Quotas of endpoints: of interface endpoints in a VPC, of gateway endpoints in a
// region [X116].
const maxInterfaceEndpoints, maxGatewayEndpoints = 50, 20

// install makes an endpoint, with its interfaces and routes. chosen are the addresses of
// its interfaces that are chosen.
func (s *Service) install(tx store.Tx, e *vpcEndpoint, on *endpointParts, chosen []SubnetConfiguration) error {
	if err := on.inVPC(); err != nil {
		return err
	}
	s.forgetDeleted(tx, e.place())
	if err := s.checkQuota(tx, e); err != nil {
		return err
	}
	if err := e.Load(); err != nil {
		return err
	}
	if e.Type == typeGateway {
		for _, t := range on.tables {
			if err := s.addTable(tx, e, t); err != nil {
				return err
			}
		}
		s.putEndpoint(tx, e)
		return nil
	}
	e.Groups = s.groupsFor(tx, e, on.groups)
	if err := e.checkGroups(); err != nil {
		return err
	}
	if err := s.checkNames(tx, e, on.vpc); err != nil {
		return err
	}
	if err := s.addSubnets(tx, e, on.subnets, chosen); err != nil {
		return err
	}
	s.putEndpoint(tx, e)
	return nil
}

// groupsFor are the ids of an endpoint's security groups: those given, or the default
// one of its VPC [X092].
func (s *Service) groupsFor(r store.Reader, e *vpcEndpoint, given []*securityGroup) []string {
	if len(given) == 0 {
		given = []*securityGroup{s.defaultGroup(r, e.place(), e.Vpc)}
	}
	ids := make([]string, len(given))
	for i, g := range given {
		ids[i] = g.ID
	}
	return ids
}

// checkQuota refuses one endpoint too many.
func (s *Service) checkQuota(r store.Reader, e *vpcEndpoint) error {
	n, limit := 0, maxInterfaceEndpoints
	if e.Type == typeGateway {
		limit = maxGatewayEndpoints
	}
	for other := range s.endpoints.all(r, e.place()) {
		if other.Type == e.Type && (e.Type == typeGateway || other.Vpc == e.Vpc) {
			n++
		}
	}
	if n >= limit {
		return errEndpointLimit
	}
	return nil
}

// checkGroups refuses more security groups than an interface may have, and none [X069].
func (e *vpcEndpoint) checkGroups() error {
	switch {
	case len(e.Groups) > maxGroupsPerInterface:
		return errGroupLimit
	case len(e.Groups) == 0:
		return errParameter.With("An endpoint of type Interface needs a security group.")
	}
	return nil
}

// checkNames refuses private names that an interface endpoint cannot have.
func (s *Service) checkNames(r store.Reader, e *vpcEndpoint, v *vpc) error {
	others := s.endpointsOf(r, e.place(), e.Vpc, s.clock.Now())
	if e.InboundOnly != nil && *e.InboundOnly && !slices.ContainsFunc(others, func(o *vpcEndpoint) bool {
		return o.Type == typeGateway && o.Service == e.Service && o.Gone.IsZero()
	}) {
		return errParameter.Withf("To set PrivateDnsOnlyForInboundResolverEndpoint to true, the VPC %s must have a Gateway endpoint for the service.", e.Vpc) // [X108]
	}
	if !e.PrivateDNS {
		return nil
	}
	if !v.DNSSupport || !v.DNSHostnames {
		return errParameter.Withf("Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for %s", e.Vpc) // [X103]
	}
	names := e.service().privateNames()
	for _, o := range others { // one that is being deleted has its names still [X104]
		if o.ID == e.ID || !o.PrivateDNS {
			continue
		}
		for _, name := range o.service().privateNames() {
			if slices.Contains(names, name) {
				return errParameter.Withf("private-dns-enabled cannot be set because there is already a conflicting DNS domain for %s in the VPC %s", name, e.Vpc)
			}
		}
	}
	return nil
}

// addTable puts the endpoint's route into a route table [X077] [X107].
func (s *Service) addTable(tx store.Tx, e *vpcEndpoint, t *routeTable) error {
	if slices.Contains(e.RouteTables, t.ID) {
		return nil
	}
	e.RouteTables = append(e.RouteTables, t.ID)
	return s.addRoute(tx, e.place(), t.ID, e.service().prefixList().PrefixListId, e.ID)
}

// addSubnets gives an endpoint an interface in each of the subnets: with the address
// that is chosen for it, or the first free one. No two are in one zone [X105].
func (s *Service) addSubnets(tx store.Tx, e *vpcEndpoint, subnets []*subnet, chosen []SubnetConfiguration) error {
	for _, c := range chosen {
		if !slices.ContainsFunc(subnets, func(sn *subnet) bool { return sn.ID == c.SubnetId }) {
			return errParameter.Withf("The subnet %s of a subnet configuration is not one of the subnets of the request.", c.SubnetId)
		}
	}
	for _, sn := range subnets {
		if slices.ContainsFunc(e.Interfaces, func(a subnetAttachment) bool { return a.Zone == sn.Zone }) {
			return errSubnetZone.Withf("Found another VPC endpoint subnet in the availability zone of %s", sn.ID)
		}
		address, err := s.addressIn(tx, sn, chosen)
		if err != nil {
			return err
		}
		ni := &networkInterface{
			record: record{Account: e.Account, Region: e.Region, ID: s.newID(networkInterfaceKind)},
			Vpc:    e.Vpc, Subnet: sn.ID, Zone: sn.Zone, Address: address, Groups: e.Groups,
			Type: "vpc_endpoint", Description: "VPC Endpoint Interface " + e.ID, MAC: s.newMAC(), Endpoint: e.ID, // [X078]
		}
		s.attach(tx, ni)
		e.Interfaces = append(e.Interfaces, subnetAttachment{sn.ID, sn.Zone, ni.ID})
	}
	return nil
}

// addressIn is the address for an endpoint's interface in a subnet.
func (s *Service) addressIn(r store.Reader, sn *subnet, chosen []SubnetConfiguration) (netip.Addr, error) {
	i := slices.IndexFunc(chosen, func(c SubnetConfiguration) bool { return c.SubnetId == sn.ID && c.Ipv4 != "" })
	if i < 0 {
		address := s.freeAddress(r, sn)
		if !address.IsValid() {
			return address, errSubnetFull
		}
		return address, nil
	}
	address, err := netip.ParseAddr(chosen[i].Ipv4)
	switch {
	case err != nil || !address.Is4():
		return address, badValue(chosen[i].Ipv4, "ipv4", "This is not a valid IPv4 address.")
	case !assignable(sn.Cidr, address):
		return address, badValue(chosen[i].Ipv4, "ipv4", "The address is not in the range of the subnet.")
	case s.interfaceAt(r, sn.place(), sn.Vpc, address) != nil:
		return address, errAddressInUse.Withf("Address %s is in use.", address)
	}
	return address, nil
}

// freeAddress is the first address of a subnet that no interface has; the zero Addr:
// there is none.
func (s *Service) freeAddress(r store.Reader, sn *subnet) netip.Addr {
	for a := firstAddress(sn.Cidr); assignable(sn.Cidr, a); a = a.Next() {
		if s.interfaceAt(r, sn.place(), sn.Vpc, a) == nil {
			return a
		}
	}
	return netip.Addr{}
}

// firstAddress is the first address of a block that interfaces can have: AWS keeps the
// first four, and the last [X042].
func firstAddress(cidr netip.Prefix) netip.Addr {
	return cidr.Masked().Addr().Next().Next().Next().Next()
}

// assignable reports whether an interface in the block can have the address.
func assignable(cidr netip.Prefix, a netip.Addr) bool {
	return cidr.Contains(a) && !a.Less(firstAddress(cidr)) && cidr.Contains(a.Next())
}
