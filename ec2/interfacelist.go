package ec2

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

// NetworkInterface is a network interface as it is described. Its tags are called
// TagSet, and not Tags [X080].
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html.
type NetworkInterface struct {
	Association                     *NetworkInterfaceAssociation
	Attachment                      *NetworkInterfaceAttachment
	AvailabilityZone                string
	ConnectionTrackingConfiguration *ConnectionTrackingConfiguration
	Description                     string
	Groups                          []GroupIdentifier `name:"groupSet"`
	InterfaceType                   string
	Ipv6Addresses                   []NetworkInterfaceIpv6Address `name:"ipv6AddressesSet"`
	MacAddress                      string
	NetworkInterfaceId              string
	OutpostArn                      string
	OwnerId                         string
	PrivateDnsName                  string
	PublicDnsName                   string
	PublicIpDnsNameOptions          *PublicIpDnsNameOptions
	PrivateIpAddress                string
	PrivateIpAddresses              []NetworkInterfacePrivateIpAddress `name:"privateIpAddressesSet"`
	Ipv4Prefixes                    []Ipv4PrefixSpecification          `name:"ipv4PrefixSet"`
	Ipv6Prefixes                    []Ipv6PrefixSpecification          `name:"ipv6PrefixSet"`
	RequesterId                     string
	RequesterManaged                bool
	SourceDestCheck                 bool
	Status                          string
	SubnetId                        string
	TagSet                          []Tag
	VpcId                           string
	DenyAllIgwTraffic               *bool
	Ipv6Native                      *bool
	Ipv6Address                     string
	Operator                        *OperatorResponse
	AssociatedSubnets               []string `name:"associatedSubnetSet"`
	AvailabilityZoneId              string
}

// GroupIdentifier is a security group of an interface or endpoint.
type GroupIdentifier struct{ GroupId, GroupName string }

// NetworkInterfaceAssociation is the public address of an interface. None has one here.
type NetworkInterfaceAssociation struct {
	AllocationId, AssociationId, IpOwnerId, PublicDnsName, PublicIp, CustomerOwnedIp, CarrierIp string
}

// NetworkInterfaceAttachment is what an interface is attached to.
type NetworkInterfaceAttachment struct {
	AttachTime          time.Time
	AttachmentId        string
	DeleteOnTermination bool
	DeviceIndex         int32
	NetworkCardIndex    *int32
	InstanceId          string
	InstanceOwnerId     string
	Status              string
	EnaSrdSpecification *AttachmentEnaSrdSpecification
	EnaQueueCount       *int32
}

// AttachmentEnaSrdSpecification is about ENA Express, which is left out.
type AttachmentEnaSrdSpecification struct {
	EnaSrdEnabled          *bool
	EnaSrdUdpSpecification *AttachmentEnaSrdUdpSpecification
}

// AttachmentEnaSrdUdpSpecification is about ENA Express, which is left out.
type AttachmentEnaSrdUdpSpecification struct{ EnaSrdUdpEnabled *bool }

// ConnectionTrackingConfiguration is how long idle connections are kept, in seconds.
type ConnectionTrackingConfiguration struct {
	TcpEstablishedTimeout, UdpStreamTimeout, UdpTimeout *int32
}

// NetworkInterfaceIpv6Address is an IPv6 address of an interface.
type NetworkInterfaceIpv6Address struct {
	Ipv6Address, PublicIpv6DnsName string
	IsPrimaryIpv6                  *bool
}

// PublicIpDnsNameOptions are the public names of an interface.
type PublicIpDnsNameOptions struct {
	DnsHostnameType, PublicIpv4DnsName, PublicIpv6DnsName, PublicDualStackDnsName string
}

// NetworkInterfacePrivateIpAddress is a private address of an interface.
type NetworkInterfacePrivateIpAddress struct {
	Association      *NetworkInterfaceAssociation
	Primary          bool
	PrivateDnsName   string
	PrivateIpAddress string
}

// Ipv4PrefixSpecification is a range of addresses that an interface has.
type Ipv4PrefixSpecification struct{ Ipv4Prefix string }

// Ipv6PrefixSpecification is a range of IPv6 addresses that an interface has.
type Ipv6PrefixSpecification struct{ Ipv6Prefix string }

// OperatorResponse is which service manages a resource.
type OperatorResponse struct {
	Managed         *bool
	Principal       string
	HiddenByDefault *bool
}

// DescribeNetworkInterfacesInput is the input of DescribeNetworkInterfaces. The filters
// are Filter.N as everywhere, although AWS's model writes the name small [X080].
type DescribeNetworkInterfacesInput struct {
	NextToken               string
	MaxResults              *int32 `check:"min=5,max=1000"`
	IncludeManagedResources bool
	DryRun                  bool
	NetworkInterfaceIds     []string `query:"NetworkInterfaceId"`
	Filters                 []Filter `query:"Filter"`
}

// DescribeNetworkInterfacesOutput is the output of DescribeNetworkInterfaces.
type DescribeNetworkInterfacesOutput struct {
	NetworkInterfaces []NetworkInterface `name:"networkInterfaceSet"`
	NextToken         string
}

// interfaceFilters are those of DescribeNetworkInterfaces [X079], on interfaces as they
// are shown. Interfaces of endpoints are attached to nothing that attachments would show.
var interfaceFilters = filterTable[NetworkInterface]{
	"addresses.primary":                func(ni NetworkInterface) []string { return []string{"true"} },
	"addresses.private-ip-address":     one(func(ni NetworkInterface) string { return ni.PrivateIpAddress }),
	"addresses.association.owner-id":   none[NetworkInterface],
	"addresses.association.public-ip":  none[NetworkInterface],
	"association.allocation-id":        none[NetworkInterface],
	"association.association-id":       none[NetworkInterface],
	"association.ip-owner-id":          none[NetworkInterface],
	"association.public-dns-name":      none[NetworkInterface],
	"association.public-ip":            none[NetworkInterface],
	"attachment.attach-time":           none[NetworkInterface],
	"attachment.attachment-id":         none[NetworkInterface],
	"attachment.delete-on-termination": none[NetworkInterface],
	"attachment.device-index":          none[NetworkInterface],
	"attachment.instance-id":           none[NetworkInterface],
	"attachment.instance-owner-id":     none[NetworkInterface],
	"attachment.status":                none[NetworkInterface],
	"availability-zone":                one(func(ni NetworkInterface) string { return ni.AvailabilityZone }),
	"availability-zone-id":             one(func(ni NetworkInterface) string { return ni.AvailabilityZoneId }),
	"description":                      one(func(ni NetworkInterface) string { return ni.Description }),
	"group-id":                         every(func(ni NetworkInterface) []GroupIdentifier { return ni.Groups }, func(g GroupIdentifier) string { return g.GroupId }),
	"group-name":                       every(func(ni NetworkInterface) []GroupIdentifier { return ni.Groups }, func(g GroupIdentifier) string { return g.GroupName }),
	"interface-type":                   one(func(ni NetworkInterface) string { return ni.InterfaceType }),
	"ipv6-addresses.ipv6-address":      none[NetworkInterface],
	"mac-address":                      one(func(ni NetworkInterface) string { return ni.MacAddress }),
	"network-interface-id":             one(func(ni NetworkInterface) string { return ni.NetworkInterfaceId }),
	"operator.managed":                 none[NetworkInterface],
	"operator.principal":               none[NetworkInterface],
	"owner-id":                         one(func(ni NetworkInterface) string { return ni.OwnerId }),
	"private-dns-name":                 one(func(ni NetworkInterface) string { return ni.PrivateDnsName }),
	"private-ip-address":               one(func(ni NetworkInterface) string { return ni.PrivateIpAddress }),
	"requester-id":                     one(func(ni NetworkInterface) string { return ni.RequesterId }),
	"requester-managed":                one(func(ni NetworkInterface) string { return strconv.FormatBool(ni.RequesterManaged) }),
	"source-dest-check":                one(func(ni NetworkInterface) string { return strconv.FormatBool(ni.SourceDestCheck) }),
	"status":                           one(func(ni NetworkInterface) string { return ni.Status }),
	"subnet-id":                        one(func(ni NetworkInterface) string { return ni.SubnetId }),
	"vpc-id":                           one(func(ni NetworkInterface) string { return ni.VpcId }),
}

// DescribeNetworkInterfaces lists network interfaces.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html.
func (s *Service) DescribeNetworkInterfaces(ctx context.Context, in *DescribeNetworkInterfacesInput) (*DescribeNetworkInterfacesOutput, error) {
	if in.MaxResults != nil && len(in.NetworkInterfaceIds) > 0 {
		return nil, errCombination.With("The parameter NetworkInterfaceIds cannot be used with the parameter MaxResults") // [X021]
	}
	var all []NetworkInterface
	err := s.view(ctx, func(r store.Reader) error {
		found, err := s.interfaces.findAll(r, placeOf(ctx), in.NetworkInterfaceIds)
		all = make([]NetworkInterface, len(found))
		for i, ni := range found {
			all[i] = s.shownInterface(r, ni)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	found, err := filtered(all, in.Filters, interfaceFilters, func(ni NetworkInterface) []resource.Tag { return givenTags(ni.TagSet) })
	if err != nil {
		return nil, err
	}
	found, next, err := page(found, func(ni NetworkInterface) string { return ni.NetworkInterfaceId }, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	return &DescribeNetworkInterfacesOutput{found, next}, nil
}

// shownInterface is the interface as answers show it: one that a service manages for
// the account [X078].
func (s *Service) shownInterface(r store.Reader, ni *networkInterface) NetworkInterface {
	p, address := ni.place(), ni.Address.String()
	name := privateName(p.region, address)
	return NetworkInterface{
		AvailabilityZone: ni.Zone, AvailabilityZoneId: zoneID(p, ni.Zone), Description: ni.Description,
		Groups: s.identifiers(r, p, ni.Groups), InterfaceType: ni.Type, Ipv6Addresses: []NetworkInterfaceIpv6Address{},
		MacAddress: ni.MAC, NetworkInterfaceId: ni.ID, OwnerId: ni.Account, PrivateDnsName: name, PrivateIpAddress: address,
		PrivateIpAddresses: []NetworkInterfacePrivateIpAddress{{Primary: true, PrivateDnsName: name, PrivateIpAddress: address}},
		RequesterId:        ni.RequesterID, RequesterManaged: true, SourceDestCheck: true, Status: "in-use", SubnetId: ni.Subnet,
		TagSet: shownTags(ni.Tags), VpcId: ni.Vpc,
	}
}

// identifiers are security groups with their names.
func (s *Service) identifiers(r store.Reader, p place, ids []string) []GroupIdentifier {
	groups := make([]GroupIdentifier, len(ids))
	for i, id := range ids {
		groups[i] = GroupIdentifier{id, s.nameOf(r, p, id)}
	}
	return groups
}

// privateName is the name that an address has within its VPC.
//
// See https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html.
func privateName(region, address string) string {
	domain := region + ".compute.internal"
	if region == "us-east-1" {
		domain = "ec2.internal"
	}
	return "ip-" + strings.ReplaceAll(address, ".", "-") + "." + domain
}

// zoneID is the id of a place's zone.
func zoneID(p place, name string) string {
	for _, z := range zonesOf(p) {
		if z.name == name {
			return z.id
		}
	}
	return ""
}
