package iam_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/iam"
)

// statement is a document of the present version with one statement.
func statement(s string) string { return `{"Version":"2012-10-17","Statement":` + s + `}` }

// [D10]: what IAM says of a document that it refuses.
func TestIdentityPolicyDocuments(t *testing.T) {
	w := newTestbed(t)
	w.user("u")
	for document, want := range map[string]string{
		`This is not JSON`:         "This policy contains invalid Json",
		`{"Statement":[],}`:        "This policy contains invalid Json",
		`null`:                     "Syntax errors in policy.",
		`{"Version":"2012-10-17"}`: "Syntax errors in policy.",
		statement(`[]`):            "Syntax errors in policy.",
		statement(`["afd"]`):       "Syntax errors in policy.",
		`{"Version":"2013-10-17","Statement":{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*"}}`: "Syntax errors in policy.",
		statement(`{"Effect":"invalid","Action":"s3:ListBucket","Resource":"*"}`):                         "Syntax errors in policy.",
		statement(`{"Action":"s3:ListBucket","Resource":"*"}`):                                            "Syntax errors in policy.",
		statement(`{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*","Extra field":"value"}`):     "Syntax errors in policy.",
		statement(`{"Effect":"Allow","Action":"s3:ListBucket","NotAction":"s3:x","Resource":"*"}`):        "Syntax errors in policy.",
		statement(`{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*","Condition":{"a":"b"}}`):     "Syntax errors in policy.",
		statement(`{"Effect":"Allow","Action":{},"Resource":"*"}`):                                        "Syntax errors in policy.",

		statement(`{"Effect":"Allow","Principal":"*","Action":"s3:ListBucket","Resource":"*"}`):    "Has prohibited field Principal",
		statement(`{"Effect":"Allow","NotPrincipal":"*","Action":"s3:ListBucket","Resource":"*"}`): "Has prohibited field NotPrincipal",

		statement(`[{"Sid":"a","Effect":"Allow","Action":"s3:Get","Resource":"*"},{"Sid":"a","Effect":"Deny","Action":"s3:Get","Resource":"*"}]`): "Statement IDs (SID) in a single policy must be unique.",
		statement(`{"Sid":"a b","Effect":"Allow","Action":"s3:Get","Resource":"*"}`):                                                              "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*",

		statement(`{"Effect":"Allow"}`):                               "Policy statement must contain actions.",
		statement(`{"Effect":"Allow","Action":[],"Resource":"*"}`):    "Policy statement must contain actions.",
		statement(`{"Effect":"Allow","Resource":"*"}`):                "Policy statement must contain actions.",
		statement(`{"Effect":"Allow","Action":"s3:ListBucket"}`):      "Policy statement must contain resources.",
		statement(`{"Effect":"Allow","Action":"s3:x","Resource":[]}`): "Policy statement must contain resources.",

		statement(`{"Effect":"Allow","Action":"invalid","Resource":"*"}`):        "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
		statement(`{"Effect":"Allow","Action":"invalid"}`):                       "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
		statement(`{"Effect":"Allow","NotAction":"","Resource":"*"}`):            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
		statement(`{"Effect":"Allow","Action":"s3:List:Bucket","Resource":"*"}`): "Actions/Condition can contain only one colon.",
		statement(`{"Effect":"Allow","Action":"a a:ListBucket","Resource":"*"}`): "Vendor a a is not valid",

		statement(`{"Effect":"Allow","Action":"s3:ListBucket","Resource":"invalid resource"}`):           `Resource invalid resource must be in ARN format or "*".`,
		statement(`{"Effect":"Allow","Action":"s3:ListBucket","Resource":""}`):                           `Resource  must be in ARN format or "*".`,
		statement(`{"Effect":"Allow","Action":"s3:ListBucket","NotResource":["*","adf"]}`):               `Resource adf must be in ARN format or "*".`,
		statement(`{"Effect":"Allow","Action":"s3:ListBucket","Resource":"a:b:c:d:e:f:g:h"}`):            `Partition "b" is not valid for resource "arn:b:c:d:e:f:g:h".`,
		statement(`{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws"}`):                    "Resource vendor must be fully qualified and cannot contain regexes.",
		statement(`{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s*:::x"}`):             "Resource vendor must be fully qualified and cannot contain regexes.",
		statement(`{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3::example_bucket"}`): "The policy failed legacy parsing",
		statement(`{"Effect":"Allow","Resource":"arn:aws:s3::example_bucket"}`):                          "The policy failed legacy parsing",
		statement(`{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3::x"}`):              "The policy failed legacy parsing",
		statement(`{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws-cn:s3:::x"}`):          `Partition "aws-cn" is not valid for resource "arn:aws-cn:s3:::x".`,
		statement(`{"Effect":"denY","Action":"s3:ListBucket","Resource":"*"}`):                           "The policy failed legacy parsing",
		"\n" + allowSend: "The policy failed legacy parsing",
		statement(`{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:us-east-1::b"}`): "Resource arn:aws:s3:us-east-1::b can not contain region information.",
		statement(`{"Effect":"Allow","Action":"iam:x","Resource":"arn:aws:iam:us-east-1:1:user/x"}`):  "IAM resource arn:aws:iam:us-east-1:1:user/x cannot contain region information.",
	} {
		w.run(document, func(t *testing.T) {
			fails(t, errOf(w.PutUserPolicy(w.ctx(), &iam.PutUserPolicyInput{UserName: "u", PolicyName: "p", PolicyDocument: document})), "MalformedPolicyDocument", 400, want)
			fails(t, errOf(w.CreatePolicy(w.ctx(), &iam.CreatePolicyInput{PolicyName: "p", PolicyDocument: document})), "MalformedPolicyDocument", 400, want)
			fails(t, errOf(w.CreatePolicyVersion(w.ctx(), &iam.CreatePolicyVersionInput{PolicyArn: awsSQSFull, PolicyDocument: document})), "MalformedPolicyDocument", 400, want)
		})
	}
}

func TestIdentityPolicyDocumentsThatAreTaken(t *testing.T) {
	w := newTestbed(t)
	w.user("u")
	for _, document := range []string{
		allowSend,
		`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`, // inline, Version may be missing
		statement(`[{"Sid":"","Effect":"Allow","Action":"sqs:*","Resource":"arn:aws:sqs:*:*:${aws:username}-*"},{"Effect":"Deny","NotAction":["iam:*"],"NotResource":"arn:*:iam::*:user/x"}]`),
		statement(`{"Effect":"Allow","Action":["sqs:Unknown","nosuch:Thing"],"Resource":"arn:aws:iam::aws:policy/x","Condition":{"Bool":{"aws:SecureTransport":true}}}`),
		statement(`{"Effect":"Allow","Action":"iam:*","Resource":["arn:aws:iam::123456789012:*","arn:*:sns:us-gov-west-1:123456789012:t"]}`),
	} {
		if _, err := w.PutUserPolicy(w.ctx(), &iam.PutUserPolicyInput{UserName: "u", PolicyName: "p", PolicyDocument: document}); err != nil {
			t.Errorf("%s: %v", document, err)
		}
	}
}

// Only managed policies have to be of the present version.
func TestOlderVersion(t *testing.T) {
	w := newTestbed(t)
	w.user("u")
	w.role("r")
	for _, old := range []string{
		strings.Replace(allowSend, "2012-10-17", "2008-10-17", 1),
		strings.Replace(allowSend, `"Version":"2012-10-17",`, "", 1),
	} {
		_, err := w.CreatePolicy(w.ctx(), &iam.CreatePolicyInput{PolicyName: "p", PolicyDocument: old})
		fails(t, err, "MalformedPolicyDocument", 400, "Policy document must be version 2012-10-17 or greater.")
		_, err = w.CreatePolicyVersion(w.ctx(), &iam.CreatePolicyVersionInput{PolicyArn: awsSQSFull, PolicyDocument: old})
		fails(t, err, "MalformedPolicyDocument", 400, "Policy document must be version 2012-10-17 or greater.")
		w.put("u", "p", old)
	}
	for _, old := range []string{
		strings.Replace(trustSelf, "2012-10-17", "2008-10-17", 1),
		strings.Replace(trustSelf, `"Version":"2012-10-17",`, "", 1),
	} {
		if _, err := w.UpdateAssumeRolePolicy(w.ctx(), &iam.UpdateAssumeRolePolicyInput{RoleName: "r", PolicyDocument: old}); err != nil {
			t.Error(err)
		}
	}
}

func TestManagedPolicySize(t *testing.T) {
	w := newTestbed(t)
	long := strings.Replace(allowSend, `"*"`, `"arn:aws:sqs:*:*:`+strings.Repeat("q", 6144)+`"`, 1)
	_, err := w.CreatePolicy(w.ctx(), &iam.CreatePolicyInput{PolicyName: "p", PolicyDocument: long})
	fails(t, err, "LimitExceeded", 409, "Cannot exceed quota for PolicySize: 6144")
}

func TestTrustPolicyDocuments(t *testing.T) {
	w := newTestbed(t)
	w.role("r")
	const principal = `"Effect":"Allow","Action":"sts:AssumeRole","Principal":`
	for document, want := range map[string]string{
		`no json`:                  "This policy contains invalid Json", // [I002]
		`{"Version":"2012-10-17"}`: "Syntax errors in policy.",
		statement(`{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Resource":"*"}`): "Has prohibited field Resource",
		statement(`{"Effect":"Allow","NotPrincipal":"*","Action":"sts:AssumeRole"}`):             "Has prohibited field NotPrincipal",
		statement(`{"Effect":"Allow","Action":"sts:AssumeRole"}`):                                "Missing required field Principal",
		statement(`{"Effect":"Allow","Principal":"*"}`):                                          "Policy statement must contain actions.",
		statement(`{"Effect":"Allow","Principal":"*","Action":["sts:AssumeRole","s3:Get"]}`):     "AssumeRole policy may only specify STS AssumeRole actions.",
		statement(`[{"Sid":"a",` + principal + `"*"},{"Sid":"a",` + principal + `"*"}]`):         "Statement IDs (SID) in a single policy must be unique.",

		statement(`{` + principal + `{"AWS":"someone"}}`):                                  `Invalid principal in policy: "AWS":"someone"`,
		statement(`{` + principal + `{"AWS":"arn:aws:iam::123456789012:role/*"}}`):         `Invalid principal in policy: "AWS":"arn:aws:iam::123456789012:role/*"`,
		statement(`{` + principal + `{"AWS":"arn:aws:iam::123456789012:group/g"}}`):        `Invalid principal in policy: "AWS":"arn:aws:iam::123456789012:group/g"`,
		statement(`{` + principal + `{"AWS":"arn:aws:sts::123456789012:assumed-role/r"}}`): `Invalid principal in policy: "AWS":"arn:aws:sts::123456789012:assumed-role/r"`,
		statement(`{` + principal + `{"AWS":"AROAEXAMPLEEXAMPLE123"}}`):                    `Invalid principal in policy: "AWS":"AROAEXAMPLEEXAMPLE123"`,
		statement(`{` + principal + `{"Service":"sns"}}`):                                  `Invalid principal in policy: "SERVICE":"sns"`,
		statement(`{` + principal + `{"Service":"snss.amazonaws.com"}}`):                   `Invalid principal in policy: "SERVICE":"snss.amazonaws.com"`,
		statement(`{` + principal + `{"AWS":"arn:aws:iam::abc:root"}}`):                    `Invalid principal in policy: "AWS":"arn:aws:iam::abc:root"`,
		statement(`{` + principal + `{"AWS":"arn:aws-cn:iam::123456789012:root"}}`):        `Invalid principal in policy: "AWS":"arn:aws-cn:iam::123456789012:root"`,
		statement(`{` + principal + `{"Federated":"google"}}`):                             "Federated principals must be valid domain names or SAML metadata ARNs",
		statement(`{"Effect":"allow","Action":"sts:AssumeRole","Principal":"*"}`):          "The policy failed legacy parsing",
		" " + trustSelf: "JSON strings must not have leading spaces",
		statement(`{` + principal + `{"CanonicalUser":"79a59df900b949e55d96a1e698fb"}}`): `Invalid principal in policy: "CANONICALUSER":"79a59df900b949e55d96a1e698fb"`,
	} {
		w.run(document, func(t *testing.T) {
			fails(t, errOf(w.CreateRole(w.ctx(), &iam.CreateRoleInput{RoleName: "n", AssumeRolePolicyDocument: document})), "MalformedPolicyDocument", 400, want)
			fails(t, errOf(w.UpdateAssumeRolePolicy(w.ctx(), &iam.UpdateAssumeRolePolicyInput{RoleName: "r", PolicyDocument: document})), "MalformedPolicyDocument", 400, want)
		})
	}
	long := strings.Replace(trustSelf, "123456789012", "arn:aws:iam::123456789012:role/"+strings.Repeat("r", 2048), 1)
	_, err := w.CreateRole(w.ctx(), &iam.CreateRoleInput{RoleName: "n", AssumeRolePolicyDocument: long})
	fails(t, err, "LimitExceeded", 409, "Cannot exceed quota for ACLSizePerRole: 2048")
}

func TestTrustPolicyDocumentsThatAreTaken(t *testing.T) {
	w := newTestbed(t)
	id := w.role("r").RoleId
	for _, document := range []string{
		trustSelf,
		`{"Version":"2008-10-17","Statement":{"Effect":"Allow","Principal":{"Service":["ec2.amazonaws.com","lambda.amazonaws.com"]},"Action":"sts:AssumeRole"}}`,
		statement(`{"Effect":"Allow","Principal":{"AWS":["*","` + id + `","arn:aws:iam::999999999999:root","arn:aws:sts::123456789012:assumed-role/r/s","arn:aws:sts::123456789012:federated-user/f"]},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}`),
		statement(`{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/idp"},"Action":"sts:AssumeRoleWithWebIdentity"}`),
		statement(`{"Effect":"Allow","Principal":"*","Action":"sts:*"}`),
	} {
		if _, err := w.UpdateAssumeRolePolicy(w.ctx(), &iam.UpdateAssumeRolePolicyInput{RoleName: "r", PolicyDocument: document}); err != nil {
			t.Errorf("%s: %v", document, err)
		}
	}
}

func TestPrincipalsThatDoNotExist(t *testing.T) {
	const nobody = "arn:aws:iam::123456789012:user/nobody"
	trust := strings.Replace(trustSelf, `"123456789012"`, `"`+nobody+`"`, 1)
	for _, strict := range []bool{false, true} {
		w := newTestbed(t)
		var log bytes.Buffer
		w.Service = iam.New(iam.Config{Directory: w.dir, StrictPrincipals: strict, Log: slog.New(slog.NewTextHandler(&log, nil))})
		_, err := w.CreateRole(w.ctx(), &iam.CreateRoleInput{RoleName: "r", AssumeRolePolicyDocument: trust})
		if strict {
			fails(t, err, "MalformedPolicyDocument", 400, `Invalid principal in policy: "AWS":"`+nobody+`"`)
		} else if err != nil || !strings.Contains(log.String(), nobody) {
			t.Errorf("error = %v, log = %q; want the role and a warning", err, &log)
		}
	}
}
