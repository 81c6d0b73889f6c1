package ec2

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// AssociateRouteTableInput is the input of AssociateRouteTable.
type AssociateRouteTableInput struct {
	GatewayId      string
	PublicIpv4Pool string
	DryRun         bool
	SubnetId       string
	RouteTableId   string `check:"required"`
}

// AssociateRouteTableOutput is the output of AssociateRouteTable [X074].
type AssociateRouteTableOutput struct {
	AssociationId    string
	AssociationState *RouteTableAssociationState
}

// joined is a route table and a subnet; of a subnet that has no table, or will have
// none, nothing else is needed.
type joined struct {
	table  *routeTable
	subnet *subnet
	// association is the id of the association of the two, where there is one.
	association string
}

// associateChecks asks about the table and the subnet.
func (s *Service) associateChecks(ctx context.Context, in *AssociateRouteTableInput) ([]api.Check, *joined, error) {
	err := firstUnsupported(member{"GatewayId", in.GatewayId != ""}, member{"PublicIpv4Pool", in.PublicIpv4Pool != ""})
	if err != nil {
		return nil, nil, err
	}
	if in.SubnetId == "" {
		return nil, nil, missing("subnetId")
	}
	onTable, t, err := onOne(s, s.routeTables, func(in *AssociateRouteTableInput) string { return in.RouteTableId })(ctx, in)
	if err != nil {
		return nil, nil, err
	}
	onSubnet, sn, err := onOne(s, s.subnets, func(in *AssociateRouteTableInput) string { return in.SubnetId })(ctx, in)
	const action = "ec2:AssociateRouteTable"
	return []api.Check{{Action: action, Target: onTable}, {Action: action, Target: onSubnet}}, &joined{table: t, subnet: sn}, err
}

// AssociateRouteTable gives a subnet a route table in place of the main one.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateRouteTable.html.
func (s *Service) AssociateRouteTable(ctx context.Context, in *AssociateRouteTableInput) (*AssociateRouteTableOutput, error) {
	return api.DoChecks(ctx, in, s.associateChecks, s.associateRouteTable)
}

func (s *Service) associateRouteTable(ctx context.Context, on *joined, _ *AssociateRouteTableInput) (*AssociateRouteTableOutput, error) {
	t, sn := on.table, on.subnet
	if t.Vpc != sn.Vpc {
		return nil, errInvalidValue.Withf("Route table %s and subnet %s belong to different networks", t.ID, sn.ID)
	}
	a := routeAssociation{s.newID(routeAssociationKind), sn.ID}
	err := s.update(ctx, func(tx store.Tx) error {
		if err := confirm(tx, t); err != nil {
			return err
		}
		if err := confirm(tx, sn); err != nil {
			return err
		}
		p := t.place()
		if firstLinked(tx, p, sn.ID, routeTableKind.prefix) != "" {
			return errAlreadyAssociated.Withf("the specified association for route table %s conflicts with an existing association", t.ID) // [X074]
		}
		t := s.routeTables.edit(tx, p, t.ID)
		t.Associations = append(t.Associations, a)
		s.routeTables.put(tx, t)
		link(tx, p, sn.ID, t.ID)
		link(tx, p, a.ID, t.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &AssociateRouteTableOutput{a.ID, associated()}, nil
}

// DisassociateRouteTableInput is the input of DisassociateRouteTable.
type DisassociateRouteTableInput struct {
	DryRun        bool
	AssociationId string `check:"required"`
}

// DisassociateRouteTableOutput is the output of DisassociateRouteTable.
type DisassociateRouteTableOutput struct{}

// disassociateChecks asks about the table and, where the association is with one, the
// subnet.
func (s *Service) disassociateChecks(ctx context.Context, in *DisassociateRouteTableInput) (checks []api.Check, on *joined, err error) {
	if err := routeAssociationKind.check(in.AssociationId); err != nil {
		return nil, nil, err
	}
	const action = "ec2:DisassociateRouteTable"
	err = s.view(ctx, func(r store.Reader) error {
		p := placeOf(ctx)
		t := s.routeTables.get(r, p, firstLinked(r, p, in.AssociationId, routeTableKind.prefix))
		if t == nil {
			none := target(ctx, routeTableKind, "*", t)
			none.Missing = routeAssociationKind.notFound(in.AssociationId)
			checks, on = []api.Check{{Action: action, Target: none}}, nil
			return nil
		}
		checks, on = []api.Check{{Action: action, Target: target(ctx, routeTableKind, t.ID, t)}}, &joined{table: t, association: in.AssociationId}
		for _, a := range t.Associations {
			if a.ID == in.AssociationId {
				on.subnet = s.subnets.get(r, p, a.Subnet)
				checks = append(checks, api.Check{Action: action, Target: target(ctx, subnetKind, a.Subnet, on.subnet)})
			}
		}
		return nil
	})
	return checks, on, err
}

// DisassociateRouteTable gives a subnet the main route table back [X073].
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateRouteTable.html.
func (s *Service) DisassociateRouteTable(ctx context.Context, in *DisassociateRouteTableInput) (*DisassociateRouteTableOutput, error) {
	return api.DoChecks(ctx, in, s.disassociateChecks, s.disassociateRouteTable)
}

func (s *Service) disassociateRouteTable(ctx context.Context, on *joined, _ *DisassociateRouteTableInput) (*DisassociateRouteTableOutput, error) {
	if on.association == on.table.Main {
		return nil, errInvalidValue.Withf("cannot disassociate the main route table association %s", on.association)
	}
	err := s.update(ctx, func(tx store.Tx) error {
		if err := confirm(tx, on.table); err != nil {
			return err
		}
		s.dissociate(tx, on.table.place(), on.table.ID, func(a routeAssociation) bool { return a.ID == on.association })
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &DisassociateRouteTableOutput{}, nil
}
