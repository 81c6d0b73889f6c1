package s3

import (
	"context"
	"errors"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// Fixture is a bucket that is to exist. What it leaves out is as in a new bucket.
type Fixture struct {
	Name              string
	Tags              map[string]string
	PublicAccessBlock *PublicAccessBlockConfiguration
	Policy            string
	Encryption        *ServerSideEncryptionConfiguration
}

// ErrOwnedByAnother says that a bucket of a fixture is another account's, or in another region.
var ErrOwnedByAnother = errors.New("there is a bucket of the name already, of another account or in another region")

// ApplyBucket makes the bucket of a fixture in the account and region of ctx's request. One
// that is there already keeps its objects and gets the fixture's settings, but for those of
// notifications. Nothing is authorized.
//
// The error is a *FixtureError where a part of the bucket is refused.
func (s *Service) ApplyBucket(ctx context.Context, f Fixture) error {
	if err := s.makeBucket(ctx, f.Name); err != nil {
		return err
	}
	var tags []Tag
	for key, value := range f.Tags {
		tags = append(tags, Tag{Key: key, Value: value})
	}
	block := f.PublicAccessBlock
	if block == nil {
		yes := true
		block = &PublicAccessBlockConfiguration{&yes, &yes, &yes, &yes}
	}
	steps := []struct {
		part string
		do   func() error
	}{
		{"tags", func() error {
			_, err := s.PutBucketTagging(ctx, &PutBucketTaggingInput{Bucket: f.Name, Tagging: &Tagging{TagSet: tags}})
			return err
		}},
		{"publicAccessBlock", func() error {
			_, err := s.PutPublicAccessBlock(ctx, &PutPublicAccessBlockInput{Bucket: f.Name, PublicAccessBlockConfiguration: block})
			return err
		}},
		{"policy", func() (err error) {
			if f.Policy == "" {
				_, err = s.DeleteBucketPolicy(ctx, &DeleteBucketPolicyInput{Bucket: f.Name})
			} else {
				_, err = s.PutBucketPolicy(ctx, &PutBucketPolicyInput{Bucket: f.Name, Policy: f.Policy})
			}
			return err
		}},
		{"encryption", func() (err error) {
			if f.Encryption == nil {
				_, err = s.DeleteBucketEncryption(ctx, &DeleteBucketEncryptionInput{Bucket: f.Name})
			} else {
				_, err = s.PutBucketEncryption(ctx, &PutBucketEncryptionInput{Bucket: f.Name, ServerSideEncryptionConfiguration: f.Encryption})
			}
			return err
		}},
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			return &FixtureError{Part: step.part, Err: err}
		}
	}
	return nil
}

// makeBucket makes a bucket, unless the caller has one of the name there.
func (s *Service) makeBucket(ctx context.Context, name string) error {
	var there *bucket
	err := s.engine.View(ctx, func(r store.Reader) error {
		there = s.buckets.Get(r, name)
		return nil
	})
	r := api.RequestFrom(ctx)
	switch {
	case err != nil:
		return err
	case there == nil:
		in := &CreateBucketInput{Bucket: name}
		if r.Region != usEast1 {
			in.CreateBucketConfiguration = &CreateBucketConfiguration{LocationConstraint: r.Region}
		}
		_, err := s.CreateBucket(ctx, in)
		return err
	case there.Account != r.Account || there.Region != r.Region:
		return ErrOwnedByAnother
	}
	return nil
}

// Exists reports whether there is a bucket of a name, whoever owns it.
func (s *Service) Exists(ctx context.Context, name string) (there bool, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		there = s.buckets.Get(r, name) != nil
		return nil
	})
	return there, err
}

// ApplyNotifications has a bucket of ctx's request tell its events as a fixture says. Its
// topics and queues are asked whether they take notifications, where validate is set, but
// are sent no test event: a state that is opened again would send it again.
func (s *Service) ApplyNotifications(ctx context.Context, name string, c *NotificationConfiguration, validate bool) error {
	b, err := s.findBucket(ctx, name, "")
	if err != nil {
		return err
	}
	n, err := c.notifications(b, s.ids.UUID)
	if err != nil {
		return err
	}
	if validate {
		refused := s.ask(s.messages(ctx, b, n), func(m *Message) error { return s.receivers.Admits(ctx, m) })
		if err := unvalidated(refused); err != nil {
			return err
		}
	}
	return s.setNotifications(ctx, b, n)
}

// FixtureError is what is wrong with a part of a [Fixture].
type FixtureError struct {
	Part string // by its name in a fixture file: tags, publicAccessBlock, policy or encryption
	Err  error
}

func (e *FixtureError) Error() string { return e.Part + ": " + e.Err.Error() }

// Unwrap is S3's own error.
func (e *FixtureError) Unwrap() error { return e.Err }
