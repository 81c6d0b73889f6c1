package ec2_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/server"
)

// scope is an Authorization header that signs for EC2 as the root user.
var scope = strings.Replace(servertest.Scope, "/sqs/", "/ec2/", 1)

// ask calls EC2 as the root user of the default account.
func ask(s http.Handler, form string) (status int, body string) {
	return servertest.Ask(s, http.MethodPost, "/", form+"&Version=2016-11-15", "Content-Type", "application/x-www-form-urlencoded", "Authorization", scope)
}

// inBody is the part of an answer that a pattern with one group finds.
func inBody(t *testing.T, body, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("no %s in %s", pattern, body)
	}
	return m[1]
}

func TestAnswersOnTheWire(t *testing.T) {
	t.Parallel()
	s := servertest.New(t, server.Config{})
	_, made := ask(s, "Action=CreateVpc&CidrBlock=10.0.0.0/16&TagSpecification.1.ResourceType=vpc&TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value=a")
	id := inBody(t, made, "<vpcId>(.*?)</vpcId>")
	for _, test := range []struct {
		name, form string
		status     int
		want       string
	}{
		{"a list", "Action=DescribeVpcs&VpcId.1=" + id, 200, "<vpcSet><item><cidrBlock>10.0.0.0/16</cidrBlock><cidrBlockAssociationSet><item>"},
		{"X003 an empty list", "Action=DescribeVpcs&Filter.1.Name=vpc-id&Filter.1.Value.1=x", 200, "<vpcSet/></DescribeVpcsResponse>"},
		{"X008 attributes", "Action=DescribeVpcAttribute&Attribute=enableDnsSupport&VpcId=" + id, 200, "<enableDnsSupport><value>true</value></enableDnsSupport><vpcId>" + id},
		{"X008 X049 no output", "Action=ModifyVpcAttribute&EnableDnsHostnames.Value=true&VpcId=" + id, 200, "</requestId><return>true</return></ModifyVpcAttributeResponse>"},
		{"zones", "Action=DescribeAvailabilityZones", 200, "<zoneState>available</zoneState>"},
		{"regions", "Action=DescribeRegions", 200, "<regionInfo><item><regionEndpoint>ec2."},
		{"X011 dry run", "Action=DeleteVpc&DryRun=true&VpcId=" + id, 412, "<Code>DryRunOperation</Code><Message>Request would have succeeded, but DryRun flag is set.</Message>"},
		{"X011 dry run of a list", "Action=DescribeVpcs&DryRun=1", 412, "<Code>DryRunOperation</Code>"},
		{"X009 an error", "Action=DeleteVpc&VpcId=vpc-12345678", 400, "<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code><Message>The vpc ID 'vpc-12345678' does not exist</Message></Error></Errors><RequestID>"},
		{"X014 missing", "Action=DeleteVpc", 400, "<Code>MissingParameter</Code><Message>The request must contain the parameter VpcId</Message>"},
		{"X014 missing, as the request calls it", "Action=CreateTags&Tag.1.Key=a", 400, "<Message>The request must contain the parameter ResourceId</Message>"},
		{"too few results", "Action=DescribeVpcs&MaxResults=4", 400, "<Code>InvalidParameterValue</Code><Message>Value (4) for parameter maxResults is invalid. Expecting a value greater than or equal to 5.</Message>"},
		{"too many results", "Action=DescribeVpcs&MaxResults=1001", 400, "<Message>Value (1001) for parameter maxResults is invalid. Expecting a value less than or equal to 1000.</Message>"},
		{"no such value", "Action=DescribeVpcAttribute&Attribute=x&VpcId=" + id, 400, "<Message>Value (x) for parameter attribute is invalid. Valid values are: enableDnsSupport, enableDnsHostnames, enableNetworkAddressUsageMetrics.</Message>"},
		{"X015 no such action", "Action=RunInstances", 400, "<Code>InvalidAction</Code><Message>The action RunInstances is not valid for this web service.</Message>"},
		{"no number", "Action=DescribeVpcs&MaxResults=x", 400, "<Code>InvalidParameterValue</Code>"},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, body := ask(s, test.form)
			servertest.WantAnswer(t, status, body, test.status, test.want)
		})
	}
	status, body := servertest.Ask(s, http.MethodGet, "/?Action=DescribeVpcs&Version=2016-11-15", "", "Authorization", scope)
	servertest.WantAnswer(t, status, body, 200, id)
	status, body = servertest.Ask(s, http.MethodGet, "/?Action=DescribeVpcs", "", "Host", "ec2.us-east-1.localhost:4566")
	servertest.WantAnswer(t, status, body, 403, "<Response><Errors><Error><Code>MissingAuthenticationToken</Code>")
	var errors []string
	for _, e := range servertest.Events(s) {
		if e.ErrorCode != "" {
			errors = append(errors, e.EventName+" "+e.ErrorCode)
		}
	}
	if len(errors) != 3 || errors[0] != "DeleteVpc Client.DryRunOperation" || errors[2] != "DeleteVpc Client.InvalidVpcID.NotFound" {
		t.Errorf("recorded: %q", errors)
	}
}

// Credentials that are not valid are refused in EC2's words [X010].
func TestCredentials(t *testing.T) {
	t.Parallel()
	s := servertest.New(t, server.Config{Strict: runtime.Strict{Credentials: true}})
	status, body := ask(s, "Action=DescribeVpcs")
	servertest.WantAnswer(t, status, body, 401, "<Code>AuthFailure</Code><Message>AWS was not able to validate the provided access credentials</Message>")
}

// as makes a user of the default account with a policy of the statements.
func as(t *testing.T, s *server.Server, name, statements string) string {
	t.Helper()
	err := s.Runtime().Identity.ApplyUser(t.Context(), identity.UserSpec{
		Account: server.DefaultAccount, Region: server.DefaultRegion, Name: name, Policies: map[string]string{"p": servertest.PolicyText(statements)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return "user/" + name
}

// wantDecision has a new user with a policy of these statements call, and wants the
// denial whose message goes on so after "to perform: "; empty: the call is allowed.
func wantDecision(t *testing.T, s *server.Server, name, statements, action string, params map[string]any, denied string) {
	t.Helper()
	status, answer := servertest.TryAs(t, s, as(t, s, name, statements), "ec2:"+action, params)
	message, _ := answer["message"].(string)
	wanted := "You are not authorized to perform this operation. User: arn:aws:iam::123456789012:user/" + name + " is not authorized to perform: " + denied
	switch {
	case denied == "" && status != 200:
		t.Errorf("%d %v", status, answer)
	case denied != "" && (status != 403 || answer["code"] != "UnauthorizedOperation" || !strings.HasPrefix(message, wanted)):
		t.Errorf("%d %v\nwant %s", status, answer, wanted)
	}
}

func TestAuthorization(t *testing.T) {
	t.Parallel()
	s := servertest.New(t, server.Config{})
	created := func(form, pattern string) string {
		t.Helper()
		_, body := ask(s, form)
		return inBody(t, body, pattern)
	}
	const arns = "arn:aws:ec2:us-east-1:123456789012:"
	v := created("Action=CreateVpc&CidrBlock=10.0.0.0/16&TagSpecification.1.ResourceType=vpc&TagSpecification.1.Tag.1.Key=team&TagSpecification.1.Tag.1.Value=shop", "<vpcId>(.*?)</vpcId>")
	unlike := created("Action=CreateVpc&CidrBlock=10.0.0.0/16", "<vpcId>(.*?)</vpcId>")
	sn := created("Action=CreateSubnet&CidrBlock=10.0.1.0/24&VpcId="+v, "<subnetId>(.*?)</subnetId>")
	tagged := []map[string]any{{"ResourceType": "vpc", "Tags": []map[string]string{{"Key": "team", "Value": "shop"}}}}
	type params = map[string]any
	for i, test := range []struct {
		name, statements, action string
		params                   params
		denied                   string // the part of the message after "to perform: "; empty: it is allowed
	}{
		{"a list", `{"Effect":"Allow","Action":"ec2:DescribeVpcs","Resource":"*"}`, "DescribeVpcs", params{}, ""},
		{"X135 a list has no resource", `{"Effect":"Allow","Action":"ec2:DescribeVpcs","Resource":"` + arns + `vpc/*"}`, "DescribeVpcs", params{}, "ec2:DescribeVpcs because no identity-based policy allows the ec2:DescribeVpcs action"},
		{"X135 an attribute has one", `{"Effect":"Allow","Action":"ec2:DescribeVpcAttribute","Resource":"` + arns + `vpc/` + v + `"}`, "DescribeVpcAttribute", params{"VpcId": v, "Attribute": "enableDnsSupport"}, ""},
		{"another's", `{"Effect":"Allow","Action":"ec2:DescribeVpcAttribute","Resource":"` + arns + `vpc/` + v + `"}`, "DescribeVpcAttribute", params{"VpcId": unlike, "Attribute": "enableDnsSupport"}, "ec2:DescribeVpcAttribute on resource: " + arns + "vpc/" + unlike + " because no identity-based policy allows the ec2:DescribeVpcAttribute action. Encoded authorization failure message: "},
		{"X012 what is to be made", `{"Effect":"Allow","Action":"ec2:Describe*","Resource":"*"}`, "CreateVpc", params{"CidrBlock": "10.1.0.0/16"}, "ec2:CreateVpc on resource: " + arns + "vpc/* because no identity-based policy allows the ec2:CreateVpc action. Encoded"},
		{"X013 an explicit deny", `{"Effect":"Allow","Action":"ec2:*","Resource":"*"},{"Effect":"Deny","Action":"ec2:CreateVpc","Resource":"*"}`, "CreateVpc", params{"CidrBlock": "10.1.0.0/16"}, "ec2:CreateVpc on resource: " + arns + "vpc/* with an explicit deny in an identity-based policy"},
		{"X134 tags need CreateTags", `{"Effect":"Allow","Action":"ec2:CreateVpc","Resource":"*"}`, "CreateVpc", params{"CidrBlock": "10.1.0.0/16", "TagSpecifications": tagged}, "ec2:CreateTags on resource: " + arns + "vpc/* because no"},
		{"X134 with the operation", `{"Effect":"Allow","Action":"ec2:CreateVpc","Resource":"*"},{"Effect":"Allow","Action":"ec2:CreateTags","Resource":"*","Condition":{"StringEquals":{"ec2:CreateAction":"CreateVpc"}}}`, "CreateVpc", params{"CidrBlock": "10.1.0.0/16", "TagSpecifications": tagged}, ""},
		{"X134 with another", `{"Effect":"Allow","Action":"ec2:CreateVpc","Resource":"*"},{"Effect":"Allow","Action":"ec2:CreateTags","Resource":"*","Condition":{"StringEquals":{"ec2:CreateAction":"CreateSubnet"}}}`, "CreateVpc", params{"CidrBlock": "10.1.0.0/16", "TagSpecifications": tagged}, "ec2:CreateTags on"},
		{"X134 not for tags alone", `{"Effect":"Allow","Action":"ec2:CreateTags","Resource":"*","Condition":{"StringEquals":{"ec2:CreateAction":"CreateVpc"}}}`, "CreateTags", params{"Resources": []string{v}, "Tags": []map[string]string{{"Key": "a", "Value": "b"}}}, "ec2:CreateTags on resource: " + arns + "vpc/" + v},
		{"the tag that is given", `{"Effect":"Allow","Action":["ec2:CreateVpc","ec2:CreateTags"],"Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/team":"shop"},"ForAllValues:StringEquals":{"aws:TagKeys":["team"]}}}`, "CreateVpc", params{"CidrBlock": "10.2.0.0/16", "TagSpecifications": tagged}, ""},
		{"no tag is given", `{"Effect":"Allow","Action":["ec2:CreateVpc","ec2:CreateTags"],"Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/team":"shop"}}}`, "CreateVpc", params{"CidrBlock": "10.2.0.0/16"}, "ec2:CreateVpc on"},
		{"the tag that is there", `{"Effect":"Allow","Action":"ec2:ModifyVpcAttribute","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"shop"}}}`, "ModifyVpcAttribute", params{"VpcId": v, "EnableDnsSupport": map[string]bool{"Value": true}}, ""},
		{"the tag is not there", `{"Effect":"Allow","Action":"ec2:ModifyVpcAttribute","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"shop"}}}`, "ModifyVpcAttribute", params{"VpcId": unlike, "EnableDnsSupport": map[string]bool{"Value": true}}, "ec2:ModifyVpcAttribute on"},
		{"the attribute", `{"Effect":"Allow","Action":"ec2:ModifyVpcAttribute","Resource":"*","Condition":{"StringEquals":{"ec2:Attribute":"EnableDnsSupport","ec2:Attribute/EnableDnsSupport":"true"}}}`, "ModifyVpcAttribute", params{"VpcId": v, "EnableDnsSupport": map[string]bool{"Value": false}}, "ec2:ModifyVpcAttribute on"},
		{"X132 the region", `{"Effect":"Allow","Action":"ec2:*","Resource":"*","Condition":{"StringEquals":{"ec2:Region":"eu-west-1"}}}`, "DescribeSubnets", params{}, "ec2:DescribeSubnets because"},
		{"X132 the VPC", `{"Effect":"Allow","Action":"ec2:*","Resource":"*","Condition":{"StringEquals":{"ec2:VpcID":"` + v + `"}}}`, "ModifyVpcAttribute", params{"VpcId": v, "EnableDnsSupport": map[string]bool{"Value": true}}, ""},
		{"X132 the subnet", `{"Effect":"Allow","Action":"ec2:*","Resource":"*","Condition":{"StringEquals":{"ec2:SubnetID":"` + sn + `"}}}`, "ModifySubnetAttribute", params{"SubnetId": sn, "MapPublicIpOnLaunch": map[string]bool{"Value": true}}, ""},
		{"X132 the subnet's VPC", `{"Effect":"Allow","Action":"ec2:*","Resource":"*","Condition":{"ArnEquals":{"ec2:Vpc":"` + arns + `vpc/` + unlike + `"}}}`, "DeleteSubnet", params{"SubnetId": sn}, "ec2:DeleteSubnet on resource: " + arns + "subnet/" + sn},
		{"a subnet needs its VPC, too", `{"Effect":"Allow","Action":"ec2:*","Resource":"` + arns + `subnet/*"}`, "CreateSubnet", params{"VpcId": v, "CidrBlock": "10.0.2.0/24"}, "ec2:CreateSubnet on resource: " + arns + "vpc/" + v},
		{"both", `{"Effect":"Allow","Action":"ec2:CreateSubnet","Resource":["` + arns + `subnet/*","` + arns + `vpc/` + v + `"]}`, "CreateSubnet", params{"VpcId": v, "CidrBlock": "10.0.2.0/24"}, ""},
		{"X011 dry run of what is not allowed", `{"Effect":"Allow","Action":"ec2:Describe*","Resource":"*"}`, "DeleteVpc", params{"VpcId": v, "DryRun": true}, "ec2:DeleteVpc on"},
	} {
		t.Run(test.name, func(t *testing.T) {
			wantDecision(t, s, "u"+string(rune('a'+i)), test.statements, test.action, test.params, test.denied)
		})
	}
}

// The encoded message of a denial says, decoded, what was denied.
func TestEncodedMessage(t *testing.T) {
	t.Parallel()
	s := servertest.New(t, server.Config{})
	_, answer := servertest.TryAs(t, s, as(t, s, "u", `{"Effect":"Deny","Action":"ec2:*","Resource":"*"}`), "ec2:CreateVpc", map[string]any{"CidrBlock": "10.0.0.0/16"})
	_, encoded, _ := strings.Cut(answer["message"].(string), "Encoded authorization failure message: ")
	decoded := servertest.ActAs(t, s, "root", "sts:DecodeAuthorizationMessage", map[string]any{"EncodedMessage": encoded})
	text, _ := decoded["DecodedMessage"].(string)
	for _, want := range []string{`"allowed":false`, `"explicitDeny":true`, `"name":"u"`, `"action":"ec2:CreateVpc"`, `"resource":"arn:aws:ec2:us-east-1:123456789012:vpc/*"`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
}

// An explanation of a denial says which statement would let anything of the kind be made.
func TestExplanation(t *testing.T) {
	t.Parallel()
	s := servertest.New(t, server.Config{})
	servertest.TryAs(t, s, as(t, s, "u", `{"Effect":"Allow","Action":"ec2:Describe*","Resource":"*"}`), "ec2:CreateVpc", map[string]any{"CidrBlock": "10.0.0.0/16"})
	status, text := servertest.Ask(s, http.MethodGet, "/_waxseal/explain", "")
	servertest.WantAnswer(t, status, text, 200, `{"Effect":"Allow","Action":"ec2:CreateVpc","Resource":"arn:aws:ec2:us-east-1:123456789012:vpc/*"}`)
}

// A reset makes the default VPC anew, also where it was deleted.
func TestResetMakesTheDefaultVpcAnew(t *testing.T) {
	t.Parallel()
	s := servertest.New(t, server.Config{})
	find := func() string {
		t.Helper()
		_, body := ask(s, "Action=DescribeVpcs&Filter.1.Name=is-default&Filter.1.Value.1=true")
		return inBody(t, body, "<vpcId>(.*?)</vpcId>")
	}
	first := find()
	_, body := ask(s, "Action=DescribeSubnets")
	for _, id := range regexp.MustCompile("<subnetId>(.*?)</subnetId>").FindAllStringSubmatch(body, -1) {
		ask(s, "Action=DeleteSubnet&SubnetId="+id[1])
	}
	status, body := ask(s, "Action=DeleteVpc&VpcId="+first)
	servertest.WantAnswer(t, status, body, 200, "<return>true</return>")
	status, body = ask(s, "Action=DescribeVpcs")
	servertest.WantAnswer(t, status, body, 200, "<vpcSet/>")
	if err := s.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if second := find(); second == first {
		t.Error("the default VPC is the one that was deleted")
	}
}
