package policyeval

import (
	"regexp"
	"slices"
	"strings"
)

func (v *validation) principals(i int, s *Statement) {
	if !v.o.Kind.ofResource() && v.o.Kind != EndpointPolicy {
		return
	}
	for _, e := range slices.Concat(s.Principal, s.NotPrincipal) {
		code, bad := UnknownPrincipal, false
		switch {
		case !v.validPrincipal(e):
			code, bad = BadPrincipal, true
		case e.Type == "AWS" && e.Value != "*" && accountOf(e.Value) == "" && v.o.Exists != nil:
			bad = !v.o.Exists(e.Value)
		}
		switch {
		case !bad:
		case v.o.Kind == BucketPolicy:
			v.add(code, i, e.begin, e.Value, "Invalid principal in policy")
		case e.Type == "Federated" && v.o.Kind == TrustPolicy:
			v.add(code, i, e.begin, e.Value, "Federated principals must be valid domain names or SAML metadata ARNs")
		default:
			v.add(code, i, e.begin, e.Value, `Invalid principal in policy: "%s":"%s"`, strings.ToUpper(e.Type), e.Value)
		}
	}
}

// validPrincipal reports whether a principal has a form that AWS knows.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html.
func (v *validation) validPrincipal(e PrincipalEntry) bool {
	switch e.Type {
	case "AWS":
		return v.validAWS(e.Value) && (e.Value == "*" || !e.bare)
	case "Service":
		return v.validService(e.Value)
	case "Federated":
		return (v.o.Kind == TrustPolicy || v.o.Kind == BucketPolicy) && v.validFederated(e.Value)
	default:
		return false
	}
}

// validService reports whether a service principal is accepted in the kind of
// document. SQS, IAM and S3 check that the name exists. Of the other services it is
// not known; Lint reports a name that cannot exist.
func (v *validation) validService(name string) bool {
	if v.o.Kind == QueuePolicy || v.o.Kind == TrustPolicy || v.o.Kind == BucketPolicy {
		return serviceStanding(name) != unknownService
	}
	return serviceForm.MatchString(name)
}

var (
	serviceForm    = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com|amazonaws\.com\.cn|amazon\.com|aws\.internal)$`)
	domainForm     = regexp.MustCompile(`^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(/\S*)?$`)
	principalName  = regexp.MustCompile(`^[\w+=,.@-]+$`)
	principalPath  = regexp.MustCompile(`^([!-)+->@-~]*/)?[\w+=,.@-]+$`) // any printable character but * and ?, then the name
	accountPattern = regexp.MustCompile(`^\d{12}$`)
)

// validFederated reports whether a value is an identity provider: its ARN, or
// the domain of one that IAM supports without an ARN.
func (v *validation) validFederated(value string) bool {
	parts := strings.SplitN(value, ":", arnParts)
	if len(parts) < arnParts {
		return domainForm.MatchString(value)
	}
	kind, name, _ := strings.Cut(parts[5], "/")
	return parts[0] == "arn" && v.ownPartition(parts[1]) && parts[2] == "iam" && parts[3] == "" && accountPattern.MatchString(parts[4]) &&
		(kind == "oidc-provider" || kind == "saml-provider") && name != ""
}

// validAWS reports whether a value has the form of an account, a root user,
// user, role or session, or is everyone. An ARN of another partition than the
// document's is refused.
func (v *validation) validAWS(value string) bool {
	if value == "*" || accountPattern.MatchString(value) || uniqueID(value) {
		return true
	}
	parts := strings.SplitN(value, ":", arnParts) // a path may have colons
	if len(parts) != arnParts || parts[0] != "arn" || !v.ownPartition(parts[1]) || parts[3] != "" || !accountPattern.MatchString(parts[4]) {
		return false
	}
	kind, name, _ := strings.Cut(parts[5], "/")
	switch parts[2] + " " + kind {
	case "iam root":
		return parts[5] == "root"
	case "iam user", "iam role":
		return principalPath.MatchString(name)
	case "sts federated-user":
		return principalName.MatchString(name)
	case "sts assumed-role":
		role, session, _ := strings.Cut(name, "/")
		return principalName.MatchString(role) && principalName.MatchString(session)
	default:
		return false
	}
}

// partitions are all of AWS's partitions, also those whose regions waxseal does
// not know.
//
// See https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html.
var partitions = []string{"aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f"}

// ownPartition reports whether an ARN's partition is the document's.
func (v *validation) ownPartition(partition string) bool {
	if v.o.Partition != "" {
		return partition == v.o.Partition
	}
	return slices.Contains(partitions, partition)
}

// uniqueID reports whether s has the form of a user's or role's unique id.
func uniqueID(s string) bool {
	return len(s) >= 16 && (strings.HasPrefix(s, "AIDA") || strings.HasPrefix(s, "AROA")) &&
		!strings.ContainsFunc(s, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') })
}
