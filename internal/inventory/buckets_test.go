package inventory_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/servertest"
)

// Buckets are listed with how many objects they have, whom they tell, and whether they are
// public.
func TestBuckets(t *testing.T) {
	w := newWorld(t, keyFixtures)
	ctx := t.Context()
	c := s3.NewFromConfig(w.config("123456789012"), func(o *s3.Options) { o.UsePathStyle = true })
	for _, name := range []string{"sealed", "open"} {
		must(c.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &name}))(t)
		must(c.PutObject(ctx, &s3.PutObjectInput{Bucket: &name, Key: aws.String("b")}))(t)
		must(c.PutObject(ctx, &s3.PutObjectInput{Bucket: &name, Key: aws.String("a")}))(t)
		must(c.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &name, Key: aws.String("b")}))(t)
	}
	must(c.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{Bucket: aws.String("sealed"), ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{
		Rules: []types.ServerSideEncryptionRule{{BucketKeyEnabled: aws.Bool(true), ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: types.ServerSideEncryptionAwsKms, KMSMasterKeyID: aws.String(ordersKey)}}},
	}}))(t)
	must(c.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: aws.String("sealed"), VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}}))(t)
	must(c.DeletePublicAccessBlock(ctx, &s3.DeletePublicAccessBlockInput{Bucket: aws.String("open")}))(t)
	must(c.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: aws.String("open"), Policy: aws.String(servertest.PolicyText(`{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::open/*"}`))}))(t)
	must(c.PutBucketNotificationConfiguration(ctx, &s3.PutBucketNotificationConfigurationInput{
		Bucket: aws.String("open"), SkipDestinationValidation: aws.Bool(true),
		NotificationConfiguration: &types.NotificationConfiguration{
			EventBridgeConfiguration: &types.EventBridgeConfiguration{},
			QueueConfigurations: []types.QueueConfiguration{{
				Id: aws.String("uploads"), QueueArn: aws.String("arn:aws:sqs:us-east-1:123456789012:plain"), Events: []types.Event{"s3:ObjectCreated:*"},
				Filter: &types.NotificationConfigurationFilter{Key: &types.S3KeyFilter{FilterRules: []types.FilterRule{{Name: "prefix", Value: aws.String("in/")}, {Name: "suffix", Value: aws.String(".jpg")}}}},
			}},
		},
	}))(t)
	want := []any{
		object{
			"arn": "arn:aws:s3:::open", "name": "open", "account": "123456789012", "region": "us-east-1", "encryption": "AES256", "bucketKey": false, "objects": 1.0,
			"notifications": []any{
				object{"id": "uploads", "events": []any{"s3:ObjectCreated:*"}, "destination": "arn:aws:sqs:us-east-1:123456789012:plain", "filter": "in/….jpg"},
				object{"id": "EventBridge", "events": []any{"s3:*"}, "destination": "events.amazonaws.com"},
			},
			"public": true, "hasPolicy": true,
		},
		object{
			"arn": "arn:aws:s3:::sealed", "name": "sealed", "account": "123456789012", "region": "us-east-1", "encryption": "aws:kms", "keyId": ordersKey, "bucketKey": true,
			"versioning": "Enabled", "objects": 1.0, "notifications": []any{}, "public": false, "hasPolicy": false,
		},
	}
	var got struct{ Buckets []any }
	w.get("buckets", &got)
	if diff := cmp.Diff(want, got.Buckets); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	w.get("buckets?region=eu-west-1", &got)
	if len(got.Buckets) != 0 {
		t.Errorf("another region has %v", got.Buckets)
	}
}
