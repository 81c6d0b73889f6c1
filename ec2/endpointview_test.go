package ec2_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/waxseal/waxseal/ec2"
)

// view is an endpoint as a request through it sees it.
func (n *network) view(id string) *ec2.EndpointView {
	n.t.Helper()
	v, err := n.Endpoint(n.t.Context(), id) // no request says where
	return must(n.t, v, err)
}

func TestEndpointView(t *testing.T) {
	n := newNetwork(t)
	id := n.endpoint(nil).VpcEndpointId
	v := n.view(id)
	if v.ID != id || v.ARN != "arn:aws:ec2:us-east-1:123456789012:vpc-endpoint/"+id || v.Account != account || v.Region != region || v.VPC != n.vpc ||
		v.ServiceName != sqs || v.Service != "sqs" || v.Type != "Interface" || v.State != "available" || !v.Available() {
		t.Errorf("the endpoint is %+v", v)
	}
	if v.Policy.Name != v.ARN || v.Policy.Document.Text() != fullAccess {
		t.Errorf("the policy of %s is %s", v.Policy.Name, v.Policy.Document.Text())
	}
	if got := v.Source.String(); got != "10.0.1.5" { // its interface has the one before
		t.Errorf("a caller has the address %s", got)
	}
	for address, in := range map[string]bool{"10.0.0.1": true, "10.0.255.255": true, "10.1.0.0": false, "::1": false} {
		if v.Contains(netip.MustParseAddr(address)) != in {
			t.Errorf("%s in the VPC: %v", address, !in)
		}
	}
	n.endpoint(func(in *ec2.CreateVpcEndpointInput) {
		in.ServiceName, in.SubnetIds = "com.amazonaws.us-east-1.kms-fips", in.SubnetIds[:1]
	})
	if got := n.view(id).Source.String(); got != "10.0.1.6" {
		t.Errorf("beside another endpoint a caller has the address %s", got)
	}
	n.delete(id)
	if v := n.view(id); v == nil || v.Available() || v.State != "deleting" {
		t.Errorf("after it was deleted: %+v", v)
	}
	n.clock.Advance(time.Second)
	for _, id := range []string{id, "vpce-00000000", "", "x/y"} {
		if v := n.view(id); v != nil {
			t.Errorf("there is %s: %+v", id, v)
		}
	}
	if got := n.view(n.endpoint(func(in *ec2.CreateVpcEndpointInput) {
		in.ServiceName, in.SubnetIds = "com.amazonaws.us-east-1.sns", nil
	}).VpcEndpointId); got.Source.IsValid() {
		t.Errorf("without subnets a caller has the address %s", got.Source)
	}
}

// An endpoint of the crypto that is validated leads to the same service.
func TestEndpointServes(t *testing.T) {
	n := newNetwork(t)
	id := n.endpoint(func(in *ec2.CreateVpcEndpointInput) { in.ServiceName = "com.amazonaws.us-east-1.kms-fips" }).VpcEndpointId
	if got := n.view(id).Service; got != "kms" {
		t.Errorf("the service is %s", got)
	}
}

// The policy that requests are decided with is the one that was set, compiled once.
func TestEndpointPolicy(t *testing.T) {
	n := newNetwork(t)
	id := n.endpoint(func(in *ec2.CreateVpcEndpointInput) { in.PolicyDocument = onlyQueue }).VpcEndpointId
	first := n.view(id).Policy
	if first.Document.Text() != onlyQueue {
		t.Errorf("the policy is %s", first.Document.Text())
	}
	must(t, 0, n.modify(id, func(in *modifyInput) { in.PrivateDnsEnabled = new(false) }))
	if n.view(id).Policy != first {
		t.Error("another change compiled the policy anew")
	}
	inForce, err := n.PoliciesInForce(t.Context())
	if inForce = must(t, inForce, err); len(inForce) != 1 || inForce[0].Owner != n.view(id).ARN || inForce[0].Kind != "endpoint" || inForce[0].Policy != first || inForce[0].Name() != "endpoint" {
		t.Errorf("in force: %+v", inForce)
	}
	must(t, 0, n.modify(id, func(in *modifyInput) { in.ResetPolicy = true }))
	if got := n.view(id).Policy.Document.Text(); got != fullAccess {
		t.Errorf("after the reset it is %s", got)
	}
	if inForce, err = n.PoliciesInForce(t.Context()); len(must(t, inForce, err)) != 0 {
		t.Errorf("in force: %+v", inForce)
	}
}

// Who gets through the endpoint's security groups.
func TestEndpointAdmitsHTTPS(t *testing.T) {
	n := newNetwork(t)
	id := n.endpoint(nil).VpcEndpointId
	caller := netip.MustParseAddr("10.0.1.5")
	if n.view(id).AdmitsHTTPS(caller) {
		t.Error("a group without rules admits")
	}
	_, err := n.AuthorizeSecurityGroupIngress(here, &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: n.group, IpProtocol: "tcp", FromPort: new(int32(443)), ToPort: new(int32(443)), CidrIp: "10.0.1.0/24",
	})
	must(t, 0, err)
	if v := n.view(id); !v.AdmitsHTTPS(caller) || v.AdmitsHTTPS(netip.MustParseAddr("10.0.2.5")) {
		t.Error("the rule is not what admits")
	}
	if got := n.view(id).AdmittedGroups(); got != nil {
		t.Errorf("members of %q come in", got)
	}
	members := permission("-1", -1, n.group)
	_, err = n.AuthorizeSecurityGroupIngress(here, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: n.group, IpPermissions: []ec2.IpPermission{members}})
	must(t, 0, err)
	if got := n.view(id).AdmittedGroups(); len(got) != 1 || got[0] != n.group {
		t.Errorf("members of %q come in, want those of %s", got, n.group)
	}
	out, err := n.CreateVpcEndpoint(here, &ec2.CreateVpcEndpointInput{VpcId: n.vpc, ServiceName: s3})
	if v := n.view(must(t, out, err).VpcEndpoint.VpcEndpointId); !v.AdmitsHTTPS(caller) || v.AdmittedGroups() != nil {
		t.Error("a gateway has no groups to refuse")
	}
}
