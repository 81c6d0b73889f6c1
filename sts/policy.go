package sts

import (
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// The limits of session policies. The limits in characters and number are
// AWS's. AWS's packed form is not known, so the limit here is on the deflated
// form.
const (
	maxPolicy     = 2048 // characters
	maxPolicyARNs = 10
	maxPacked     = 2048 // bytes, deflated
)

// PolicyDescriptorType names a managed policy that is used as a session policy.
type PolicyDescriptorType struct {
	Arn string `name:"arn" check:"min=20,max=2048"`
}

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

// packed is the size of session policies and tags in percent of the limit.
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
