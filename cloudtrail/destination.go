package cloudtrail

import (
	"context"
	"regexp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
)

// Behalf says on behalf of which trail CloudTrail acts, as cloudtrail.amazonaws.com with
// the trail's ARN as aws:SourceArn.
type Behalf struct {
	Trail, Account string // the trail's ARN, and its account
	Region         string // the trail's home region
}

func (t *trailRecord) behalf() Behalf { return Behalf{t.trailID().arn(), t.Account, t.Region} }

// Buckets is where log and digest files are put.
type Buckets interface {
	// Admits fails where there is no such bucket, or where it does not let CloudTrail in
	// with a file of the key; with ErrS3BucketDoesNotExist or ErrInsufficientS3BucketPolicy.
	Admits(ctx context.Context, b Behalf, bucket, key string) error
	// Put puts a file into its bucket, with the ACL bucket-owner-full-control [T042]. It
	// fails with an *api.Error of S3 or KMS.
	Put(ctx context.Context, f *File) error
}

// File is a log or digest file of a trail.
type File struct {
	Behalf
	Bucket, Key string
	Body        []byte            // JSON, compressed with gzip
	Metadata    map[string]string // without x-amz-meta-
	// KMSKey is the ARN of the KMS key that the file is encrypted under; empty: it is
	// encrypted as S3 encrypts everything [T042].
	KMSKey string
}

// EncryptionContext is that of a file's data key.
func (f *File) EncryptionContext() map[string]string {
	return map[string]string{
		"aws:cloudtrail:arn": f.Trail,
		"aws:s3:arn":         arn.ARN{Partition: arn.Partition(f.Region), Service: "s3", Resource: f.Bucket + "/" + f.Key}.String(),
	}
}

// Topics is how a trail tells of its log files.
type Topics interface {
	// Admits fails where there is no such topic, or where CloudTrail may not publish to it.
	Admits(ctx context.Context, b Behalf, topic string) error
	// Publish tells a topic of log files. It fails with an *api.Error of SNS.
	Publish(ctx context.Context, n *Notification) error
}

// Notification is what a trail tells a topic.
type Notification struct {
	Behalf
	Topic   string // ARN
	Message string
}

// Keys is KMS, as far as CloudTrail asks it whether a trail can be encrypted under a key.
type Keys interface {
	// Admits is the ARN of a key that is given in any of KMS's forms. It fails with an
	// *api.Error of KMS where CloudTrail may not make data keys under it.
	Admits(ctx context.Context, b Behalf, key string) (keyARN string, err error)
}

// topicNames is the form of a topic's name.
var topicNames = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)

func validTopic(topicARN string) bool {
	a, err := arn.Parse(topicARN)
	return err == nil && a.Service == "sns" && a.Region != "" && topicNames.MatchString(a.Resource)
}

// admitted makes sure that a trail's files can be delivered: that bucket, topic and key let
// CloudTrail in. The trail's key becomes the ARN of the key.
func (s *Service) admitted(ctx context.Context, t *trailRecord) error {
	if err := s.trails.buckets.Admits(ctx, t.behalf(), t.Bucket, filesOf(t.Prefix, t.Account)+"CloudTrail/"); err != nil {
		return err
	}
	if t.Topic != "" {
		if err := s.trails.topics.Admits(ctx, t.behalf(), t.topicARN()); err != nil {
			return ErrInsufficientSnsTopicPolicy // which does not tell a missing topic from a closed one
		}
	}
	if t.Key == "" {
		return nil
	}
	key, err := s.keys.Admits(ctx, t.behalf(), t.Key)
	if err != nil {
		return keyRefused(t, api.AsError(err))
	}
	t.Key = key
	return nil
}

// keyRefused is CloudTrail's error for one of KMS's.
func keyRefused(t *trailRecord, e *api.Error) error {
	switch e.Code {
	case "AccessDeniedException":
		return ErrInsufficientEncryptionPolicy.Withf("Insufficient permissions to access S3 bucket %s or KMS key %s.", t.Bucket, t.Key)
	case "NotFoundException":
		return ErrKmsKeyNotFound.With(e.Message)
	case "DisabledException":
		return ErrKmsKeyDisabled.With(e.Message)
	case "InvalidArnException", "ValidationException":
		return ErrInvalidKmsKeyID.With(e.Message)
	default:
		return ErrKms.With(e.Message)
	}
}

// codeOf is an error's code as GetTrailStatus shows it.
func codeOf(err error) string { return api.AsError(err).Query() }
