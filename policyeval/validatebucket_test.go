package policyeval

import (
	"errors"
	"strings"
	"testing"
)

const testBucket = "arn:aws:s3:::pettracker-images"

// bucketStatement is a document whose one statement allows everyone, with further fields.
func bucketStatement(fields string) string {
	return statementOf(`"Effect":"Allow","Principal":"*",` + fields)
}

// TestBucketPolicySyntax: what S3 answers to a text that is no policy document.
func TestBucketPolicySyntax(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "Policies must be valid JSON and the first byte must be '{'", // [S201]
		"invalid json":                    "Policies must be valid JSON and the first byte must be '{'",
		` {"Statement":[]}`:               "Policies must be valid JSON and the first byte must be '{'",
		`[]`:                              "Policies must be valid JSON and the first byte must be '{'",
		`{`:                               "This policy contains invalid Json",
		`{}`:                              "Missing required field Statement", // [S201]
		statementOf(`"Sid":"a"`):          "Missing required field Effect",
		`{"Statement":"x"}`:               "Invalid policy syntax.",
		bucketStatement(`"Sid":1`):        "Invalid policy syntax.",
		statementOf(`"Effect":["Allow"]`): "Invalid policy syntax.",
		statementOf(`"Effect":"hello"`):   "Invalid effect: hello",
		statementOf(`"Effect":"allow"`):   "Invalid effect: allow",
		statementOf(`"Effect":"Allow","Action":"s3:*","NotAction":"s3:*"`): "Invalid policy syntax.",
	} {
		_, err := Parse(text)
		var syntax *SyntaxError
		switch {
		case strings.HasPrefix(text, " "): // well-formed elsewhere
			syntax = &SyntaxError{}
		case !errors.As(err, &syntax):
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := syntax.InS3sWords(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// TestValidateBucketPolicy: what S3 refuses, in its words; and what it stores.
func TestValidateBucketPolicy(t *testing.T) {
	const (
		action     = "Action does not apply to any resource(s) in statement"
		conditions = "Conditions do not apply to combination of actions and resources in statement"
		resource   = "Policy has invalid resource"
		bucket     = `"Resource":"arn:aws:s3:::pettracker-images"`
		objects    = `"Resource":"arn:aws:s3:::pettracker-images/*"`
		both       = `"Resource":["arn:aws:s3:::pettracker-images","arn:aws:s3:::pettracker-images/*"]`
	)
	for _, c := range []struct{ name, text, says string }{
		{"S202 a principal that does not exist", statementOf(`"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/nobody"},"Action":"s3:GetObject",` + objects), "Invalid principal in policy"},
		{"S202 an object action on the bucket", bucketStatement(`"Action":"s3:GetObject",` + bucket), action},
		{"S202 a bucket action on objects", bucketStatement(`"Action":"s3:ListBucket",` + objects), action},
		{"S202 an action of the account", bucketStatement(`"Action":"s3:ListAllMyBuckets",` + both), action},
		{"S202 a condition key of another action", bucketStatement(`"Action":"s3:GetObject",` + objects + `,"Condition":{"StringEquals":{"s3:prefix":"a"}}`), conditions},
		{"S202 a condition key of one action of two", bucketStatement(`"Action":["s3:ListBucket","s3:GetObject"],` + both + `,"Condition":{"StringLike":{"s3:prefix":"a/*"}}`), conditions},
		{"S202 before the kind of the resource", bucketStatement(`"Action":"s3:ListBucketMultipartUploads",` + objects + `,"Condition":{"StringEquals":{"s3:prefix":"a"}}`), conditions},
		{"S202 the resource of another bucket", bucketStatement(`"Action":"s3:GetObject","Resource":"arn:aws:s3:::others/*"`), resource},
		{"S202 a bucket whose name goes on", bucketStatement(`"Action":"s3:GetObject","Resource":"arn:aws:s3:::pettracker-images-2/*"`), resource},
		{"S202 every resource", bucketStatement(`"Action":"s3:GetObject","Resource":"*"`), resource},
		{"S202 no ARN", bucketStatement(`"Action":"s3:GetObject","Resource":"pettracker-images/*"`), resource},
		{"S202 a resource of SQS", bucketStatement(`"Action":"s3:GetObject","Resource":"arn:aws:sqs:us-east-1:111122223333:q"`), resource},
		{"S202 one of two resources", bucketStatement(`"Action":"s3:GetObject","Resource":["arn:aws:s3:::pettracker-images/*","arn:aws:s3:::others/*"]`), resource},
		{"S202 an action that is none", bucketStatement(`"Action":"s3:HeadObject",` + objects), "Policy has invalid action"},
		{"S202 an action of another service", bucketStatement(`"Action":"sqs:SendMessage",` + objects), "Policy has invalid action"},
		{"S202 a pattern of none", bucketStatement(`"NotAction":"s3:Head*",` + objects), "Policy has invalid action"},
		{"S202 no principal", statementOf(`"Effect":"Allow","Action":"s3:GetObject",` + objects), "Missing required field Principal"},
		{"S202 no action", bucketStatement(objects), "Missing required field Action"},
		{"S202 no resource", bucketStatement(`"Action":"s3:GetObject"`), "Missing required field Resource"},
		{"a principal without a type", statementOf(`"Effect":"Allow","Principal":"111122223333","Action":"s3:GetObject",` + objects), "Invalid principal in policy"},
		{"an unknown canonical user", statementOf(`"Effect":"Allow","Principal":{"CanonicalUser":"x"},"Action":"s3:GetObject",` + objects), "Invalid principal in policy"},
		{"an unknown version", `{"Version":"2013-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject",` + objects + `}}`, "The policy must contain a valid version string"},
		{"an unknown element", bucketStatement(`"Action":"s3:GetObject","Resources":"*",` + objects), "Unknown field Resources"},
		{"no statement", `{"Statement":[]}`, "Could not parse the policy: Statement is empty!"},
		{"an unknown operator", bucketStatement(`"Action":"s3:GetObject",` + objects + `,"Condition":{"StringMatches":{"aws:username":"a"}}`), "Invalid Condition type : StringMatches"},
		{"an unknown key of S3", bucketStatement(`"Action":"s3:GetObject",` + objects + `,"Condition":{"StringEquals":{"s3:x-acl":"a"}}`), "Policy has an invalid condition key"},
		{"a key of KMS", bucketStatement(`"Action":"s3:GetObject",` + objects + `,"Condition":{"StringEquals":{"kms:ViaService":"a"}}`), "Policy has an invalid condition key"},
		{"no address", bucketStatement(`"Action":"s3:GetObject",` + objects + `,"Condition":{"IpAddress":{"aws:SourceIp":"123"}}`), "Invalid IP address in Conditions"},
		{"S206 20 KB", bucketStatement(`"Sid":"` + strings.Repeat("x", 20480) + `","Action":"s3:GetObject",` + objects), "Normalized policy document exceeds the maximum allowed size of 20480 bytes"},
		{"the first of two statements", `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject",` + bucket + `},{"Effect":"Allow","Action":"x"}]}`, action},
		// What S3 stores.
		{"S203 bucket and objects", bucketStatement(`"Action":["s3:GetObject","s3:ListBucket"],` + both), ""},
		{"S203 all actions with both", bucketStatement(`"Action":"s3:*",` + both), ""},
		{"all actions with one kind", bucketStatement(`"Action":"s3:*",` + bucket), ""},
		{"every action", bucketStatement(`"Action":"*",` + objects), ""},
		{"a pattern with one action of the kind", bucketStatement(`"Action":"S3:get*",` + bucket), ""},
		{"a key of one action of a pattern", bucketStatement(`"Action":"s3:List*",` + both + `,"Condition":{"StringEquals":{"s3:prefix":"a"}}`), ""},
		{"keys of every action", bucketStatement(`"Action":"s3:GetObject",` + objects + `,"Condition":{"NumericLessThan":{"s3:TlsVersion":"1.2"},"Bool":{"aws:SecureTransport":"false"},"StringEquals":{"aws:NotYetKnown":"x"}}`), ""},
		{"S245 tags of objects", bucketStatement(`"Action":["s3:GetObject","s3:GetObjectVersion"],` + objects + `,"Condition":{"StringEquals":{"s3:ExistingObjectTag/security":"public"}}`), ""},
		{"S245 tags of objects that are put", bucketStatement(`"Action":"s3:PutObject",` + objects + `,"Condition":{"StringEquals":{"s3:ExistingObjectTag/security":"public"}}`), conditions},
		{"a bucket that is a pattern", bucketStatement(`"Action":["s3:GetObject","s3:ListBucket"],"Resource":"arn:aws:s3:::pet*"`), ""},
		{"a pattern for any bucket", bucketStatement(`"Action":"s3:GetObject","Resource":"arn:aws:s3:::*/public/?.jpg"`), ""},
		{"a variable", bucketStatement(`"Action":["s3:GetObject","s3:ListBucket"],"Resource":"arn:aws:s3:::${aws:PrincipalTag/bucket}"`), ""},
		{"the exact length of the name", bucketStatement(`"Action":"s3:ListBucket","Resource":"arn:aws:s3:::pettracker-image?"`), ""},
		{"what is not named", bucketStatement(`"Action":["s3:GetObject","s3:ListBucket"],"NotResource":"arn:aws:s3:::pettracker-images/secret/*"`), ""},
		{"an account and a service", statementOf(`"Effect":"Allow","Principal":{"AWS":"999988887777","Service":"cloudtrail.amazonaws.com"},"Action":"s3:PutObject",` + objects), ""},
		{"no version", `{"Statement":{"Effect":"Deny","NotPrincipal":{"AWS":"111122223333"},"NotAction":"s3:GetObject",` + objects + `}}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			problems := Validate(must(t, c.text), ValidateOptions{
				Kind: BucketPolicy, Account: "111122223333", Resource: testBucket, Exists: func(string) bool { return false },
			})
			says := ""
			if len(problems) > 0 {
				says = problems[0].Message
			}
			if says != c.says {
				t.Errorf("says %q, want %q: %v", says, c.says, problems)
			}
		})
	}
}
