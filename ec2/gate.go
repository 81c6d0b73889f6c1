package ec2

import (
	"net/netip"
	"slices"

	"github.com/waxseal/waxseal/internal/store"
)

// gate is what some security groups let in, with all that is needed to tell for any
// address.
type gate struct {
	traffic []traffic
	// lists are the addresses of the prefix lists that traffic names.
	lists map[string][]netip.Prefix
	// members are the addresses of the interfaces that have the groups which traffic names.
	members map[string][]netip.Addr
}

// gate is what the groups with these ids let in.
func (s *Service) gate(r store.Reader, p place, groups []string) *gate {
	g := &gate{lists: map[string][]netip.Prefix{}, members: map[string][]netip.Addr{}}
	for _, id := range groups {
		for _, rule := range s.rulesOf(r, p, id) {
			if rule.Egress {
				continue
			}
			g.traffic = append(g.traffic, rule.traffic)
			if list := rule.PrefixList; list != "" && g.lists[list] == nil {
				g.lists[list] = s.prefixes(p, list)
			}
			if group := rule.Group; group != "" && g.members[group] == nil {
				for ni := range s.interfacesOf(r, p, group) {
					g.members[group] = append(g.members[group], ni.Address)
				}
			}
		}
	}
	return g
}

// admits reports whether one of the groups lets TCP to a port in from an address. A
// rule that names a group lets in the addresses of that group's interfaces; the
// address of something without an interface, such as a Lambda function that is not
// emulated, is in no group.
func (g *gate) admits(port uint16, from netip.Addr) bool {
	return slices.ContainsFunc(g.traffic, func(t traffic) bool { return t.covers(port) && g.names(&t, from) })
}

// groups are the security groups whose members are let in by TCP to a port, whatever
// their addresses.
func (g *gate) groups(port uint16) []string {
	var ids []string
	for _, t := range g.traffic {
		if t.Group != "" && t.covers(port) && !slices.Contains(ids, t.Group) {
			ids = append(ids, t.Group)
		}
	}
	return ids
}

// covers reports whether the traffic is, or includes, TCP to a port.
func (t *traffic) covers(port uint16) bool {
	return t.Protocol == anyProtocol || t.Protocol == tcp && t.From <= int32(port) && int32(port) <= t.To
}

// names reports whether an address is among those that the traffic is about.
func (g *gate) names(t *traffic, a netip.Addr) bool {
	switch {
	case t.PrefixList != "":
		return slices.ContainsFunc(g.lists[t.PrefixList], func(p netip.Prefix) bool { return p.Contains(a) })
	case t.Group != "":
		return slices.Contains(g.members[t.Group], a)
	default:
		p, err := netip.ParsePrefix(t.CIDR + t.CIDRv6) // one of them is empty
		return err == nil && p.Contains(a)
	}
}
