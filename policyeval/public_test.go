package policyeval

import "testing"

// TestPublicStatement: which policies S3 calls public.
func TestPublicStatement(t *testing.T) {
	const fixed = `"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::pettracker-images/*","Principal":`
	allow := func(principal, condition string) string {
		return "{" + fixed + principal + `,"Condition":{` + condition + "}}"
	}
	for _, c := range []struct {
		name, statement string
		public          bool
	}{
		{"S210 everyone", allow(`"*"`, ""), true},
		{"S210 every principal of AWS", allow(`{"AWS":["*","111122223333"]}`, ""), true},
		{"S210 an account, a user and a service", allow(`{"AWS":["111122223333","arn:aws:iam::111122223333:user/bob"],"Service":"cloudtrail.amazonaws.com"}`, ""), false},
		{"S210 everyone but one", `{"Effect":"Allow","NotPrincipal":{"AWS":"111122223333"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::pettracker-images/*"}`, true},
		{"S210 an organization", allow(`"*"`, `"StringEquals":{"aws:PrincipalOrgID":"o-1234567890"}`), false},
		{"S210 a source", allow(`"*"`, `"ArnEquals":{"aws:SourceArn":"arn:aws:sns:us-east-1:111122223333:t"}`), false},
		{"S210 a source that is a pattern", allow(`"*"`, `"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:111122223333:*"}`), true},
		{"S210 a VPC and an endpoint", allow(`"*"`, `"StringEquals":{"aws:SourceVpc":["vpc-1","vpc-2"]}`), false},
		{"S210 a variable", allow(`"*"`, `"StringEquals":{"aws:SourceVpce":"${aws:PrincipalTag/vpce}"}`), true},
		{"S210 one value of two", allow(`"*"`, `"StringLike":{"aws:SourceAccount":["111122223333","2*"]}`), true},
		{"S210 a KMS key", allow(`"*"`, `"StringEquals":{"s3:x-amz-server-side-encryption-aws-kms-key-id":"arn:aws:kms:us-east-1:111122223333:key/k"}`), false},
		{"S210 another key", allow(`"*"`, `"StringEquals":{"aws:UserAgent":"secret"},"Bool":{"aws:SecureTransport":"true"}`), true},
		{"S210 a role's sessions", allow(`"*"`, `"StringLike":{"aws:userid":"AROAEXAMPLE:*"}`), true},
		{"S210 one session", allow(`"*"`, `"StringLike":{"aws:userid":"AROAEXAMPLE:bob"}`), false},
		{"a negated condition", allow(`"*"`, `"StringNotEquals":{"aws:SourceVpc":"vpc-1"}`), true},
		{"a condition that a request without the key meets", allow(`"*"`, `"StringEqualsIfExists":{"aws:SourceVpc":"vpc-1"},"ForAllValues:StringEquals":{"aws:PrincipalOrgID":"o-1"},"Null":{"aws:SourceVpce":"false"}`), true},
		{"S211 a Deny", `{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::pettracker-images/*"}`, false},
		{"S211 an outside identity", allow(`{"Federated":"accounts.google.com"}`, ""), true},
		{"S211 StringLike with a wildcard", allow(`"*"`, `"StringLike":{"aws:PrincipalOrgID":"o-*"}`), true},
		{"S211 a /8", allow(`"*"`, `"IpAddress":{"aws:SourceIp":"54.0.0.0/8"}`), false},
		{"S211 a /7", allow(`"*"`, `"IpAddress":{"aws:SourceIp":["203.0.113.7","54.0.0.0/7"]}`), true},
		{"S211 every address", allow(`"*"`, `"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}`), true},
		{"no address", allow(`"*"`, `"IpAddress":{"aws:SourceIp":"anywhere"}`), true},
		{"S211 every address but some", allow(`"*"`, `"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}`), true},
		{"S211 private networks", allow(`"*"`, `"IpAddress":{"aws:SourceIp":["10.0.0.0/8","172.16.0.0/12"]}`), false},
		{"S211 an IPv6 /32", allow(`"*"`, `"IpAddress":{"aws:SourceIp":"2001:db8::/32"}`), false},
		{"S211 an IPv6 /31", allow(`"*"`, `"IpAddress":{"aws:SourceIp":"2001:db8::/31"}`), true},
		{"S211 access points of one account", allow(`"*"`, `"ArnLike":{"s3:DataAccessPointArn":"arn:aws:s3:us-east-1:111122223333:accesspoint/*"}`), false},
		{"S211 access points of any account", allow(`"*"`, `"ArnLike":{"s3:DataAccessPointArn":"arn:aws:s3:us-east-1:*:accesspoint/*"}`), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := must(t, `{"Version":"2012-10-17","Statement":[`+allow(`{"AWS":"111122223333"}`, "")+","+c.statement+"]}")
			want := -1
			if c.public {
				want = 1
			}
			if got := PublicStatement(d); got != want {
				t.Errorf("statement %d, want %d", got, want)
			}
		})
	}
}

// TestBlock: a setting that denies what the resource's policy allows counts as a deny of that
// policy, is explained under its own name, and can be suggested to be taken away [S214].
func TestBlock(t *testing.T) {
	block := must(t, statementOf(`"Sid":"RestrictPublicBuckets","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalAccount":"${aws:ResourceAccount}"}}`))
	policies := &Policies{
		Resource: &Policy{Name: testBucket, Document: must(t, bucketStatement(`"Action":"s3:GetObject","Resource":"arn:aws:s3:::pettracker-images/*"`))},
		Block:    []*Policy{{Name: testBucket, Document: block}},
	}
	for account, allowed := range map[string]bool{"111122223333": true, "999988887777": false} {
		c := new(Context)
		c.Set("aws:principalaccount", account)
		c.Set("aws:resourceaccount", "111122223333")
		req := &Request{
			Principal: Principal{Type: Root, Account: account, ARN: "arn:aws:iam::" + account + ":root"},
			Action:    "s3:GetObject", Resource: testBucket + "/a", ResourceAccount: "111122223333", Context: c,
		}
		v, d := Decide(req, policies), Evaluate(req, policies)
		if v.Allowed != allowed || d.Allowed != allowed || d.Passes(LayerBlock) != allowed {
			t.Fatalf("%s: allowed %t, %t, passes %t", account, v.Allowed, d.Allowed, d.Passes(LayerBlock))
		}
		if allowed {
			continue
		}
		if got, want := v.Because("s3:GetObject"), "with an explicit deny in a resource-based policy"; got != want {
			t.Errorf("%q, want %q", got, want)
		}
		s, ok := Suggest(req, policies)
		if !ok || len(s.Changes) == 0 || s.Changes[0].Layer != LayerBlock || !Decide(req, s.Apply(req, policies)).Allowed {
			t.Errorf("suggests %+v", s.Changes)
		}
	}
}
