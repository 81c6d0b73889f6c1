package ec2

import (
	"iter"
	"net/netip"
	"slices"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

func (s *Service) interfaceOperations() []api.Operation {
	return []api.Operation{
		api.Op("DescribeNetworkInterfaces", s.DescribeNetworkInterfaces, "ec2:DescribeNetworkInterfaces", anything[*DescribeNetworkInterfacesInput], api.ReadOnly),
	}
}

var networkInterfaceKind = &kind{
	name: "network-interface", prefix: "eni-",
	malformed: "InvalidNetworkInterfaceId.Malformed", missing: "InvalidNetworkInterfaceID.NotFound", // [X026]
	text: "The networkInterface ID '%s' does not exist",
}

// networkInterface is a network interface, of which VPC endpoints have one in each of
// their subnets. It is stored in ec2.interface, and hangs on its VPC, its subnet and
// its security groups.
type networkInterface struct {
	record

	Vpc, Subnet, Zone string
	Address           netip.Addr
	// Groups are the ids of its security groups, in the order of the request.
	Groups []string
	// Type is its InterfaceType, such as vpc_endpoint.
	Type        string
	Description string
	// RequesterID is who made it on behalf of the account.
	RequesterID string
	MAC         string
	// Endpoint is the VPC endpoint that it belongs to.
	Endpoint string
}

func (ni *networkInterface) kind() *kind { return networkInterfaceKind }

func (ni *networkInterface) conditionKeys(c *policyeval.Context) {
	p := ni.place()
	c.Set("ec2:NetworkInterfaceID", ni.ID)
	c.Set("ec2:Subnet", p.arn(subnetKind, ni.Subnet))
	c.Set("ec2:Vpc", p.arn(vpcKind, ni.Vpc))
	c.Set("ec2:AvailabilityZone", ni.Zone)
}

// maxGroupsPerInterface is how many security groups an interface may have [X069].
const maxGroupsPerInterface = 5

// attach makes an interface. What stands in its way, such as an address that is taken,
// its caller has found out.
func (s *Service) attach(tx store.Tx, ni *networkInterface) {
	p := ni.place()
	s.interfaces.put(tx, ni)
	link(tx, p, ni.Vpc, ni.ID)
	link(tx, p, ni.Subnet, ni.ID)
	for _, g := range ni.Groups {
		link(tx, p, g, ni.ID)
	}
	tx.Put(addressKey(p, ni.Vpc, ni.Address), []byte(ni.ID))
}

// detach takes an interface away.
func (s *Service) detach(tx store.Tx, ni *networkInterface) {
	p := ni.place()
	s.interfaces.delete(tx, ni)
	unlink(tx, p, ni.Vpc, ni.ID)
	unlink(tx, p, ni.Subnet, ni.ID)
	for _, g := range ni.Groups {
		unlink(tx, p, g, ni.ID)
	}
	tx.Delete(addressKey(p, ni.Vpc, ni.Address))
}

// regroup gives an interface other security groups.
func (s *Service) regroup(tx store.Tx, p place, id string, groups []string) {
	ni := s.interfaces.edit(tx, p, id)
	for _, g := range ni.Groups {
		unlink(tx, p, g, id)
	}
	ni.Groups = slices.Clone(groups)
	for _, g := range groups {
		link(tx, p, g, id)
	}
	s.interfaces.put(tx, ni)
}

// addressBucket is the index of interfaces by address:
//
//	ec2.address  ACCOUNT/REGION/VPC/ADDRESS  id of the interface
const addressBucket = "ec2.address\x00"

func addressKey(p place, vpc string, a netip.Addr) string {
	return addressBucket + p.prefix() + vpc + "/" + a.String()
}

// interfaceAt is the interface of an address in a VPC; nil: there is none.
func (s *Service) interfaceAt(r store.Reader, p place, vpc string, a netip.Addr) *networkInterface {
	id := r.Get(addressKey(p, vpc, a))
	if id == nil {
		return nil
	}
	return s.interfaces.get(r, p, string(id))
}

// interfacesOf are the interfaces of a subnet, or those that have a security group.
func (s *Service) interfacesOf(r store.Reader, p place, id string) iter.Seq[*networkInterface] {
	return func(yield func(*networkInterface) bool) {
		for eni := range linked(r, p, id, networkInterfaceKind.prefix) {
			if !yield(s.interfaces.get(r, p, eni)) {
				return
			}
		}
	}
}

// newMAC is the MAC address of a new interface: one that is administered locally.
func (s *Service) newMAC() string {
	hex := s.ids.Hex(10)
	mac := "02"
	for i := 0; i < len(hex); i += 2 {
		mac += ":" + hex[i:i+2]
	}
	return mac
}

// interfaceFamily is network interfaces as far as VPCs and subnets are concerned
// [X036] [X048].
func (s *Service) interfaceFamily() family {
	return family{
		blocks: func(r store.Reader, v *vpc) bool {
			return firstLinked(r, v.place(), v.ID, networkInterfaceKind.prefix) != ""
		},
		uses: func(r store.Reader, sn *subnet) bool {
			return firstLinked(r, sn.place(), sn.ID, networkInterfaceKind.prefix) != ""
		},
		addresses: func(r store.Reader, sn *subnet) int {
			n := 0
			for range linked(r, sn.place(), sn.ID, networkInterfaceKind.prefix) {
				n++
			}
			return n
		},
	}
}
