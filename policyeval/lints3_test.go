package policyeval

import (
	"slices"
	"testing"
)

func TestLintS3(t *testing.T) {
	const (
		bucket  = `"Resource":"arn:aws:s3:::b"`
		objects = `"Resource":"arn:aws:s3:::b/*"`
		queue   = `"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*","Condition":`
		put     = `"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*","Condition":`
	)
	for _, c := range []struct {
		kind      Kind
		statement string
		want      []string
	}{
		{IdentityPolicy, `"Effect":"Allow","Action":"s3:GetObject",` + bucket, []string{"bucket-or-objects"}},
		{IdentityPolicy, `"Effect":"Allow","Action":["s3:ListBucket","s3:GetObject"],` + objects, []string{"bucket-or-objects"}},
		{IdentityPolicy, `"Effect":"Allow","Action":"s3:GetObject",` + objects, nil},
		{IdentityPolicy, `"Effect":"Allow","Action":"s3:ListBucket",` + bucket, nil},
		{IdentityPolicy, `"Effect":"Allow","Action":"s3:*",` + bucket, nil},
		{IdentityPolicy, `"Effect":"Allow","Action":["s3:ListAllMyBuckets","sqs:SendMessage"],` + bucket, nil},
		{IdentityPolicy, `"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]`, nil},
		{IdentityPolicy, `"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":"arn:aws:s3:::b*"`, nil},
		{IdentityPolicy, `"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":"*"`, nil},
		{IdentityPolicy, `"Effect":"Allow","Action":"s3:GetObject","Resource":["arn:aws:s3:::b","arn:aws:s3:us-east-1:123456789012:accesspoint/p/object/*"]`, nil},
		{QueuePolicy, queue + `{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::b"}}`, []string{"source-bucket-account"}},
		{QueuePolicy, queue + `{"ArnLike":{"aws:SourceArn":"arn:aws:s3:*:*:b"},"StringEquals":{"aws:SourceAccount":"123456789012"}}`, nil},
		{QueuePolicy, queue + `{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::b/*"},"StringEquals":{"aws:SourceAccount":"123456789012"}}`, []string{"source-bucket-objects"}},
		{QueuePolicy, queue + `{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::*"},"StringEquals":{"aws:SourceOrgID":"o-1"}}`, nil},
		{QueuePolicy, queue + `{"StringEquals":{"aws:SourceAccount":"123456789012"}}`, nil},
		{BucketPolicy, put + `{"StringNotEquals":{"s3:x-amz-server-side-encryption":"aws:kms"}}`, []string{"default-encryption-denied"}},
		{BucketPolicy, put + `{"StringNotEqualsIfExists":{"s3:x-amz-server-side-encryption":"aws:kms"}}`, nil},
		{BucketPolicy, put + `{"StringNotEquals":{"s3:x-amz-server-side-encryption":"aws:kms"},"Null":{"s3:x-amz-server-side-encryption":"false"}}`, nil},
		{BucketPolicy, put + `{"StringEquals":{"s3:x-amz-server-side-encryption":"AES256"}}`, nil},
	} {
		wantRules(t, c.statement, rulesThatSpeak(t, s3Rules, c.kind, c.statement), c.want...)
	}
	// Rules about every service, of S3.
	for statement, want := range map[string][]string{
		`"Effect":"Allow","Action":["s3:HeadObject","s3:ListObjects","s3:CopyObject","s3:HeadBucket"],"Resource":"*"`:                                              {"unknown-action", "unknown-action", "unknown-action", "unknown-action"}, // [S220]
		`"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringLike":{"s3:prefix":"a/*"}}`:                                                   {"key-never-present"},                                                    // [S241]
		`"Effect":"Allow","Action":"s3:PutObject","Resource":"*","Condition":{"StringEquals":{"s3:ExistingObjectTag/a":"b"}}`:                                      {"key-never-present"},                                                    // [S245]
		`"Effect":"Allow","Action":"s3:PutObject","Resource":"*","Condition":{"StringEquals":{"s3:x-acl":"private"}}`:                                              {"unknown-key"},
		`"Effect":"Allow","Action":"s3:PutObject","Resource":"*","Condition":{"StringEquals":{"s3:RequestObjectTag/a":"b"},"NumericLessThan":{"s3:max-keys":"9"}}`: {"key-never-present"},
		`"Effect":"Allow","Action":"s3:ListBucket","Resource":"*","Condition":{"StringEquals":{"s3:max-keys":"9"}}`:                                                {"type-mismatch"},
	} {
		wantRules(t, statement, rulesThatSpeak(t, slices.Concat(statementRules, typeRules), IdentityPolicy, statement), want...)
	}
}

func TestLintBucketPolicyFindsNothing(t *testing.T) {
	text := `{"Version":"2012-10-17","Statement":[
		{"Sid":"tls","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}},
		{"Sid":"trail","Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::b/AWSLogs/123456789012/*",
		 "Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control","aws:SourceArn":"arn:aws:cloudtrail:us-east-1:123456789012:trail/t"}}},
		{"Sid":"list","Effect":"Allow","Principal":{"AWS":"999988887777"},"Action":"s3:ListBucket","Resource":"arn:aws:s3:::b","Condition":{"StringLike":{"s3:prefix":"shared/*"}}}]}`
	if findings := Lint(must(t, text), LintContext{Kind: BucketPolicy, Resource: "arn:aws:s3:::b", Account: "123456789012"}); len(findings) > 0 {
		t.Error(findings)
	}
}

// TestLookupKeyOfS3: which actions carry a key [S241]-[S246].
func TestLookupKeyOfS3(t *testing.T) {
	for name, want := range map[string][2]string{ // one that carries it, one that does not
		"s3:LocationConstraint":       {"createbucket", "putobject"},
		"s3:x-amz-object-ownership":   {"createbucket", "putbucketownershipcontrols"},
		"s3:if-match":                 {"deleteobject", "getobject"},
		"s3:versionid":                {"getobjectversion", "getobject"},
		"s3:max-keys":                 {"listbucketversions", "listbucketmultipartuploads"},
		"s3:RequestObjectTag/team":    {"putobjecttagging", "putobjectacl"},
		"s3:ExistingObjectTag/team":   {"deleteobjecttagging", "deleteobject"},
		"s3:x-amz-acl":                {"putbucketacl", "getobject"},
		"s3:x-amz-storage-class":      {"putobjectversionacl", "createbucket"},
		"s3:X-Amz-Copy-Source":        {"putobject", "getobject"},
		"s3:x-amz-metadata-directive": {"putobject", "getobjectversion"},
	} {
		key, ok := LookupKey(name)
		if !ok || !slices.Contains(key.Actions, want[0]) || slices.Contains(key.Actions, want[1]) {
			t.Errorf("%s: %t, %v", name, ok, key.Actions)
		}
	}
	if key, ok := LookupKey("s3:signatureversion"); !ok || key.Actions != nil {
		t.Errorf("every action of S3 carries s3:signatureversion: %t, %v", ok, key.Actions)
	}
}
