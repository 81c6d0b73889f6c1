package policyeval

import (
	"slices"
	"strings"
	"testing"
)

// TestLintRules: every rule is documented, and speaks of its own example.
func TestLintRules(t *testing.T) {
	rules := LintRules()
	if len(rules) < 20 {
		t.Errorf("%d rules, at least 20 are wanted", len(rules))
	}
	names := map[string]bool{}
	for _, rule := range rules {
		if names[rule.Name] || rule.Doc == "" {
			t.Errorf("%s is there twice or not documented", rule.Name)
		}
		names[rule.Name] = true
		findings := Lint(must(t, rule.Example), LintContext{Kind: rule.Kind, Resource: "arn:aws:sqs:us-east-1:123456789012:q", Account: "123456789012"})
		i := slices.IndexFunc(findings, func(f Finding) bool { return f.Rule == rule.Name })
		if i < 0 {
			t.Errorf("%s does not speak of its example: %v", rule.Name, findings)
			continue
		}
		if f := findings[i]; f.Message == "" || f.Position.Line < 1 || !strings.Contains(f.String(), rule.Name) {
			t.Errorf("%+v", f)
		}
	}
}

// TestLintFindsNothing: documents that mean what they say.
func TestLintFindsNothing(t *testing.T) {
	for _, c := range []struct {
		kind Kind
		text string
	}{
		{QueuePolicy, `{"Version":"2012-10-17","Statement":[
			{"Sid":"topic","Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage",
			 "Resource":"arn:aws:sqs:us-east-1:123456789012:q","Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:sns:us-east-1:123456789012:t"},"StringEquals":{"aws:SourceAccount":"123456789012"}}},
			{"Sid":"tls","Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}},
			{"Sid":"org","Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:*:*:q","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}]}`},
		{KeyPolicy, `{"Version":"2012-10-17","Id":"key-default-1","Statement":{"Sid":"Enable IAM User Permissions","Effect":"Allow",
			"Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"kms:*","Resource":"*"}}`},
		{IdentityPolicy, `{"Version":"2012-10-17","Statement":[
			{"Effect":"Allow","Action":["sqs:SendMessage","kms:GenerateDataKey*"],"Resource":"arn:aws:sqs:us-east-1:123456789012:${aws:username}-*",
			 "Condition":{"NumericLessThan":{"aws:MultiFactorAuthAge":"3600"},"DateLessThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"},"StringEquals":{"kms:ViaService":"sqs.us-east-1.amazonaws.com"}}},
			{"Effect":"Deny","Action":"sqs:TagQueue","Resource":"*","Condition":{"ForAnyValue:StringEquals":{"aws:TagKeys":"protected"},"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}},
			{"Effect":"Allow","Action":"sqs:TagQueue","Resource":"*","Condition":{"ForAllValues:StringLike":{"aws:TagKeys":"a*"},"Null":{"aws:TagKeys":"false"}}},
			{"Effect":"Deny","Action":"kms:Decrypt","NotResource":"*","Condition":{"StringLike":{"kms:EncryptionContext:app":"x*"},"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"},"Bool":{"aws:ViaAWSService":"false"}}}]}`},
		{TrustPolicy, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}}`},
		{TrustPolicy, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::123456789012:saml-provider/idp"},
			"Action":["sts:AssumeRoleWithSAML","sts:TagSession"],"Condition":{"StringEquals":{"saml:aud":"https://signin.aws.amazon.com/saml"}}}}`},
		{IdentityPolicy, `{"Version":"2012-10-17","Statement":[
			{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*","Condition":{"StringEquals":{"saml:sub":"alice","saml:sub_type":"persistent","saml:namequalifier":"q"}}},
			{"Effect":"Allow","Action":["sts:AssumeRole","sts:TagSession"],"Resource":"*","Condition":{"StringEquals":{"iam:ResourceTag/team":"${aws:PrincipalTag/team}"}}},
			{"Effect":"Allow","Action":["sts:GetWebIdentityToken","sts:TagGetWebIdentityToken"],"Resource":"*","Condition":{"ForAnyValue:StringEquals":{"sts:IdentityTokenAudience":"a"},
			 "NumericLessThanEquals":{"sts:DurationSeconds":"300"},"StringEquals":{"sts:SigningAlgorithm":"ES384"}}},
			{"Effect":"Allow","Action":"sts:SetContext","Resource":"*","Condition":{"ForAnyValue:ArnEquals":{"sts:RequestContextProviders":"arn:aws:iam::aws:contextProvider/IdentityCenter"},
			 "StringEquals":{"sts:RequestContext/identitystore:UserId":"u"}}}]}`},
		{EndpointPolicy, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}`},
	} {
		if findings := Lint(must(t, c.text), LintContext{Kind: c.kind, Resource: "arn:aws:sqs:us-east-1:123456789012:q"}); len(findings) > 0 {
			t.Errorf("%s: %v", c.kind, findings)
		}
	}
}

// TestLintVariants: the other ways in which the rules speak.
func TestLintVariants(t *testing.T) {
	for _, c := range []struct {
		rule string
		kind Kind
		text string
	}{
		{"variable-out-of-place", IdentityPolicy, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:${aws:username}","Resource":"*"}}`},
		{"variable-out-of-place", QueuePolicy, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"${aws:PrincipalArn}"},"Action":"*","Resource":"*"}}`},
		{"variable-out-of-place", IdentityPolicy, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"${x:y}"}}}}`},
		{"key-never-present", IdentityPolicy, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*","Condition":{"StringEquals":{"kms:KeySpec":"x"}}}}`},
		{"key-never-present", IdentityPolicy, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sns:Publish","Resource":"*","Condition":{"StringEquals":{"saml:aud":"https://signin.aws.amazon.com/saml"}}}}`},
		{"key-never-present", IdentityPolicy, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sns:Publish","Resource":"*","Condition":{"StringEquals":{"sns:Protocol":"https"}}}}`},
		{"key-never-present", IdentityPolicy, `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"sts:AssumeRole","Resource":"*","Condition":{"NumericGreaterThan":{"sts:DurationSeconds":"3600"}}}}`},
		{"unreadable-value", IdentityPolicy, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"BinaryEquals":{"x:y":"?"}}}}`},
		{"unreadable-value", IdentityPolicy, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Null":{"x:y":"maybe"}}}}`},
		{"unreadable-value", IdentityPolicy, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"DateEquals":{"x:y":"now"}}}}`},
		{"unreadable-value", IdentityPolicy, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"NumericEquals":{"x:y":"ten"}}}}`},
		{"empty-list", IdentityPolicy, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"x:y":[]}}}}`},
		{"unknown-action", QueuePolicy, `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","NotAction":"sqs:Sent*","Resource":"*"}}`},
	} {
		findings := Lint(must(t, c.text), LintContext{Kind: c.kind})
		if !slices.ContainsFunc(findings, func(f Finding) bool { return f.Rule == c.rule }) {
			t.Errorf("%s does not speak of %s: %v", c.rule, c.text, findings)
		}
	}
}
