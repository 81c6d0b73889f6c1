package s3

import (
	"context"
	"errors"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// newPolicies is how S3 takes the policies of buckets.
func newPolicies(c *Config) resource.Policies {
	return resource.Policies{
		Kind: policyeval.BucketPolicy, Names: c.Names,
		Principals: resource.Principals{Exists: c.PrincipalExists, Strict: c.StrictPrincipals, Log: c.Log},
		Problem:    func(p policyeval.Problem) *api.Error { return ErrMalformedPolicy.With(p.Message) },
	}
}

// owner is the bucket as the owner of a policy.
func (b *bucket) owner() resource.Owner {
	return resource.Owner{ARN: b.arn(), Account: b.Account, Partition: arn.Partition(b.Region)}
}

// readPolicy is the document that is to be a bucket's policy.
func (s *Service) readPolicy(ctx context.Context, b *bucket, text string) (*policyeval.Document, error) {
	document, err := policyeval.Parse(text)
	var syntax *policyeval.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return nil, api.Refused(ErrMalformedPolicy.With(syntax.InS3sWords(text)), policyeval.BucketPolicy.String(), b.arn(), err)
	case err != nil:
		return nil, err
	case text[0] != '{': // space [S201]
		return nil, ErrMalformedPolicy.With((&policyeval.SyntaxError{}).InS3sWords(text))
	}
	if err := s.policies.Validate(ctx, b.owner(), document); err != nil {
		return nil, err
	}
	return document, nil
}

// Load implements store.Loader.
func (b *bucket) Load() (err error) {
	if b.Policy == "" {
		return nil
	}
	if b.policy, err = resource.Compile(b.arn(), b.Policy, b.PolicyEpoch); err != nil {
		return err
	}
	b.public = policyeval.PublicStatement(b.policy.Document) >= 0
	return nil
}

// Reuse implements store.Reuser.
func (b *bucket) Reuse(old *bucket) { b.policy = resource.SamePolicy(b.policy, old.policy) }

// PoliciesInForce are the policies of all buckets that have one, as requests are decided
// with them.
func (s *Service) PoliciesInForce(ctx context.Context) ([]resource.PolicyInForce, error) {
	return resource.InForce(ctx, s.engine, s.buckets, func(b *bucket) (string, *policyeval.Policy) { return b.arn(), b.policy })
}

// onPolicy resolves an input to the bucket whose policy it is about. That is for the owner's
// account alone: others are told so, if they would be allowed it [S205]. Its root user is
// not kept from it by the policy itself [S204].
func onPolicy[In located](s *Service, method string) func(context.Context, In) (api.Target, *bucket, error) {
	return func(ctx context.Context, in In) (api.Target, *bucket, error) {
		target, b, err := s.resolveBucket(ctx, in)
		if err != nil {
			return target, nil, err
		}
		target.Unlocks = true
		if api.RequestFrom(ctx).Caller.Account != b.Account {
			target.Refused = ErrMethodNotAllowed.Detailed("Method", method).Detailed("ResourceType", "BUCKETPOLICY")
		}
		return target, b, nil
	}
}

func (in *PutBucketPolicyInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// PutBucketPolicy gives a bucket a policy, in place of the one that it had.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html.
func (s *Service) PutBucketPolicy(ctx context.Context, in *PutBucketPolicyInput) (*PutBucketPolicyOutput, error) {
	return api.Do(ctx, in, onPolicy[*PutBucketPolicyInput](s, "PUT"), s.putBucketPolicy)
}

func (s *Service) putBucketPolicy(ctx context.Context, b *bucket, in *PutBucketPolicyInput) (*PutBucketPolicyOutput, error) {
	document, err := s.readPolicy(ctx, b, in.Policy)
	if err != nil {
		return nil, err
	}
	if b.blocks().BlockPublicPolicy && policyeval.PublicStatement(document) >= 0 {
		return nil, ErrAccessDenied.Withf(`User: %s is not authorized to perform: s3:PutBucketPolicy on resource: "%s" because public policies are blocked by the BlockPublicPolicy block public access setting.`,
			api.RequestFrom(ctx).Caller.DisplayName(), b.arn()) // [S212]
	}
	s.policies.Lint(ctx, b.owner(), document)
	return &PutBucketPolicyOutput{}, s.engine.Update(ctx, func(tx store.Tx) error {
		if err := confirm(tx, b); err != nil {
			return err
		}
		changed := s.buckets.Edit(tx, b.Name)
		changed.Policy, changed.PolicyEpoch = in.Policy, s.policies.Epoch(tx)
		s.buckets.Put(tx, b.Name, changed)
		return nil
	})
}

func (in *GetBucketPolicyInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// GetBucketPolicy reads a bucket's policy.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicy.html.
func (s *Service) GetBucketPolicy(ctx context.Context, in *GetBucketPolicyInput) (*GetBucketPolicyOutput, error) {
	return api.Do(ctx, in, onPolicy[*GetBucketPolicyInput](s, "GET"), s.getBucketPolicy)
}

func (s *Service) getBucketPolicy(ctx context.Context, b *bucket, _ *GetBucketPolicyInput) (*GetBucketPolicyOutput, error) {
	if b.policy == nil {
		return nil, noSuchPolicy(b)
	}
	out := new(GetBucketPolicyOutput)
	err := s.engine.View(ctx, func(r store.Reader) error {
		out.Policy = s.policies.Shown(r, b.policy, func(account string) string {
			return arn.Global("iam", b.Region, account, "root").String()
		}).Text()
		return nil
	})
	return out, err
}

func noSuchPolicy(b *bucket) *api.Error { return ErrNoSuchBucketPolicy.Detailed("BucketName", b.Name) }

func (in *DeleteBucketPolicyInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// DeleteBucketPolicy takes a bucket's policy away, if it has one [S200].
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketPolicy.html.
func (s *Service) DeleteBucketPolicy(ctx context.Context, in *DeleteBucketPolicyInput) (*DeleteBucketPolicyOutput, error) {
	return api.Do(ctx, in, onPolicy[*DeleteBucketPolicyInput](s, "DELETE"), s.deleteBucketPolicy)
}

func (s *Service) deleteBucketPolicy(ctx context.Context, b *bucket, _ *DeleteBucketPolicyInput) (*DeleteBucketPolicyOutput, error) {
	return &DeleteBucketPolicyOutput{}, s.changeBucket(ctx, b, func(b *bucket) { b.Policy, b.PolicyEpoch = "", 0 })
}

func (in *GetBucketPolicyStatusInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// GetBucketPolicyStatus tells whether a bucket's policy is public.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicyStatus.html.
func (s *Service) GetBucketPolicyStatus(ctx context.Context, in *GetBucketPolicyStatusInput) (*GetBucketPolicyStatusOutput, error) {
	return api.Do(ctx, in, onBucket[*GetBucketPolicyStatusInput](s), s.getBucketPolicyStatus)
}

func (s *Service) getBucketPolicyStatus(_ context.Context, b *bucket, _ *GetBucketPolicyStatusInput) (*GetBucketPolicyStatusOutput, error) {
	if b.policy == nil {
		return nil, noSuchPolicy(b) // [S208]
	}
	return &GetBucketPolicyStatusOutput{&PolicyStatus{&b.public}}, nil
}
