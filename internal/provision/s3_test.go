package provision_test

import (
	"strings"
	"testing"
)

// bucketAnswer is what S3 answers of a bucket, or the code of its error.
func (w *world) bucketAnswer(operation, bucket string) map[string]any {
	w.t.Helper()
	out, err := w.Call(w.t.Context(), "s3", operation, in{"Bucket": bucket})
	if err != nil {
		return in{"Error": strings.SplitN(err.Error(), ":", 2)[0]}
	}
	return out
}

func TestBucket(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	q := w.create("AWS::SQS::Queue", "Queue", `{}`)
	w.create("AWS::SQS::QueuePolicy", "QueuePolicy", `{"Queues":["`+q.PhysicalID+`"],"PolicyDocument":{"Statement":[{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*"}]}}`)
	b := w.createTagged("AWS::S3::Bucket", "Bucket", `{"OwnershipControls":{"Rules":[{"ObjectOwnership":"ObjectWriter"}]},"AccessControl":"BucketOwnerFullControl",
		"PublicAccessBlockConfiguration":{"BlockPublicAcls":false,"IgnorePublicAcls":true},"VersioningConfiguration":{"Status":"Enabled"},
		"BucketEncryption":{"ServerSideEncryptionConfiguration":[{"BucketKeyEnabled":true,"ServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms","KMSMasterKeyID":"alias/aws/s3"}}]},
		"NotificationConfiguration":{"EventBridgeConfiguration":{"EventBridgeEnabled":true},"QueueConfigurations":[{"Queue":"`+q.get("Arn")+`","Event":"s3:ObjectCreated:*","Filter":{"S3Key":{"Rules":[{"Name":"prefix","Value":"in/"}]}}}],
			"LambdaConfigurations":[{"Function":"arn:aws:lambda:us-east-1:123456789012:function:f","Event":"s3:ObjectRemoved:*"}]},
		"LifecycleConfiguration":{"Rules":[{"Status":"Enabled","ExpirationInDays":1}]}}`, systemTags("a"))
	name := "stack-bucket-token0000003"
	wants(t, b.PhysicalID, name)
	for attribute, want := range map[string]string{
		"Arn": "arn:aws:s3:::" + name, "DomainName": name + ".s3.amazonaws.com", "RegionalDomainName": name + ".s3.us-east-1.amazonaws.com",
		"DualStackDomainName": name + ".s3.dualstack.us-east-1.amazonaws.com", "WebsiteURL": "http://" + name + ".s3-website-us-east-1.amazonaws.com",
	} {
		wants(t, b.get(attribute), want)
	}
	wants(t, strings.Join(b.LeftOut, " "), "The property LifecycleConfiguration of AWS::S3::Bucket is not emulated, and is left out. Notifications of functions are not emulated, and are left out.")
	ask := func(operation string) map[string]any { t.Helper(); return w.bucketAnswer(operation, name) }
	has(t, ask("GetBucketOwnershipControls"), "OwnershipControls", `{"Rules":[{"ObjectOwnership":"ObjectWriter"}]}`)
	has(t, ask("GetPublicAccessBlock"), "PublicAccessBlockConfiguration", `{"BlockPublicAcls":false,"BlockPublicPolicy":false,"IgnorePublicAcls":true,"RestrictPublicBuckets":false}`)
	has(t, ask("GetBucketVersioning"), "Status", `"Enabled"`)
	has(t, ask("GetBucketEncryption"), "ServerSideEncryptionConfiguration", `{"Rules":[{"ApplyServerSideEncryptionByDefault":{"KMSMasterKeyID":"alias/aws/s3","SSEAlgorithm":"aws:kms"},"BucketKeyEnabled":true}]}`)
	wants(t, names(ask("GetBucketTagging"), "TagSet", "Value"), "a stack")
	told := ask("GetBucketNotificationConfiguration")
	has(t, told, "EventBridgeConfiguration", `{}`)
	has(t, within(in{"of": told["QueueConfigurations"].([]any)[0]}, "of"), "Filter", `{"Key":{"FilterRules":[{"Name":"Prefix","Value":"in/"}]}}`)

	b.updateTagged(`{"OwnershipControls":{"Rules":[{"ObjectOwnership":"BucketOwnerEnforced"}]},"VersioningConfiguration":{"Status":"Suspended"},
		"BucketEncryption":{"ServerSideEncryptionConfiguration":[{"ServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]},
		"NotificationConfiguration":{"EventBridgeConfiguration":{"EventBridgeEnabled":false}},"AbacStatus":"Enabled"}`, systemTags("b"))
	has(t, ask("GetBucketOwnershipControls"), "OwnershipControls", `{"Rules":[{"ObjectOwnership":"BucketOwnerEnforced"}]}`)
	has(t, ask("GetPublicAccessBlock"), "Error", `"NoSuchPublicAccessBlockConfiguration"`)
	has(t, ask("GetBucketVersioning"), "Status", `"Suspended"`)
	wants(t, names(ask("GetBucketTagging"), "TagSet", "Value"), "b stack")
	told = ask("GetBucketNotificationConfiguration")
	if told["QueueConfigurations"] != nil || told["EventBridgeConfiguration"] != nil {
		t.Errorf("the notifications are %v", told)
	}
	has(t, ask("GetBucketAbac"), "AbacStatus", `{"Status":"Enabled"}`)

	b.update(`{}`)
	has(t, ask("GetBucketOwnershipControls"), "Error", `"OwnershipControlsNotFoundError"`)
	has(t, ask("GetBucketAbac"), "AbacStatus", `{"Status":"Disabled"}`)
	has(t, ask("GetBucketEncryption"), "ServerSideEncryptionConfiguration", `{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"},"BucketKeyEnabled":false}]}`)

	w.ask("s3", "PutObject", in{"Bucket": name, "Key": "k", "Body": "eA=="})
	if err := w.handler(b.Type).Delete(t.Context(), b.Job); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("a bucket with an object: %v", err)
	}
	empty := w.create("AWS::S3::Bucket", "Empty", `{"BucketName":"of-its-own","AccessControl":"Private"}`)
	wants(t, empty.PhysicalID, "of-its-own")
	if reason := w.refuses("AWS::S3::Bucket", "Twin", `{"BucketName":"of-its-own"}`); !strings.Contains(reason, "'of-its-own' already exists.") || !strings.Contains(reason, "AlreadyExists") {
		t.Error(reason)
	}
	empty.delete()
	has(t, w.bucketAnswer("GetBucketVersioning", "of-its-own"), "Error", `"NoSuchBucket"`)
}

// A bucket that lacks something is not left behind, nor made without what keeps data.
func TestBucketsThatAreNotMade(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for properties, want := range map[string]string{
		`{"BucketName":"locked","ObjectLockEnabled":true}`:                                                                                                            "ObjectLockEnabled of AWS::S3::Bucket is not emulated",
		`{"BucketName":"locked","BucketNamespace":"account-regional"}`:                                                                                                "BucketNamespace of AWS::S3::Bucket is not emulated",
		`{"BucketName":"locked","ObjectLockConfiguration":{"ObjectLockEnabled":"Enabled"}}`:                                                                           "ObjectLockConfiguration of AWS::S3::Bucket is not emulated",
		`{"BucketName":"locked","ReplicationConfiguration":{"Role":"r","Rules":[]}}`:                                                                                  "ReplicationConfiguration of AWS::S3::Bucket is not emulated",
		`{"BucketName":"locked","AccessControl":"PublicRead"}`:                                                                                                        "The bucket does not allow ACLs",
		`{"BucketName":"locked","AccessControl":"PublicRead","PublicAccessBlockConfiguration":{},"OwnershipControls":{"Rules":[{"ObjectOwnership":"ObjectWriter"}]}}`: "not implemented",
		`{"BucketName":"locked","VersioningConfiguration":{"Status":"On"}}`:                                                                                           "not well-formed",
		`{"BucketName":"locked","NotificationConfiguration":{"TopicConfigurations":[{"Event":"s3:None","Topic":"t"}]}}`:                                               "InvalidRequest",
		`{"BucketName":"Bad_Name"}`: "The specified bucket is not valid",
	} {
		if reason := w.refuses("AWS::S3::Bucket", "Bucket", properties); !strings.Contains(reason, want) {
			t.Errorf("%s: %s", properties, reason)
		}
		has(t, w.bucketAnswer("GetBucketVersioning", "locked"), "Error", `"NoSuchBucket"`)
	}
}

func TestBucketPolicy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.create("AWS::S3::Bucket", "Bucket", `{}`)
	policy := func(action string) string {
		return `{"Bucket":"` + b.PhysicalID + `","PolicyDocument":{"Statement":[{"Effect":"Deny","Principal":"*","Action":"` + action + `","Resource":"` + b.get("Arn") + `/*"}]}}`
	}
	p := w.create("AWS::S3::BucketPolicy", "Policy", policy("s3:PutObject"))
	wants(t, p.PhysicalID, b.PhysicalID)
	if reason := w.refuses("AWS::S3::BucketPolicy", "Twin", policy("s3:GetObject")); !strings.Contains(reason, "The bucket policy already exists on bucket "+b.PhysicalID+".") {
		t.Error(reason)
	}
	p.update(policy("s3:DeleteObject"))
	if text := w.bucketAnswer("GetBucketPolicy", b.PhysicalID)["Policy"]; !strings.Contains(text.(string), "s3:DeleteObject") {
		t.Error(text)
	}
	p.delete()
	has(t, w.bucketAnswer("GetBucketPolicy", b.PhysicalID), "Error", `"NoSuchBucketPolicy"`)
	b.delete()
	if reason := w.refuses("AWS::S3::BucketPolicy", "Late", policy("s3:GetObject")); !strings.Contains(reason, "NotFound") {
		t.Error(reason)
	}
}
