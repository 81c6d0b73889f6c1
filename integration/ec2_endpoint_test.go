package integration

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

const (
	queues = "com.amazonaws.us-east-1.sqs"
	// sendOnly is an endpoint's policy.
	sendOnly = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*"}]}`
)

// TestTerraformsEndpoint makes, reads, changes and deletes an endpoint as Terraform's
// aws_vpc_endpoint does [X126]-[X129], over HTTP and HTTPS.
func TestTerraformsEndpoint(t *testing.T) {
	t.Parallel()
	p := serve(t)
	for scheme, url := range map[string]string{"HTTP": p.url, "HTTPS": p.httpsURL()} {
		t.Run(scheme, func(t *testing.T) {
			n := newNetwork(t, p)
			n.ec2 = ec2.NewFromConfig(p.config(url))
			terraformEndpoint(t, p, n)
		})
	}
}

func terraformEndpoint(t *testing.T, p *process, n *network) {
	ctx := t.Context()
	must := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	_, err := n.ec2.ModifyVpcAttribute(ctx, &ec2.ModifyVpcAttributeInput{VpcId: &n.vpc, EnableDnsHostnames: &types.AttributeBooleanValue{Value: aws.Bool(true)}})
	must("ModifyVpcAttribute", err)
	group, err := n.ec2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{GroupName: aws.String("endpoint"), Description: aws.String("Managed by Terraform"), VpcId: &n.vpc})
	must("CreateSecurityGroup", err)
	made, err := n.ec2.CreateVpcEndpoint(ctx, &ec2.CreateVpcEndpointInput{
		VpcId: &n.vpc, ServiceName: aws.String(queues), VpcEndpointType: types.VpcEndpointTypeInterface, PrivateDnsEnabled: aws.Bool(true),
		SubnetIds: []string{n.subnet}, SecurityGroupIds: []string{*group.GroupId}, PolicyDocument: aws.String(sendOnly), ClientToken: aws.String("terraform-" + n.vpc),
		TagSpecifications: []types.TagSpecification{{ResourceType: types.ResourceTypeVpcEndpoint, Tags: []types.Tag{{Key: aws.String("Name"), Value: aws.String("queues")}}}},
	})
	must("CreateVpcEndpoint", err)
	if made.VpcEndpoint.State != "pending" { // small, where the model writes Pending
		t.Errorf("the new endpoint is %s", made.VpcEndpoint.State)
	}
	id := made.VpcEndpoint.VpcEndpointId
	read := func() (types.VpcEndpoint, error) {
		out, err := n.ec2.DescribeVpcEndpoints(ctx, &ec2.DescribeVpcEndpointsInput{VpcEndpointIds: []string{*id}})
		if err != nil {
			return types.VpcEndpoint{}, err
		}
		return out.VpcEndpoints[0], nil
	}
	e, err := read()
	must("DescribeVpcEndpoints", err)
	if e.State != "available" || *e.PolicyDocument != sendOnly || !*e.PrivateDnsEnabled || *e.RequesterManaged || len(e.DnsEntries) != 3 || len(e.NetworkInterfaceIds) != 1 ||
		*e.OwnerId != "123456789012" || e.IpAddressType != types.IpAddressTypeIpv4 || e.DnsOptions.DnsRecordIpType != types.DnsRecordIpTypeIpv4 || *e.Tags[0].Value != "queues" {
		t.Errorf("the endpoint: %+v", e)
	}
	lists, err := n.ec2.DescribePrefixLists(ctx, &ec2.DescribePrefixListsInput{Filters: []types.Filter{filterBy("prefix-list-name", queues)}})
	must("DescribePrefixLists", err)
	if len(lists.PrefixLists) != 0 {
		t.Errorf("the prefix lists: %+v", lists.PrefixLists)
	}
	_, err = n.ec2.ModifyVpcEndpoint(ctx, &ec2.ModifyVpcEndpointInput{VpcEndpointId: id, ResetPolicy: aws.Bool(true)})
	must("ModifyVpcEndpoint", err)
	if e, err := read(); err != nil || !strings.Contains(*e.PolicyDocument, `"Action":"*"`) {
		t.Errorf("after the reset: %+v, %v", e, err)
	}
	_, err = n.ec2.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{SubnetId: &n.subnet})
	want(t, "a subnet that the endpoint uses", err, answer{400, "DependencyViolation", "The subnet '" + n.subnet + "' has dependencies and cannot be deleted."})

	deleted, err := n.ec2.DeleteVpcEndpoints(ctx, &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{*id}})
	must("DeleteVpcEndpoints", err)
	if len(deleted.Unsuccessful) != 0 {
		t.Errorf("not deleted: %+v", deleted.Unsuccessful)
	}
	if e, err := read(); err != nil || e.State != "deleting" {
		t.Errorf("after its deletion: %+v, %v", e, err)
	}
	run(t, p.env(), binary(t), "clock", "advance", "1s")
	_, err = read()
	want(t, "a moment later", err, answer{400, "InvalidVpcEndpointId.NotFound", "The Vpc Endpoint Id '" + *id + "' does not exist"})
	for what, err := range map[string]error{
		"DeleteSubnet":        second(n.ec2.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{SubnetId: &n.subnet})),
		"DeleteSecurityGroup": second(n.ec2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: group.GroupId})),
	} {
		must(what, err)
	}
	_, err = n.ec2.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: &n.vpc})
	must("DeleteVpc", err)
}

func second[T any](_ T, err error) error { return err }

// TestEndpointInPython does the same with boto3.
func TestEndpointInPython(t *testing.T) {
	t.Parallel()
	py := python(t)
	p := serve(t)
	for scheme, env := range map[string][]string{
		"HTTP":  p.env(),
		"HTTPS": p.env("AWS_ENDPOINT_URL="+p.httpsURL(), "AWS_CA_BUNDLE="+p.caBundle()),
	} {
		t.Run(scheme, func(t *testing.T) {
			if got := run(t, env, py, "python/vpc_endpoint_states.py"); got != "pending available deleting gone\n" {
				t.Errorf("the states are %s", got)
			}
		})
	}
}

// TestChaptersEndpoint: the chapter's command runs as it is printed where a fixture has
// its ids, and what the file declares is there beside it, with its lines in the coverage.
func TestChaptersEndpoint(t *testing.T) {
	t.Parallel()
	awsCLI(t)
	p := serve(t, "--init", "testdata/fixtures/network.yaml")
	command := commands(t, readFile(t, chapter), "aws ec2 create-vpc-endpoint")
	if len(command) != 1 {
		t.Fatalf("the chapter has %d commands", len(command))
	}
	var made struct {
		VpcEndpoint struct{ VpcEndpointId, State string }
	}
	if err := json.Unmarshal([]byte(run(t, p.env(), binary(t), command[0]...)), &made); err != nil || made.VpcEndpoint.State != "pending" {
		t.Fatalf("%v, %+v", err, made)
	}
	for scheme, endpoint := range map[string][]string{"HTTP": {}, "HTTPS": {"--endpoint-url", p.httpsURL(), "--ca-bundle", p.caBundle()}} {
		out := run(t, p.env(), binary(t), append(append([]string{"aws"}, endpoint...), "ec2", "describe-vpc-endpoints",
			"--filters", "Name=vpc-id,Values=vpc-1234567890abcdef0", "--query", "VpcEndpoints[].[VpcEndpointId,State,length(SubnetIds)]", "--output", "text")...)
		lines := strings.Split(strings.TrimSpace(out), "\n")
		wanted := []string{"vpce-0123456789abcdef0\tavailable\t1", made.VpcEndpoint.VpcEndpointId + "\tavailable\t2"}
		slices.Sort(lines)
		slices.Sort(wanted)
		if !slices.Equal(lines, wanted) {
			t.Errorf("%s: the endpoints are %q, want %q", scheme, lines, wanted)
		}
	}
	var report struct {
		Policies []struct {
			Owner, Kind, Name string
			Statements        []struct {
				File string
				Line int
			}
		}
	}
	if err := json.Unmarshal(p.get("/_waxseal/coverage"), &report); err != nil {
		t.Fatal(err)
	}
	if len(report.Policies) != 1 || report.Policies[0].Owner != "arn:aws:ec2:us-east-1:123456789012:vpc-endpoint/vpce-0123456789abcdef0" || report.Policies[0].Kind != "endpoint" ||
		report.Policies[0].Statements[0].File != "testdata/fixtures/network.yaml" || report.Policies[0].Statements[0].Line != 22 {
		t.Errorf("the coverage is %+v", report)
	}
}
