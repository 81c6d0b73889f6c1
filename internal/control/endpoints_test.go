package control_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/ec2"
	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/server"
)

// VPC endpoints are found by id and by Name tag, without a call that anything records.
func TestVPCEndpointsAreListed(t *testing.T) {
	s := servertest.New(t, server.Config{})
	ctx := api.WithRequest(t.Context(), &api.Request{Account: "123456789012", Region: "us-east-1", Caller: new(api.Caller)})
	vpc, err := s.Runtime().EC2.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: "10.0.0.0/16"})
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{} // by service
	for service, name := range map[string]string{"sqs": "app", "kms": "app", "sns": "a*", "logs": "app"} {
		out, err := s.Runtime().EC2.CreateVpcEndpoint(ctx, &ec2.CreateVpcEndpointInput{
			VpcId: vpc.Vpc.VpcId, ServiceName: "com.amazonaws.us-east-1." + service, VpcEndpointType: "Interface", PrivateDnsEnabled: new(bool),
			TagSpecifications: []ec2.TagSpecification{{ResourceType: "vpc-endpoint", Tags: []ec2.Tag{{Key: "Name", Value: &name}}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		ids[service] = out.VpcEndpoint.VpcEndpointId
	}
	for query, services := range map[string][]string{
		"":                       {"kms", "sns", "sqs"},
		"endpoint=app":           {"kms", "sqs"}, // not logs, which is not emulated
		"endpoint=a*":            {"sns"},        // a name, not a pattern
		"endpoint=" + ids["sqs"]: {"sqs"},
		"endpoint=none":          nil, "endpoint=vpce-0": nil, "region=eu-west-1": nil, "endpoint=app&account=999988887777": nil,
	} {
		status, body := servertest.Ask(s, http.MethodGet, "/_waxseal/vpc-endpoints?"+query, "")
		var list struct {
			Endpoints []struct{ ID, Service, Account, Region, State, Type, VPC string }
		}
		if err := json.Unmarshal([]byte(body), &list); err != nil || status != http.StatusOK {
			t.Fatalf("%s: answered %d %s", query, status, body)
		}
		var got []string
		for _, e := range list.Endpoints {
			got = append(got, e.Service)
			if e.ID != ids[e.Service] || e.Account != "123456789012" || e.Region != "us-east-1" || e.State != "available" || e.Type != "Interface" || !strings.HasPrefix(e.VPC, "vpc-") {
				t.Errorf("%s: %+v", query, e)
			}
		}
		if slices.Sort(got); !slices.Equal(got, services) {
			t.Errorf("%s: %q, want %q", query, got, services)
		}
	}
	// One that is being deleted takes no calls, and its name may be another's already.
	if _, err := s.Runtime().EC2.DeleteVpcEndpoints(ctx, &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{ids["sqs"]}}); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"endpoint=app", "endpoint=" + ids["sqs"]} {
		if _, body := servertest.Ask(s, http.MethodGet, "/_waxseal/vpc-endpoints?"+query, ""); strings.Contains(body, ids["sqs"]) {
			t.Errorf("%s: %s", query, body)
		}
	}
	if d := servertest.Decisions(s); len(d) > 0 {
		t.Errorf("decided: %v", d)
	}
	for _, query := range []string{"name=app", "account=1", "region=nowhere"} {
		status, body := servertest.Ask(s, http.MethodGet, "/_waxseal/vpc-endpoints?"+query, "")
		servertest.WantAnswer(t, status, body, http.StatusBadRequest, `"error"`)
	}
}
