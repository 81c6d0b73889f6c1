package sts

import (
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// Tag is a session tag.
type Tag struct {
	Key   string `check:"required,min=1,max=128" pattern:"[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+"`
	Value string `check:"required,max=256" pattern:"[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*"`
}

// PolicyDescriptorType names a managed policy that is used as a session policy.
type PolicyDescriptorType struct {
	Arn string `name:"arn" check:"min=20,max=2048"`
}

// Credentials are temporary credentials.
type Credentials struct {
	AccessKeyId     string
	SecretAccessKey string `trail:"omit"`
	SessionToken    string
	Expiration      time.Time
}

func credentials(c *identity.Credentials) *Credentials {
	return &Credentials{AccessKeyId: c.AccessKeyID, SecretAccessKey: c.Secret, SessionToken: c.Token, Expiration: c.Expires}
}

// tokenSize is the size of the session token, which answers tell to who asked
// for a minimum.
func tokenSize(minimum *int, c *identity.Credentials) (size, utilization *int) {
	if minimum == nil {
		return nil, nil
	}
	n := len(c.Token)
	percent := n * 100 / maxToken
	return &n, &percent
}

// maxToken is the longest session token, in bytes.
const maxToken = 4096

func valueOf(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}

// until is when a session of that many seconds is over.
func until(ctx context.Context, seconds int) time.Time {
	return api.RequestFrom(ctx).Time.Add(time.Duration(seconds) * time.Second).Truncate(time.Second)
}

// sessionTags gives the session its tags: those of the request, and those that
// the calling session hands on. It hands on itself what it was handed and the
// transitive keys of the request.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html.
func sessionTags(session *identity.Session, caller *api.Caller, tags []Tag, transitive []string) error {
	for i, t := range tags {
		if hasKey(tags[:i], t.Key) { // [I018]
			return errInvalidValue.With("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		if strings.HasPrefix(strings.ToLower(t.Key), "aws:") {
			return errInvalidValue.With("System tags cannot be added/updated/deleted.")
		}
	}
	for _, k := range transitive {
		if !hasKey(tags, k) { // [I017]
			return errInvalidValue.With("The specified transitive tag key must be included in the requested tags.")
		}
	}
	var all identity.Entity
	if caller.Session != nil {
		for _, k := range caller.Session.TransitiveTags {
			if hasKey(tags, k) { // [I019]
				return errInvalidValue.With("One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.")
			}
			all.SetTags([]identity.Tag{{Key: k, Value: tagOf(caller, k)}})
			session.TransitiveTags = append(session.TransitiveTags, k)
		}
	}
	for _, t := range tags {
		all.SetTags([]identity.Tag{identity.Tag(t)})
	}
	session.Tags = all.Tags
	session.TransitiveTags = append(session.TransitiveTags, transitive...)
	return nil
}

func hasKey(tags []Tag, key string) bool {
	return slices.ContainsFunc(tags, func(t Tag) bool { return strings.EqualFold(t.Key, key) })
}

func tagOf(c *api.Caller, key string) string {
	for k, v := range c.Tags {
		if strings.EqualFold(k, key) {
			return v
		}
	}
	return ""
}

// setTagKeys sets the condition keys that session tags give.
func setTagKeys(c *policyeval.Context, tags []Tag, transitive []string) {
	keys := make([]string, 0, len(tags))
	for _, t := range tags {
		c.Set("aws:RequestTag/"+t.Key, t.Value)
		keys = append(keys, t.Key)
	}
	if len(keys) > 0 {
		c.SetList("aws:TagKeys", keys)
	}
	if len(transitive) > 0 {
		c.SetList("sts:TransitiveTagKeys", transitive)
	}
}

// The limits of session policies. Characters and number are AWS's; what AWS's
// packed form may take is not known, so that here it is the deflated form.
const (
	maxPolicy     = 2048 // characters
	maxPolicyARNs = 10
	maxPacked     = 2048 // bytes, deflated
)

// limit gives the session its session policies and checks that they and the
// tags are not too large.
func (s *Service) limit(ctx context.Context, session *identity.Session, policy string, arns []PolicyDescriptorType) error {
	if policy != "" {
		if err := checkPolicy(ctx, policy); err != nil {
			return err
		}
		session.Policy = policy
	}
	if len(arns) > maxPolicyARNs {
		return errValidation.Withf("1 validation error detected: Value at 'policyArns' failed to satisfy constraint: Member must have length less than or equal to %d", maxPolicyARNs)
	}
	err := s.dir.View(ctx, func(r store.Reader) error {
		for _, p := range arns {
			if s.dir.Managed(r, session.Account, p.Arn) == nil {
				return errValidation.Withf("Policy %s does not exist or is not attachable.", p.Arn)
			}
			session.PolicyARNs = append(session.PolicyARNs, p.Arn)
		}
		return nil
	})
	if err != nil {
		return err
	}
	percent := packed(session)
	switch {
	case percent <= 100:
		return nil
	case session.Policy == "" && len(session.PolicyARNs) == 0:
		return errTooLarge.Withf("Packed size of session tags consumes %d%% of allotted space.", percent)
	default:
		return errTooLarge.Withf("Packed policy consumes %d%% of allotted space, please use smaller policy.", percent)
	}
}

func checkPolicy(ctx context.Context, policy string) error {
	if len(policy) > maxPolicy {
		return errValidation.Withf("1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length less than or equal to %d", maxPolicy)
	}
	const kind = policyeval.SessionPolicy
	d, err := policyeval.Parse(policy)
	if syntax, ok := errors.AsType[*policyeval.SyntaxError](err); ok {
		return api.Refused(errMalformed.With(syntax.InIAMsWords()), kind.String(), "", syntax)
	}
	o := policyeval.ValidateOptions{Kind: kind, Partition: arn.Partition(api.RequestFrom(ctx).Region)}
	if problems := policyeval.Validate(d, o); len(problems) > 0 {
		return api.Refused(errMalformed.With(problems[0].Message), kind.String(), "", problems[0])
	}
	return nil
}

// packed is the share in percent that session policies and tags take of what
// they may take.
func packed(s *identity.Session) int {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression) // fails for levels that do not exist
	_, _ = io.WriteString(w, s.Policy+strings.Join(s.PolicyARNs, "\n"))
	for _, t := range s.Tags {
		_, _ = io.WriteString(w, "\n"+t.Key+"\n"+t.Value)
	}
	_ = w.Close()
	if s.Policy == "" && len(s.PolicyARNs) == 0 && len(s.Tags) == 0 {
		return 0
	}
	return max(1, b.Len()*100/maxPacked)
}

// packedSize is what AssumeRole answers: nothing where there is nothing packed [I013].
func packedSize(s *identity.Session) *int {
	percent := packed(s)
	if percent == 0 {
		return nil
	}
	return &percent
}
