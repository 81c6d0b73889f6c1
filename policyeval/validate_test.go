package policyeval

import (
	"strings"
	"testing"
)

// statementOf is a document with one statement of the fields given.
func statementOf(fields string) string {
	return `{"Version":"2012-10-17","Statement":{` + fields + `}}`
}

// TestValidate: what AWS refuses, in the order in which it would say so; and
// what it stores without a word.
func TestValidate(t *testing.T) {
	const bob = "arn:aws:iam::111122223333:user/bob"
	many := func(n int, one string) string { return strings.TrimSuffix(strings.Repeat(one+",", n), ",") }
	// sized is an endpoint's policy of n characters, half of them two bytes long.
	sized := func(n int) string {
		fields := `"Sid":"","Effect":"Allow","Principal":"*","Action":"*","Resource":"*"`
		n -= len(statementOf(fields))
		return statementOf(strings.Replace(fields, `""`, `"`+strings.Repeat("é", n/2)+strings.Repeat("x", n-n/2)+`"`, 1))
	}
	for _, c := range []struct {
		name  string
		kind  Kind
		text  string
		code  string // of the first problem; empty: none
		value string
		says  string
	}{
		// [D10]: documents of IAM, in its own words.
		{"D10 an inline policy", IdentityPolicy, statementOf(`"Effect":"Allow","Action":"sqs:*","Resource":"*"`), "", "", ""},
		{"D10 managed policies without a Version", ManagedPolicy, `{"Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"*"}}`, "BadVersion", "", "Policy document must be version 2012-10-17 or greater."},
		{"D6 inline policies without a Version", IdentityPolicy, `{"Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"*"}}`, "", "", ""},
		{"session policies without a Version", SessionPolicy, `{"Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"*"}}`, "", "", ""},
		{"trust policies without a Version", TrustPolicy, `{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*"}}`, "", "", ""},
		{"key policies without a Version", KeyPolicy, `{"Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*","Principal":"*"}}`, "", "", ""},
		{"topic policies without a Version", TopicPolicy, `{"Statement":{"Effect":"Allow","Action":"sns:Publish","Resource":"*","Principal":"*"}}`, "", "", ""},
		{"a space before an inline policy", IdentityPolicy, "\n" + statementOf(`"Effect":"Allow","Action":"sqs:*","Resource":"*"`), "BadCharacter", "", "The policy failed legacy parsing"},
		{"a space before a trust policy", TrustPolicy, " " + statementOf(`"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*"`), "BadCharacter", "", "JSON strings must not have leading spaces"},
		{"a space before a queue policy", QueuePolicy, " " + statementOf(`"Effect":"Allow","Action":"sqs:*","Principal":"*"`), "", "", ""},
		{"D10 a region in S3", IdentityPolicy, statementOf(`"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:us-east-1::example_bucket"`), "BadResource", "arn:aws:s3:us-east-1::example_bucket", "Resource arn:aws:s3:us-east-1::example_bucket can not contain region information."},
		{"a region in S3's regional resources", IdentityPolicy, statementOf(`"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:us-west-2:123456789012:accesspoint/p/object/*","arn:aws:s3:*:*:job/*","arn:aws:s3:*:*:*","arn:aws:s3:::b/*"]`), "", "", ""},
		{"any region of a bucket", IdentityPolicy, statementOf(`"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:*:*:b"`), "BadResource", "arn:aws:s3:*:*:b", ""},
		{"what IAM does not have", ManagedPolicy, statementOf(`"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam:::example_bucket"`), "BadResource", "arn:aws:iam:::example_bucket", `IAM resource path must either be "*" or start with user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.`},
		{"what IAM has", ManagedPolicy, statementOf(`"Effect":"Allow","Action":"iam:*","Resource":["arn:aws:iam:::user/x","arn:aws:iam::*:*","arn:aws:iam::*:root","arn:aws:iam::aws:role-template/x:1","arn:aws:iam::*:ro*","arn:aws:iam::*:${aws:PrincipalTag/x}/y","arn:aws:iam::account-id:mfa/${aws:username}","arn:aws:ec2:region:account-id:instance/*"]`), "", "", ""},
		{"what IAM does not have, as a pattern", ManagedPolicy, statementOf(`"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::*:bucket*"`), "BadResource", "arn:aws:iam::*:bucket*", ""},
		{"D10 managed policies of 2008", ManagedPolicy, `{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"*"}}`, "BadVersion", "2008-10-17", "Policy document must be version 2012-10-17 or greater."},
		{"D10 inline policies of 2008", IdentityPolicy, `{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"*"}}`, "", "", ""},
		{"D10 another version", IdentityPolicy, `{"Version":"2013-10-17","Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"*"}}`, "BadVersion", "2013-10-17", "Syntax errors in policy."},
		{"D10 no statement", IdentityPolicy, `{"Version":"2012-10-17","Statement":[]}`, "NoStatement", "", "Syntax errors in policy."},
		{"D10 an unknown element", IdentityPolicy, `{"Version":"2012-10-17","Extra":1,"Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"*"}}`, "UnknownElement", "Extra", "Syntax errors in policy."},
		{"D10 an unknown element of a statement", IdentityPolicy, statementOf(`"Effect":"Allow","Action":"sqs:*","Resource":"*","Extra":1`), "UnknownElement", "Extra", "Syntax errors in policy."},
		{"D10 no actions", IdentityPolicy, statementOf(`"Effect":"Allow","Resource":"*"`), "MissingElement", "Action", "Policy statement must contain actions."},
		{"D10 an empty list of actions", IdentityPolicy, statementOf(`"Effect":"Allow","Action":[],"Resource":"*"`), "MissingElement", "Action", "Policy statement must contain actions."},
		{"D10 no resources", IdentityPolicy, statementOf(`"Effect":"Allow","Action":"sqs:*"`), "MissingElement", "Resource", "Policy statement must contain resources."},
		{"D10 no vendor", IdentityPolicy, statementOf(`"Effect":"Allow","Action":"invalid"`), "BadAction", "invalid", "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."},
		{"D10 two colons", IdentityPolicy, statementOf(`"Effect":"Allow","Action":"s3:List:Bucket","Resource":"*"`), "BadAction", "s3:List:Bucket", "Actions/Condition can contain only one colon."},
		{"D10 a vendor with a space", IdentityPolicy, statementOf(`"Effect":"Allow","NotAction":"a a:B","Resource":"*"`), "BadAction", "a a:B", "Vendor a a is not valid"},
		{"D10 unknown actions are stored", IdentityPolicy, statementOf(`"Effect":"Allow","Action":["sqs:Nonsense","*"],"Resource":"*"`), "", "", ""},
		{"D10 a resource that is no ARN", IdentityPolicy, statementOf(`"Effect":"Allow","Action":"sqs:*","Resource":"X"`), "BadResource", "X", `Resource X must be in ARN format or "*".`},
		{"D10 an ARN without a service", IdentityPolicy, statementOf(`"Effect":"Allow","Action":"sqs:*","Resource":"arn:aws"`), "BadResource", "arn:aws", "Resource vendor must be fully qualified and cannot contain regexes."},
		{"D10 a wildcard for the service", IdentityPolicy, statementOf(`"Effect":"Allow","Action":"sqs:*","Resource":"arn:aws:*:::x"`), "BadResource", "arn:aws:*:::x", "Resource vendor must be fully qualified and cannot contain regexes."},
		{"D10 a partition", IdentityPolicy, statementOf(`"Effect":"Allow","Action":"sqs:*","Resource":"a:b:cadfsdf"`), "BadResource", "a:b:cadfsdf", `Partition "b" is not valid for resource "arn:b:cadfsdf:*:*:*".`},
		{"D10 a partition before a whole ARN", IdentityPolicy, statementOf(`"Effect":"Allow","Action":"sqs:*","Resource":"arn:error:s3:::b"`), "BadResource", "arn:error:s3:::b", `Partition "error" is not valid for resource "arn:error:s3:::b".`},
		{"a partition before a service that is missing", IdentityPolicy, statementOf(`"Effect":"Allow","Action":"sqs:*","Resource":"a:b"`), "BadResource", "a:b", `Partition "b" is not valid for resource "arn:b:*:*:*:*".`},
		{"a partition before legacy parsing", IdentityPolicy, statementOf(`"Effect":"Allow","Action":"s3:*","Resource":"aws:s3:::b"`), "BadResource", "aws:s3:::b", `Partition "s3" is not valid for resource "arn:s3:::b:*".`},
		{"a partition before legacy parsing, of the first of two", IdentityPolicy, statementOf(`"Effect":"Allow","Action":"s3:*","Resource":["arn:error:s3:::b","arn:error:s3::b"]`), "BadResource", "arn:error:s3:::b", `Partition "error" is not valid for resource "arn:error:s3:::b".`},
		{"a partition before legacy parsing, in a session policy", SessionPolicy, statementOf(`"Effect":"Allow","Action":"s3:*","Resource":"arn:error:s3"`), "BadResource", "arn:error:s3", `Partition "error" is not valid for resource "arn:error:s3:*:*:*".`},
		{"legacy parsing before the partition of another resource", IdentityPolicy, statementOf(`"Effect":"Allow","Action":"s3:*","Resource":["arn:error:s3:::b","arn:aws:s3::b"]`), "BadResource", "arn:aws:s3::b", "The policy failed legacy parsing"},
		{"D10 an incomplete ARN is stored", IdentityPolicy, statementOf(`"Effect":"Allow","Action":"sqs:*","Resource":"arn:aws:sqs"`), "", "", ""},
		{"D10 but not in a session policy", SessionPolicy, statementOf(`"Effect":"Allow","Action":"sqs:*","Resource":"arn:aws:sqs"`), "BadResource", "arn:aws:sqs", "The policy failed legacy parsing"},
		{"D10 five parts", IdentityPolicy, statementOf(`"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3::b"`), "BadResource", "arn:aws:s3::b", "The policy failed legacy parsing"},
		{"D10 no service", IdentityPolicy, statementOf(`"Effect":"Allow","Action":"s3:*","NotResource":"arn:aws::::b"`), "BadResource", "arn:aws::::b", "The policy failed legacy parsing"},
		{"D10 a region in IAM", IdentityPolicy, statementOf(`"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam:us-east-1:1:user/x"`), "BadResource", "arn:aws:iam:us-east-1:1:user/x", "IAM resource arn:aws:iam:us-east-1:1:user/x cannot contain region information."},
		{"D10 a principal", IdentityPolicy, statementOf(`"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*"`), "ProhibitedElement", "Principal", "Has prohibited field Principal"},
		{"D10 everyone but a principal", SessionPolicy, statementOf(`"Effect":"Deny","NotPrincipal":"*","Action":"sqs:*","Resource":"*"`), "ProhibitedElement", "NotPrincipal", "Has prohibited field NotPrincipal"},
		{"D10 two Sids", IdentityPolicy, `{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Action":"a:b","Resource":"*"},{"Sid":"a","Effect":"Allow"}]}`, "DuplicateSid", "a", "Statement IDs (SID) in a single policy must be unique."},
		{"D10 empty Sids", IdentityPolicy, `{"Version":"2012-10-17","Statement":[{"Sid":"","Effect":"Allow","Action":"a:b","Resource":"*"},{"Sid":"","Effect":"Allow","Action":"a:b","Resource":"*"}]}`, "", "", ""},
		{"D10 an unknown operator", IdentityPolicy, statementOf(`"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"x":{"a":"1"}}`), "BadCondition", "x", "Syntax errors in policy."},
		{"D10 a malformed date", IdentityPolicy, statementOf(`"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"DateGreaterThan":{"a":"sdf"}}`), "BadCondition", "sdf", "The policy failed legacy parsing"},
		{"D10 a good date", IdentityPolicy, statementOf(`"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"DateGreaterThanIfExists":{"a":"2026-01-01T00:00:00Z"},"NumericEquals":{"b":"x"}}`), "", "", ""},
		{"D11 a session policy of 2048 characters", SessionPolicy, statementOf(`"Sid":"` + strings.Repeat("x", 2048) + `","Effect":"Allow","Action":"a:b","Resource":"*"`), "TooLarge", "", ""},
		// [D10] [D11]: trust policies.
		{"D11 a trust policy", TrustPolicy, statementOf(`"Effect":"Allow","Principal":{"AWS":"` + bob + `","Service":"lambda.amazonaws.com","Federated":"arn:aws:iam::111122223333:saml-provider/p"},"Action":["sts:AssumeRole","sts:TagSession","sts:Assume*","*"]`), "", "", ""},
		{"D10 a trust policy without a principal", TrustPolicy, statementOf(`"Effect":"Allow","Action":"sts:AssumeRole"`), "MissingElement", "Principal", "Missing required field Principal"},
		{"D10 a trust policy with a resource", TrustPolicy, statementOf(`"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Resource":"*"`), "ProhibitedElement", "Resource", "Has prohibited field Resource"},
		{"D10 a trust policy with another resource", TrustPolicy, statementOf(`"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","NotResource":"*"`), "ProhibitedElement", "NotResource", "Has prohibited field NotResource"},
		{"D4 a trust policy for everyone else", TrustPolicy, statementOf(`"Effect":"Allow","NotPrincipal":"*","Action":"sts:AssumeRole"`), "ProhibitedElement", "NotPrincipal", "Has prohibited field NotPrincipal"},
		{"D10 a trust policy for another service", TrustPolicy, statementOf(`"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage"`), "ActionOutOfScope", "sqs:SendMessage", "AssumeRole policy may only specify STS AssumeRole actions."},
		{"D10 a trust policy for another action of STS", TrustPolicy, statementOf(`"Effect":"Allow","Principal":"*","Action":"sts:GetSessionToken"`), "ActionOutOfScope", "sts:GetSessionToken", ""},
		{"D10 an unknown principal of a trust policy", TrustPolicy, statementOf(`"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/nobody"},"Action":"sts:AssumeRole"`), "UnknownPrincipal", "arn:aws:iam::111122223333:user/nobody", `Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:user/nobody"`},
		// [D8]: queue policies.
		{"D8 a queue policy", QueuePolicy, `{"Statement":{"Effect":"Allow","Principal":{"AWS":["111122223333","` + bob + `","AIDA1111111111111111"]},"Action":["sqs:*","SQS:SendMessage","sqs:Get*"],"Resource":"$sqs_queue_arn"}}`, "", "", ""},
		{"D8 * as action", QueuePolicy, statementOf(`"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"`), "", "", ""},
		{"D5 a queue policy without Resource", QueuePolicy, statementOf(`"Effect":"Deny","Principal":"*","Action":"sqs:*"`), "", "", ""},
		{"D5 equal Sids in a queue policy", QueuePolicy, `{"Statement":[{"Sid":"a","Effect":"Deny","Principal":"*","Action":"sqs:*"},{"Sid":"a","Effect":"Deny","Principal":"*","Action":"sqs:*"}]}`, "", "", ""},
		{"D8 a principal that does not exist", QueuePolicy, statementOf(`"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/nobody"},"Action":"sqs:*","Resource":"*"`), "UnknownPrincipal", "arn:aws:iam::111122223333:role/nobody", ""},
		{"D8 a service under AWS", QueuePolicy, statementOf(`"Effect":"Allow","Principal":{"AWS":"sns.amazonaws.com"},"Action":"sqs:*","Resource":"*"`), "BadPrincipal", "sns.amazonaws.com", ""},
		{"D8 an owner's action for another account", QueuePolicy, statementOf(`"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"sqs:ListQueues","Resource":"*"`), "OwnerOnlyAction", "sqs:ListQueues", ""},
		{"D8 an owner's action for a user of another account", QueuePolicy, statementOf(`"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:user/u"},"Action":"sqs:ListQueues","Resource":"*"`), "OwnerOnlyAction", "sqs:ListQueues", ""},
		{"D8 an owner's action for the account", QueuePolicy, statementOf(`"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sqs:ListQueues","Resource":"*"`), "", "", ""},
		{"D8 an owner's action denied to others", QueuePolicy, statementOf(`"Effect":"Deny","Principal":{"AWS":"444455556666"},"Action":"sqs:DeleteQueue","Resource":"*"`), "", "", ""},
		{"D8 an action that SQS does not have", QueuePolicy, statementOf(`"Effect":"Allow","Principal":"*","Action":"sqs:ChangeMessageVisibilityBatch","Resource":"*"`), "UnknownAction", "sqs:ChangeMessageVisibilityBatch", ""},
		{"D8 an action of another service", QueuePolicy, statementOf(`"Effect":"Allow","Principal":"*","Action":"sns:Publish","Resource":"*"`), "ActionOutOfScope", "sns:Publish", ""},
		{"D8 8192 bytes", QueuePolicy, statementOf(`"Sid":"` + strings.Repeat("x", 8192) + `","Effect":"Allow","Principal":"*","Action":"sqs:*"`), "TooLarge", "", "Submitted policy is over max allowed size."},
		{"D8 20 statements", QueuePolicy, `{"Statement":[` + many(21, `{"Effect":"Allow","Principal":"*","Action":"sqs:*"}`) + `]}`, "TooLarge", "", "21 statements were found in the submitted policy, max allowed is 20"},
		{"D8 7 actions", QueuePolicy, statementOf(`"Effect":"Allow","Principal":"*","Action":[` + many(8, `"sqs:SendMessage"`) + `]`), "TooLarge", "", "8 actions were found in a statement from the submitted policy, max allowed is 7"},
		{"D8 50 principals", QueuePolicy, statementOf(`"Effect":"Allow","Principal":{"AWS":[` + many(51, `"111122223333"`) + `]},"Action":"sqs:*"`), "TooLarge", "", "51 principals were found in a statement from the submitted policy, max allowed is 50"},
		{"D8 10 conditions", QueuePolicy, statementOf(`"Effect":"Allow","Principal":"*","Action":"sqs:*","Condition":{"Null":{"a":"true","b":"true","c":"true","d":"true","e":"true","f":"true","g":"true","h":"true","i":"true","j":"true","k":"true"}}`), "TooLarge", "", "11 conditions were found in a statement from the submitted policy, max allowed is 10"},
		// [D9]: topic policies.
		{"D9 the default policy", TopicPolicy, `{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Sid":"__default_statement_ID","Effect":"Allow","Principal":{"AWS":"*"},"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes","SNS:AddPermission","SNS:RemovePermission","SNS:DeleteTopic","SNS:Subscribe","SNS:ListSubscriptionsByTopic","SNS:Publish"],"Resource":"arn:aws:sns:us-east-1:1:t","Condition":{"StringEquals":{"AWS:SourceOwner":"111122223333"}}}]}`, "", "", ""},
		{"D9 sns:*", TopicPolicy, statementOf(`"Effect":"Deny","Principal":"*","Action":"sns:*","Resource":"*"`), "ActionOutOfScope", "sns:*", "Policy statement action out of service scope!"},
		{"D9 an action of no topic", TopicPolicy, statementOf(`"Effect":"Deny","Principal":"*","Action":"sns:Unsubscribe","Resource":"*"`), "ActionOutOfScope", "sns:Unsubscribe", ""},
		{"D9 an action of another service", TopicPolicy, statementOf(`"Effect":"Deny","Principal":"*","Action":"sqs:SendMessage","Resource":"*"`), "ActionOutOfScope", "sqs:SendMessage", ""},
		{"D9 an unknown principal", TopicPolicy, statementOf(`"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/nobody"},"Action":"sns:Publish","Resource":"*"`), "UnknownPrincipal", "arn:aws:iam::111122223333:user/nobody", ""},
		{"D9 unique Sids", TopicPolicy, `{"Statement":[{"Sid":"a","Effect":"Deny","Principal":"*","Action":"sns:Publish"},{"Sid":"a","Effect":"Deny","Principal":"*","Action":"sns:Publish"}]}`, "DuplicateSid", "a", ""},
		// [C7]: key policies.
		{"C6 the default policy", KeyPolicy, `{"Version":"2012-10-17","Id":"key-default-1","Statement":[{"Sid":"Enable IAM User Permissions","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}]}`, "", "", ""},
		{"C7.7 no Resource", KeyPolicy, statementOf(`"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*"`), "", "", ""},
		{"C7.7 the character set", KeyPolicy, statementOf(`"Sid":"…","Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"`), "BadCharacter", "…", ""},
		{"C7.7 letters of Latin-1", KeyPolicy, "{\n\t\"Version\":\"2012-10-17\",\r\n\"Statement\":{\"Sid\":\"é\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"111122223333\"},\"Action\":\"*\",\"Resource\":\"*\"}}", "", "", ""},
		{"C7.9 an unknown principal", KeyPolicy, statementOf(`"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/nobody"},"Action":"kms:*","Resource":"*"`), "UnknownPrincipal", "arn:aws:iam::111122223333:role/nobody", ""},
		{"C7.10 ForAllValues on the encryption context", KeyPolicy, statementOf(`"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*","Condition":{"ForAllValues:StringEquals":{"kms:EncryptionContext:app":"x"}}`), "OverlyPermissiveCondition", "kms:EncryptionContext:app", ""},
		{"C7.10 ForAllValues on request tags", KeyPolicy, statementOf(`"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:RequestTag/x":"x"}}`), "OverlyPermissiveCondition", "aws:RequestTag/x", ""},
		{"C7.10 ForAllValues on other keys", KeyPolicy, statementOf(`"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*","Condition":{"ForAllValues:StringEquals":{"kms:GrantOperations":"Decrypt"}}`), "", "", ""},
		{"C7 an action of another service", KeyPolicy, statementOf(`"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sqs:*","Resource":"*"`), "ActionOutOfScope", "sqs:*", ""},
		{"C5 32768 bytes", KeyPolicy, statementOf(`"Sid":"` + strings.Repeat("x", 32768) + `","Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"`), "TooLarge", "", ""},
		// [D4]: principals.
		{"D4 a wildcard in an ARN", QueuePolicy, statementOf(`"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/*"},"Action":"sqs:*"`), "BadPrincipal", "arn:aws:iam::111122223333:user/*", ""},
		{"D4 a group", QueuePolicy, statementOf(`"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:group/g"},"Action":"sqs:*"`), "BadPrincipal", "arn:aws:iam::111122223333:group/g", ""},
		{"D4 a session", QueuePolicy, statementOf(`"Effect":"Allow","Principal":{"AWS":"arn:aws:sts::111122223333:assumed-role/app/bob"},"Action":"sqs:*"`), "", "", ""},
		{"D4 a session without a name", QueuePolicy, statementOf(`"Effect":"Allow","Principal":{"AWS":"arn:aws:sts::111122223333:assumed-role/app"},"Action":"sqs:*"`), "BadPrincipal", "arn:aws:sts::111122223333:assumed-role/app", ""},
		{"D4 a malformed account", QueuePolicy, statementOf(`"Effect":"Allow","Principal":{"AWS":"11112222333"},"Action":"sqs:*"`), "BadPrincipal", "11112222333", ""},
		{"D4 a bare ARN", QueuePolicy, statementOf(`"Effect":"Allow","Principal":"` + bob + `","Action":"sqs:*"`), "BadPrincipal", bob, ""},
		{"D4 Federated outside trust policies", QueuePolicy, statementOf(`"Effect":"Allow","Principal":{"Federated":"x"},"Action":"sqs:*"`), "BadPrincipal", "x", ""},
		{"D4 CanonicalUser", QueuePolicy, statementOf(`"Effect":"Allow","Principal":{"CanonicalUser":"x"},"Action":"sqs:*"`), "BadPrincipal", "x", ""},
		{"D4 a service that is none", QueuePolicy, statementOf(`"Effect":"Allow","Principal":{"Service":"sns"},"Action":"sqs:*"`), "BadPrincipal", "sns", ""},
		// Organizations and endpoints.
		{"D6 SCPs need 2012-10-17", SCP, `{"Statement":{"Effect":"Deny","Action":"sqs:*","Resource":"*"}}`, "BadVersion", "", ""},
		{"an SCP", SCP, statementOf(`"Effect":"Deny","Action":"sqs:*","Resource":"*"`), "", "", ""},
		{"an SCP without an action", SCP, statementOf(`"Effect":"Deny","Resource":"*"`), "MissingElement", "Action", ""},
		{"an RCP", RCP, statementOf(`"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*"`), "", "", ""},
		{"an RCP for another service of the list", RCP, statementOf(`"Effect":"Deny","Principal":{"AWS":"*"},"Action":["dynamodb:*","STS:Get?","events:Put*"],"Resource":"*"`), "", "", ""},
		{"an RCP for a list of everyone", RCP, statementOf(`"Effect":"Deny","Principal":{"AWS":[ "*"]},"Action":"sqs:*","Resource":"*"`), "MissingElement", "Principal", ""},
		{"an RCP for every action", RCP, statementOf(`"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"`), "ActionOutOfScope", "*", ""},
		{"an RCP for a service without RCPs", RCP, statementOf(`"Effect":"Deny","Principal":"*","Action":["sqs:*","sns:Publish"],"Resource":"*"`), "ActionOutOfScope", "sns:Publish", ""},
		{"an RCP for a pattern of services", RCP, statementOf(`"Effect":"Deny","Principal":"*","Action":"s*:Get*","Resource":"*"`), "ActionOutOfScope", "s*:Get*", ""},
		{"an RCP for no action", RCP, statementOf(`"Effect":"Deny","Principal":"*","Action":"sqs:Send:Message","Resource":"*"`), "BadAction", "sqs:Send:Message", ""},
		{"an RCP that allows", RCP, statementOf(`"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*"`), "ProhibitedEffect", "Allow", ""},
		{"an RCP for some", RCP, statementOf(`"Effect":"Deny","Principal":{"AWS":"111122223333"},"Action":"sqs:*","Resource":"*"`), "MissingElement", "Principal", ""},
		{"an RCP for others", RCP, statementOf(`"Effect":"Deny","NotPrincipal":"*","Action":"sqs:*","Resource":"*"`), "MissingElement", "Principal", ""},
		{"G5 the default policy of an endpoint", EndpointPolicy, `{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}`, "", "", ""},
		{"X110 an endpoint's policy of 20,480 characters", EndpointPolicy, sized(20480), "", "", ""},
		{"X110 of one more", EndpointPolicy, sized(20481), "TooLarge", "", "the policy has 20481 characters, at most 20480 are allowed"},
		{"an endpoint's policy without a principal", EndpointPolicy, statementOf(`"Effect":"Allow","Action":"*","Resource":"*"`), "MissingElement", "Principal", "Missing required field Principal"},
		{"an endpoint's policy without a resource", EndpointPolicy, statementOf(`"Effect":"Allow","Principal":"*","Action":"*"`), "MissingElement", "Resource", "Policy statement must contain resources."},
		{"an endpoint's policy with a principal that none can be", EndpointPolicy, statementOf(`"Effect":"Allow","Principal":{"AWS":"nobody"},"Action":"*","Resource":"*"`), "BadPrincipal", "nobody", ""},
		{"an unknown operator elsewhere", QueuePolicy, statementOf(`"Effect":"Allow","Principal":"*","Action":"sqs:*","Condition":{"x":{"a":"1"}}`), "BadCondition", "x", "unknown condition operator x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			problems := Validate(must(t, c.text), ValidateOptions{
				Kind: c.kind, Account: "111122223333", Exists: func(p string) bool { return strings.HasSuffix(p, "bob") || strings.HasPrefix(p, "AIDA") },
			})
			switch {
			case c.code == "" && len(problems) > 0:
				t.Errorf("%s refuses %v", c.kind, problems)
			case c.code == "":
			case len(problems) == 0:
				t.Errorf("%s accepts %s", c.kind, c.text)
			case problems[0].Code.String() != c.code || problems[0].Value != c.value:
				t.Errorf("%s %q: %v, want %s %q", problems[0].Code, problems[0].Value, problems[0], c.code, c.value)
			case c.says != "" && problems[0].Message != c.says:
				t.Errorf("says %q, want %q", problems[0].Message, c.says)
			case !strings.HasPrefix(problems[0].Error(), "line "):
				t.Error(problems[0].Error())
			}
		})
	}
}
