package ec2_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/ec2"
)

// tables are the route tables that pass filters.
func (w *testbed) tables(filters ...ec2.Filter) []ec2.RouteTable {
	w.t.Helper()
	out, err := w.DescribeRouteTables(here, &ec2.DescribeRouteTablesInput{Filters: filters})
	return must(w.t, out, err).RouteTables
}

// newTable makes a route table of a VPC.
func (w *testbed) newTable(vpc string) ec2.RouteTable {
	w.t.Helper()
	out, err := w.CreateRouteTable(here, &ec2.CreateRouteTableInput{VpcId: vpc})
	return must(w.t, out, err).RouteTable
}

// associate gives a subnet a route table, and answers the id of the association.
func (w *testbed) associate(table, subnet string) string {
	w.t.Helper()
	out, err := w.AssociateRouteTable(here, &ec2.AssociateRouteTableInput{RouteTableId: table, SubnetId: subnet})
	return must(w.t, out, err).AssociationId
}

// deleteSubnet deletes a subnet.
func (w *testbed) deleteSubnet(id string) {
	w.t.Helper()
	if _, err := w.DeleteSubnet(here, &ec2.DeleteSubnetInput{SubnetId: id}); err != nil {
		w.t.Fatal(err)
	}
}

var associated = &ec2.RouteTableAssociationState{State: "associated"}

func local(cidr string) []ec2.Route {
	return []ec2.Route{{DestinationCidrBlock: cidr, GatewayId: "local", Origin: "CreateRouteTable", State: "active"}}
}

func TestCreateRouteTable(t *testing.T) {
	w := newTestbed(t)
	vpc := w.newVpc("10.0.0.0/16").VpcId
	out, err := w.CreateRouteTable(here, &ec2.CreateRouteTableInput{VpcId: vpc, TagSpecifications: tags("route-table", "Name", "private")})
	made := must(t, out, err).RouteTable
	want := ec2.RouteTable{ // [X072]
		RouteTableId: made.RouteTableId, VpcId: vpc, OwnerId: account, Tags: tagList("Name", "private"),
		Associations: []ec2.RouteTableAssociation{}, PropagatingVgws: []ec2.PropagatingVgw{}, Routes: local("10.0.0.0/16"),
	}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if diff := cmp.Diff([]ec2.RouteTable{want}, w.tables(filter("tag:Name", "private"))); diff != "" {
		t.Errorf("described: -want +got\n%s", diff)
	}
	main := w.tables(filter("vpc-id", vpc), filter("association.main", "true"))
	if len(main) != 1 {
		t.Fatalf("%d main tables", len(main))
	}
	id := main[0].RouteTableId
	want = ec2.RouteTable{
		RouteTableId: id, VpcId: vpc, OwnerId: account, Tags: []ec2.Tag{}, PropagatingVgws: []ec2.PropagatingVgw{}, Routes: local("10.0.0.0/16"),
		Associations: []ec2.RouteTableAssociation{{Main: true, RouteTableAssociationId: main[0].Associations[0].RouteTableAssociationId, RouteTableId: id, AssociationState: associated}},
	}
	if diff := cmp.Diff(want, main[0]); diff != "" {
		t.Errorf("the main table: -want +got\n%s", diff)
	}
	_, err = w.CreateRouteTable(here, &ec2.CreateRouteTableInput{VpcId: "vpc-12345678"})
	wantError(t, err, "InvalidVpcID.NotFound", "The vpc ID 'vpc-12345678' does not exist")
}

// A client token makes one table, however often it is sent [X023].
func TestCreateRouteTableOnce(t *testing.T) {
	w := newTestbed(t)
	vpc := w.newVpc("10.0.0.0/16").VpcId
	create := func(in ec2.CreateRouteTableInput) (*ec2.CreateRouteTableOutput, error) {
		in.VpcId, in.ClientToken = vpc, "token"
		return w.CreateRouteTable(here, &in)
	}
	out, err := create(ec2.CreateRouteTableInput{})
	first := must(t, out, err)
	out, err = create(ec2.CreateRouteTableInput{})
	if diff := cmp.Diff(first, must(t, out, err)); diff != "" || first.ClientToken != "token" {
		t.Errorf("token %q: -want +got\n%s", first.ClientToken, diff)
	}
	_, err = create(ec2.CreateRouteTableInput{TagSpecifications: tags("route-table", "a", "b")})
	wantError(t, err, "IdempotentParameterMismatch", "The request uses the same client token as a previous, but non-identical request.")
	if got := w.tables(filter("vpc-id", vpc)); len(got) != 2 {
		t.Errorf("there are %d tables", len(got))
	}
}

func TestAssociateRouteTable(t *testing.T) {
	w := newTestbed(t)
	vpc := w.newVpc("10.0.0.0/16").VpcId
	table, other, subnet := w.newTable(vpc).RouteTableId, w.newTable(vpc).RouteTableId, w.newSubnet(vpc, "10.0.1.0/24").SubnetId
	elsewhere := w.newVpc("10.1.0.0/16").VpcId
	strange := w.newSubnet(elsewhere, "10.1.1.0/24").SubnetId
	out, err := w.AssociateRouteTable(here, &ec2.AssociateRouteTableInput{RouteTableId: table, SubnetId: subnet})
	made := must(t, out, err)
	if diff := cmp.Diff(&ec2.AssociateRouteTableOutput{AssociationId: made.AssociationId, AssociationState: associated}, made); diff != "" {
		t.Errorf("[X074]: -want +got\n%s", diff)
	}
	want := []ec2.RouteTableAssociation{{RouteTableAssociationId: made.AssociationId, RouteTableId: table, SubnetId: subnet, AssociationState: associated}} // [X073]
	if diff := cmp.Diff(want, w.tables(filter("association.subnet-id", subnet))[0].Associations); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for name, c := range map[string]struct {
		in            ec2.AssociateRouteTableInput
		code, message string
	}{
		"another table":  {ec2.AssociateRouteTableInput{RouteTableId: other, SubnetId: subnet}, "Resource.AlreadyAssociated", "the specified association for route table " + other + " conflicts with an existing association"},
		"the same again": {ec2.AssociateRouteTableInput{RouteTableId: table, SubnetId: subnet}, "Resource.AlreadyAssociated", "the specified association for route table " + table + " conflicts with an existing association"},
		"another VPC":    {ec2.AssociateRouteTableInput{RouteTableId: table, SubnetId: strange}, "InvalidParameterValue", "Route table " + table + " and subnet " + strange + " belong to different networks"},
		"no table":       {ec2.AssociateRouteTableInput{RouteTableId: "rtb-12345678", SubnetId: subnet}, "InvalidRouteTableID.NotFound", "The routeTable ID 'rtb-12345678' does not exist"},
		"no subnet":      {ec2.AssociateRouteTableInput{RouteTableId: table, SubnetId: "subnet-12345678"}, "InvalidSubnetID.NotFound", "The subnet ID 'subnet-12345678' does not exist"},
		"nothing":        {ec2.AssociateRouteTableInput{RouteTableId: table}, "MissingParameter", "The request must contain the parameter subnetId"},
		"a gateway":      {ec2.AssociateRouteTableInput{RouteTableId: table, GatewayId: "igw-1"}, "UnsupportedOperation", "The parameter GatewayId is not supported."},
	} {
		_, err := w.AssociateRouteTable(here, &c.in)
		t.Run(name, func(t *testing.T) { wantError(t, err, c.code, c.message) })
	}

	disassociate := func(id string) error {
		_, err := w.DisassociateRouteTable(here, &ec2.DisassociateRouteTableInput{AssociationId: id})
		return err
	}
	if err := disassociate(made.AssociationId); err != nil {
		t.Fatal(err)
	}
	if got := w.tables(filter("route-table-id", table))[0].Associations; len(got) != 0 {
		t.Errorf("[X073]: left are %+v", got)
	}
	wantError(t, disassociate(made.AssociationId), "InvalidAssociationID.NotFound", "The association ID '"+made.AssociationId+"' does not exist")
	wantError(t, disassociate("x"), "InvalidAssociationID.Malformed", `Invalid id: "x" (expecting "rtbassoc-...")`)
	main := w.tables(filter("vpc-id", vpc), filter("association.main", "true"))[0].Associations[0].RouteTableAssociationId
	wantError(t, disassociate(main), "InvalidParameterValue", "cannot disassociate the main route table association "+main)
	w.associate(other, subnet)
}

func TestDeleteRouteTable(t *testing.T) {
	w := newTestbed(t)
	vpc := w.newVpc("10.0.0.0/16").VpcId
	table, subnet := w.newTable(vpc).RouteTableId, w.newSubnet(vpc, "10.0.1.0/24").SubnetId
	w.associate(table, subnet)
	main := w.tables(filter("vpc-id", vpc), filter("association.main", "true"))[0].RouteTableId
	deleted := func(id string) error {
		_, err := w.DeleteRouteTable(here, &ec2.DeleteRouteTableInput{RouteTableId: id})
		return err
	}
	for _, id := range []string{table, main} {
		wantError(t, deleted(id), "DependencyViolation", "The routeTable '"+id+"' has dependencies and cannot be deleted.") // [X075]
	}
	w.deleteSubnet(subnet) // which leaves the table
	if got := w.tables(filter("route-table-id", table))[0].Associations; len(got) != 0 {
		t.Errorf("left are %+v", got)
	}
	if err := deleted(table); err != nil {
		t.Fatal(err)
	}
	wantError(t, deleted(table), "InvalidRouteTableID.NotFound", "The routeTable ID '"+table+"' does not exist")
	wantError(t, deleted("x"), "InvalidRouteTableId.Malformed", `Invalid id: "x" (expecting "rtb-...")`)
}

func TestRouteTableFilters(t *testing.T) {
	w := newTestbed(t)
	vpc := w.newVpc("10.0.0.0/16").VpcId
	table, subnet := w.newTable(vpc).RouteTableId, w.newSubnet(vpc, "10.0.1.0/24").SubnetId
	association := w.associate(table, subnet)
	for _, c := range []struct {
		filter ec2.Filter
		want   int
	}{
		{filter("association.main", "false"), 1},
		{filter("association.main", "true"), 1},
		{filter("association.route-table-association-id", association), 1},
		{filter("association.route-table-id", table), 1},
		{filter("association.subnet-id", subnet), 1},
		{filter("association.gateway-id", "*"), 0},
		{filter("owner-id", account), 2},
		{filter("route-table-id", table), 1},
		{filter("route.destination-cidr-block", "10.0.0.0/16"), 2},
		{filter("route.destination-prefix-list-id", "pl-*"), 0},
		{filter("route.gateway-id", "local"), 2},
		{filter("route.nat-gateway-id", "*"), 0},
		{filter("route.origin", "CreateRouteTable"), 2},
		{filter("route.state", "active"), 2},
		{filter("tag-key", "*"), 0},
	} {
		if got := w.tables(filter("vpc-id", vpc), c.filter); len(got) != c.want {
			t.Errorf("%s %q: %d, want %d", c.filter.Name, c.filter.Values, len(got), c.want)
		}
	}
}

// A VPC is deleted with what it came with, and not before the rest is gone [X035] [X036].
func TestVpcGoesWithWhatItBrought(t *testing.T) {
	w := newTestbed(t)
	vpc := w.newVpc("10.0.0.0/16").VpcId
	group, table := w.newGroup(vpc, "web"), w.newTable(vpc).RouteTableId
	deleted := func() error {
		_, err := w.DeleteVpc(here, &ec2.DeleteVpcInput{VpcId: vpc})
		return err
	}
	blocked := "The vpc '" + vpc + "' has dependencies and cannot be deleted."
	wantError(t, deleted(), "DependencyViolation", blocked)
	if _, err := w.DeleteSecurityGroup(here, &ec2.DeleteSecurityGroupInput{GroupId: group}); err != nil {
		t.Fatal(err)
	}
	wantError(t, deleted(), "DependencyViolation", blocked)
	if _, err := w.DeleteRouteTable(here, &ec2.DeleteRouteTableInput{RouteTableId: table}); err != nil {
		t.Fatal(err)
	}
	if err := deleted(); err != nil {
		t.Fatal(err)
	}
	of := filter("vpc-id", vpc)
	if g, a, r := w.groups(of), w.acls(of), w.tables(of); len(g)+len(a)+len(r) != 0 {
		t.Errorf("left are %q, %+v, %+v", g, a, r)
	}
	if got := w.rules(); len(got) != 2 { // of the default VPC's group
		t.Errorf("left are the rules %+v", got)
	}
}
