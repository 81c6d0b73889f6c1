package ec2

import (
	"net/netip"

	"github.com/waxseal/waxseal/internal/store"
)

// defaultCidr is the block of every default VPC, and defaultSubnetBits the size of its
// subnets, of which each zone has one [X037].
var defaultCidr = netip.MustParsePrefix("172.31.0.0/16")

const defaultSubnetBits = 20

// settle makes what every place has from the start: a set of DHCP options and the
// default VPC. Whoever deletes the VPC has none until the next reset.
func (s *Service) settle(tx store.Tx, p place) {
	s.settlements.Put(tx, p.prefix(), &settlement{DhcpOptions: s.newID(dhcpOptionsKind)})
	v := vpc{
		record: record{Account: p.account, Region: p.region, ID: s.newID(vpcKind)},
		Cidr:   defaultCidr, Association: s.newID(vpcCidrKind), Tenancy: defaultTenancy, IsDefault: true,
		DNSSupport: true, DNSHostnames: true, // [X033]
	}
	s.addVpc(tx, &v)
	block := netip.PrefixFrom(defaultCidr.Addr(), defaultSubnetBits)
	for _, z := range zonesOf(p) {
		sn := subnet{
			record: record{Account: p.account, Region: p.region, ID: s.newID(subnetKind)},
			Vpc:    v.ID, Cidr: block, Zone: z.name, IsDefault: true, MapPublicIP: true, Hostnames: hostnamesByIP,
		}
		s.addSubnet(tx, &sn)
		block = after(block)
	}
}

// Kinds whose resources are parts of others here.
var (
	dhcpOptionsKind = &kind{name: "dhcp-options", prefix: "dopt-"}
	vpcCidrKind     = &kind{prefix: "vpc-cidr-assoc-"}
)
