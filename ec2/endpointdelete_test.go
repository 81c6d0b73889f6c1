package ec2

import (
	"errors"
	"testing"

	"github.com/waxseal/waxseal/internal/api"
)

// Where somebody else deletes one of a call's endpoints after it was decided, the call
// is decided again, and deletes the others all the same [X111].
func TestDeleteVpcEndpointsMeanwhile(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	ids := make([]string, 2)
	for i := range ids {
		out, err := n.CreateVpcEndpoint(n.ctx, &CreateVpcEndpointInput{
			VpcId: n.vpc.ID, ServiceName: "com.amazonaws.us-east-1.sqs", VpcEndpointType: "Interface", PrivateDnsEnabled: new(bool),
		})
		if err != nil {
			t.Fatal(err)
		}
		ids[i] = out.VpcEndpoint.VpcEndpointId
	}
	in := &DeleteVpcEndpointsInput{VpcEndpointIds: ids}
	_, decided, err := n.deleteVpcEndpointsChecks(n.ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.DeleteVpcEndpoints(n.ctx, &DeleteVpcEndpointsInput{VpcEndpointIds: ids[:1]}); err != nil {
		t.Fatal(err)
	}
	if _, err := n.deleteVpcEndpoints(n.ctx, decided, in); !errors.Is(err, api.ErrChanged) {
		t.Errorf("answered %v, which ends the call", err)
	}
	if out, err := n.DeleteVpcEndpoints(n.ctx, in); err != nil || len(out.Unsuccessful) > 0 {
		t.Errorf("answered %+v, %v", out, err)
	}
}
