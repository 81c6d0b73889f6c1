package policyeval

import (
	"fmt"
	"slices"
	"testing"
)

// rulesThatSpeak are the rules of some families that speak of a statement.
func rulesThatSpeak(t *testing.T, families []LintRule, kind Kind, statement string) []string {
	t.Helper()
	var found []string
	for _, f := range Lint(must(t, statementOf(statement)), LintContext{Kind: kind}) {
		if slices.ContainsFunc(families, func(r LintRule) bool { return r.Name == f.Rule }) {
			found = append(found, f.Rule)
		}
	}
	return found
}

func wantRules(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestLintVariables(t *testing.T) {
	for text, want := range map[string][]string{
		"${aws:username}-*": nil, "${*}${?}${$}": nil, "${aws:PrincipalTag/team, 'no team'}": nil, "${aws:PrincipalTag/my team}": nil,
		"${cognito-identity.amazonaws.com:sub}": nil, "${s3:prefix}": nil, "$aws:username}": nil, "${kms:EncryptionContext:app}": nil,
		"${aws:username":               {"variable-brace"},
		"${aws:username}/${aws:userid": {"variable-brace"},
		"${aws:username, nobody}":      {"variable-quote"},
		"${aws:username, 'nobody}":     {"variable-quote"},
		"${aws:username,}":             {"variable-quote"},
		"${aws: username}":             {"variable-space"},
		"${ aws:username }":            {"variable-space"},
		"${}":                          {"variable-empty"},
		"${ }":                         {"variable-empty"},
		"${, 'x'}":                     {"variable-empty"},
		"${aws:user}":                  {"variable-unknown-key"},
		"${AWS::AccountId}":            {"variable-unknown-key"},
		"${username}":                  {"variable-unknown-key"},
		"${sqs:QueueName, 'q'}":        {"variable-unknown-key"},
		"${aws:username}${aws:user}${aws:userid x": {"variable-unknown-key", "variable-brace"},
	} {
		resource := fmt.Sprintf(`"Effect":"Allow","Action":"sqs:*","Resource":"arn:aws:sqs:us-east-1:123456789012:%s"`, text)
		got := rulesThatSpeak(t, variableRules, IdentityPolicy, resource)
		slices.Sort(got)
		slices.Sort(want)
		wantRules(t, text, got, want...)
		value := fmt.Sprintf(`"Effect":"Allow","Action":"sqs:*","Resource":"*","Condition":{"StringLike":{"aws:userid":"%s"}}`, text)
		got = rulesThatSpeak(t, variableRules, IdentityPolicy, value)
		slices.Sort(got)
		wantRules(t, "a value "+text, got, want...)
	}
	old := `{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"arn:aws:sqs:us-east-1:123456789012:${aws:user"}}`
	for _, f := range Lint(must(t, old), LintContext{}) {
		if slices.ContainsFunc(variableRules, func(r LintRule) bool { return r.Name == f.Rule }) {
			t.Errorf("of a document of 2008, where it is plain text: %v", f)
		}
	}
}

func TestLintTypes(t *testing.T) {
	for condition, want := range map[string][]string{
		`{"Bool":{"aws:SecureTransport":"true"},"IpAddress":{"aws:SourceIp":"10.0.0.0/8"},"Null":{"aws:SourceIp":"true"}}`:                                    nil,
		`{"StringEquals":{"aws:SourceArn":"arn:aws:sns:us-east-1:123456789012:t"},"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/*"}}`:         nil,
		`{"DateLessThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"},"NumericLessThan":{"aws:EpochTime":"1"},"NumericGreaterThan":{"aws:PrincipalTag/n":"1"}}`: nil,
		`{"Bool":{"aws:PrincipalTag/b":"true"},"DateLessThan":{"aws:ResourceTag/until":"2030-01-01"},"StringEquals":{"other:Key":"1"}}`:                       nil,
		`{"StringEquals":{"aws:SecureTransport":"true"}}`:                    {"type-mismatch"},
		`{"StringNotEqualsIfExists":{"aws:ViaAWSService":"false"}}`:          {"type-mismatch"},
		`{"StringLike":{"aws:SourceIp":"10.*"}}`:                             {"type-mismatch"},
		`{"ArnEquals":{"aws:VpcSourceIp":"10.0.0.1"}}`:                       {"type-mismatch"},
		`{"StringEquals":{"aws:MultiFactorAuthAge":"3600"}}`:                 {"type-mismatch"},
		`{"StringEquals":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}}`:        {"type-mismatch"},
		`{"NotIpAddress":{"aws:SourceVpce":"10.0.0.0/8"}}`:                   {"type-mismatch"},
		`{"NumericEquals":{"aws:PrincipalAccount":"123456789012"}}`:          {"type-mismatch"},
		`{"Bool":{"aws:PrincipalArn":"true"}}`:                               {"type-mismatch"},
		`{"StringLike":{"aws:SourceAccount":"*"}}`:                           {"wildcard-restricts-nobody"},
		`{"ArnLike":{"aws:SourceArn":"arn:*:*:*:*:*"}}`:                      {"wildcard-restricts-nobody"},
		`{"ArnLike":{"aws:SourceArn":["arn:aws:sns:*:123456789012:*","*"]}}`: {"wildcard-restricts-nobody"},
		`{"StringLikeIfExists":{"aws:PrincipalOrgID":"**"}}`:                 {"wildcard-restricts-nobody"},
		`{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:*"},"StringLike":{"aws:PrincipalTag/team":"*"},"StringNotLike":{"aws:SourceAccount":"*"}}`: nil,
	} {
		statement := `"Effect":"Allow","Action":"sqs:*","Resource":"*","Condition":` + condition
		wantRules(t, condition, rulesThatSpeak(t, typeRules, IdentityPolicy, statement), want...)
	}
	deny := `"Effect":"Deny","Action":"sqs:*","Resource":"*","Condition":{"StringLike":{"aws:SourceAccount":"*"}}`
	wantRules(t, "a Deny for every account", rulesThatSpeak(t, typeRules, IdentityPolicy, deny))
}

func TestLintARNs(t *testing.T) {
	for arn, want := range map[string][]string{
		"arn:aws:sqs:us-east-1:123456789012:q": nil, "arn:aws:sqs:*:*:q": nil, "arn:aws:s3:::bucket/*": nil, "arn:aws:s3:us-east-1:123456789012:accesspoint/p": nil,
		"arn:aws:iam::aws:policy/p": nil, "arn:aws:iam::123456789012:role/r": nil, "arn:aws:s3:*:*:bucket": nil, "arn:aws:ec2:us-east-1::image/ami-1": nil,
		"arn:aws:sqs::123456789012:q":         {"arn-part-missing"},
		"arn:aws:sns:us-east-1::t":            {"arn-part-missing"},
		"arn:aws:kms:::key/k":                 {"arn-part-missing"},
		"arn:aws:iam:::role/r":                {"arn-part-missing"},
		"arn:aws:iam:us-east-1:1234:user/u":   {"arn-part-needless"},
		"arn:aws:s3:us-east-1::bucket":        {"arn-part-needless"},
		"arn:aws:s3::123456789012:bucket/key": {"arn-part-needless"},
	} {
		wantRules(t, arn, rulesThatSpeak(t, arnRules, IdentityPolicy, `"Effect":"Allow","Action":"sqs:*","Resource":"`+arn+`"`), want...)
		condition := `"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"ArnLike":{"aws:SourceArn":"` + arn + `"},"StringEquals":{"aws:userid":"` + arn + `"}}`
		wantRules(t, "aws:SourceArn "+arn, rulesThatSpeak(t, arnRules, QueuePolicy, condition), want...)
	}
	for action, want := range map[string][]string{"sqs:SendMessage": nil, "S3:*": nil, "kms:Decrypt": nil, "sns:Publish": {"rcp-prefix"}, "*": {"rcp-prefix"}, "s*:Get": {"rcp-prefix"}} {
		deny := `"Effect":"Deny","Principal":"*","Action":"` + action + `","Resource":"*"`
		wantRules(t, action, rulesThatSpeak(t, arnRules, RCP, deny), want...)
		wantRules(t, action+" in an SCP", rulesThatSpeak(t, arnRules, SCP, `"Effect":"Deny","Action":"`+action+`","Resource":"*"`))
	}
}

func TestLintPrincipals(t *testing.T) {
	const (
		github  = `{"Federated":"arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"}`
		tenant  = `{"Federated":"arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/ABC"}`
		cognito = `{"Federated":"cognito-identity.amazonaws.com"}`
		saml    = `{"Federated":"arn:aws:iam::123456789012:saml-provider/p"}`
		both    = `,"Condition":{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:o/*"},"StringEquals":{"TOKEN.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}`
		eks     = `,"Condition":{"StringEquals":{"oidc.eks.us-east-1.amazonaws.com/id/ABC:sub":"system:serviceaccount:ns:n","oidc.eks.us-east-1.amazonaws.com/id/ABC:aud":"sts.amazonaws.com"}}`
	)
	for _, c := range []struct {
		principal, action, condition string
		want                         []string
	}{
		{`{"AWS":"123456789012"}`, `"sts:AssumeRole"`, "", nil},
		{`{"AWS":"123456789012","Service":"ec2.amazonaws.com"}`, `["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]`, "", nil},
		{`"*"`, `"sts:*"`, "", nil},
		{`{"AWS":"123456789012"}`, `"sts:TagSession"`, "", nil},
		{saml, `["sts:AssumeRoleWithSAML","sts:TagSession"]`, "", nil},
		{github, `"sts:AssumeRoleWithWebIdentity"`, both, nil},
		{github, `"sts:Assume*"`, both, nil},
		{tenant, `"sts:AssumeRoleWithWebIdentity"`, eks, nil},
		{cognito, `"sts:AssumeRoleWithWebIdentity"`, `,"Condition":{"StringEquals":{"cognito-identity.amazonaws.com:aud":"us-east-1:1"}}`, nil},
		{`{"Federated":"graph.facebook.com"}`, `"sts:AssumeRoleWithWebIdentity"`, `,"Condition":{"StringEquals":{"graph.facebook.com:app_id":"1"}}`, nil},
		{`{"Service":"snss.amazonaws.com"}`, `"sts:AssumeRole"`, "", []string{"unknown-service"}},
		{`{"Service":"tagging.amazonaws.com"}`, `"sts:AssumeRole"`, "", []string{"unknown-service"}},
		{`{"Service":"lambda.amazonaws.com"}`, `"sts:AssumeRoleWithWebIdentity"`, "", []string{"trust-action"}},
		{`{"AWS":"123456789012"}`, `"sts:AssumeRoleWithSAML"`, "", []string{"trust-action"}},
		{saml, `"sts:AssumeRole"`, "", []string{"trust-action"}},
		{github, `"sts:AssumeRole"`, both, []string{"trust-action"}},
		{github, `["sts:AssumeRole","sts:AssumeRoleWithWebIdentity"]`, both, []string{"trust-action"}},
		{`{"Service":"ec2.amazonaws.com","Federated":"arn:aws:iam::123456789012:saml-provider/p"}`, `"sts:AssumeRole"`, "", []string{"trust-action"}},
		{github, `"sts:AssumeRoleWithWebIdentity"`, "", []string{"oidc-subject-missing", "oidc-audience-missing"}},
		{github, `"sts:AssumeRoleWithWebIdentity"`, `,"Condition":{"StringLike":{"token.actions.githubusercontent.com:sub":"*"},"StringEquals":{"token.actions.githubusercontent.com:aud":"a"}}`, []string{"oidc-subject-missing"}},
		{github, `"sts:AssumeRoleWithWebIdentity"`, `,"Condition":{"StringNotLike":{"token.actions.githubusercontent.com:sub":"x"},"StringEquals":{"token.actions.githubusercontent.com:aud":"a"}}`, []string{"oidc-subject-missing"}},
		{cognito, `"sts:AssumeRoleWithWebIdentity"`, "", []string{"oidc-audience-missing"}},
	} {
		statement := `"Effect":"Allow","Principal":` + c.principal + `,"Action":` + c.action + c.condition
		wantRules(t, statement, rulesThatSpeak(t, principalRules, TrustPolicy, statement), c.want...)
		deny := `"Effect":"Deny","Principal":` + c.principal + `,"Action":` + c.action + c.condition
		got := slices.DeleteFunc(rulesThatSpeak(t, principalRules, TrustPolicy, deny), func(rule string) bool { return rule == "unknown-service" })
		wantRules(t, deny, got)
	}
}

// TestLintDefaults: the documents that AWS itself writes are clean.
func TestLintDefaults(t *testing.T) {
	const via = `"Condition":{"StringEquals":{"kms:CallerAccount":"123456789012","kms:ViaService":"sqs.us-east-1.amazonaws.com"}}`
	for kind, text := range map[Kind]string{
		KeyPolicy: `{"Version":"2012-10-17","Id":"auto-sqs-1","Statement":[
			{"Sid":"Allow access through Simple Queue Service (SQS) for all principals in the account that are authorized to use SQS","Effect":"Allow","Principal":{"AWS":"*"},
			 "Action":["kms:Encrypt","kms:Decrypt","kms:ReEncrypt*","kms:GenerateDataKey*","kms:CreateGrant","kms:DescribeKey"],"Resource":"*",` + via + `},
			{"Sid":"Allow direct access to key metadata to the account","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":["kms:Describe*","kms:Get*","kms:List*","kms:RevokeGrant"],"Resource":"*"}]}`,
		QueuePolicy: `{"Version":"2008-10-17","Id":"arn:aws:sqs:us-east-1:123456789012:q/SQSDefaultPolicy","Statement":[{"Sid":"l","Effect":"Allow",
			"Principal":{"AWS":["arn:aws:iam::123456789012:root"]},"Action":["SQS:SendMessage","SQS:ReceiveMessage"],"Resource":"arn:aws:sqs:us-east-1:123456789012:q"}]}`,
		TopicPolicy: `{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Sid":"__default_statement_ID","Effect":"Allow","Principal":{"AWS":"*"},
			"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes","SNS:AddPermission","SNS:RemovePermission","SNS:DeleteTopic","SNS:Subscribe","SNS:ListSubscriptionsByTopic","SNS:Publish"],
			"Resource":"arn:aws:sns:us-east-1:123456789012:t","Condition":{"StringEquals":{"AWS:SourceOwner":"123456789012"}}}]}`,
		SCP:            `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`,
		EndpointPolicy: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`,
		TrustPolicy: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["ec2.amazonaws.com","ecs-tasks.amazonaws.com"]},"Action":"sts:AssumeRole",
			"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:ecs:us-east-1:123456789012:*"},"StringEquals":{"aws:SourceAccount":"123456789012"}}}]}`,
	} {
		if findings := Lint(must(t, text), LintContext{Kind: kind, Account: "123456789012"}); len(findings) > 0 {
			t.Errorf("%s: %v", kind, findings)
		}
	}
}
