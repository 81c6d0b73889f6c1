package policyeval

import (
	"fmt"
	"slices"
	"testing"
)

// principalPolicy is a document of the kind for one principal, and what the
// check of it says of the principal; empty: nothing.
func principalPolicy(t *testing.T, kind Kind, partition, principal string) string {
	t.Helper()
	action := map[Kind]string{QueuePolicy: "sqs:SendMessage", TopicPolicy: "sns:Publish", KeyPolicy: "kms:Decrypt", TrustPolicy: "sts:AssumeRole", BucketPolicy: "s3:ListBucket", EndpointPolicy: "*"}[kind]
	d := must(t, statementOf(fmt.Sprintf(`"Effect":"Allow","Principal":%s,"Action":%q`, principal, action)))
	problems := Validate(d, ValidateOptions{Kind: kind, Account: "111122223333", Partition: partition})
	i := slices.IndexFunc(problems, func(p Problem) bool { return p.Code == BadPrincipal })
	if i < 0 {
		return ""
	}
	return problems[i].Message
}

// invalidPrincipal is the message for a principal of a type. S3 does not name it [S202].
func invalidPrincipal(kind Kind, of, value string) string {
	if kind == BucketPolicy {
		return "Invalid principal in policy"
	}
	return fmt.Sprintf(`Invalid principal in policy: "%s":"%s"`, of, value)
}

var principalKinds = []Kind{QueuePolicy, TopicPolicy, KeyPolicy, TrustPolicy, BucketPolicy, EndpointPolicy}

// TestPrincipalForms: an ARN names a principal only if it has the form of one,
// and is of the partition of what the policy belongs to.
func TestPrincipalForms(t *testing.T) {
	for value, valid := range map[string]bool{
		"*": true, "111122223333": true, "AIDACKCEVSQ6C2EXAMPLE": true,
		"arn:aws:iam::111122223333:root":                                                     true,
		"arn:aws:iam::111122223333:user/bob":                                                 true,
		"arn:aws:iam::111122223333:user/division/b.o+b=,@-_":                                 true,
		"arn:aws:iam::111122223333:role/team:a/app":                                          true,
		"arn:aws:iam::111122223333:root:x":                                                   false,
		"arn:aws:sts::111122223333:federated-user/bob:x":                                     false,
		"arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX": true,
		"arn:aws:sts::111122223333:assumed-role/app/i-0123":                                  true,
		"arn:aws:sts::111122223333:federated-user/bob":                                       true,
		"arn:aws:iam::abc:root":                                                              false,
		"arn:aws:iam::11112222333:root":                                                      false,
		"arn:aws:iam::1111222233334:role/app":                                                false,
		"arn:aws:iam:::root":                                                                 false,
		"11112222333":                                                                        false,
		"1111-2222-3333":                                                                     false,
		"arn:aws:iam:us-east-1:111122223333:role/app":                                        false,
		"arn:awz:iam::111122223333:role/app":                                                 false,
		"arn:aws-cn:iam::111122223333:role/app":                                              false,
		"arn:aws-us-gov:iam::111122223333:root":                                              false,
		"arn::iam::111122223333:role/app":                                                    false,
		"arn:aws:iam::111122223333:root/x":                                                   false,
		"arn:aws:iam::111122223333:user":                                                     false,
		"arn:aws:iam::111122223333:user/":                                                    false,
		"arn:aws:iam::111122223333:role/<name>":                                              false,
		"arn:aws:iam::111122223333:role/my role":                                             false,
		"arn:aws:iam::111122223333:role/app*":                                                false,
		"arn:aws:iam::111122223333:group/g":                                                  false,
		"arn:aws:iam::111122223333:policy/p":                                                 false,
		"arn:aws:iam::111122223333:instance-profile/app":                                     false,
		"arn:aws:iam::111122223333:assumed-role/app/bob":                                     false,
		"arn:aws:iam::111122223333:federated-user/bob":                                       false,
		"arn:aws:sts::111122223333:user/bob":                                                 false,
		"arn:aws:sts::111122223333:role/app":                                                 false,
		"arn:aws:sts::111122223333:root":                                                     false,
		"arn:aws:sts::111122223333:assumed-role/app":                                         false,
		"arn:aws:sts::111122223333:assumed-role/path/app/bob":                                false,
		"arn:aws:sqs:us-east-1:111122223333:q":                                               false,
		"sns.amazonaws.com":                                                                  false,
		"bob":                                                                                false,
		"":                                                                                   false,
	} {
		for _, kind := range principalKinds {
			want := ""
			if !valid {
				want = invalidPrincipal(kind, "AWS", value)
			}
			if got := principalPolicy(t, kind, "aws", fmt.Sprintf(`{"AWS":%q}`, value)); got != want {
				t.Errorf("%s with %q: %q, want %q", kind, value, got, want)
			}
		}
	}
	for _, arn := range []string{"arn:aws-cn:iam::111122223333:root", "arn:aws-us-gov:iam::111122223333:role/app"} {
		if got := principalPolicy(t, QueuePolicy, "", fmt.Sprintf(`{"AWS":%q}`, arn)); got != "" {
			t.Errorf("where the partition is not known: %s", got)
		}
	}
}

// TestServicePrincipals: SQS, IAM and S3 know the services; the others take what
// has the form of one.
func TestServicePrincipals(t *testing.T) {
	for value, want := range map[string]standing{
		"sns.amazonaws.com": knownService, "s3.amazonaws.com": knownService, "events.amazonaws.com": knownService,
		"cloudwatch.amazonaws.com": knownService, "lambda.alarms.cloudwatch.amazonaws.com": knownService,
		"sns.ap-east-1.amazonaws.com": knownService, "logs.us-gov-west-1.amazonaws.com": knownService,
		"codedeploy.cn-north-1.amazonaws.com.cn": knownService, "ec2.amazonaws.com.cn": knownService,
		"ap-east-1.elasticache.amazonaws.com": knownService,
		"edge.aws.internal":                   knownService, "alexa-appkit.amazon.com": knownService,
		"tagging.amazonaws.com": possibleService, "new.lambda.amazonaws.com": possibleService, "new.tagging.amazonaws.com": possibleService,
		"snss.amazonaws.com": unknownService, "SNS.amazonaws.com": unknownService, "amazonaws.com": unknownService,
		"sns.amazonaws.co": unknownService, "sns.us-east.amazonaws.com": unknownService, "sns": unknownService, "": unknownService,
		"sqs.amazonaws.com.cn": unknownService, "events.amazonaws.com.cn": unknownService, // as China's SQS says
	} {
		if got := serviceStanding(value); got != want {
			t.Errorf("%s: %d, want %d", value, got, want)
		}
		for _, kind := range principalKinds {
			message := principalPolicy(t, kind, "aws", fmt.Sprintf(`{"Service":%q}`, value))
			looked := kind == QueuePolicy || kind == TrustPolicy || kind == BucketPolicy
			if refused := message != ""; looked && refused != (want == unknownService) || refused && message != invalidPrincipal(kind, "SERVICE", value) {
				t.Errorf("%s for %q: %q", kind, value, message)
			}
		}
	}
	for _, kind := range []Kind{TopicPolicy, KeyPolicy, EndpointPolicy} {
		if message := principalPolicy(t, kind, "aws", `{"Service":"snss.amazonaws.com"}`); message != "" {
			t.Errorf("%s: %s", kind, message)
		}
		for _, value := range []string{"sns", "sns.amazonaws.co", "amazonaws.com", "*.amazonaws.com", "sns.amazonaws.com."} {
			if message := principalPolicy(t, kind, "aws", fmt.Sprintf(`{"Service":%q}`, value)); message == "" {
				t.Errorf("%s takes the service %s", kind, value)
			}
		}
	}
}

// TestFederatedPrincipals: trust policies alone name identity providers.
func TestFederatedPrincipals(t *testing.T) {
	for value, valid := range map[string]bool{
		"cognito-identity.amazonaws.com": true, "accounts.google.com": true, "oidc.example.com/tenant/1": true,
		"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com": true,
		"arn:aws:iam::111122223333:saml-provider/p":                                   true,
		"arn:aws:iam::aws:saml-provider/p":                                            false,
		"arn:aws:iam::111122223333:oidc-provider/":                                    false,
		"arn:aws-cn:iam::111122223333:saml-provider/p":                                false,
		"arn:aws:iam::111122223333:role/app":                                          false,
		"arn:aws:iam::111122223333":                                                   false,
		"https://accounts.google.com":                                                 false,
		"google":                                                                      false, "": false,
	} {
		want := ""
		if !valid {
			want = "Federated principals must be valid domain names or SAML metadata ARNs"
		}
		if got := principalPolicy(t, TrustPolicy, "aws", fmt.Sprintf(`{"Federated":%q}`, value)); got != want {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
		if got := principalPolicy(t, QueuePolicy, "aws", fmt.Sprintf(`{"Federated":%q}`, value)); got == "" {
			t.Errorf("a queue policy takes the provider %q", value)
		}
	}
}
