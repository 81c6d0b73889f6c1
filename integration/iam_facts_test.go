package integration

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
)

const trustSelf = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":["sts:AssumeRole","sts:TagSession"]}]}`

// The errors of IAM and STS as an SDK sees them.
func TestIdentityErrors(t *testing.T) {
	cloud := start(t)
	i, s := iam.NewFromConfig(cloud.Config()), sts.NewFromConfig(cloud.Config())
	ctx := t.Context()
	name, role := aws.String("u"), aws.String("r")
	if _, err := i.CreateUser(ctx, &iam.CreateUserInput{UserName: name}); err != nil {
		t.Fatal(err)
	}
	if _, err := i.CreateRole(ctx, &iam.CreateRoleInput{RoleName: role, AssumeRolePolicyDocument: aws.String(trustSelf)}); err != nil {
		t.Fatal(err)
	}
	if _, err := i.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: name}); err != nil {
		t.Fatal(err)
	}
	const roleARN, none = "arn:aws:iam::123456789012:role/r", "arn:aws:iam::123456789012:policy/none"
	attach := func(policy string) error {
		_, err := i.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: role, PolicyArn: &policy})
		return err
	}
	assume := func(in sts.AssumeRoleInput) error {
		in.RoleArn = aws.String(roleARN)
		if in.RoleSessionName == nil {
			in.RoleSessionName = aws.String("session")
		}
		_, err := s.AssumeRole(ctx, &in)
		return err
	}
	tag := func(key string) ststypes.Tag { return ststypes.Tag{Key: &key, Value: aws.String("v")} }
	put := func(document string) error {
		_, err := i.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: name, PolicyName: aws.String("p"), PolicyDocument: &document})
		return err
	}
	for what, test := range map[string]struct {
		err  error
		want answer
	}{
		"I002": {func() error {
			_, err := i.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("x"), AssumeRolePolicyDocument: aws.String("no JSON")})
			return err
		}(), answer{400, "MalformedPolicyDocument", "This policy contains invalid Json"}},
		"I005 a bare name":     {attach("name-of-a-policy-of-20"), answer{400, "ValidationError", "Invalid ARN:  Could not be parsed!"}},
		"I005 a malformed ARN": {attach("arn:aws:iam:123456789"), answer{400, "ValidationError", "Invalid ARN:  Could not be parsed!"}},
		"I006":                 {attach(none), answer{404, "NoSuchEntity", "Policy " + none + " does not exist or is not attachable."}},
		"I007": {func() error {
			_, err := i.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: aws.String(none)})
			return err
		}(), answer{404, "NoSuchEntity", "Policy " + none + " was not found."}},
		"I008": {func() error {
			_, err := i.GetUser(ctx, &iam.GetUserInput{UserName: aws.String("nobody")})
			return err
		}(), answer{404, "NoSuchEntity", "The user with name nobody cannot be found."}},
		"an entity of the name": {func() error {
			_, err := i.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("U")})
			return err
		}(), answer{409, "EntityAlreadyExists", "User with name U already exists."}},
		"I009's code for what hangs on a user": {func() error {
			_, err := i.DeleteUser(ctx, &iam.DeleteUserInput{UserName: name})
			return err
		}(), answer{409, "DeleteConflict", "Cannot delete entity, must delete access keys first."}},
		"D10 no action":   {put(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Resource":"*"}}`), answer{400, "MalformedPolicyDocument", "Policy statement must contain actions."}},
		"D10 no resource": {put(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*"}}`), answer{400, "MalformedPolicyDocument", "Policy statement must contain resources."}},
		"D10 no vendor":   {put(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"all","Resource":"*"}}`), answer{400, "MalformedPolicyDocument", "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."}},
		"D10 a principal": {put(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}}`), answer{400, "MalformedPolicyDocument", "Has prohibited field Principal"}},
		"I011": {func() error {
			_, err := i.DeleteServiceSpecificCredential(ctx, &iam.DeleteServiceSpecificCredentialInput{UserName: name, ServiceSpecificCredentialId: aws.String("no-such-id-as-this-one")})
			return err
		}(), answer{400, "ValidationError", `1 validation error detected: Value at 'serviceSpecificCredentialId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w]+`}},
		"I015": {func() error {
			_, err := s.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::123456789012:group/r"), RoleSessionName: aws.String("session")})
			return err
		}(), answer{400, "ValidationError", "arn:aws:iam::123456789012:group/r is invalid"}},
		"I016": {assume(sts.AssumeRoleInput{RoleSessionName: aws.String("Session1:2")}), answer{400, "ValidationError",
			`1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*`}},
		"I017": {assume(sts.AssumeRoleInput{Tags: []ststypes.Tag{tag("a")}, TransitiveTagKeys: []string{"b"}}), answer{400, "InvalidParameterValue",
			"The specified transitive tag key must be included in the requested tags."}},
		"I018": {assume(sts.AssumeRoleInput{Tags: []ststypes.Tag{tag("a"), tag("A")}}), answer{400, "InvalidParameterValue",
			"Duplicate tag keys found. Please note that Tag keys are case insensitive."}},
		"D11 899 seconds": {assume(sts.AssumeRoleInput{DurationSeconds: aws.Int32(899)}), answer{400, "ValidationError",
			"1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900"}},
		"D11 longer than the role's": {assume(sts.AssumeRoleInput{DurationSeconds: aws.Int32(3601)}), answer{400, "ValidationError",
			"The requested DurationSeconds exceeds the MaxSessionDuration set for this role."}},
	} {
		want(t, what, test.err, test.want)
	}
	// [I001]: in Query's XML, of type Sender.
	form := url.Values{"Action": {"GetUser"}, "Version": {"2010-05-08"}, "UserName": {"nobody"}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, cloud.URL(), strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0")
	answered, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answered.Body.Close() }()
	var body strings.Builder
	if _, err := copyBody(&body, answered); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">`, "<Type>Sender</Type>", "<Code>NoSuchEntity</Code>", "<RequestId>"} {
		if answered.StatusCode != http.StatusNotFound || !strings.Contains(body.String(), part) {
			t.Errorf("IAM answers %s %s, without %s", answered.Status, body.String(), part)
		}
	}
}

// [D11]: sessions of sessions: an hour at most, transitive tags stay [I019],
// and what a session's tags let it do.
func TestRoleChaining(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	for _, name := range []string{"first", "second"} {
		if _, err := root.iam.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(trustSelf), MaxSessionDuration: aws.Int32(7200)}); err != nil {
			t.Fatal(err)
		}
		if _, err := root.iam.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: &name, PolicyName: aws.String("p"), PolicyDocument: aws.String(document(t,
			statement{"Effect": "Allow", "Action": []string{"sts:AssumeRole", "sts:TagSession"}, "Resource": "*"},
			statement{"Effect": "Allow", "Action": "sqs:*", "Resource": "arn:aws:sqs:*:*:${aws:PrincipalTag/team}-*"},
		))}); err != nil {
			t.Fatal(err)
		}
	}
	in := func(role string, tags ...string) *sts.AssumeRoleInput {
		in := &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::123456789012:role/" + role), RoleSessionName: aws.String("chain")}
		for _, k := range tags {
			in.Tags = append(in.Tags, ststypes.Tag{Key: &k, Value: aws.String("red")})
			in.TransitiveTagKeys = append(in.TransitiveTagKeys, k)
		}
		return in
	}
	first, err := assume(t, cloud.Config(), in("first", "team"))
	if err != nil {
		t.Fatal(err)
	}
	long := in("second")
	long.DurationSeconds = aws.Int32(3601)
	_, err = assume(t, first, long)
	want(t, "a chained session of more than an hour", err, answer{400, "ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."})
	_, err = assume(t, first, in("second", "Team"))
	want(t, "I019", err, answer{400, "InvalidParameterValue", "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session."})
	second, err := assume(t, first, in("second"))
	if err != nil {
		t.Fatal(err)
	}
	who, err := sts.NewFromConfig(second).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil || *who.Arn != "arn:aws:sts::123456789012:assumed-role/second/chain" {
		t.Errorf("the chain ends with %v, %v", who, err)
	}
	red, _ := root.queue("red-orders", nil)
	blue, blueARN := root.queue("blue-orders", nil)
	c := newClients(t, second)
	if err := c.send(red, "x"); err != nil {
		t.Errorf("the queue of its tag: %v", err)
	}
	want(t, "another team's queue", c.send(blue, "x"), denied(*who.Arn, "SendMessage", blueARN, "because no identity-based policy allows the ACTION action"))
}

// The credentials of users: keys that are made, turned off and deleted; a
// session token's; a federated user's, who may do what both policies allow.
func TestUsersCredentials(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	ctx := t.Context()
	queue, queueARN := root.queue("q", nil)
	name := aws.String("alice")
	if _, err := root.iam.CreateUser(ctx, &iam.CreateUserInput{UserName: name}); err != nil {
		t.Fatal(err)
	}
	if _, err := root.iam.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: name, PolicyName: aws.String("p"), PolicyDocument: aws.String(document(t,
		statement{"Effect": "Allow", "Action": []string{"sqs:*", "sts:GetFederationToken"}, "Resource": "*"}))}); err != nil {
		t.Fatal(err)
	}
	made, err := root.iam.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: name})
	if err != nil {
		t.Fatal(err)
	}
	with := func(id, secret, token *string) aws.Config {
		c := cloud.Config()
		c.Credentials = credentials.NewStaticCredentialsProvider(*id, *secret, aws.ToString(token))
		return c
	}
	alice := with(made.AccessKey.AccessKeyId, made.AccessKey.SecretAccessKey, nil)
	if err := newClients(t, alice).send(queue, "x"); err != nil {
		t.Fatal(err)
	}
	token, err := sts.NewFromConfig(alice).GetSessionToken(ctx, &sts.GetSessionTokenInput{DurationSeconds: aws.Int32(900)})
	if err != nil {
		t.Fatal(err)
	}
	session := with(token.Credentials.AccessKeyId, token.Credentials.SecretAccessKey, token.Credentials.SessionToken)
	if err := newClients(t, session).send(queue, "x"); err != nil {
		t.Errorf("the session token: %v", err)
	}
	if _, err := sqs.NewFromConfig(with(token.Credentials.AccessKeyId, token.Credentials.SecretAccessKey, nil)).ListQueues(ctx, &sqs.ListQueuesInput{}); failure(t, err).status != http.StatusForbidden {
		t.Errorf("temporary credentials without their token: %v", err)
	}
	federated, err := sts.NewFromConfig(alice).GetFederationToken(ctx, &sts.GetFederationTokenInput{
		Name: aws.String("bob"), Policy: aws.String(allows(t, "sqs:ReceiveMessage", "*")),
	})
	if err != nil || *federated.FederatedUser.Arn != "arn:aws:sts::123456789012:federated-user/bob" {
		t.Fatal(federated, err)
	}
	bob := newClients(t, with(federated.Credentials.AccessKeyId, federated.Credentials.SecretAccessKey, federated.Credentials.SessionToken))
	if _, err := bob.receive(queue); err != nil {
		t.Errorf("what both policies allow: %v", err)
	}
	want(t, "what the session policy leaves out", bob.send(queue, "x"), denied("arn:aws:sts::123456789012:federated-user/bob", "SendMessage", queueARN,
		"because no session policy allows the ACTION action"))
	cloud.Advance(900 * time.Second)
	if got := failure(t, newClients(t, session).send(queue, "x")); got.code != "ExpiredToken" {
		t.Errorf("the session token after its time: %+v", got)
	}

	if _, err := root.iam.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: name, AccessKeyId: made.AccessKey.AccessKeyId, Status: iamtypes.StatusTypeInactive}); err != nil {
		t.Fatal(err)
	}
	inactive := answer{http.StatusForbidden, "InvalidClientTokenId", "The security token included in the request is invalid."}
	want(t, "with an inactive key", newClients(t, alice).send(queue, "x"), inactive)
	if _, err := root.iam.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: name, AccessKeyId: made.AccessKey.AccessKeyId, Status: iamtypes.StatusTypeActive}); err != nil {
		t.Fatal(err)
	}
	if err := newClients(t, alice).send(queue, "x"); err != nil {
		t.Errorf("active again: %v", err)
	}
	if _, err := root.iam.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: name, AccessKeyId: made.AccessKey.AccessKeyId}); err != nil {
		t.Fatal(err)
	}
	want(t, "with a deleted key", newClients(t, alice).send(queue, "x"), inactive)
}
