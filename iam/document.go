package iam

import (
	"context"
	"errors"
	"regexp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/policyeval"
)

// checkDocument refuses an identity-based policy that IAM refuses when it is
// set, with IAM's message [D10], and logs lint's findings. of names what the
// policy is for.
func (s *Service) checkDocument(ctx context.Context, kind policyeval.Kind, of, document string) error {
	d, err := parse(kind, of, document)
	if err != nil {
		return err
	}
	if problems := policyeval.Validate(d, policyeval.ValidateOptions{Kind: kind, Partition: partition(ctx)}); len(problems) > 0 {
		return malformed(kind, of, problems[0].Message, problems[0])
	}
	if err := checkSids(kind, of, d); err != nil {
		return err
	}
	s.lint(ctx, kind, d)
	return nil
}

// malformed is the refusal of a document in IAM's words, with its reason.
func malformed(kind policyeval.Kind, of, message string, cause error) error {
	return api.Refused(errMalformed.With(message), kind.String(), of, cause)
}

// parse reads a policy document, and refuses any other text [I002].
func parse(kind policyeval.Kind, of, document string) (*policyeval.Document, error) {
	d, err := policyeval.Parse(document)
	if syntax, ok := errors.AsType[*policyeval.SyntaxError](err); ok {
		return nil, malformed(kind, of, syntax.InIAMsWords(), syntax)
	}
	return d, err
}

// partition is the partition of the call, which all ARNs in its documents must
// have.
func partition(ctx context.Context) string {
	_, region := call(ctx)
	return arn.Partition(region)
}

var validSid = regexp.MustCompile(`^[0-9A-Za-z]*$`)

// checkSids refuses Sids that only resource-based policies may have.
func checkSids(kind policyeval.Kind, of string, d *policyeval.Document) error {
	const message = "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"
	for i, st := range d.Statements() {
		if !validSid.MatchString(st.Sid) {
			return malformed(kind, of, message, policyeval.Problem{Statement: i, Position: st.Begin, Value: st.Sid, Message: message})
		}
	}
	return nil
}

func (s *Service) lint(ctx context.Context, kind policyeval.Kind, d *policyeval.Document) {
	resource.LintPolicy(ctx, s.log, d, policyeval.LintContext{Kind: kind, Account: api.RequestFrom(ctx).Account})
}

// maxTrustSize is how many characters a trust policy may have, white space aside.
const maxTrustSize = 2048

// newTrusts says how IAM checks and stores trust policies.
func newTrusts(c *Config) resource.Policies {
	return resource.Policies{
		Kind:       policyeval.TrustPolicy,
		Principals: resource.Principals{Exists: c.Directory.Exists, Strict: c.StrictPrincipals, Log: c.Log},
		Problem:    func(p policyeval.Problem) *api.Error { return errMalformed.With(p.Message) },
	}
}

// checkTrust refuses a trust policy that IAM refuses. Principals that do not
// exist are refused where the service is strict about them, and otherwise
// logged.
func (s *Service) checkTrust(ctx context.Context, role, document string) error {
	const kind = policyeval.TrustPolicy
	d, err := parse(kind, role, document)
	if err != nil {
		return err
	}
	if d.Size() > maxTrustSize {
		return exceeds("ACLSizePerRole", maxTrustSize)
	}
	owner := resource.Owner{ARN: role, Account: api.RequestFrom(ctx).Account, Partition: partition(ctx)}
	if err := s.trusts.Validate(ctx, owner, d); err != nil {
		return err
	}
	if err := checkSids(kind, role, d); err != nil {
		return err
	}
	s.lint(ctx, kind, d)
	return nil
}

// policySize is a document's size as IAM's quotas count it: without white space.
func policySize(document string) int {
	d, err := policyeval.Parse(document)
	if err != nil {
		return len(document)
	}
	return d.Size()
}
