package ec2

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
)

// asGiven finds a group by the id that the request says.
func asGiven(pair *UserIdGroupPair) (string, error) { return pair.GroupId, nil }

// permit is a permission of a protocol and ports; -2 stands for no port.
func permit(protocol string, from, to int32, peers ...string) IpPermission {
	p := IpPermission{IpProtocol: protocol}
	if from != -2 {
		p.FromPort = &from
	}
	if to != -2 {
		p.ToPort = &to
	}
	for _, peer := range peers {
		switch {
		case strings.HasPrefix(peer, "sg-"):
			p.UserIdGroupPairs = append(p.UserIdGroupPairs, UserIdGroupPair{GroupId: peer})
		case strings.HasPrefix(peer, "pl-"):
			p.PrefixListIds = append(p.PrefixListIds, PrefixListId{PrefixListId: peer})
		case strings.Contains(peer, ":"):
			p.Ipv6Ranges = append(p.Ipv6Ranges, Ipv6Range{CidrIpv6: peer})
		default:
			p.IpRanges = append(p.IpRanges, IpRange{CidrIp: peer})
		}
	}
	return p
}

// One permission is one rule for each of its peers, and rules have one form, however
// they are written.
func TestTrafficOf(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		permissions []IpPermission
		want        []traffic
	}{
		"X060: a rule for each range, list and group": {
			[]IpPermission{permit("tcp", 443, 444, "10.0.0.0/8", "192.168.0.0/16", "2001:db8::/32", "pl-1", "sg-1")},
			[]traffic{
				{Protocol: "tcp", From: 443, To: 444, CIDR: "10.0.0.0/8"},
				{Protocol: "tcp", From: 443, To: 444, CIDR: "192.168.0.0/16"},
				{Protocol: "tcp", From: 443, To: 444, CIDRv6: "2001:db8::/32"},
				{Protocol: "tcp", From: 443, To: 444, PrefixList: "pl-1"},
				{Protocol: "tcp", From: 443, To: 444, Group: "sg-1"},
			},
		},
		"X065: all protocols have no ports": {
			[]IpPermission{permit("-1", 0, 0, "0.0.0.0/0"), permit("-1", -2, -2, "::/0"), permit("-1", 22, 23, "10.0.0.0/8")},
			[]traffic{
				{Protocol: "-1", From: -1, To: -1, CIDR: "0.0.0.0/0"},
				{Protocol: "-1", From: -1, To: -1, CIDRv6: "::/0"},
				{Protocol: "-1", From: -1, To: -1, CIDR: "10.0.0.0/8"},
			},
		},
		"protocols by number": {
			[]IpPermission{permit("6", 1, 1, "10.0.0.0/8"), permit("17", 1, 1, "10.0.0.0/8"), permit("1", 3, 4, "10.0.0.0/8"), permit("58", -2, -2, "::/0"), permit("050", 7, 8, "10.0.0.0/8")},
			[]traffic{
				{Protocol: "tcp", From: 1, To: 1, CIDR: "10.0.0.0/8"},
				{Protocol: "udp", From: 1, To: 1, CIDR: "10.0.0.0/8"},
				{Protocol: "icmp", From: 3, To: 4, CIDR: "10.0.0.0/8"},
				{Protocol: "icmpv6", From: -1, To: -1, CIDRv6: "::/0"},
				{Protocol: "50", From: -1, To: -1, CIDR: "10.0.0.0/8"},
			},
		},
		"names in capitals": {
			[]IpPermission{permit("TCP", 0, 65535, "10.0.0.0/8")},
			[]traffic{{Protocol: "tcp", From: 0, To: 65535, CIDR: "10.0.0.0/8"}},
		},
		"ICMP: all types, and all codes of one": {
			[]IpPermission{permit("icmp", -1, -1, "10.0.0.0/8"), permit("icmp", 8, -1, "10.0.0.0/8"), permit("icmpv6", 128, -2, "::/0")},
			[]traffic{
				{Protocol: "icmp", From: -1, To: -1, CIDR: "10.0.0.0/8"},
				{Protocol: "icmp", From: 8, To: -1, CIDR: "10.0.0.0/8"},
				{Protocol: "icmpv6", From: 128, To: -1, CIDRv6: "::/0"},
			},
		},
		"addresses in canonical form": {
			[]IpPermission{permit("udp", 53, 53, "100.68.0.18/18", "2001:0db8:0:0:1::7/64")},
			[]traffic{
				{Protocol: "udp", From: 53, To: 53, CIDR: "100.68.0.0/18"},
				{Protocol: "udp", From: 53, To: 53, CIDRv6: "2001:db8::/64"},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := trafficOf(c.permissions, asGiven)
			if err != nil {
				t.Fatal(err)
			}
			var plain []traffic
			for _, d := range got {
				plain = append(plain, d.traffic)
			}
			if diff := cmp.Diff(c.want, plain); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestTrafficOfRefuses(t *testing.T) {
	t.Parallel()
	unknown := &api.Error{Code: "InvalidGroup.NotFound"}
	described := permit("tcp", 1, 1, "10.0.0.0/8")
	described.IpRanges[0].Description = "it's mine"
	long := permit("tcp", 1, 1, "pl-1")
	long.PrefixListIds[0].Description = strings.Repeat("x", 256)
	for name, c := range map[string]struct {
		permissions []IpPermission
		code, text  string
	}{
		"no protocol":          {[]IpPermission{permit("", 1, 1, "10.0.0.0/8")}, "MissingParameter", "The request must contain the parameter ipProtocol"},
		"no such protocol":     {[]IpPermission{permit("all", 1, 1, "10.0.0.0/8")}, "InvalidParameterValue", "Invalid value 'all' for IP protocol. Unknown protocol."},
		"no such number":       {[]IpPermission{permit("256", 1, 1, "10.0.0.0/8")}, "InvalidParameterValue", "Invalid value '256' for IP protocol. Unknown protocol."},
		"-2":                   {[]IpPermission{permit("-2", 1, 1, "10.0.0.0/8")}, "InvalidParameterValue", "Invalid value '-2' for IP protocol. Unknown protocol."},
		"one port":             {[]IpPermission{permit("tcp", -2, 22, "10.0.0.0/8")}, "InvalidParameterValue", "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange."},
		"no port":              {[]IpPermission{permit("udp", -2, -2, "10.0.0.0/8")}, "InvalidParameterValue", "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange."},
		"port -1":              {[]IpPermission{permit("tcp", -1, -1, "10.0.0.0/8")}, "InvalidParameterValue", "TCP/UDP port (-1) out of range"},
		"port 65536":           {[]IpPermission{permit("udp", 1, 65536, "10.0.0.0/8")}, "InvalidParameterValue", "TCP/UDP port (65536) out of range"},
		"ports the wrong way":  {[]IpPermission{permit("tcp", 2, 1, "10.0.0.0/8")}, "InvalidParameterValue", "Invalid TCP/UDP port range (2:1)"},
		"no type of ICMP":      {[]IpPermission{permit("icmp", -2, -2, "10.0.0.0/8")}, "InvalidParameterValue", "Invalid value 'Must specify both from and to ports with ICMP.' for portRange."},
		"no such type":         {[]IpPermission{permit("icmp", 256, 0, "10.0.0.0/8")}, "InvalidParameterValue", "ICMP type (256) out of range"},
		"no such code":         {[]IpPermission{permit("icmp", 1, 65535, "10.0.0.0/8")}, "InvalidParameterValue", "ICMP code (65535) out of range"},
		"a code of all types":  {[]IpPermission{permit("icmpv6", -1, 3, "::/0")}, "InvalidParameterValue", "ICMP code (3) out of range"},
		"no peer":              {[]IpPermission{permit("tcp", 1, 1)}, "MissingParameter", "Missing source specification: include source security group or CIDR information"},
		"no range":             {[]IpPermission{permit("tcp", 1, 1, "10.0.0.1")}, "InvalidParameterValue", "CIDR block 10.0.0.1 is malformed"},
		"too long a prefix":    {[]IpPermission{permit("tcp", 1, 1, "10.0.0.0/33")}, "InvalidParameterValue", "CIDR block 10.0.0.0/33 is malformed"},
		"IPv6 for IPv4":        {[]IpPermission{{IpProtocol: "-1", IpRanges: []IpRange{{CidrIp: "::/0"}}}}, "InvalidParameterValue", "CIDR block ::/0 is malformed"},
		"IPv4 for IPv6":        {[]IpPermission{{IpProtocol: "-1", Ipv6Ranges: []Ipv6Range{{CidrIpv6: "0.0.0.0/0"}}}}, "InvalidParameterValue", "CIDR block 0.0.0.0/0 is malformed"},
		"the same twice":       {[]IpPermission{permit("tcp", 1, 1, "10.0.0.0/8", "10.1.0.0/8")}, "InvalidParameterValue", "The same permission must not appear multiple times"},
		"the same in another":  {[]IpPermission{permit("tcp", 1, 1, "sg-1"), permit("6", 1, 1, "sg-1")}, "InvalidParameterValue", "The same permission must not appear multiple times"},
		"no such group":        {[]IpPermission{permit("tcp", 1, 1, "sg-none")}, "InvalidGroup.NotFound", ""},
		"a bad description":    {[]IpPermission{described}, "InvalidParameterValue", "Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"},
		"too long a one":       {[]IpPermission{long}, "InvalidParameterValue", "Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"},
		"one bad among others": {[]IpPermission{permit("tcp", 1, 1, "10.0.0.0/8"), permit("tcp", 1, 1, "::")}, "InvalidParameterValue", "CIDR block :: is malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := trafficOf(c.permissions, func(pair *UserIdGroupPair) (string, error) {
				if pair.GroupId == "sg-none" {
					return "", unknown
				}
				return pair.GroupId, nil
			})
			if e := api.AsError(err); err == nil || e.Code != c.code || c.text != "" && e.Message != c.text {
				t.Errorf("%v, want %s %s", err, c.code, c.text)
			}
		})
	}
}

// The error of a rule that is there already names its traffic.
func TestTrafficText(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]traffic{
		"peer: 10.0.0.0/8, TCP, from port: 22, to port: 23, ALLOW": {Protocol: "tcp", From: 22, To: 23, CIDR: "10.0.0.0/8"},
		"peer: ::/0, UDP, from port: 53, to port: 53, ALLOW":       {Protocol: "udp", From: 53, To: 53, CIDRv6: "::/0"},
		"peer: sg-1, ALL, ALLOW":                                   {Protocol: "-1", From: -1, To: -1, Group: "sg-1"},
		"peer: 10.0.0.0/8, ICMP, type: ALL, code: ALL, ALLOW":      {Protocol: "icmp", From: -1, To: -1, CIDR: "10.0.0.0/8"},
		"peer: pl-1, ICMP, type: 3, code: 4, ALLOW":                {Protocol: "icmp", From: 3, To: 4, PrefixList: "pl-1"},
		"peer: 10.0.0.0/8, 50, ALLOW":                              {Protocol: "50", From: -1, To: -1, CIDR: "10.0.0.0/8"},
	} {
		if got := c.text(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
