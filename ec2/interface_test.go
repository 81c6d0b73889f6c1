package ec2

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/storetest/rerun"
)

// network is a default VPC in which tests make interfaces, as endpoints do.
type network struct {
	*Service
	t       *testing.T
	ctx     context.Context
	place   place
	vpc     *vpc
	subnets []*subnet
	group   *securityGroup // the VPC's default one
}

func newNetwork(t *testing.T) *network {
	t.Helper()
	n := &network{t: t, place: place{"123456789012", "us-east-1"}}
	n.Service = New(Config{Engine: rerun.New(), Clock: clock.NewStill(time.Unix(0, 0)), IDs: ids.New()})
	n.ctx = api.WithRequest(t.Context(), &api.Request{Account: n.place.account, Region: n.place.region, Caller: &api.Caller{}})
	n.read(func(r store.Reader) {
		var err error
		if n.vpc, err = n.defaultVpc(r, n.place); err != nil {
			t.Fatal(err)
		}
		n.subnets = nil
		for sn := range n.Service.subnets.all(r, n.place) {
			n.subnets = append(n.subnets, sn)
		}
		n.group = n.defaultGroup(r, n.place, n.vpc.ID)
	})
	return n
}

func (n *network) read(read func(store.Reader)) {
	n.t.Helper()
	if err := n.view(n.ctx, func(r store.Reader) error { read(r); return nil }); err != nil {
		n.t.Fatal(err)
	}
}

func (n *network) write(write func(store.Tx) error) error { return n.update(n.ctx, write) }

// attachAt makes an interface in a subnet.
func (n *network) attachAt(sn *subnet, host byte, groups ...string) *networkInterface {
	n.t.Helper()
	address := sn.Cidr.Addr().As4()
	address[3] = host
	ni := &networkInterface{
		record: record{Account: n.place.account, Region: n.place.region, ID: n.newID(networkInterfaceKind), Tags: []resource.Tag{{Key: "a", Value: "b"}}},
		Vpc:    sn.Vpc, Subnet: sn.ID, Zone: sn.Zone, Address: netip.AddrFrom4(address), Groups: groups,
		Type: "vpc_endpoint", Description: "VPC Endpoint Interface vpce-1", RequesterID: "727180483921", MAC: n.newMAC(), Endpoint: "vpce-1",
	}
	if err := n.write(func(tx store.Tx) error { n.attach(tx, ni); return nil }); err != nil {
		n.t.Fatal(err)
	}
	return ni
}

func (n *network) interfacesBy(filters ...Filter) []NetworkInterface {
	n.t.Helper()
	out, err := n.DescribeNetworkInterfaces(n.ctx, &DescribeNetworkInterfacesInput{Filters: filters})
	if err != nil {
		n.t.Fatal(err)
	}
	return out.NetworkInterfaces
}

func TestDescribeNetworkInterfaces(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	sn := n.subnets[0]
	ni := n.attachAt(sn, 7, n.group.ID)
	address, name := ni.Address.String(), privateName("us-east-1", ni.Address.String())
	value := "b"
	want := []NetworkInterface{{ // [X078] [X080]
		AvailabilityZone: sn.Zone, AvailabilityZoneId: zoneID(n.place, sn.Zone), Description: "VPC Endpoint Interface vpce-1",
		Groups: []GroupIdentifier{{n.group.ID, "default"}}, InterfaceType: "vpc_endpoint", Ipv6Addresses: []NetworkInterfaceIpv6Address{},
		MacAddress: ni.MAC, NetworkInterfaceId: ni.ID, OwnerId: n.place.account, PrivateDnsName: name, PrivateIpAddress: address,
		PrivateIpAddresses: []NetworkInterfacePrivateIpAddress{{Primary: true, PrivateDnsName: name, PrivateIpAddress: address}},
		RequesterId:        "727180483921", RequesterManaged: true, SourceDestCheck: true, Status: "in-use", SubnetId: sn.ID,
		TagSet: []Tag{{"a", &value}}, VpcId: n.vpc.ID,
	}}
	if diff := cmp.Diff(want, n.interfacesBy()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if want[0].AvailabilityZoneId == "" || len(ni.MAC) != len("02:00:00:00:00:00") {
		t.Errorf("zone %q, MAC %s", want[0].AvailabilityZoneId, ni.MAC)
	}
	another := n.attachAt(n.subnets[1], 8)
	for name, value := range map[string]string{ // [X079]
		"addresses.private-ip-address": address, "private-ip-address": address, "availability-zone": sn.Zone, "group-id": n.group.ID, "group-name": "default",
		"network-interface-id": ni.ID, "subnet-id": sn.ID, "mac-address": ni.MAC, "private-dns-name": name,
	} {
		if got := n.interfacesBy(Filter{name, []string{value}}); len(got) != 1 || got[0].NetworkInterfaceId != ni.ID {
			t.Errorf("%s: %d interfaces", name, len(got))
		}
	}
	for name, value := range map[string]string{
		"description": "VPC Endpoint Interface *", "interface-type": "vpc_endpoint", "owner-id": n.place.account, "requester-managed": "true", "status": "in-use",
		"vpc-id": n.vpc.ID, "tag:a": "b", "tag-key": "a", "requester-id": "727180483921", "source-dest-check": "true", "addresses.primary": "true",
	} {
		if got := n.interfacesBy(Filter{name, []string{value}}); len(got) != 2 {
			t.Errorf("%s: %d interfaces", name, len(got))
		}
	}
	if got := n.interfacesBy(Filter{"attachment.status", []string{"*"}}); len(got) != 0 {
		t.Errorf("%d interfaces are attached", len(got))
	}
	five := int32(5)
	_, err := n.DescribeNetworkInterfaces(n.ctx, &DescribeNetworkInterfacesInput{NetworkInterfaceIds: []string{another.ID}, MaxResults: &five})
	if !errors.Is(err, errCombination) { // [X021]
		t.Errorf("ids and MaxResults: %v", err)
	}
	_, err = n.DescribeNetworkInterfaces(n.ctx, &DescribeNetworkInterfacesInput{NetworkInterfaceIds: []string{"eni-12345678"}})
	if e := api.AsError(err); e.Code != "InvalidNetworkInterfaceID.NotFound" || e.Message != "The networkInterface ID 'eni-12345678' does not exist" {
		t.Errorf("no such interface: %v", err)
	}
}

// An interface is found by all that it hangs on, until it is detached.
func TestAttachedInterfaces(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	made, err := n.CreateSecurityGroup(n.ctx, &CreateSecurityGroupInput{GroupName: "web", Description: "d"})
	if err != nil {
		t.Fatal(err)
	}
	sn := n.subnets[0]
	ni := n.attachAt(sn, 7, n.group.ID, made.GroupId)
	have := func(where string) (found []string) {
		n.read(func(r store.Reader) {
			found = nil
			for ni := range n.interfacesOf(r, n.place, where) {
				found = append(found, ni.ID)
			}
		})
		return found
	}
	deleted := func() error {
		_, err := n.DeleteSecurityGroup(n.ctx, &DeleteSecurityGroupInput{GroupId: made.GroupId})
		return err
	}
	for _, where := range []string{n.vpc.ID, sn.ID, n.group.ID, made.GroupId} {
		if diff := cmp.Diff([]string{ni.ID}, have(where)); diff != "" {
			t.Errorf("%s: -want +got\n%s", where, diff)
		}
	}
	n.read(func(r store.Reader) {
		if got := n.interfaceAt(r, n.place, n.vpc.ID, ni.Address); got == nil || got.ID != ni.ID {
			t.Errorf("at the address is %+v", got)
		}
		if !n.used(r, sn) || n.used(r, n.subnets[1]) || !n.blocked(r, n.vpc) {
			t.Error("the subnet with an interface is in use, the other is not, the VPC is") // [X048]
		}
	})
	if err := deleted(); !errors.Is(err, errDependency) { // [X059]
		t.Errorf("deleting the group: %v", err)
	}

	err = n.write(func(tx store.Tx) error { n.regroup(tx, n.place, ni.ID, []string{n.group.ID}); return nil })
	if err != nil || have(made.GroupId) != nil || have(n.group.ID) == nil {
		t.Errorf("regrouped: %v, %q, %q", err, have(made.GroupId), have(n.group.ID))
	}
	if err := deleted(); err != nil {
		t.Error(err)
	}

	err = n.write(func(tx store.Tx) error {
		ni := n.interfaces.get(tx, n.place, ni.ID)
		n.detach(tx, ni)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, where := range []string{n.vpc.ID, sn.ID, n.group.ID} {
		if got := have(where); got != nil {
			t.Errorf("%s still has %q", where, got)
		}
	}
	n.read(func(r store.Reader) {
		if n.interfaceAt(r, n.place, n.vpc.ID, ni.Address) != nil || n.used(r, sn) {
			t.Error("the address is still taken")
		}
	})
}

// The groups of an endpoint let in what their rules say, and members of named groups by
// their addresses.
func TestGateOfGroups(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	var id [2]string
	for i, name := range []string{"endpoint", "lambda"} {
		out, err := n.CreateSecurityGroup(n.ctx, &CreateSecurityGroupInput{GroupName: name, Description: "d"})
		if err != nil {
			t.Fatal(err)
		}
		id[i] = out.GroupId
	}
	member := n.attachAt(n.subnets[0], 9, id[1])
	stranger := n.attachAt(n.subnets[0], 10, n.group.ID)
	admitted := func(groups ...string) (member1, stranger1 bool) {
		n.read(func(r store.Reader) {
			g := n.gate(r, n.place, groups)
			member1, stranger1 = g.admits(443, member.Address), g.admits(443, stranger.Address)
		})
		return member1, stranger1
	}
	want := func(when string, member, stranger bool, groups ...string) {
		t.Helper()
		if m, s := admitted(groups...); m != member || s != stranger {
			t.Errorf("%s: %v, %v, want %v, %v", when, m, s, member, stranger)
		}
	}
	authorize := func(p IpPermission) {
		t.Helper()
		if _, err := n.AuthorizeSecurityGroupIngress(n.ctx, &AuthorizeSecurityGroupIngressInput{GroupId: id[0], IpPermissions: []IpPermission{p}}); err != nil {
			t.Fatal(err)
		}
	}
	want("no rules", false, false, id[0])
	want("no groups", false, false)
	want("the default group", false, true, n.group.ID)
	authorize(permit("tcp", 443, 443, id[1]))
	want("a group's members", true, false, id[0])
	want("two groups", true, true, id[0], n.group.ID)
	n.read(func(r store.Reader) {
		g := n.gate(r, n.place, []string{id[0], n.group.ID})
		if got := g.groups(443); !slices.Equal(got, []string{id[1], n.group.ID}) {
			t.Errorf("members of %q come in", got)
		}
		if got := g.groups(80); !slices.Equal(got, []string{n.group.ID}) { // all protocols
			t.Errorf("members of %q come in by port 80", got)
		}
	})
	authorize(permit("udp", 443, 443, "172.31.0.0/16"))
	want("UDP", true, false, id[0])
	authorize(permit("tcp", 1, 1000, "172.31.0.0/16"))
	want("a range", true, true, id[0])
}

func TestRoutesToEndpoints(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	out, err := n.CreateRouteTable(n.ctx, &CreateRouteTableInput{VpcId: n.vpc.ID})
	if err != nil {
		t.Fatal(err)
	}
	id := out.RouteTable.RouteTableId
	add := func(table, list, endpoint string) error {
		return n.write(func(tx store.Tx) error { return n.addRoute(tx, n.place, table, list, endpoint) })
	}
	if err := add(id, "pl-1", "vpce-1"); err != nil {
		t.Fatal(err)
	}
	if err := add(id, "pl-2", "vpce-2"); err != nil {
		t.Fatal(err)
	}
	err = add(id, "pl-1", "vpce-3")
	if e := api.AsError(err); e.Code != "RouteAlreadyExists" || e.Message != "route table "+id+" already has a route with destination-prefix-list-id pl-1" { // [X107]
		t.Errorf("the route is there: %v", err)
	}
	if err := add("rtb-12345678", "pl-1", "vpce-3"); api.AsError(err).Code != "InvalidRouteTableID.NotFound" {
		t.Errorf("no such table: %v", err)
	}
	routes := func() []Route {
		out, err := n.DescribeRouteTables(n.ctx, &DescribeRouteTablesInput{RouteTableIds: []string{id}})
		if err != nil {
			t.Fatal(err)
		}
		return out.RouteTables[0].Routes[1:] // without the local one
	}
	want := []Route{ // [X077]
		{DestinationPrefixListId: "pl-1", GatewayId: "vpce-1", Origin: "CreateRoute", State: "active"},
		{DestinationPrefixListId: "pl-2", GatewayId: "vpce-2", Origin: "CreateRoute", State: "active"},
	}
	if diff := cmp.Diff(want, routes()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if _, err := n.DeleteRouteTable(n.ctx, &DeleteRouteTableInput{RouteTableId: id}); !errors.Is(err, errDependency) {
		t.Errorf("deleting a table with routes: %v", err)
	}
	for _, endpoint := range []string{"vpce-1", "vpce-2"} {
		if err := n.write(func(tx store.Tx) error { n.removeRoute(tx, n.place, id, endpoint); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if got := routes(); len(got) != 0 {
		t.Errorf("left are %+v", got)
	}
	if _, err := n.DeleteRouteTable(n.ctx, &DeleteRouteTableInput{RouteTableId: id}); err != nil {
		t.Error(err)
	}
}
