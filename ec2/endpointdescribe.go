package ec2

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/waxseal/waxseal/internal/store"
)

// DescribeVpcEndpointsInput is the input of DescribeVpcEndpoints. MaxResults of more
// than 1,000 stand for 1,000 [X020].
type DescribeVpcEndpointsInput struct {
	VpcEndpointIds []string `query:"VpcEndpointId"`
	Filters        []Filter `query:"Filter"`
	MaxResults     *int32   `check:"min=1"`
	NextToken      string
	DryRun         bool
}

// DescribeVpcEndpointsOutput is the output of DescribeVpcEndpoints.
type DescribeVpcEndpointsOutput struct {
	VpcEndpoints []VpcEndpoint `name:"vpcEndpointSet"`
	NextToken    string
}

// endpointFilters are those of DescribeVpcEndpoints [X117].
var endpointFilters = filterTable[*vpcEndpoint]{
	"ip-address-type":    one(func(*vpcEndpoint) string { return addressesIPv4 }),
	"service-name":       one(func(e *vpcEndpoint) string { return e.Service }),
	"service-region":     one(func(e *vpcEndpoint) string { return e.Region }),
	"vpc-id":             one(func(e *vpcEndpoint) string { return e.Vpc }),
	"vpc-endpoint-id":    one(idOf[*vpcEndpoint]),
	"vpc-endpoint-state": one((*vpcEndpoint).state),
	"vpc-endpoint-type":  one(func(e *vpcEndpoint) string { return e.Type }),
}

// DescribeVpcEndpoints lists VPC endpoints, with those that are being deleted.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpoints.html.
func (s *Service) DescribeVpcEndpoints(ctx context.Context, in *DescribeVpcEndpointsInput) (*DescribeVpcEndpointsOutput, error) {
	var out *DescribeVpcEndpointsOutput
	err := s.view(ctx, func(r store.Reader) error {
		found, err := s.findEndpoints(r, placeOf(ctx), in.VpcEndpointIds)
		if err != nil {
			return err
		}
		found, err = filtered(found, in.Filters, endpointFilters, tagsOf[*vpcEndpoint])
		if err != nil {
			return err
		}
		found, next, err := page(found, idOf[*vpcEndpoint], in.NextToken, most(in.MaxResults))
		if err != nil {
			return err
		}
		out = &DescribeVpcEndpointsOutput{make([]VpcEndpoint, len(found)), next}
		for i, e := range found {
			out.VpcEndpoints[i] = *s.shownEndpoint(r, e)
		}
		return nil
	})
	return out, err
}

// findEndpoints are the endpoints of ids, or all of a place, with those that are being
// deleted.
func (s *Service) findEndpoints(r store.Reader, p place, ids []string) ([]*vpcEndpoint, error) {
	now := s.clock.Now()
	if len(ids) == 0 {
		return slices.AppendSeq(slices.Collect(s.endpoints.all(r, p)), s.shownDeleting(r, p, now)), nil
	}
	var found []*vpcEndpoint
	for _, id := range unique(ids) {
		e, err := s.endpoints.find(r, p, id)
		if err != nil {
			deleting := s.deleting.Get(r, p.key(id))
			if deleting == nil || !now.Before(deleting.Gone) {
				return nil, err
			}
			e = deleting
		}
		found = append(found, e)
	}
	return found, nil
}

// shownDeleting are the endpoints of a place that were deleted and are still shown.
func (s *Service) shownDeleting(r store.Reader, p place, now time.Time) iter.Seq[*vpcEndpoint] {
	return func(yield func(*vpcEndpoint) bool) {
		for _, e := range s.deleting.Scan(r, p.prefix(), "", store.All) {
			if now.Before(e.Gone) && !yield(e) {
				return
			}
		}
	}
}

// state is the endpoint's state as answers show it [X094].
func (e *vpcEndpoint) state() string {
	if e.Gone.IsZero() {
		return stateAvailable
	}
	return stateDeleting
}

// shownEndpoint is an endpoint as answers show it [X092] [X100].
func (s *Service) shownEndpoint(r store.Reader, e *vpcEndpoint) *VpcEndpoint {
	shown := &VpcEndpoint{
		VpcEndpointId: e.ID, VpcEndpointType: e.Type, VpcId: e.Vpc, ServiceName: e.Service, ServiceRegion: e.Region,
		State: e.state(), PolicyDocument: e.policy.Document.Text(), CreationTimestamp: e.Created, OwnerId: e.Account,
		IpAddressType: addressesIPv4, PrivateDnsEnabled: e.PrivateDNS, Tags: shownTags(e.Tags),
		RouteTableIds: append([]string{}, e.RouteTables...), SubnetIds: e.subnetIDs(), NetworkInterfaceIds: []string{},
		Groups: []SecurityGroupIdentifier{}, DnsEntries: []DnsEntry{},
	}
	if e.Type == typeGateway {
		return shown
	}
	shown.DnsOptions = &DnsOptions{DnsRecordIpType: addressesIPv4, PrivateDnsOnlyForInboundResolverEndpoint: e.InboundOnly}
	for _, id := range e.Groups {
		if g := s.groups.get(r, e.place(), id); g != nil {
			shown.Groups = append(shown.Groups, SecurityGroupIdentifier{g.ID, g.Name})
		}
	}
	var zones []string
	for _, a := range e.Interfaces {
		zones = append(zones, a.Zone)
		shown.NetworkInterfaceIds = append(shown.NetworkInterfaceIds, a.Interface)
	}
	shown.DnsEntries = dnsEntries(e.service(), e.ID, zones, e.PrivateDNS)
	return shown
}
