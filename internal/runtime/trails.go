package runtime

import (
	"context"
	"crypto/aes"
	"crypto/cipher"

	"github.com/waxseal/waxseal/cloudtrail"
	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/bucketstore"
	"github.com/waxseal/waxseal/internal/dispatch"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/kms"
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

// trailBuckets is where trails deliver to. It implements cloudtrail.Buckets.
type trailBuckets struct{ *Runtime }

// Admits takes every bucket: none has a policy that could keep CloudTrail out.
func (trailBuckets) Admits(context.Context, cloudtrail.Behalf, string, string) error { return nil }

func (t trailBuckets) Put(ctx context.Context, f *cloudtrail.File) error {
	o := &bucketstore.Object{
		Body: f.Body, ContentType: "application/json", ContentEncoding: "gzip",
		ACL: "bucket-owner-full-control", Metadata: f.Metadata,
	}
	if f.KMSKey != "" {
		if err := t.seal(ctx, f, o); err != nil {
			return err
		}
	}
	return t.Delivered.Put(ctx, f.Bucket, f.Key, o)
}

// seal encrypts an object with a data key that CloudTrail makes.
func (t trailBuckets) seal(ctx context.Context, f *cloudtrail.File, o *bucketstore.Object) error {
	encryption := f.EncryptionContext()
	out, err := dispatch.Invoke[kms.GenerateDataKeyOutput](ctx, t.Dispatcher, t.trailRequest(f.Behalf, regionOf(f.KMSKey, f.Region)), t.generateDataKey,
		&kms.GenerateDataKeyInput{KeyId: f.KMSKey, KeySpec: kms.DataKeyAES256, EncryptionContext: encryption})
	if err != nil {
		return err
	}
	block, err := aes.NewCipher(out.Plaintext)
	if err != nil {
		return err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return err
	}
	o.Body = aead.Seal(nil, nil, f.Body, nil)
	o.Encryption = &bucketstore.Encryption{Key: out.KeyId, Wrapped: out.CiphertextBlob, Context: encryption}
	return nil
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
