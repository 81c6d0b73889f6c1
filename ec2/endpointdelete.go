package ec2

import (
	"context"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// deletingFor is how long a deleted endpoint is shown as deleting. On AWS it takes
// minutes.
const deletingFor = time.Second

// DeleteVpcEndpointsInput is the input of DeleteVpcEndpoints.
type DeleteVpcEndpointsInput struct {
	VpcEndpointIds []string `query:"VpcEndpointId" check:"required"`
	DryRun         bool
}

// DeleteVpcEndpointsOutput is the output of DeleteVpcEndpoints.
type DeleteVpcEndpointsOutput struct {
	Unsuccessful []UnsuccessfulItem
}

// deleteVpcEndpointsChecks: the caller must be allowed to delete each of the endpoints
// [X133]. That one does not exist is no error of the call.
func (s *Service) deleteVpcEndpointsChecks(ctx context.Context, in *DeleteVpcEndpointsInput) (checks []api.Check, on *deletedEndpoints, err error) {
	err = s.view(ctx, func(r store.Reader) error {
		on = new(deletedEndpoints)
		checks, on.endpoints, err = named(ctx, r, s.endpoints, "ec2:DeleteVpcEndpoints", in.VpcEndpointIds)
		return err
	})
	for i := range checks {
		checks[i].Target.Missing = nil
	}
	return checks, on, err
}

// deletedEndpoints are the endpoints of a call's ids; nil for an id that there is not.
type deletedEndpoints struct{ endpoints []*vpcEndpoint }

// DeleteVpcEndpoints deletes VPC endpoints, with their interfaces and routes. Those
// that do not exist it reports, and deletes the others all the same [X111].
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpcEndpoints.html.
func (s *Service) DeleteVpcEndpoints(ctx context.Context, in *DeleteVpcEndpointsInput) (*DeleteVpcEndpointsOutput, error) {
	return api.DoChecks(ctx, in, s.deleteVpcEndpointsChecks, s.deleteVpcEndpoints)
}

func (s *Service) deleteVpcEndpoints(ctx context.Context, on *deletedEndpoints, in *DeleteVpcEndpointsInput) (*DeleteVpcEndpointsOutput, error) {
	out := &DeleteVpcEndpointsOutput{}
	p, now := placeOf(ctx), s.clock.Now()
	err := s.update(ctx, func(tx store.Tx) error {
		out.Unsuccessful = []UnsuccessfulItem{}
		s.forgetDeleted(tx, p)
		ids := unique(in.VpcEndpointIds)
		for i, e := range on.endpoints {
			if e == nil {
				if s.deleting.Get(tx, p.key(ids[i])) == nil {
					out.Unsuccessful = append(out.Unsuccessful, noSuchEndpoint(ids[i]))
				}
				continue
			}
			if confirm(tx, e) != nil {
				return api.ErrChanged // also where somebody else has deleted it: the others are to be deleted all the same
			}
			s.uninstall(tx, e, now.Add(deletingFor))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// noSuchEndpoint is the report of an endpoint that cannot be deleted, for there is none.
func noSuchEndpoint(id string) UnsuccessfulItem {
	e := endpointKind.notFound(id)
	return UnsuccessfulItem{&UnsuccessfulItemError{errDeletedEndpoint, e.Message}, id}
}

// errDeletedEndpoint is the code for an endpoint that there is not in an answer to
// DeleteVpcEndpoints, which other operations spell otherwise [X111].
const errDeletedEndpoint = "InvalidVpcEndpoint.NotFound"

// uninstall takes an endpoint with its interfaces and routes away. It is shown as
// deleting until it is gone [X112].
func (s *Service) uninstall(tx store.Tx, e *vpcEndpoint, gone time.Time) {
	p := e.place()
	for _, a := range e.Interfaces {
		s.detach(tx, s.interfaces.get(tx, p, a.Interface))
	}
	for _, id := range e.RouteTables {
		s.removeRoute(tx, p, id, e.ID)
	}
	s.endpoints.delete(tx, e)
	unlink(tx, p, e.Vpc, e.ID)
	for _, g := range e.Groups {
		unlink(tx, p, g, e.ID)
	}
	shown := *e
	shown.Gone = gone
	s.deleting.Put(tx, p.key(e.ID), &shown)
}

// forgetDeleted removes what is left of a place's endpoints that are gone.
func (s *Service) forgetDeleted(tx store.Tx, p place) {
	now := s.clock.Now()
	for key, e := range s.deleting.Scan(tx, p.prefix(), "", store.All) {
		if !now.Before(e.Gone) {
			s.deleting.Delete(tx, key)
			s.whose.Delete(tx, e.ID)
		}
	}
}

// endpointFamily is endpoints as far as VPCs are concerned: a VPC that has one cannot be
// deleted [X036].
func (s *Service) endpointFamily() family {
	return family{blocks: func(r store.Reader, v *vpc) bool {
		return firstLinked(r, v.place(), v.ID, endpointKind.prefix) != ""
	}}
}
