package iam

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/policyeval"
)

// checkDocument refuses an identity-based policy that IAM refuses when it is
// set, in IAM's words (D10), and tells the log what it takes although a person
// hardly meant it.
func (s *Service) checkDocument(ctx context.Context, kind policyeval.Kind, document string) error {
	d, err := parse(document)
	if err != nil {
		return err
	}
	if problems := policyeval.Validate(d, policyeval.ValidateOptions{Kind: kind}); len(problems) > 0 {
		return errMalformed.With(problems[0].Message)
	}
	if err := checkSids(d); err != nil {
		return err
	}
	s.lint(ctx, kind, d)
	return nil
}

// parse refuses what is no policy document (I002).
func parse(document string) (*policyeval.Document, error) {
	d, err := policyeval.Parse(document)
	if err == nil {
		return d, nil
	}
	if syntax, ok := errors.AsType[*policyeval.SyntaxError](err); ok && syntax.JSON {
		return nil, errMalformed.With("This policy contains invalid Json")
	}
	return nil, errMalformed.With("Syntax errors in policy.")
}

var validSid = regexp.MustCompile(`^[0-9A-Za-z]*$`)

// checkSids refuses Sids that only resource-based policies may have.
func checkSids(d *policyeval.Document) error {
	for _, st := range d.Statements() {
		if !validSid.MatchString(st.Sid) {
			return errMalformed.With("Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*")
		}
	}
	return nil
}

func (s *Service) lint(ctx context.Context, kind policyeval.Kind, d *policyeval.Document) {
	api.LintPolicy(ctx, s.log, d, policyeval.LintContext{Kind: kind, Account: api.RequestFrom(ctx).Account})
}

// maxTrustSize is how many characters a trust policy may have, white space aside.
const maxTrustSize = 2048

// checkTrust refuses a trust policy that IAM refuses. Principals that do not
// exist are refused where the service is strict about them, and the log is told
// where it is not.
func (s *Service) checkTrust(ctx context.Context, document string) error {
	d, err := parse(document)
	if err != nil {
		return err
	}
	if d.Size() > maxTrustSize {
		return exceeds("ACLSizePerRole", maxTrustSize)
	}
	r := api.RequestFrom(ctx)
	for _, p := range policyeval.Validate(d, policyeval.ValidateOptions{
		Kind: policyeval.TrustPolicy, Account: r.Account,
		Exists: func(principal string) bool { return uniqueID.MatchString(principal) || s.dir.Exists(ctx, principal) },
	}) {
		if p.Code == policyeval.UnknownPrincipal && !s.strict {
			s.log.WarnContext(ctx, "a trust policy names a principal that does not exist", "principal", p.Value, "request", r.ID)
			continue
		}
		return errMalformed.With(trustProblem(d, p))
	}
	if err := checkSids(d); err != nil {
		return err
	}
	s.lint(ctx, policyeval.TrustPolicy, d)
	return nil
}

// uniqueID is the form of the unique id of a user or role.
var uniqueID = regexp.MustCompile(`^A(ID|RO)A[A-Z0-9]{12,}$`)

// trustProblem words a problem. IAM writes a principal's type in upper case.
func trustProblem(d *policyeval.Document, p policyeval.Problem) string {
	if p.Code != policyeval.BadPrincipal && p.Code != policyeval.UnknownPrincipal {
		return p.Message
	}
	for _, e := range d.Statements()[p.Statement].Principal {
		if e.Value == p.Value {
			return `Invalid principal in policy: "` + strings.ToUpper(e.Type) + `":"` + e.Value + `"`
		}
	}
	return p.Message
}

// policySize is a document's size as IAM's quotas count it: without white space.
func policySize(document string) int {
	d, err := policyeval.Parse(document)
	if err != nil {
		return len(document)
	}
	return d.Size()
}
