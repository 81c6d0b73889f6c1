package ec2

import (
	"net/netip"
	"testing"
)

// What a security group lets in depends on protocol, port, and who asks.
func TestGate(t *testing.T) {
	t.Parallel()
	here := netip.MustParseAddr("10.0.1.7")
	lists := map[string][]netip.Prefix{"pl-1": {netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("10.0.1.0/24")}}
	members := map[string][]netip.Addr{"sg-1": {netip.MustParseAddr("10.0.1.6")}, "sg-2": {netip.MustParseAddr("10.0.1.6"), here}}
	for name, c := range map[string]struct {
		traffic traffic
		from    netip.Addr
		want    bool
	}{
		"a range with the address":       {traffic{Protocol: "tcp", From: 443, To: 443, CIDR: "10.0.0.0/16"}, here, true},
		"a range without it":             {traffic{Protocol: "tcp", From: 443, To: 443, CIDR: "10.1.0.0/16"}, here, false},
		"ports around it":                {traffic{Protocol: "tcp", From: 0, To: 65535, CIDR: "0.0.0.0/0"}, here, true},
		"ports below":                    {traffic{Protocol: "tcp", From: 80, To: 442, CIDR: "0.0.0.0/0"}, here, false},
		"ports above":                    {traffic{Protocol: "tcp", From: 444, To: 500, CIDR: "0.0.0.0/0"}, here, false},
		"all protocols":                  {traffic{Protocol: "-1", From: -1, To: -1, CIDR: "0.0.0.0/0"}, here, true},
		"UDP":                            {traffic{Protocol: "udp", From: 443, To: 443, CIDR: "0.0.0.0/0"}, here, false},
		"ICMP":                           {traffic{Protocol: "icmp", From: -1, To: -1, CIDR: "0.0.0.0/0"}, here, false},
		"another protocol":               {traffic{Protocol: "50", From: -1, To: -1, CIDR: "0.0.0.0/0"}, here, false},
		"IPv6":                           {traffic{Protocol: "-1", From: -1, To: -1, CIDRv6: "2001:db8::/32"}, netip.MustParseAddr("2001:db8::1"), true},
		"IPv4 is not in all of IPv6":     {traffic{Protocol: "-1", From: -1, To: -1, CIDRv6: "::/0"}, here, false},
		"a list with it":                 {traffic{Protocol: "tcp", From: 443, To: 443, PrefixList: "pl-1"}, here, true},
		"a list without it":              {traffic{Protocol: "tcp", From: 443, To: 443, PrefixList: "pl-1"}, netip.MustParseAddr("10.0.2.1"), false},
		"no such list":                   {traffic{Protocol: "tcp", From: 443, To: 443, PrefixList: "pl-2"}, here, false},
		"a group that the address is in": {traffic{Protocol: "tcp", From: 443, To: 443, Group: "sg-2"}, here, true},
		"a group of others":              {traffic{Protocol: "tcp", From: 443, To: 443, Group: "sg-1"}, here, false},
		"a group of nobody":              {traffic{Protocol: "-1", From: -1, To: -1, Group: "sg-3"}, here, false},
	} {
		g := gate{traffic: []traffic{c.traffic}, lists: lists, members: members}
		if got := g.admits(443, c.from); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
