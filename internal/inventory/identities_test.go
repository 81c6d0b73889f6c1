package inventory_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/servertest"
)

// member makes an organization with an account that an SCP limits, and answers the account and
// the policy.
func (w *world) member(scp string) (account, policy string) {
	w.Helper()
	o, ctx, t := organizations.NewFromConfig(w.config("123456789012")), w.Context(), w.T
	must(o.CreateOrganization(ctx, &organizations.CreateOrganizationInput{FeatureSet: types.OrganizationFeatureSetAll}))(t)
	roots := must(o.ListRoots(ctx, nil))(t)
	must(o.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: roots.Roots[0].Id, PolicyType: types.PolicyTypeServiceControlPolicy}))(t)
	account = *must(o.CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: aws.String("m"), Email: aws.String("m@example.com")}))(t).CreateAccountStatus.AccountId
	policy = *must(o.CreatePolicy(ctx, &organizations.CreatePolicyInput{
		Name: aws.String("limit"), Description: aws.String(""), Type: types.PolicyTypeServiceControlPolicy, Content: aws.String(servertest.PolicyText(scp)),
	}))(t).Policy.PolicySummary.Id
	must(o.AttachPolicy(ctx, &organizations.AttachPolicyInput{PolicyId: aws.String(policy), TargetId: aws.String(account)}))(t)
	return account, policy
}

// Identities are listed with all policies that they have a say in.
func TestIdentities(t *testing.T) {
	w := newWorld(t, "")
	account, scp := w.member(`{"Effect":"Deny","Action":"sqs:PurgeQueue","Resource":"*"}`)
	c, ctx := iam.NewFromConfig(w.config(account)), t.Context()
	allow := aws.String(servertest.PolicyText(`{"Effect":"Allow","Action":"sqs:*","Resource":"*"}`))
	limits := must(c.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("limits"), PolicyDocument: allow}))(t).Policy.Arn
	must(c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("staff"), Path: aws.String("/all/")}))(t)
	must(c.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{GroupName: aws.String("staff"), PolicyName: aws.String("send"), PolicyDocument: allow}))(t)
	must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("alice"), PermissionsBoundary: limits, Tags: []iamtypes.Tag{{Key: aws.String("team"), Value: aws.String("vets")}}}))(t)
	must(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: aws.String("staff"), UserName: aws.String("alice")}))(t)
	must(c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: aws.String("alice"), PolicyArn: aws.String("arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess")}))(t)
	must(c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("worker"), AssumeRolePolicyDocument: aws.String(servertest.PolicyText(`{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":"sts:AssumeRole"}`))}))(t)
	key := must(c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("alice")}))(t).AccessKey
	alice := w.config(*key.AccessKeyId)
	alice.Credentials = aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: *key.AccessKeyId, SecretAccessKey: *key.SecretAccessKey}, nil
	})
	must(sts.NewFromConfig(alice).GetCallerIdentity(ctx, nil))(t)

	arn := "arn:aws:iam::" + account + ":"
	scps := []any{
		object{"id": "p-FullAWSAccess", "name": "FullAWSAccess", "target": "root"}, object{"id": "p-FullAWSAccess", "name": "FullAWSAccess", "target": account},
		object{"id": scp, "name": "limit", "target": account},
	}
	want := []any{
		object{
			"arn": arn + "group/all/staff", "kind": "group", "name": "staff", "account": account, "path": "/all/", "tags": object{}, "scps": scps,
			"policies": []any{object{"key": "group/staff/send", "name": "send", "kind": "inline"}},
		},
		object{
			"arn": arn + "role/worker", "kind": "role", "name": "worker", "account": account, "path": "/", "tags": object{}, "scps": scps,
			"policies": []any{},
		},
		object{
			"arn": arn + "user/alice", "kind": "user", "name": "alice", "account": account, "path": "/", "tags": object{"team": "vets"}, "scps": scps,
			"policies": []any{
				object{"key": "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess", "name": "AmazonSQSReadOnlyAccess", "kind": "managed"},
				object{"key": "group/staff/send", "name": "send", "kind": "inline", "via": "staff"},
			},
			"boundary": *limits, "lastUsed": rfc3339Time,
		},
	}
	var got struct{ Identities []any }
	w.get("identities?account="+account, &got)
	got.Identities = slices.DeleteFunc(got.Identities, func(i any) bool { return i.(object)["name"] == "OrganizationAccountAccessRole" })
	for _, i := range got.Identities {
		for _, s := range i.(object)["scps"].([]any) {
			if target := s.(object)["target"].(string); strings.HasPrefix(target, "r-") {
				s.(object)["target"] = "root"
			}
		}
	}
	if diff := cmp.Diff(want, got.Identities); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	_, body := servertest.Ask(w.Server, http.MethodGet, "/_waxseal/identities", "")
	if strings.Contains(body, *key.SecretAccessKey) {
		t.Error("a secret is shown")
	}
}
