package iam

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/policyeval"
)

// checkDocument refuses an identity-based policy that IAM refuses when it is
// set, with the words of D10, in the order in which IAM looks. A document
// without Version is taken (D6), one of the older version is not.
func checkDocument(document string) error {
	d, err := parse(document)
	if err != nil {
		return err
	}
	if v := d.Version(); v != "" && v != policyeval.Version {
		return errMalformed.Withf("Policy document must be version %s or greater.", policyeval.Version)
	}
	for _, check := range []func([]policyeval.Statement) error{
		noPrincipals, eachResource(sixElements), uniqueSids, hasActions, hasResources, resourceForms, vendors,
	} {
		if err := check(d.Statements()); err != nil {
			return err
		}
	}
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

func noPrincipals(statements []policyeval.Statement) error {
	for _, s := range statements {
		if s.Principal != nil || s.NotPrincipal != nil {
			return errMalformed.With("Policy document should not specify a principal.")
		}
	}
	return nil
}

// eachResource makes a check of single resources one of statements.
func eachResource(check func(resource string) error) func([]policyeval.Statement) error {
	return func(statements []policyeval.Statement) error {
		for _, s := range statements {
			for _, resource := range slices.Concat(s.Resource, s.NotResource) {
				if err := check(resource); err != nil {
					return err
				}
			}
		}
		return nil
	}
}

// sixElements refuses an ARN that names its service but has not all six
// elements: what the rest of the document is like is not looked at then.
func sixElements(resource string) error {
	if n := strings.Count(resource, ":"); strings.HasPrefix(resource, "arn:aws:") && n < 5 && n > 2 {
		return errMalformed.With("The policy failed legacy parsing")
	}
	return nil
}

var validSid = regexp.MustCompile(`^[0-9A-Za-z]*$`)

func uniqueSids(statements []policyeval.Statement) error {
	seen := map[string]bool{}
	for _, s := range statements {
		switch {
		case !validSid.MatchString(s.Sid):
			return errMalformed.With("Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*")
		case s.Sid != "" && seen[s.Sid]:
			return errMalformed.With("Statement IDs (SID) in a single policy must be unique.")
		}
		seen[s.Sid] = true
	}
	return nil
}

func hasActions(statements []policyeval.Statement) error {
	for _, s := range statements {
		if len(s.Action)+len(s.NotAction) == 0 {
			return errMalformed.With("Policy statement must contain actions.")
		}
	}
	return nil
}

func hasResources(statements []policyeval.Statement) error {
	for _, s := range statements {
		// What is wrong with an action is told before a missing resource.
		if len(s.Resource)+len(s.NotResource) == 0 {
			if err := vendors([]policyeval.Statement{s}); err != nil {
				return err
			}
			return errMalformed.With("Policy statement must contain resources.")
		}
	}
	return nil
}

var (
	validVendor = regexp.MustCompile(`^[a-zA-Z0-9\-.*?]+$`)
	partitions  = []string{"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc", "*"}
)

// vendors refuses actions and condition keys that do not name their service.
func vendors(statements []policyeval.Statement) error {
	const unprefaced = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
	for _, s := range statements {
		for _, action := range slices.Concat(s.Action, s.NotAction) {
			vendor, rest, ok := strings.Cut(action, ":")
			switch {
			case action == "*":
			case !ok:
				return errMalformed.With(unprefaced)
			case strings.Contains(rest, ":"):
				return errMalformed.With("Actions/Condition can contain only one colon.")
			case !validVendor.MatchString(vendor):
				return errMalformed.Withf("Vendor %s is not valid", vendor)
			}
		}
		for _, c := range s.Conditions {
			if !strings.Contains(c.Key, ":") {
				return errMalformed.With(unprefaced)
			}
		}
	}
	return nil
}

var resourceForms = eachResource(resourceForm)

// iamPaths are what a resource of IAM may be.
var iamPaths = []string{
	"user/", "federated-user/", "role/", "group/", "instance-profile/", "mfa/", "server-certificate/", "policy/",
	"sms-mfa/", "saml-provider/", "oidc-provider/", "report/", "access-report/",
}

// resourceForm refuses a resource that is neither "*" nor an ARN of a form that
// IAM takes.
func resourceForm(resource string) error {
	if resource == "*" {
		return nil
	}
	parts := strings.SplitN(resource, ":", 6)
	if len(parts) == 1 {
		return errMalformed.Withf(`Resource %s must be in ARN format or "*".`, resource)
	}
	if !slices.Contains(partitions, parts[1]) {
		for len(parts) < 6 {
			parts = append(parts, "*")
		}
		return errMalformed.Withf(`Partition "%s" is not valid for resource "arn:%s".`, parts[1], strings.Join(parts[1:], ":"))
	}
	if len(parts) == 2 || strings.ContainsAny(parts[2], "*?") {
		return errMalformed.With("Resource vendor must be fully qualified and cannot contain regexes.")
	}
	if len(parts) < 6 {
		return errMalformed.With("The policy failed legacy parsing")
	}
	switch service, region, path := parts[2], parts[3], parts[5]; {
	case service == "iam" && region != "":
		return errMalformed.Withf("IAM resource %s cannot contain region information.", resource)
	case service == "s3" && region != "":
		return errMalformed.Withf("Resource %s can not contain region information.", resource)
	case service == "iam" && path != "*" && !strings.HasPrefix(path, "*") && !slices.ContainsFunc(iamPaths, func(p string) bool { return strings.HasPrefix(path, p) }):
		return errMalformed.Withf(`IAM resource path must either be "*" or start with %s.`, strings.Join(iamPaths, ", "))
	}
	return nil
}

// maxTrustSize is how many characters a trust policy may have, white space aside.
const maxTrustSize = 2048

// checkTrust refuses a trust policy that IAM refuses. Principals that do not
// exist are refused where the service is strict about them, and logged where it
// is not.
func (s *Service) checkTrust(ctx context.Context, document string) error {
	d, err := parse(document)
	if err != nil {
		return err
	}
	if policySize(document) > maxTrustSize {
		return exceeds("ACLSizePerRole", maxTrustSize)
	}
	if err := uniqueSids(d.Statements()); err != nil {
		return err
	}
	for _, st := range d.Statements() {
		if err := s.checkTrustStatement(ctx, st); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) checkTrustStatement(ctx context.Context, st policyeval.Statement) error {
	switch {
	case st.Resource != nil || st.NotResource != nil:
		return errMalformed.With("Has prohibited field Resource")
	case st.NotPrincipal != nil:
		return errMalformed.With("Has prohibited field NotPrincipal")
	case st.Principal == nil:
		return errMalformed.With("Missing required field Principal")
	case len(st.Action)+len(st.NotAction) == 0:
		return errMalformed.With("Policy statement must contain actions.")
	}
	for _, action := range slices.Concat(st.Action, st.NotAction) {
		if !strings.HasPrefix(strings.ToLower(action), "sts:") {
			return errMalformed.With("AssumeRole policy may only specify STS AssumeRole actions.")
		}
	}
	for _, p := range st.Principal {
		if err := s.checkPrincipal(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

var uniqueID = regexp.MustCompile(`^A[A-Z]{2}A[A-Z0-9]{12,}$`)

// checkPrincipal refuses a principal of no form that IAM knows.
func (s *Service) checkPrincipal(ctx context.Context, p policyeval.PrincipalEntry) error {
	invalid := errMalformed.Withf(`Invalid principal in policy: "%s":"%s"`, strings.ToUpper(p.Type), p.Value)
	switch p.Type {
	case "Service":
		if !strings.Contains(p.Value, ".") {
			return invalid
		}
	case "AWS":
		if p.Value == "*" || uniqueID.MatchString(p.Value) || arn.IsAccountID(p.Value) {
			return nil
		}
		if !principalForm(p.Value) {
			return invalid
		}
		if !s.dir.Exists(ctx, p.Value) {
			if s.strict {
				return invalid
			}
			s.log.WarnContext(ctx, "a trust policy names a principal that does not exist", "principal", p.Value,
				"request", api.RequestFrom(ctx).ID)
		}
	case "CanonicalUser":
		return invalid
	}
	return nil
}

// principalForm reports whether value is an ARN that may stand under AWS. No
// part of it is a pattern.
func principalForm(value string) bool {
	a, err := arn.Parse(value)
	if err != nil || !arn.IsAccountID(a.AccountID) || a.Region != "" || strings.ContainsAny(value, "*?") {
		return false
	}
	kind, name, _ := strings.Cut(a.Resource, "/")
	switch a.Service + ":" + kind {
	case "iam:root":
		return name == ""
	case "iam:user", "iam:role", "sts:federated-user":
		return name != ""
	case "sts:assumed-role":
		return strings.Count(name, "/") == 1
	default:
		return false
	}
}
