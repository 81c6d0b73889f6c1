package integration

import (
	"errors"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// memberAccount makes an organization with an account in it.
func memberAccount(t *testing.T, o *organizations.Client) string {
	t.Helper()
	if _, err := o.CreateOrganization(t.Context(), &organizations.CreateOrganizationInput{}); err != nil {
		t.Fatal(err)
	}
	made, err := o.CreateAccount(t.Context(), &organizations.CreateAccountInput{AccountName: aws.String("member"), Email: aws.String("member@example.com")})
	if err != nil {
		t.Fatal(err)
	}
	return *made.CreateAccountStatus.AccountId
}

// Nobody of a closed account gets in: neither its root user nor a session made before or after.
func TestCredentialsOfAClosedAccountAreRefused(t *testing.T) {
	cloud := start(t)
	o := organizations.NewFromConfig(cloud.Config())
	member := memberAccount(t, o)
	role, err := sts.NewFromConfig(cloud.Config()).AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::" + member + ":role/OrganizationAccountAccessRole"), RoleSessionName: aws.String("before"),
	})
	if err != nil {
		t.Fatal(err)
	}
	session, root := cloud.Config(), cloud.Config()
	session.Credentials = credentials.NewStaticCredentialsProvider(*role.Credentials.AccessKeyId, *role.Credentials.SecretAccessKey, *role.Credentials.SessionToken)
	root.Credentials = credentials.NewStaticCredentialsProvider(member, "test", "")
	whoAmI := func(c aws.Config) error {
		_, err := sts.NewFromConfig(c).GetCallerIdentity(t.Context(), nil)
		return err
	}
	for name, c := range map[string]aws.Config{"a session": session, "root": root} {
		if err := whoAmI(c); err != nil {
			t.Errorf("%s before: %v", name, err)
		}
	}
	if _, err := o.CloseAccount(t.Context(), &organizations.CloseAccountInput{AccountId: &member}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]aws.Config{"a session": session, "root": root} {
		want(t, name, whoAmI(c), answer{http.StatusForbidden, "InvalidClientTokenId", "The security token included in the request is invalid."})
	}
	if err := whoAmI(cloud.Config()); err != nil {
		t.Errorf("the management account: %v", err)
	}
	roleARN := "arn:aws:iam::" + member + ":role/OrganizationAccountAccessRole"
	_, err = sts.NewFromConfig(cloud.Config()).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: &roleARN, RoleSessionName: aws.String("after")})
	want(t, "a session made after", err, answer{http.StatusForbidden, "AccessDenied", "User: arn:aws:iam::123456789012:root is not authorized to perform: sts:AssumeRole on resource: " + roleARN})
}

// What a constraint is about is a member of the error, and a service is a key of conditions.
func TestOrganizationsErrorsHaveReasons(t *testing.T) {
	cloud := start(t)
	o := organizations.NewFromConfig(cloud.Config())
	member := memberAccount(t, o)
	in := &organizations.RegisterDelegatedAdministratorInput{AccountId: &member, ServicePrincipal: aws.String("sso.amazonaws.com")}
	_, err := o.RegisterDelegatedAdministrator(t.Context(), in)
	if violated, ok := errors.AsType[*orgtypes.ConstraintViolationException](err); !ok || violated.Reason != "SERVICE_ACCESS_NOT_ENABLED" {
		t.Errorf("error = %#v", err)
	}
	root := newClients(t, cloud.Config())
	root.role("some", document(t, statement{
		"Effect": "Allow", "Action": "organizations:*", "Resource": "*", "Condition": statement{"StringEquals": statement{"organizations:ServicePrincipal": "sso.amazonaws.com"}},
	}))
	some := organizations.NewFromConfig(cloud.As("role/some"))
	for service, allowed := range map[string]bool{"sso.amazonaws.com": true, "config.amazonaws.com": false} {
		if _, err := some.EnableAWSServiceAccess(t.Context(), &organizations.EnableAWSServiceAccessInput{ServicePrincipal: &service}); (err == nil) != allowed {
			t.Errorf("%s: %v", service, err)
		}
	}
	if _, err := some.RegisterDelegatedAdministrator(t.Context(), in); err != nil {
		t.Error(err)
	}
}
