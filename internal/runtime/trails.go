package runtime

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"

	"github.com/waxseal/waxseal/cloudtrail"
	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/dispatch"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/kms"
	"github.com/waxseal/waxseal/s3"
	"github.com/waxseal/waxseal/sns"
)

// trailRequest is the environment of a call that CloudTrail makes on behalf of a trail, to
// a resource that is in a region.
func (rt *Runtime) trailRequest(b cloudtrail.Behalf, region string) *api.Request {
	return &api.Request{
		ID:              rt.config.IDs.UUID(),
		Caller:          identity.ServicePrincipal(rt.Dispatcher.Service("cloudtrail").Principal),
		Account:         b.Account,
		Region:          region,
		Time:            rt.config.Clock.Now(),
		SecureTransport: true,
		SourceARN:       b.Trail,
		SourceAccount:   b.Account,
	}
}

// regionOf is the region of an ARN, and the usual one of a text that tells none.
func regionOf(text, usual string) string {
	if a, err := arn.Parse(text); err == nil && a.Region != "" {
		return a.Region
	}
	return usual
}

// trailBuckets is S3, where trails deliver to. It implements cloudtrail.Buckets.
type trailBuckets struct{ *Runtime }

// Admits asks S3 as CloudTrail does: for the bucket's ACL, and whether a file could be put
// there [T016] [T017]. Nothing is put.
func (t trailBuckets) Admits(ctx context.Context, b cloudtrail.Behalf, bucket, key string) error {
	closed := cloudtrail.ErrInsufficientS3BucketPolicy.With("Incorrect S3 bucket policy is detected for bucket: " + bucket)
	_, err := dispatch.Invoke[s3.GetBucketAclOutput](ctx, t.Dispatcher, t.trailRequest(b, b.Region), t.getBucketACL, &s3.GetBucketAclInput{Bucket: bucket})
	switch {
	case errors.Is(err, s3.ErrNoSuchBucket):
		return cloudtrail.ErrS3BucketDoesNotExist.With("S3 bucket " + bucket + " does not exist!")
	case err != nil:
		return closed
	}
	in := t.putInput(&cloudtrail.File{Behalf: b, Bucket: bucket, Key: key})
	decisions, err := t.Dispatcher.DryRun(ctx, t.trailRequest(b, b.Region), "s3", "PutObject", "", in)
	if err != nil {
		return closed
	}
	for _, d := range decisions {
		if !d.Allowed() {
			_, _ = t.put(ctx, b, b.Region, in) // which is refused, so that the refusal is remembered
			return closed
		}
	}
	return nil
}

// putInput is the call by which a file is put, without its body.
func (trailBuckets) putInput(f *cloudtrail.File) *s3.PutObjectInput {
	in := &s3.PutObjectInput{
		Bucket: f.Bucket, Key: f.Key, ACL: "bucket-owner-full-control", Metadata: f.Metadata,
		ContentType: "application/json", ContentEncoding: "gzip",
	}
	if f.KMSKey != "" {
		context, err := json.Marshal(map[string]string{"aws:cloudtrail:arn": f.Trail})
		if err != nil {
			panic("runtime: " + err.Error()) // texts can always be marshaled
		}
		in.ServerSideEncryption, in.SSEKMSKeyId = "aws:kms", f.KMSKey
		in.SSEKMSEncryptionContext = base64.StdEncoding.EncodeToString(context)
	}
	return in
}

func (t trailBuckets) put(ctx context.Context, b cloudtrail.Behalf, region string, in *s3.PutObjectInput) (*s3.PutObjectOutput, error) {
	return dispatch.Invoke[s3.PutObjectOutput](ctx, t.Dispatcher, t.trailRequest(b, region), t.putObject, in)
}

func (t trailBuckets) Put(ctx context.Context, f *cloudtrail.File) error {
	in := t.putInput(f)
	in.Body = api.NewBody(bytes.NewReader(f.Body), int64(len(f.Body)), nil)
	_, err := t.put(ctx, f.Behalf, f.Region, in)
	return err
}

// trailKeys is KMS, as CloudTrail asks whether a trail can be encrypted. It implements
// cloudtrail.Keys.
type trailKeys struct{ *Runtime }

func (t trailKeys) Admits(ctx context.Context, b cloudtrail.Behalf, key string) (string, error) {
	request := t.trailRequest(b, regionOf(key, b.Region))
	out, err := dispatch.Invoke[kms.GenerateDataKeyOutput](ctx, t.Dispatcher, request, t.generateDataKey, &kms.GenerateDataKeyInput{
		KeyId: key, KeySpec: kms.DataKeyAES256, EncryptionContext: map[string]string{"aws:cloudtrail:arn": b.Trail},
	})
	if err != nil {
		return "", err
	}
	return out.KeyId, nil
}

// trailTopics is SNS, as trails tell of their log files. It implements cloudtrail.Topics.
type trailTopics struct{ *Runtime }

func (t trailTopics) Admits(ctx context.Context, b cloudtrail.Behalf, topic string) error {
	message := "CloudTrail validation message."
	decisions, err := t.Dispatcher.DryRun(ctx, t.trailRequest(b, regionOf(topic, b.Region)), "sns", "Publish", "",
		&sns.PublishInput{TopicArn: &topic, Message: message})
	if err != nil {
		return err
	}
	for _, d := range decisions {
		if !d.Allowed() || d.Missing {
			return errTopicClosed
		}
	}
	return nil
}

// errTopicClosed says that CloudTrail may not publish to a topic, or that there is none.
var errTopicClosed = &api.Error{Code: "AuthorizationError", Message: "CloudTrail may not publish to the topic, or it does not exist."}

func (t trailTopics) Publish(ctx context.Context, n *cloudtrail.Notification) error {
	_, err := dispatch.Invoke[sns.PublishOutput](ctx, t.Dispatcher, t.trailRequest(n.Behalf, regionOf(n.Topic, n.Region)), t.publish,
		&sns.PublishInput{TopicArn: &n.Topic, Message: n.Message})
	return err
}
