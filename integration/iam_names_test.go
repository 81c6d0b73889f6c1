package integration

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// IAM checks the characters of names and paths itself, in words of its own, and
// before lengths. What it leaves to the model is worded as in other services.
func TestNamesAndPathsAreRefusedInIAMsOwnWords(t *testing.T) {
	cloud := start(t)
	i, ctx := iam.NewFromConfig(cloud.Config()), t.Context()
	s := aws.String
	const document = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"*"}}`
	const model = "1 validation error detected: Value at '"
	role := func(in iam.CreateRoleInput) error {
		in.AssumeRolePolicyDocument = s(trustSelf)
		_, err := i.CreateRole(ctx, &in)
		return err
	}
	user := func(name, path *string) error {
		_, err := i.CreateUser(ctx, &iam.CreateUserInput{UserName: name, Path: path})
		return err
	}
	users := func(prefix string) error {
		_, err := i.ListUsers(ctx, &iam.ListUsersInput{PathPrefix: &prefix})
		return err
	}
	name := func(member string) string {
		return "The specified value for " + member + " is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"
	}
	path := func(member string) string {
		return "The specified value for " + member + " is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters."
	}
	const prefix = "The specified value for pathPrefix is invalid. It must begin with the / character and contain only alphanumeric characters and/or / characters."
	failed := func(_ any, err error) error { return err }
	for what, test := range map[string]struct {
		err  error
		want string
	}{
		"a role's ARN for its name":      {failed(i.GetRole(ctx, &iam.GetRoleInput{RoleName: s("arn:aws:iam::123456789012:role/r")})), name("roleName")},
		"a new role's name":              {role(iam.CreateRoleInput{RoleName: s("a role")}), name("roleName")},
		"a user's name":                  {user(s("a/b"), nil), name("userName")},
		"an empty name":                  {user(s(""), nil), name("userName")},
		"a long name of bad characters":  {user(s(strings.Repeat("/", 65)), nil), name("userName")},
		"a name too long":                {user(s(strings.Repeat("u", 65)), nil), model + "userName' failed to satisfy constraint: Member must have length less than or equal to 64"},
		"a new name":                     {failed(i.UpdateUser(ctx, &iam.UpdateUserInput{UserName: s("u"), NewUserName: s("a b")})), name("newUserName")},
		"a group's name":                 {failed(i.GetGroup(ctx, &iam.GetGroupInput{GroupName: s("g*")})), name("groupName")},
		"an inline policy's name":        {failed(i.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: s("u"), PolicyName: s("Deny unless VPC"), PolicyDocument: s(document)})), name("policyName")},
		"a managed policy's name":        {failed(i.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: s("a b"), PolicyDocument: s(document)})), name("policyName")},
		"a path that does not end":       {role(iam.CreateRoleInput{RoleName: s("r"), Path: s("/root")}), path("path")},
		"a path that does not begin":     {user(s("u"), s("test/")), path("path")},
		"an MFA device's path":           {failed(i.CreateVirtualMFADevice(ctx, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: s("m"), Path: s("x")})), path("path")},
		"a new path":                     {failed(i.UpdateGroup(ctx, &iam.UpdateGroupInput{GroupName: s("g"), NewPath: s("invalid")})), path("newPath")},
		"a path too long":                {user(s("u"), s("/"+strings.Repeat("a", 511)+"/")), model + "path' failed to satisfy constraint: Member must have length less than or equal to 512"},
		"a prefix of users' paths":       {users("team"), prefix},
		"an empty prefix":                {users(""), prefix},
		"a prefix of policies' paths":    {failed(i.ListPolicies(ctx, &iam.ListPoliciesInput{PathPrefix: s("/foo")})), prefix},
		"an instance profile's name":     {failed(i.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: s("a b")})), model + `instanceProfileName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]+`},
		"both a bad name and a bad path": {user(s("a b"), s("x")), path("path")},
	} {
		want(t, what, test.err, answer{400, "ValidationError", test.want})
	}
}
