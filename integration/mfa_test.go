package integration

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/waxseal/waxseal"
	"github.com/waxseal/waxseal/internal/identity"
)

// mfaUser is a user with an access key and an MFA device.
type mfaUser struct {
	t            *testing.T
	cloud        *waxseal.Server
	config       aws.Config // of its key
	serial, seed string
	later        time.Duration // how far the clock was turned
}

func newMFAUser(t *testing.T, cloud *waxseal.Server, policy string) *mfaUser {
	t.Helper()
	root := newClients(t, cloud.Config())
	ctx, name := t.Context(), aws.String("u")
	if _, err := root.iam.CreateUser(ctx, &iam.CreateUserInput{UserName: name}); err != nil {
		t.Fatal(err)
	}
	if _, err := root.iam.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: name, PolicyName: aws.String("p"), PolicyDocument: &policy}); err != nil {
		t.Fatal(err)
	}
	key, err := root.iam.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: name})
	if err != nil {
		t.Fatal(err)
	}
	device, err := root.iam.CreateVirtualMFADevice(ctx, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String("d")})
	if err != nil {
		t.Fatal(err)
	}
	u := &mfaUser{t: t, cloud: cloud, config: cloud.Config(), serial: *device.VirtualMFADevice.SerialNumber, seed: string(device.VirtualMFADevice.Base32StringSeed)}
	u.config.Credentials = credentials.NewStaticCredentialsProvider(*key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey, "")
	first := u.code()
	u.wait()
	if _, err := root.iam.EnableMFADevice(ctx, &iam.EnableMFADeviceInput{
		UserName: name, SerialNumber: &u.serial, AuthenticationCode1: &first, AuthenticationCode2: aws.String(u.code()),
	}); err != nil {
		t.Fatal(err)
	}
	u.wait()
	return u
}

// wait waits for the next code.
func (u *mfaUser) wait() {
	u.cloud.Advance(30 * time.Second)
	u.later += 30 * time.Second
}

func (u *mfaUser) code() string {
	u.t.Helper()
	code, err := identity.Code(u.seed, time.Now().Add(u.later))
	if err != nil {
		u.t.Fatal(err)
	}
	return code
}

// with is the configuration of a session's credentials.
func (u *mfaUser) with(c *ststypes.Credentials) aws.Config {
	config := u.cloud.Config()
	config.Credentials = credentials.NewStaticCredentialsProvider(*c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken)
	return config
}

// What conditions see of MFA: nothing for long-term keys, false for sessions
// without, true for a session that GetSessionToken gave for a code.
func TestMFAInConditions(t *testing.T) {
	cloud := start(t)
	statements := func(condition statement) string {
		return document(t,
			statement{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*", "Condition": condition},
			statement{"Effect": "Allow", "Action": []string{"sts:AssumeRole", "iam:GetUser"}, "Resource": "*"})
	}
	u := newMFAUser(t, cloud, statements(statement{"Bool": statement{"aws:MultiFactorAuthPresent": "true"}}))
	root := newClients(t, cloud.Config())
	queue, _ := root.queue("q", nil)
	session := func(in sts.GetSessionTokenInput) aws.Config {
		t.Helper()
		out, err := sts.NewFromConfig(u.config).GetSessionToken(t.Context(), &in)
		if err != nil {
			t.Fatal(err)
		}
		return u.with(out.Credentials)
	}
	configs := map[string]aws.Config{
		"a key":                 u.config,
		"a session without MFA": session(sts.GetSessionTokenInput{}),
		"a session with MFA":    session(sts.GetSessionTokenInput{SerialNumber: &u.serial, TokenCode: aws.String(u.code())}),
	}
	u.wait()
	for _, test := range []struct {
		condition statement
		sends     map[string]bool
	}{
		{statement{"Bool": statement{"aws:MultiFactorAuthPresent": "true"}}, map[string]bool{"a session with MFA": true}},
		{statement{"Bool": statement{"aws:MultiFactorAuthPresent": "false"}}, map[string]bool{"a session without MFA": true}},
		{statement{"BoolIfExists": statement{"aws:MultiFactorAuthPresent": "false"}}, map[string]bool{"a session without MFA": true, "a key": true}},
		{statement{"NumericGreaterThanEquals": statement{"aws:MultiFactorAuthAge": "30"}}, map[string]bool{"a session with MFA": true}},
		{statement{"NumericLessThan": statement{"aws:MultiFactorAuthAge": "30"}}, nil},
	} {
		if _, err := root.iam.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{
			UserName: aws.String("u"), PolicyName: aws.String("p"), PolicyDocument: aws.String(statements(test.condition)),
		}); err != nil {
			t.Fatal(err)
		}
		for who, config := range configs {
			_, err := sqs.NewFromConfig(config).SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: aws.String("x")})
			if (err == nil) != test.sends[who] {
				t.Errorf("%v: %s sends: %v", test.condition, who, err)
			}
		}
	}
	// A session of GetSessionToken may call IAM where it was made with MFA.
	for who, config := range configs {
		_, err := iam.NewFromConfig(config).GetUser(t.Context(), &iam.GetUserInput{})
		if (err == nil) != (who != "a session without MFA") {
			t.Errorf("%s calls IAM: %v", who, err)
		}
	}
}

// A role's trust policy can ask for MFA; its session proves none [I072].
func TestMFAForARole(t *testing.T) {
	cloud := start(t)
	u := newMFAUser(t, cloud, allows(t, "sts:AssumeRole", "*"))
	root := newClients(t, cloud.Config())
	queue, _ := root.queue("q", nil)
	role, err := root.iam.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("admin"), AssumeRolePolicyDocument: aws.String(document(t, statement{
		"Effect": "Allow", "Principal": statement{"AWS": "123456789012"}, "Action": "sts:AssumeRole",
		"Condition": statement{"Bool": statement{"aws:MultiFactorAuthPresent": "true"}},
	}))})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := root.iam.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String("admin"), PolicyName: aws.String("p"), PolicyDocument: aws.String(document(t,
		statement{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*", "Condition": statement{"Bool": statement{"aws:MultiFactorAuthPresent": "true"}}},
		statement{"Effect": "Allow", "Action": "sqs:ReceiveMessage", "Resource": "*"},
	))}); err != nil {
		t.Fatal(err)
	}
	assume := func(config aws.Config, in sts.AssumeRoleInput) (*sts.AssumeRoleOutput, error) {
		in.RoleArn, in.RoleSessionName = role.Role.Arn, aws.String("s1")
		return sts.NewFromConfig(config).AssumeRole(t.Context(), &in)
	}
	_, err = assume(u.config, sts.AssumeRoleInput{})
	want(t, "without a code", err, answer{403, "AccessDenied", "User: arn:aws:iam::123456789012:user/u is not authorized to perform: sts:AssumeRole on resource: " + *role.Role.Arn})
	code := u.code()
	out, err := assume(u.config, sts.AssumeRoleInput{SerialNumber: &u.serial, TokenCode: &code})
	if err != nil {
		t.Fatal(err)
	}
	_, err = assume(u.config, sts.AssumeRoleInput{SerialNumber: &u.serial, TokenCode: &code})
	want(t, "with a used code", err, answer{403, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. "})
	session := newClients(t, u.with(out.Credentials))
	if session.bodies(queue); session.send(queue, "x") == nil {
		t.Error("the role's session counts as one with MFA")
	}
	u.wait()
	token, err := sts.NewFromConfig(u.config).GetSessionToken(t.Context(), &sts.GetSessionTokenInput{SerialNumber: &u.serial, TokenCode: aws.String(u.code())})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := assume(u.with(token.Credentials), sts.AssumeRoleInput{}); err != nil {
		t.Errorf("a session with MFA cannot assume the role: %v", err)
	}
}
