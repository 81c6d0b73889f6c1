package ec2

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"

	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

// VpcFixture is a VPC that is to exist. Its DNS support and DNS hostnames are on.
type VpcFixture struct {
	ID, CIDR string
	Tags     map[string]string
}

// SubnetFixture is a subnet that is to exist.
type SubnetFixture struct {
	ID, Vpc, CIDR string
	Zone          string // its name, such as us-east-1a; empty: one that has the fewest of the VPC's subnets
	Tags          map[string]string
}

// GroupFixture is a security group that is to exist. A new one lets everything out, or nothing.
type GroupFixture struct {
	ID, Vpc, Name string
	Description   string // empty: the name
	Tags          map[string]string
	Ingress       []IngressFixture
	NoEgress      bool
}

// IngressFixture is what a security group lets in: TCP to ports, from the addresses of
// an IPv4 block.
type IngressFixture struct {
	From, To int32 // the same for one port
	CIDR     string
}

// EndpointFixture is a VPC endpoint that is to exist.
type EndpointFixture struct {
	ID, Vpc string
	Service string // by its full name, or the end of it, such as sqs
	Type    string // Interface or Gateway; empty: Interface
	// Subnets and Groups are those of an interface endpoint; no groups: the VPC's
	// default one. The route of a gateway endpoint is in the VPC's main route table.
	Subnets, Groups []string
	Policy          string // empty: the default one
	PrivateDNS      bool
	Tags            map[string]string
}

// ApplyVpc makes the VPC of a fixture, in the account and region of ctx's request. One
// that is there already must have the same block, and gets the fixture's tags. Nothing
// is authorized, and quotas do not apply.
func (s *Service) ApplyVpc(ctx context.Context, f VpcFixture) error {
	cidr, err := parseCidr(f.CIDR, errVpcRange)
	if err != nil {
		return err
	}
	tags, err := fixtureTags(f.Tags)
	if err != nil {
		return err
	}
	p := placeOf(ctx)
	return s.update(ctx, func(tx store.Tx) error {
		v := s.vpcs.edit(tx, p, f.ID)
		if v != nil && v.Cidr != cidr {
			return differs(f.ID, "another block, "+v.Cidr.String())
		}
		isNew := v == nil
		if isNew {
			v = &vpc{record: record{Account: p.account, Region: p.region, ID: f.ID}, Cidr: cidr, Association: s.newID(vpcCidrKind), Tenancy: defaultTenancy}
		}
		v.Tags, v.DNSSupport, v.DNSHostnames = slices.Clone(tags), true, true
		s.vpcs.put(tx, v)
		if isNew {
			s.bring(tx, v)
		}
		return nil
	})
}

// differs is the error for something that is there already, and is not what a fixture
// says of it.
func differs(id, what string) error { return fmt.Errorf("%s exists already, with %s", id, what) }

// fixtureTags are the tags of a fixture.
func fixtureTags(tags map[string]string) ([]resource.Tag, error) {
	list := resource.TagList(tags)
	if err := tagRules.Check(list); err != nil {
		return nil, err
	}
	return list, tagRules.CheckCount(len(list))
}

// ApplySubnet makes the subnet of a fixture, as ApplyVpc makes a VPC.
func (s *Service) ApplySubnet(ctx context.Context, f SubnetFixture) error {
	cidr, err := parseCidr(f.CIDR, errSubnetRange)
	if err != nil {
		return err
	}
	tags, err := fixtureTags(f.Tags)
	if err != nil {
		return err
	}
	p := placeOf(ctx)
	zone, err := (&CreateSubnetInput{AvailabilityZone: f.Zone}).zone(p)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx store.Tx) error {
		v, err := s.vpcs.find(tx, p, f.Vpc)
		if err != nil {
			return err
		}
		sn := s.subnets.edit(tx, p, f.ID)
		switch {
		case sn == nil:
			if !contains(v.Cidr, cidr) {
				return fmt.Errorf("the block %s is not within that of %s, %s", f.CIDR, v.ID, v.Cidr)
			}
			return s.fitSubnet(tx, v, &subnet{
				record: record{Account: p.account, Region: p.region, ID: f.ID, Tags: slices.Clone(tags)}, Vpc: f.Vpc, Cidr: cidr, Zone: zone,
			})
		case sn.Vpc != f.Vpc:
			return differs(f.ID, "another VPC, "+sn.Vpc)
		case sn.Cidr != cidr:
			return differs(f.ID, "another block, "+sn.Cidr.String())
		case zone != "" && sn.Zone != zone:
			return differs(f.ID, "another zone, "+sn.Zone)
		}
		sn.Tags = slices.Clone(tags)
		s.subnets.put(tx, sn)
		return nil
	})
}

// ApplyGroup makes the security group of a fixture. One that is there already must be in
// the same VPC and have the same name, and lets in what the fixture says.
func (s *Service) ApplyGroup(ctx context.Context, f GroupFixture) error {
	p := placeOf(ctx)
	tags, err := fixtureTags(f.Tags)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx store.Tx) error {
		if _, err := s.vpcs.find(tx, p, f.Vpc); err != nil {
			return err
		}
		g := s.groups.edit(tx, p, f.ID)
		switch {
		case g == nil:
			if s.groupNamed(tx, p, f.Vpc, f.Name) != nil {
				return errGroupDuplicate.Withf("The security group '%s' already exists for VPC '%s'", f.Name, f.Vpc)
			}
			g = &securityGroup{record: record{Account: p.account, Region: p.region, ID: f.ID, Tags: slices.Clone(tags)}, Vpc: f.Vpc, Name: f.Name, Description: cmp.Or(f.Description, f.Name)}
			s.putGroup(tx, g)
		case g.Vpc != f.Vpc:
			return differs(f.ID, "another VPC, "+g.Vpc)
		case g.Name != f.Name:
			return differs(f.ID, "another name, "+g.Name)
		case f.Description != "" && g.Description != f.Description:
			return differs(f.ID, "another description, "+g.Description)
		default:
			g.Tags = slices.Clone(tags)
			s.groups.put(tx, g)
		}
		if f.NoEgress {
			s.deleteRules(tx, g, slices.DeleteFunc(s.rulesOf(tx, p, g.ID), func(ru *rule) bool { return !ru.Egress }))
		}
		return s.applyIngress(tx, g, f.Ingress)
	})
}

// applyIngress makes a group let in what a fixture says, and nothing else.
func (s *Service) applyIngress(tx store.Tx, g *securityGroup, ingress []IngressFixture) error {
	wanted := map[traffic]bool{}
	for _, in := range ingress {
		for _, port := range []int32{in.From, in.To} {
			if port < 0 || port > maxPort {
				return badValue(strconv.Itoa(int(port)), "port", "A port is between 0 and 65535.")
			}
		}
		if in.From > in.To {
			return badValue(fmt.Sprintf("%d-%d", in.From, in.To), "port", "The first port of a range is the smaller one.")
		}
		block, err := netip.ParsePrefix(in.CIDR)
		if err != nil || !block.Addr().Is4() {
			return badValue(in.CIDR, "cidr", "This is not a valid CIDR block.")
		}
		wanted[traffic{Protocol: tcp, From: in.From, To: in.To, CIDR: block.Masked().String()}] = true
	}
	rules := s.rulesOf(tx, g.place(), g.ID)
	gone := slices.DeleteFunc(slices.Clone(rules), func(ru *rule) bool { return ru.Egress || wanted[ru.traffic] })
	s.deleteRules(tx, g, gone)
	for _, ru := range rules {
		if !ru.Egress {
			delete(wanted, ru.traffic)
		}
	}
	next := nextNumber(rules)
	for _, t := range slices.SortedFunc(maps.Keys(wanted), func(a, b traffic) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.CIDR, b.CIDR)) }) {
		s.putRule(tx, s.newRule(g, false, next, t))
		next++
	}
	return nil
}

// serviceNamed is the service that a fixture names by its full name or the end of it.
func serviceNamed(region, name string) (endpointService, error) {
	for _, full := range []string{name, "com.amazonaws." + region + "." + name, "com.amazonaws." + name} {
		if service, ok := findEndpointService(region, full); ok {
			return service, nil
		}
	}
	return endpointService{}, noSuchService(name)
}

// ApplyEndpoint makes the endpoint of a fixture. One that is there already must be of
// the same VPC, service and type, and becomes what the fixture says.
func (s *Service) ApplyEndpoint(ctx context.Context, f EndpointFixture) error {
	p := placeOf(ctx)
	service, err := serviceNamed(p.region, f.Service)
	if err != nil {
		return err
	}
	wanted, err := s.wantedEndpoint(ctx, f.ID, &CreateVpcEndpointInput{
		VpcId: f.Vpc, ServiceName: service.fullName, VpcEndpointType: typeOf(f), PolicyDocument: f.Policy,
		SubnetIds: f.Subnets, SecurityGroupIds: f.Groups, PrivateDnsEnabled: new(f.PrivateDNS),
	})
	if err != nil {
		return err
	}
	if wanted.Tags, err = fixtureTags(f.Tags); err != nil {
		return err
	}
	return s.update(ctx, func(tx store.Tx) error {
		if at := s.whose.Get(tx, f.ID); at != nil && *at != (whose{p.account, p.region}) {
			return fmt.Errorf("%s exists already, in account %s and %s", f.ID, at.Account, at.Region)
		}
		on, err := s.fixtureParts(tx, p, f)
		if err != nil {
			return err
		}
		e := *wanted
		if old := s.endpoints.get(tx, p, f.ID); old != nil {
			return s.become(tx, old, &e, on)
		}
		s.deleting.Delete(tx, p.key(f.ID))
		return s.install(tx, &e, on, nil)
	})
}

// become changes an endpoint to what a fixture says of it. Interfaces in subnets that
// it keeps keep their addresses.
func (s *Service) become(tx store.Tx, old, e *vpcEndpoint, on *endpointParts) error {
	switch {
	case old.Vpc != e.Vpc:
		return differs(e.ID, "another VPC, "+old.Vpc)
	case old.Service != e.Service:
		return differs(e.ID, "another service, "+old.Service)
	case old.Type != e.Type:
		return differs(e.ID, "another type, "+old.Type)
	}
	e.Created, e.RouteTables, e.Interfaces = old.Created, old.RouteTables, slices.Clone(old.Interfaces)
	if e.Type == typeInterface {
		e.Groups = s.groupsFor(tx, e, on.groups)
		if err := e.checkGroups(); err != nil {
			return err
		}
		if err := s.checkNames(tx, e, on.vpc); err != nil {
			return err
		}
		if err := s.moveTo(tx, e, on.subnets); err != nil {
			return err
		}
	}
	s.endpoints.put(tx, e)
	return nil
}

// moveTo gives an endpoint interfaces in the subnets alone.
func (s *Service) moveTo(tx store.Tx, e *vpcEndpoint, subnets []*subnet) error {
	for _, id := range e.subnetIDs() {
		if slices.ContainsFunc(subnets, func(sn *subnet) bool { return sn.ID == id }) {
			s.regroup(tx, e.place(), e.attachment(id).Interface, e.Groups)
		} else if err := s.removeSubnet(tx, e, id); err != nil {
			return err
		}
	}
	fresh := slices.DeleteFunc(slices.Clone(subnets), func(sn *subnet) bool { return e.attachment(sn.ID) != nil })
	return s.addSubnets(tx, e, fresh, nil)
}

func typeOf(f EndpointFixture) string {
	if f.Type == "" {
		return typeInterface
	}
	return f.Type
}

// fixtureParts are what the endpoint of a fixture is made of.
func (s *Service) fixtureParts(r store.Reader, p place, f EndpointFixture) (*endpointParts, error) {
	v, err := s.vpcs.find(r, p, f.Vpc)
	if err != nil {
		return nil, err
	}
	on := &endpointParts{vpc: v}
	if typeOf(f) == typeGateway {
		for id := range linked(r, p, f.Vpc, routeTableKind.prefix) {
			if t := s.routeTables.get(r, p, id); t.Main != "" {
				on.tables = append(on.tables, t)
			}
		}
		return on, nil
	}
	if len(f.Subnets) > 0 {
		if on.subnets, err = s.subnets.findAll(r, p, f.Subnets); err != nil {
			return nil, err
		}
	}
	if len(f.Groups) > 0 {
		on.groups, err = s.groups.findAll(r, p, f.Groups)
	}
	return on, err
}
