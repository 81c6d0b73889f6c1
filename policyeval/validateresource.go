package policyeval

import (
	"fmt"
	"slices"
	"strings"
)

// legacyMessage is IAM's message for a document that its newer parser accepts
// and its older one does not.
const legacyMessage = "The policy failed legacy parsing"

// legacy checks what IAM's older parser checks when a policy is stored: dates, and the
// number of an ARN's parts. It does not count the parts of an ARN whose partition is
// wrong.
func (v *validation) legacy(i int, s *Statement) {
	if !v.o.Kind.ofIAM() {
		return
	}
	for _, k := range s.Conditions {
		for _, value := range k.Values {
			if _, ok := parseInstant(value); !ok && strings.HasPrefix(baseOperator(k.Operator), "date") {
				v.add(BadCondition, i, k.begin, value, legacyMessage)
			}
		}
	}
	for _, r := range s.allResources() {
		parts := strings.SplitN(r, ":", arnParts)
		if v.wrongPartition(parts) {
			continue
		}
		short := 3 <= len(parts) && len(parts) < arnParts
		if len(parts) > 2 && parts[2] == "" || short && (strings.Contains(r, "::") || v.o.Kind == SessionPolicy) {
			v.add(BadResource, i, s.begin, r, legacyMessage)
		}
	}
}

// resources checks what IAM checks; the policies of resources may name anything.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html.
func (v *validation) resources(i int, s *Statement) {
	if kind := v.o.Kind; kind.ofResource() || kind == EndpointPolicy {
		return
	}
	for _, r := range s.allResources() {
		if message := v.badResource(r); r != "*" && message != "" {
			v.add(BadResource, i, s.begin, r, "%s", message)
		}
	}
}

// wrongPartition reports whether an ARN, split into its parts, has a partition
// that resources in the document cannot have.
func (v *validation) wrongPartition(parts []string) bool {
	return len(parts) > 1 && parts[1] != "*" && !v.ownPartition(parts[1])
}

// badResource is IAM's message for a resource that it refuses; empty: it accepts the
// resource.
func (v *validation) badResource(r string) string {
	parts := strings.SplitN(r, ":", arnParts)
	switch {
	case len(parts) == 1:
		return fmt.Sprintf(`Resource %s must be in ARN format or "*".`, r)
	case v.wrongPartition(parts):
		filled := append(append([]string{}, parts[2:]...), "*", "*", "*", "*")[:4]
		return fmt.Sprintf(`Partition "%s" is not valid for resource "arn:%s:%s".`, parts[1], parts[1], strings.Join(filled, ":"))
	case len(parts) == 2 || strings.ContainsAny(parts[2], "*?"):
		return "Resource vendor must be fully qualified and cannot contain regexes."
	case len(parts) < arnParts:
		return ""
	case parts[2] == "iam" && parts[3] != "":
		return fmt.Sprintf("IAM resource %s cannot contain region information.", r)
	case parts[2] == "s3" && parts[3] != "" && !begins(parts[5], s3Regional):
		return fmt.Sprintf("Resource %s can not contain region information.", r)
	case parts[2] == "iam" && parts[5] != "root" && !begins(parts[5], iamPaths) && !begins(parts[5], iamLater):
		return `IAM resource path must either be "*" or start with ` + strings.Join(iamPaths, ", ") + "."
	}
	return ""
}

// iamPaths are the prefixes of IAM's resources, in the order of IAM's message.
var iamPaths = []string{
	"user/", "federated-user/", "role/", "group/", "instance-profile/", "mfa/", "server-certificate/", "policy/", "sms-mfa/",
	"saml-provider/", "oidc-provider/", "report/", "access-report/",
}

// iamLater are prefixes of IAM's resources that AWS's own managed policies
// contain but the message does not list. The account's root user, the resource
// of AssumeRoot, is missing in the message too.
var iamLater = []string{"role-template/"}

// s3Regional are the prefixes of S3's resources whose ARNs have a region.
var s3Regional = []string{"accesspoint/", "job/", "storage-lens/", "storage-lens-group/", "access-grants/", "async-request/"}

// begins reports whether a resource begins with one of paths. A wildcard or a
// variable may stand for the rest.
func begins(resource string, paths []string) bool {
	literal, _, open := strings.Cut(resource, "${")
	if i := strings.IndexAny(literal, "*?"); i >= 0 {
		literal, open = literal[:i], true
	}
	return slices.ContainsFunc(paths, func(path string) bool {
		return strings.HasPrefix(literal, path) || open && strings.HasPrefix(path, literal)
	})
}
