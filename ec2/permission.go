package ec2

import (
	"net/netip"
	"strconv"
	"strings"
)

// IpPermission is what some addresses, prefix lists and groups may send or be sent:
// the rules of a security group that have one protocol and one range of ports.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html.
type IpPermission struct {
	IpProtocol       string
	FromPort         *int32
	ToPort           *int32
	UserIdGroupPairs []UserIdGroupPair `name:"groups" query:"Groups"`
	IpRanges         []IpRange
	Ipv6Ranges       []Ipv6Range
	PrefixListIds    []PrefixListId
}

// IpRange is a range of IPv4 addresses in a permission.
type IpRange struct {
	CidrIp      string
	Description string
}

// Ipv6Range is a range of IPv6 addresses in a permission.
type Ipv6Range struct {
	CidrIpv6    string
	Description string
}

// PrefixListId is a prefix list in a permission.
type PrefixListId struct {
	PrefixListId string
	Description  string
}

// UserIdGroupPair is a security group in a permission.
type UserIdGroupPair struct {
	Description            string
	UserId                 string
	GroupName              string
	GroupId                string
	VpcId                  string
	VpcPeeringConnectionId string
	PeeringStatus          string
}

// traffic is what one rule of a security group lets through, in the one form in which
// it is kept and compared: a group has no two rules of one direction and the same traffic.
type traffic struct {
	// Protocol is tcp, udp, icmp, icmpv6, the number of another one, or -1 for all.
	Protocol string
	// From and To are the ports of TCP and UDP, and type and code of ICMP, where -1
	// stands for all. They are -1 for protocols without ports [X065].
	From, To int32
	// One of these is set: a range of addresses, a prefix list, or a security group.
	CIDR       string `json:",omitempty"`
	CIDRv6     string `json:",omitempty"`
	PrefixList string `json:",omitempty"`
	Group      string `json:",omitempty"`
}

// Protocols that EC2 knows by name.
const (
	anyProtocol = "-1"
	tcp         = "tcp"
	udp         = "udp"
	icmp        = "icmp"
	icmpv6      = "icmpv6"
)

const maxPort = 65535

// hasPorts reports whether the protocol has ports, or types and codes.
func (t *traffic) hasPorts() bool {
	switch t.Protocol {
	case tcp, udp, icmp, icmpv6:
		return true
	default:
		return false
	}
}

// described is traffic with the description that a request gives it.
type described struct {
	traffic
	Description string
}

// trafficOf is what permissions let through: one item for each range, prefix list and
// group [X060]. group finds the id of a group.
func trafficOf(permissions []IpPermission, group func(*UserIdGroupPair) (string, error)) ([]described, error) {
	var all []described
	for i := range permissions {
		p := &permissions[i]
		t, err := p.ports()
		if err != nil {
			return nil, err
		}
		these, err := p.peers(t, group)
		if err != nil {
			return nil, err
		}
		all = append(all, these...)
	}
	seen := make(map[traffic]bool, len(all))
	for _, d := range all {
		if seen[d.traffic] {
			return nil, errSamePermission
		}
		seen[d.traffic] = true
		if err := checkDescription(d.Description, errRuleDescription); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// ports are the protocol and ports of a permission.
func (p *IpPermission) ports() (t traffic, err error) {
	if t.Protocol, err = protocol(p.IpProtocol); err != nil {
		return t, err
	}
	t.From, t.To, err = portRange(t.Protocol, p.FromPort, p.ToPort)
	return t, err
}

// peers is t for everyone whom the permission names.
func (p *IpPermission) peers(t traffic, group func(*UserIdGroupPair) (string, error)) (all []described, err error) {
	for _, r := range p.IpRanges {
		peer := t
		if peer.CIDR, err = cidr(r.CidrIp, netip.Addr.Is4); err != nil {
			return nil, err
		}
		all = append(all, described{peer, r.Description})
	}
	for _, r := range p.Ipv6Ranges {
		peer := t
		if peer.CIDRv6, err = cidr(r.CidrIpv6, netip.Addr.Is6); err != nil {
			return nil, err
		}
		all = append(all, described{peer, r.Description})
	}
	for _, l := range p.PrefixListIds {
		peer := t
		peer.PrefixList = l.PrefixListId
		all = append(all, described{peer, l.Description})
	}
	for i := range p.UserIdGroupPairs {
		pair := &p.UserIdGroupPairs[i]
		peer := t
		if peer.Group, err = group(pair); err != nil {
			return nil, err
		}
		all = append(all, described{peer, pair.Description})
	}
	if len(all) == 0 {
		return nil, errNoSource
	}
	return all, nil
}

// protocol is a protocol in the form in which it is shown: four have names, whether
// a request says the name or the number, and all others are numbers.
func protocol(text string) (string, error) {
	switch strings.ToLower(text) {
	case "":
		return "", missing("ipProtocol")
	case anyProtocol:
		return anyProtocol, nil
	case tcp, "6":
		return tcp, nil
	case udp, "17":
		return udp, nil
	case icmp, "1":
		return icmp, nil
	case icmpv6, "58":
		return icmpv6, nil
	}
	n, err := strconv.ParseUint(text, 10, 8)
	if err != nil {
		return "", errInvalidValue.Withf("Invalid value '%s' for IP protocol. Unknown protocol.", text)
	}
	return strconv.FormatUint(n, 10), nil
}

// portRange is the range of ports of a permission, or type and code of ICMP. Other
// protocols have no ports, and whatever a request gives as such means nothing [X065].
func portRange(protocol string, from, to *int32) (int32, int32, error) {
	switch protocol {
	case tcp, udp:
		return ports(from, to)
	case icmp:
		if from == nil || to == nil {
			return 0, 0, errInvalidValue.With("Invalid value 'Must specify both from and to ports with ICMP.' for portRange.")
		}
		return messages(*from, *to)
	case icmpv6:
		return messages(orAll(from), orAll(to))
	default:
		return -1, -1, nil
	}
}

func orAll(n *int32) int32 {
	if n == nil {
		return -1
	}
	return *n
}

// ports is a range of ports of TCP or UDP.
func ports(from, to *int32) (int32, int32, error) {
	if from == nil || to == nil {
		return 0, 0, errInvalidValue.With("Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.")
	}
	for _, port := range []int32{*from, *to} {
		if port < 0 || port > maxPort {
			return 0, 0, errInvalidValue.Withf("TCP/UDP port (%d) out of range", port)
		}
	}
	if *from > *to {
		return 0, 0, errInvalidValue.Withf("Invalid TCP/UDP port range (%d:%d)", *from, *to)
	}
	return *from, *to, nil
}

// messages are a type and code of ICMP. All types have all codes.
func messages(kind, code int32) (int32, int32, error) {
	switch {
	case kind < -1 || kind > 255:
		return 0, 0, errInvalidValue.Withf("ICMP type (%d) out of range", kind)
	case code < -1 || code > 255 || kind == -1 && code != -1:
		return 0, 0, errInvalidValue.Withf("ICMP code (%d) out of range", code)
	}
	return kind, code, nil
}

// cidr is a range of addresses in the form in which AWS shows it: 10.0.0.5/16 is 10.0.0.0/16.
func cidr(text string, family func(netip.Addr) bool) (string, error) {
	p, err := netip.ParsePrefix(text)
	if err != nil || !family(p.Addr()) {
		return "", errInvalidValue.Withf("CIDR block %s is malformed", text)
	}
	return p.Masked().String(), nil
}

// text is the traffic as the error of a rule that is there already names it [X061].
func (t *traffic) text() string {
	parts := "peer: " + t.CIDR + t.CIDRv6 + t.PrefixList + t.Group + ", "
	switch t.Protocol {
	case anyProtocol:
		return parts + "ALL, ALLOW"
	case tcp, udp:
		return parts + strings.ToUpper(t.Protocol) + ", from port: " + number(t.From) + ", to port: " + number(t.To) + ", ALLOW"
	case icmp, icmpv6:
		return parts + strings.ToUpper(t.Protocol) + ", type: " + orALL(t.From) + ", code: " + orALL(t.To) + ", ALLOW"
	default:
		return parts + t.Protocol + ", ALLOW"
	}
}

func orALL(n int32) string {
	if n == -1 {
		return "ALL"
	}
	return number(n)
}

func number(n int32) string { return strconv.FormatInt(int64(n), 10) }
