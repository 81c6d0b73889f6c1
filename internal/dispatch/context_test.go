package dispatch

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/policyeval"
)

// keys of a context, as text; "-" where the key is absent.
func contextValue(c *policyeval.Context, key string) string {
	values, _, ok := c.Get(key)
	if !ok {
		return "-"
	}
	return fmt.Sprint(values)
}

// connected are the condition keys of a service that come from the connection.
func connected(c *policyeval.Context, r *api.Request) {
	c.Set("mail:calleraccount", r.Caller.Account)
}

func conditionKeys(r *api.Request, check *api.Check, o memberships) *policyeval.Context {
	d := &decided{environment: environment{r, check.Target.Account, check.Target.Tags}}
	d.setConditionKeys(&api.Service{ConnectionKeys: connected}, check, o)
	return d.Request.Context
}

func wantContext(t *testing.T, c *policyeval.Context, want map[string]string) {
	t.Helper()
	for key, value := range want {
		if got := contextValue(c, key); got != value {
			t.Errorf("%s = %s, want %s", key, got, value)
		}
	}
}

func TestContextOfACallersOwnRequest(t *testing.T) {
	role := &api.Caller{
		Principal: policyeval.Principal{Type: policyeval.AssumedRole, Account: "123456789012", ARN: "arn:aws:sts::123456789012:assumed-role/r/s", IssuerARN: "arn:aws:iam::123456789012:role/r"},
		Name:      "r", UserID: "AROAX:s", Tags: map[string]string{"Environment": "production"},
		Session: &api.Session{Name: "s", Issued: time.Unix(0, 0)},
	}
	r := &api.Request{Caller: role, Account: role.Account, Region: "us-east-1", Time: time.Unix(1e9, 0), SourceIP: "192.0.2.1", SecureTransport: true}
	check := &api.Check{Action: "mail:Send", Target: api.Target{Account: "999988887777", Tags: map[string]string{"Stage": "x"}}}
	wantContext(t, conditionKeys(r, check, memberships{owner: &identity.Membership{OrgID: "o-1", Path: "o-1/r-1/"}}), map[string]string{
		"aws:PrincipalArn": "[arn:aws:iam::123456789012:role/r]", "aws:PrincipalType": "[AssumedRole]", "aws:userid": "[AROAX:s]", "aws:username": "-",
		"aws:PrincipalTag/Environment": "[production]", "aws:ResourceTag/Stage": "[x]", "aws:SourceIp": "[192.0.2.1]", "aws:SecureTransport": "[true]",
		"aws:ViaAWSService": "[false]", "aws:CalledVia": "-", "aws:SourceArn": "-", "aws:CurrentTime": "[2001-09-09T01:46:40Z]", "aws:EpochTime": "[1000000000]",
		"aws:ResourceAccount": "[999988887777]", "aws:ResourceOrgID": "[o-1]", "aws:ResourceOrgPaths": "[o-1/r-1/]", "aws:SourceOrgID": "-",
		"mail:CallerAccount": "[123456789012]", "aws:MultiFactorAuthAge": "-", "aws:SourceVpce": "-",
	})

	r.VPCEndpoint = &api.VPCEndpoint{ID: "vpce-1", VPC: "vpc-1", Account: "123456789012", Region: "us-east-1", Service: "sqs"}
	wantContext(t, conditionKeys(r, check, memberships{}), map[string]string{ // [G8]
		"aws:SourceIp": "-", "aws:VpcSourceIp": "[192.0.2.1]", "aws:SourceVpce": "[vpce-1]", "aws:SourceVpc": "[vpc-1]",
		"aws:SourceVpcArn": "-", "aws:VpceAccount": "-",
	})
	r.VPCEndpoint.Service = "kms"
	wantContext(t, conditionKeys(r, check, memberships{endpoint: &identity.Membership{OrgID: "o-3", Path: "o-3/r-3/"}}), map[string]string{
		"aws:SourceVpce": "[vpce-1]", "aws:SourceVpcArn": "[arn:aws:ec2:us-east-1:123456789012:vpc/vpc-1]", "aws:VpceAccount": "[123456789012]",
		"aws:VpceOrgID": "[o-3]", "aws:VpceOrgPaths": "[o-3/r-3/]",
	})

	// [A5.4]: what SQS asks of KMS for the caller.
	r.CalledVia = via(r.CalledVia, "sqs.amazonaws.com")
	wantContext(t, conditionKeys(r, check, memberships{}), map[string]string{
		"aws:ViaAWSService": "[true]", "aws:CalledVia": "[sqs.amazonaws.com]",
		"aws:CalledViaFirst": "[sqs.amazonaws.com]", "aws:CalledViaLast": "[sqs.amazonaws.com]", "aws:SourceIp": "-", "aws:SourceVpce": "-", "aws:VpcSourceIp": "-",
	})
}

func TestContextOfAServicesCall(t *testing.T) {
	r := &api.Request{
		Caller: identity.ServicePrincipal("sns.amazonaws.com"), Account: "123456789012", Region: "us-east-1", Time: time.Unix(1e9, 0), SecureTransport: true,
		SourceARN: "arn:aws:sns:us-east-1:123456789012:t", SourceAccount: "123456789012",
	}
	check := &api.Check{Action: "sqs:SendMessage", Target: api.Target{Account: "123456789012"}}
	wantContext(t, conditionKeys(r, check, memberships{source: &identity.Membership{OrgID: "o-2", Path: "o-2/r-2/"}}), map[string]string{ // [B20] [D7]
		"aws:SourceArn": "[arn:aws:sns:us-east-1:123456789012:t]", "aws:SourceAccount": "[123456789012]", "aws:SourceOrgID": "[o-2]", "aws:SourceOrgPaths": "[o-2/r-2/]",
		"aws:PrincipalIsAWSService": "[true]", "aws:PrincipalServiceName": "[sns.amazonaws.com]", "aws:PrincipalServiceNamesList": "[sns.amazonaws.com]",
		"aws:PrincipalArn": "-", "aws:PrincipalOrgID": "-", "aws:ViaAWSService": "[false]", "aws:SecureTransport": "[true]", "aws:SourceIp": "-",
	})
	// What a service forwards as itself is not called via it.
	r.CalledVia = via(nil, "sqs.amazonaws.com")
	wantContext(t, conditionKeys(r, check, memberships{}), map[string]string{"aws:SourceAccount": "[123456789012]", "aws:CalledVia": "-"})
	r.Caller = identity.Anonymous()
	wantContext(t, conditionKeys(r, check, memberships{}), map[string]string{
		"aws:PrincipalType": "[Anonymous]", "aws:PrincipalAccount": "[anonymous]", "aws:PrincipalArn": "-", "aws:PrincipalIsAWSService": "-",
	})
}

// Every global key says when it is present, in lower case and once.
func TestGlobalKeysTable(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range globalKeys {
		if k.name != strings.ToLower(k.name) || !strings.HasPrefix(k.name, "aws:") || k.present == "" || seen[k.name] {
			t.Errorf("%+v", k)
		}
		seen[k.name] = true
	}
}
