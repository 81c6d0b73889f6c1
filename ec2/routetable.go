package ec2

import (
	"context"
	"slices"
	"strconv"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

func (s *Service) routeOperations() []api.Operation {
	return []api.Operation{
		api.OnChecks("CreateRouteTable", s.createRouteTable, creates("CreateRouteTable"), s.createTableChecks),
		api.Op("DescribeRouteTables", s.DescribeRouteTables, "ec2:DescribeRouteTables", anything[*DescribeRouteTablesInput], api.ReadOnly),
		api.On("DeleteRouteTable", s.deleteRouteTable, "ec2:DeleteRouteTable", s.deletedTable),
		api.OnChecks("AssociateRouteTable", s.associateRouteTable, []string{"ec2:AssociateRouteTable"}, s.associateChecks),
		api.OnChecks("DisassociateRouteTable", s.disassociateRouteTable, []string{"ec2:DisassociateRouteTable"}, s.disassociateChecks),
	}
}

var (
	routeTableKind = &kind{
		name: "route-table", prefix: "rtb-",
		malformed: "InvalidRouteTableId.Malformed", missing: "InvalidRouteTableID.NotFound", text: "The routeTable ID '%s' does not exist", // [X026]
	}
	routeAssociationKind = &kind{
		prefix:    "rtbassoc-",
		malformed: "InvalidAssociationID.Malformed", missing: "InvalidAssociationID.NotFound", text: "The association ID '%s' does not exist", // [X026]
	}
)

// routeTable is a route table. It is stored in ec2.routetable, and hangs on its VPC, on
// the subnets that it is associated with and on the associations' ids.
type routeTable struct {
	record

	Vpc string
	// Main is the id of the association by which the table is that of all subnets
	// without another; empty: it is not [X072].
	Main         string             `json:",omitempty"`
	Associations []routeAssociation `json:",omitempty"` // with subnets
	// Routes are those to gateway endpoints. The one within the VPC, which every table
	// has, is not among them.
	Routes []endpointRoute `json:",omitempty"`
}

// routeAssociation is the association of a route table with a subnet.
type routeAssociation struct{ ID, Subnet string }

// endpointRoute leads to a service, by its prefix list, through a gateway endpoint [X077].
type endpointRoute struct{ PrefixList, Endpoint string }

func (t *routeTable) kind() *kind { return routeTableKind }

func (t *routeTable) conditionKeys(c *policyeval.Context) {
	c.Set("ec2:RouteTableID", t.ID)
	c.Set("ec2:Vpc", t.place().arn(vpcKind, t.Vpc))
}

// routeFamily is route tables as far as VPCs and subnets are concerned [X035] [X036]. A
// subnet that is deleted leaves its table.
func (s *Service) routeFamily() family {
	return family{
		bring: func(tx store.Tx, v *vpc) {
			t := &routeTable{record: record{Account: v.Account, Region: v.Region, ID: s.newID(routeTableKind)}, Vpc: v.ID, Main: s.newID(routeAssociationKind)}
			s.putTable(tx, t)
			link(tx, v.place(), t.Main, t.ID)
		},
		blocks: func(r store.Reader, v *vpc) bool {
			for id := range linked(r, v.place(), v.ID, routeTableKind.prefix) {
				if s.routeTables.get(r, v.place(), id).Main == "" {
					return true
				}
			}
			return false
		},
		take: func(tx store.Tx, v *vpc) {
			t := s.routeTables.get(tx, v.place(), firstLinked(tx, v.place(), v.ID, routeTableKind.prefix))
			unlink(tx, v.place(), t.Main, t.ID)
			s.dropTable(tx, t)
		},
		leave: func(tx store.Tx, sn *subnet) {
			if id := firstLinked(tx, sn.place(), sn.ID, routeTableKind.prefix); id != "" {
				s.dissociate(tx, sn.place(), id, func(a routeAssociation) bool { return a.Subnet == sn.ID })
			}
		},
	}
}

// putTable stores a new table.
func (s *Service) putTable(tx store.Tx, t *routeTable) {
	s.routeTables.put(tx, t)
	link(tx, t.place(), t.Vpc, t.ID)
}

// dropTable removes a table.
func (s *Service) dropTable(tx store.Tx, t *routeTable) {
	s.routeTables.delete(tx, t)
	unlink(tx, t.place(), t.Vpc, t.ID)
}

// dissociate ends those of a table's associations that gone says.
func (s *Service) dissociate(tx store.Tx, p place, id string, gone func(routeAssociation) bool) {
	t := s.routeTables.edit(tx, p, id)
	t.Associations = slices.DeleteFunc(t.Associations, func(a routeAssociation) bool {
		if !gone(a) {
			return false
		}
		unlink(tx, p, a.Subnet, id)
		unlink(tx, p, a.ID, id)
		return true
	})
	s.routeTables.put(tx, t)
}

// addRoute gives a table the route to a gateway endpoint's service.
func (s *Service) addRoute(tx store.Tx, p place, table, prefixList, endpoint string) error {
	t := s.routeTables.edit(tx, p, table)
	if t == nil {
		return routeTableKind.notFound(table)
	}
	if slices.ContainsFunc(t.Routes, func(r endpointRoute) bool { return r.PrefixList == prefixList }) {
		return errRouteExists.Withf("route table %s already has a route with destination-prefix-list-id %s", table, prefixList) // [X107]
	}
	t.Routes = append(t.Routes, endpointRoute{prefixList, endpoint})
	s.routeTables.put(tx, t)
	return nil
}

// removeRoute takes the route to a gateway endpoint from a table.
func (s *Service) removeRoute(tx store.Tx, p place, table, endpoint string) {
	t := s.routeTables.edit(tx, p, table)
	t.Routes = slices.DeleteFunc(t.Routes, func(r endpointRoute) bool { return r.Endpoint == endpoint })
	s.routeTables.put(tx, t)
}

// RouteTable is a route table as it is described [X072].
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RouteTable.html.
type RouteTable struct {
	Associations    []RouteTableAssociation `name:"associationSet"`
	PropagatingVgws []PropagatingVgw        `name:"propagatingVgwSet"`
	RouteTableId    string
	Routes          []Route `name:"routeSet"`
	Tags            []Tag   `name:"tagSet"`
	VpcId           string
	OwnerId         string
}

// RouteTableAssociation is the association of a table with a subnet or, of the main
// one, with the VPC.
type RouteTableAssociation struct {
	Main                    bool
	RouteTableAssociationId string
	RouteTableId            string
	SubnetId                string
	GatewayId               string
	PublicIpv4Pool          string
	AssociationState        *RouteTableAssociationState
}

// RouteTableAssociationState is what has become of an association.
type RouteTableAssociationState struct{ State, StatusMessage string }

// PropagatingVgw is a gateway that adds routes to a table by itself. There are none here.
type PropagatingVgw struct{ GatewayId string }

// Route is a route of a table.
type Route struct {
	DestinationCidrBlock        string
	DestinationIpv6CidrBlock    string
	DestinationPrefixListId     string
	EgressOnlyInternetGatewayId string
	GatewayId                   string
	InstanceId                  string
	InstanceOwnerId             string
	NatGatewayId                string
	TransitGatewayId            string
	LocalGatewayId              string
	CarrierGatewayId            string
	NetworkInterfaceId          string
	Origin                      string
	State                       string
	VpcPeeringConnectionId      string
	CoreNetworkArn              string
	OdbNetworkArn               string
	IpAddress                   string
}

// associated is the state of every association [X073].
func associated() *RouteTableAssociationState {
	return &RouteTableAssociationState{State: stateAssociated}
}

// tableAssociations are those of a table: the main one, then those with subnets.
func (t *routeTable) tableAssociations() []RouteTableAssociation {
	all := []RouteTableAssociation{}
	if t.Main != "" {
		all = append(all, RouteTableAssociation{Main: true, RouteTableAssociationId: t.Main, RouteTableId: t.ID, AssociationState: associated()})
	}
	for _, a := range t.Associations {
		all = append(all, RouteTableAssociation{RouteTableAssociationId: a.ID, RouteTableId: t.ID, SubnetId: a.Subnet, AssociationState: associated()})
	}
	return all
}

// shownTable is the table as answers show it.
func (s *Service) shownTable(r store.Reader, t *routeTable) RouteTable {
	shown := RouteTable{
		Associations: t.tableAssociations(), PropagatingVgws: []PropagatingVgw{}, RouteTableId: t.ID,
		Routes: []Route{{DestinationCidrBlock: s.vpcs.get(r, t.place(), t.Vpc).Cidr.String(), GatewayId: "local", Origin: "CreateRouteTable", State: "active"}},
		Tags:   shownTags(t.Tags), VpcId: t.Vpc, OwnerId: t.Account,
	}
	for _, route := range t.Routes {
		shown.Routes = append(shown.Routes, Route{DestinationPrefixListId: route.PrefixList, GatewayId: route.Endpoint, Origin: "CreateRoute", State: "active"}) // [X077]
	}
	return shown
}

// CreateRouteTableInput is the input of CreateRouteTable.
type CreateRouteTableInput struct {
	TagSpecifications []TagSpecification `query:"TagSpecification"`
	ClientToken       string
	DryRun            bool
	VpcId             string `check:"required"`
}

// CreateRouteTableOutput is the output of CreateRouteTable.
type CreateRouteTableOutput struct {
	RouteTable  RouteTable
	ClientToken string
}

// createTableChecks asks about the table and its VPC.
func (s *Service) createTableChecks(ctx context.Context, in *CreateRouteTableInput) ([]api.Check, *vpc, error) {
	tags, err := specifiedTags(ctx, in.TagSpecifications, routeTableKind)
	if err != nil {
		return nil, nil, err
	}
	t, v, err := onOne(s, s.vpcs, func(in *CreateRouteTableInput) string { return in.VpcId })(ctx, in)
	if err != nil {
		return nil, nil, err
	}
	checks := creating("CreateRouteTable", newTarget(ctx, routeTableKind, tags, nil), tags)
	return append(checks, api.Check{Action: "ec2:CreateRouteTable", Target: t}), v, nil
}

// CreateRouteTable makes a route table of a VPC, with nothing but the route within it.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRouteTable.html.
func (s *Service) CreateRouteTable(ctx context.Context, in *CreateRouteTableInput) (*CreateRouteTableOutput, error) {
	return api.DoChecks(ctx, in, s.createTableChecks, s.createRouteTable)
}

func (s *Service) createRouteTable(ctx context.Context, v *vpc, in *CreateRouteTableInput) (out *CreateRouteTableOutput, err error) {
	tags, err := specifiedTags(ctx, in.TagSpecifications, routeTableKind)
	if err != nil {
		return nil, err
	}
	t := &routeTable{record: record{Account: v.Account, Region: v.Region, ID: s.newID(routeTableKind), Tags: tags}, Vpc: v.ID}
	err = s.update(ctx, func(tx store.Tx) (err error) {
		if err := confirm(tx, v); err != nil {
			return err
		}
		out, err = once(ctx, s, tx, "CreateRouteTable", in.ClientToken, in, func() (*CreateRouteTableOutput, error) {
			s.putTable(tx, t)
			return &CreateRouteTableOutput{s.shownTable(tx, t), in.ClientToken}, nil
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// DeleteRouteTableInput is the input of DeleteRouteTable.
type DeleteRouteTableInput struct {
	DryRun       bool
	RouteTableId string `check:"required"`
}

// DeleteRouteTableOutput is the output of DeleteRouteTable.
type DeleteRouteTableOutput struct{}

func (s *Service) deletedTable(ctx context.Context, in *DeleteRouteTableInput) (api.Target, *routeTable, error) {
	return onOne(s, s.routeTables, func(in *DeleteRouteTableInput) string { return in.RouteTableId })(ctx, in)
}

// DeleteRouteTable deletes a route table that no subnet has and no gateway endpoint is
// reached by.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteRouteTable.html.
func (s *Service) DeleteRouteTable(ctx context.Context, in *DeleteRouteTableInput) (*DeleteRouteTableOutput, error) {
	return api.Do(ctx, in, s.deletedTable, s.deleteRouteTable)
}

func (s *Service) deleteRouteTable(ctx context.Context, t *routeTable, _ *DeleteRouteTableInput) (*DeleteRouteTableOutput, error) {
	if t.Main != "" || len(t.Associations) > 0 || len(t.Routes) > 0 {
		return nil, errDependency.Withf("The routeTable '%s' has dependencies and cannot be deleted.", t.ID) // [X075]
	}
	err := s.update(ctx, func(tx store.Tx) error {
		if err := confirm(tx, t); err != nil {
			return err
		}
		s.dropTable(tx, t)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &DeleteRouteTableOutput{}, nil
}

// DescribeRouteTablesInput is the input of DescribeRouteTables.
type DescribeRouteTablesInput struct {
	NextToken     string
	MaxResults    *int32 `check:"min=5,max=100"` // [X020]
	DryRun        bool
	RouteTableIds []string `query:"RouteTableId"`
	Filters       []Filter `query:"Filter"`
}

// DescribeRouteTablesOutput is the output of DescribeRouteTables.
type DescribeRouteTablesOutput struct {
	RouteTables []RouteTable `name:"routeTableSet"`
	NextToken   string
}

// routeFilters are those of DescribeRouteTables [X076], on tables as they are shown.
var routeFilters = filterTable[RouteTable]{
	"association.gateway-id":                 none[RouteTable],
	"association.main":                       ofAssociations(func(a RouteTableAssociation) string { return strconv.FormatBool(a.Main) }),
	"association.route-table-association-id": ofAssociations(func(a RouteTableAssociation) string { return a.RouteTableAssociationId }),
	"association.route-table-id":             ofAssociations(func(a RouteTableAssociation) string { return a.RouteTableId }),
	"association.subnet-id":                  ofAssociations(func(a RouteTableAssociation) string { return a.SubnetId }),
	"owner-id":                               one(func(t RouteTable) string { return t.OwnerId }),
	"route-table-id":                         one(func(t RouteTable) string { return t.RouteTableId }),
	"route.destination-cidr-block":           ofRoutes(func(r Route) string { return r.DestinationCidrBlock }),
	"route.destination-ipv6-cidr-block":      none[RouteTable],
	"route.destination-prefix-list-id":       ofRoutes(func(r Route) string { return r.DestinationPrefixListId }),
	"route.egress-only-internet-gateway-id":  none[RouteTable],
	"route.gateway-id":                       ofRoutes(func(r Route) string { return r.GatewayId }),
	"route.instance-id":                      none[RouteTable],
	"route.nat-gateway-id":                   none[RouteTable],
	"route.origin":                           ofRoutes(func(r Route) string { return r.Origin }),
	"route.state":                            ofRoutes(func(r Route) string { return r.State }),
	"route.transit-gateway-id":               none[RouteTable],
	"route.vpc-peering-connection-id":        none[RouteTable],
	"vpc-id":                                 one(func(t RouteTable) string { return t.VpcId }),
}

func ofAssociations(value func(RouteTableAssociation) string) func(RouteTable) []string {
	return every(func(t RouteTable) []RouteTableAssociation { return t.Associations }, value)
}

func ofRoutes(value func(Route) string) func(RouteTable) []string {
	return every(func(t RouteTable) []Route { return t.Routes }, value)
}

// DescribeRouteTables lists route tables.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRouteTables.html.
func (s *Service) DescribeRouteTables(ctx context.Context, in *DescribeRouteTablesInput) (*DescribeRouteTablesOutput, error) {
	var tables []RouteTable
	err := s.view(ctx, func(r store.Reader) error {
		found, err := s.routeTables.findAll(r, placeOf(ctx), in.RouteTableIds)
		tables = make([]RouteTable, len(found))
		for i, t := range found {
			tables[i] = s.shownTable(r, t)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	found, err := filtered(tables, in.Filters, routeFilters, func(t RouteTable) []resource.Tag { return givenTags(t.Tags) })
	if err != nil {
		return nil, err
	}
	found, next, err := page(found, func(t RouteTable) string { return t.RouteTableId }, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	return &DescribeRouteTablesOutput{found, next}, nil
}
