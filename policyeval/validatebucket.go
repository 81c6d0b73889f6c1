package policyeval

import (
	"slices"
	"strings"
)

// S3 checks the policy of a bucket in an order of its own: the document, and then one
// statement after the other. The words are S3's [S201], [S202].

// InS3sWords is what S3 answers for the error in text, the policy of a bucket [S201], [S202].
func (e *SyntaxError) InS3sWords(text string) string {
	switch {
	case !strings.HasPrefix(text, "{"):
		return "Policies must be valid JSON and the first byte must be '{'"
	case e.JSON:
		return "This policy contains invalid Json"
	case e.Value != "":
		return "Invalid effect: " + e.Value
	case e.Element != "":
		return "Missing required field " + e.Element
	default:
		return "Invalid policy syntax."
	}
}

// bucketPolicy checks a document as S3 does.
func (v *validation) bucketPolicy() {
	d := v.d
	switch {
	case len(d.text) > maxSize[BucketPolicy]:
		v.add(TooLarge, -1, 0, "", "Normalized policy document exceeds the maximum allowed size of %d bytes", maxSize[BucketPolicy])
	case d.version != "" && d.version != Version && d.version != "2008-10-17":
		v.add(BadVersion, -1, 0, d.version, "The policy must contain a valid version string")
	case len(d.unknown) > 0:
		v.add(UnknownElement, -1, d.unknown[0].begin, d.unknown[0].name, "Unknown field %s", d.unknown[0].name)
	case len(d.statements) == 0:
		v.add(NoStatement, -1, d.list.begin, "", "Could not parse the policy: Statement is empty!")
	}
	for i := range d.statements {
		v.bucketStatement(i, &d.statements[i])
	}
}

func (v *validation) bucketStatement(i int, s *Statement) {
	missing := func(element string) { v.add(MissingElement, i, s.begin, element, "Missing required field %s", element) }
	switch {
	case s.Principal == nil && s.NotPrincipal == nil:
		missing("Principal")
	case len(s.Action)+len(s.NotAction) == 0:
		missing("Action")
	case len(s.Resource)+len(s.NotResource) == 0:
		missing("Resource")
	}
	v.principals(i, s)
	for _, a := range s.allActions() {
		if len(s3Actions(a)) == 0 {
			v.add(UnknownAction, i, s.begin, a, "Policy has invalid action")
		}
	}
	reach := v.bucketResources(i, s)
	v.bucketConditions(i, s)
	v.bucketCombination(i, s, reach)
}

// bucketResources checks the resources, each of which must mean the bucket or objects in it. The
// result says which of them the statement is about.
func (v *validation) bucketResources(i int, s *Statement) (about s3Kinds) {
	for _, r := range s.allResources() {
		reach := bucketReach(r, v.o.Resource, v.d.variables())
		if r == "*" || !strings.HasPrefix(r, "arn:") || reach == (s3Kinds{}) {
			v.add(BadResource, i, s.begin, r, "Policy has invalid resource")
		}
		about = about.or(reach)
	}
	if s.NotResource != nil {
		return s3Kinds{bucket: true, object: true}
	}
	return about
}

// bucketConditions checks each condition by itself.
func (v *validation) bucketConditions(i int, s *Statement) {
	for _, k := range s.Conditions {
		if c := compileCondition(k.Operator, k.Key, nil, false); !c.known() {
			v.add(BadCondition, i, k.begin, k.Operator, "Invalid Condition type : %s", k.Operator)
		}
		if !bucketKey(k.Key) {
			v.add(BadCondition, i, k.begin, k.Key, "Policy has an invalid condition key")
		}
		base := baseOperator(k.Operator)
		for _, value := range k.Values {
			if (base == "ipaddress" || base == "notipaddress") && !readable(base, value) {
				v.add(BadCondition, i, k.begin, value, "Invalid IP address in Conditions")
			}
		}
	}
}

// bucketKey reports whether the policy of a bucket may name a condition key: one of S3's own
// that there is, any global one, or one of an identity provider.
func bucketKey(key string) bool {
	prefix, _, scoped := strings.Cut(lower(key), ":")
	switch {
	case !scoped:
		return false
	case prefix == "s3":
		_, known := LookupKey(key)
		return known
	default:
		return prefix == "aws" || prefix == "saml" || strings.Contains(prefix, ".")
	}
}

// bucketCombination checks that each action has some resource of its kind in the statement
// [S203], and carries each of the conditions' keys [S202]. A pattern of actions is taken
// where one of its actions is. AWS speaks of the conditions first.
func (v *validation) bucketCombination(i int, s *Statement, about s3Kinds) {
	for _, a := range s.Action {
		actions := s3Actions(a)
		for _, k := range s.Conditions {
			key, known := LookupKey(k.Key)
			carried := func(verb string) bool { return slices.Contains(key.Actions, verb) }
			if known && strings.HasPrefix(lower(key.Name), "s3:") && key.Actions != nil && len(actions) > 0 && !slices.ContainsFunc(actions, carried) {
				v.add(BadCondition, i, k.begin, k.Key, "Conditions do not apply to combination of actions and resources in statement")
			}
		}
	}
	for _, a := range s.Action {
		actions := s3Actions(a)
		if len(actions) > 0 && !slices.ContainsFunc(actions, func(verb string) bool { return s3KindOf(verb).overlap(about) }) {
			v.add(ActionOutOfScope, i, s.begin, a, "Action does not apply to any resource(s) in statement")
		}
	}
}
