package ec2_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/server"
)

// maxRequests is how many lines of an input are sent, each as one request.
const maxRequests = 12

// FuzzEC2Query: whatever is asked of a server in EC2's protocol, one request a line,
// is answered in it and is never the server's fault.
func FuzzEC2Query(f *testing.F) {
	f.Add("Action=CreateVpc&CidrBlock=10.0.0.0/16&TagSpecification.1.ResourceType=vpc&TagSpecification.1.Tag.1.Key=a\n" +
		"Action=CreateSubnet&VpcId={vpc}&CidrBlock=10.0.1.0/24\nAction=ModifySubnetAttribute&SubnetId={subnet}&MapPublicIpOnLaunch.Value=true\n" +
		"Action=DescribeSubnets&SubnetId.1={subnet}&Filter.1.Name=tag:a&Filter.1.Value.1=*\\*?\nAction=DeleteSubnet&SubnetId={subnet}\nAction=DeleteVpc&VpcId={vpc}")
	f.Add("Action=DescribeVpcs&MaxResults=5&NextToken=x\nAction=DescribeTags&Filter.1=x\nAction=&=&.=\nFilter.0.Name=a&Action=DescribeVpcs\n%zz\nVersion=2016-11-15")
	f.Add("Action=CreateSecurityGroup&GroupName=a&GroupDescription=b\nAction=AuthorizeSecurityGroupIngress&GroupId={sg}&IpPermissions.1.IpProtocol=6&IpPermissions.1.FromPort=443" +
		"&IpPermissions.1.ToPort=443&IpPermissions.1.IpRanges.1.CidrIp=10.0.0.1/8&IpPermissions.1.Groups.1.GroupId={sg}\nAction=ModifySecurityGroupRules&GroupId={sg}" +
		"&SecurityGroupRule.1.SecurityGroupRuleId={sgr}&SecurityGroupRule.1.SecurityGroupRule.IpProtocol=-1&SecurityGroupRule.1.SecurityGroupRule.ReferencedGroupId={sg}\n" +
		"Action=DescribeSecurityGroups&Filter.1.Name=ip-permission.from-port&Filter.1.Value.1=4?3\nAction=RevokeSecurityGroupIngress&GroupId={sg}&SecurityGroupRuleId.1={sgr}\nAction=DeleteSecurityGroup&GroupId={sg}")
	f.Add("Action=CreateVpc&CidrBlock=10.0.0.0/16\nAction=CreateSubnet&VpcId={vpc}&CidrBlock=10.0.1.0/24\nAction=CreateRouteTable&VpcId={vpc}&ClientToken=a\n" +
		"Action=AssociateRouteTable&RouteTableId={rtb}&SubnetId={subnet}\nAction=DescribeRouteTables&Filter.1.Name=association.main&Filter.1.Value.1=false\nAction=DisassociateRouteTable&AssociationId={rtbassoc}\nAction=DeleteRouteTable&RouteTableId={rtb}")
	for _, op := range newTestbedFor(f).API().Operations {
		f.Add("Action=CreateVpc&CidrBlock=10.0.0.0/16\nAction=CreateSubnet&VpcId={vpc}&CidrBlock=10.0.1.0/24\nAction=" + op.Name + example(op.In, "", 0))
	}
	f.Fuzz(func(t *testing.T, requests string) {
		s := servertest.New(t, server.Config{IDs: ids.NewSeeded(1)})
		seen := map[string]string{}
		for i, form := range strings.Split(requests, "\n") {
			if i == maxRequests {
				break
			}
			form = placeholder.ReplaceAllStringFunc(form, func(name string) string { return seen[strings.Trim(name, "{}")] })
			status, body := servertest.Ask(s, http.MethodPost, "/", form, "Content-Type", "application/x-www-form-urlencoded", "Authorization", scope)
			if status >= 500 {
				t.Errorf("%s: %d %s", form, status, body)
			}
			wellFormed(t, body)
			for _, id := range anID.FindAllStringSubmatch(body, -1) {
				seen[id[1]] = id[0]
			}
		}
	})
}

// A placeholder stands for the id of its kind that was last seen in an answer.
var (
	placeholder = regexp.MustCompile(`\{[a-z]+\}`)
	anID        = regexp.MustCompile(`\b([a-z]+)-[0-9a-f]{17}\b`)
)

// wellFormed fails the test where a text is no XML.
func wellFormed(t *testing.T, text string) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%v: %s", err, text)
		}
	}
}

// exampleDepth is how deep the examples of inputs go.
const exampleDepth = 5

// example is parameters that give each member of an input a value.
func example(shape reflect.Type, prefix string, depth int) string {
	var b strings.Builder
	for i := range shape.NumField() {
		field := shape.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("query"), ",")
		if name == "" {
			name = field.Name
		}
		if name == "DryRun" || depth == exampleDepth {
			continue
		}
		kind := field.Type
		if kind.Kind() == reflect.Slice {
			kind, name = kind.Elem(), name+".1"
		}
		if kind.Kind() == reflect.Pointer {
			kind = kind.Elem()
		}
		if kind.Kind() == reflect.Struct {
			b.WriteString(example(kind, prefix+name+".", depth+1))
			continue
		}
		fmt.Fprintf(&b, "&%s%s=%s", prefix, name, exampleOf(name, kind.Kind()))
	}
	return b.String()
}

// exampleOf is a value of a member.
func exampleOf(name string, kind reflect.Kind) string {
	for part, value := range map[string]string{
		"VpcId": "{vpc}", "SubnetId": "{subnet}", "GroupId": "{sg}", "SecurityGroupRuleId": "{sgr}", "AssociationId": "{rtbassoc}", "RouteTableId": "{rtb}", "NetworkAclId": "{acl}", "ResourceId": "{vpc}",
		"VpcEndpointId": "{vpce}", "CidrBlock": "10.0.0.0/16", "CidrIp": "10.0.0.0/8", "ServiceName": "com.amazonaws.us-east-1.sqs", "ResourceType": "vpc",
	} {
		if strings.HasSuffix(strings.TrimSuffix(name, ".1"), part) {
			return value
		}
	}
	switch kind {
	case reflect.Bool:
		return "true"
	case reflect.Int, reflect.Int32, reflect.Int64:
		return "5"
	default:
		return "a"
	}
}
