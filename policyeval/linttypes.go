package policyeval

import (
	"slices"
	"strings"
)

// typeRules are the rules about keys and operators that do not fit each other, and
// about values that restrict nobody.
var typeRules = []LintRule{
	{
		"type-mismatch", "An operator is of another type than the key: what StringEquals makes of true or of an address is not what Bool " +
			"and IpAddress make of it, and an operator that cannot read the key's values never holds.", IdentityPolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"*","Condition":{"StringEquals":{"aws:SourceIp":"10.0.0.0/8"}}}}`,
		func(l *linter, s *Statement) {
			for _, k := range s.Conditions {
				key, known := LookupKey(k.Key)
				base := baseOperator(k.Operator)
				if known && operators[base] != nil && !suits(base, &key) {
					l.reportAt(k.begin, "%s is of type %s: %s does not suit it", k.Key, key.Type, k.Operator)
				}
			}
		},
	},
	{
		"wildcard-restricts-nobody", "A condition that is to say who may use an Allow takes every value, so that it says nothing.", QueuePolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*","Condition":{"StringLike":{"aws:SourceAccount":"*"}}}}`,
		func(l *linter, s *Statement) {
			for _, k := range s.Conditions {
				op := operators[baseOperator(k.Operator)]
				if s.Effect != Allow || op == nil || op.negated || !restricting(k.Key) {
					continue
				}
				for _, v := range k.Values {
					if everything(v) {
						l.reportAt(k.begin, "%s takes every value of %s with %q", k.Operator, k.Key, v)
					}
				}
			}
		},
	},
}

// suits reports whether an operator can be used with a key. The values of tags
// and of encryption contexts are texts that may hold anything; true and false of
// events:eventBusInvocation are a text in AWS's reference, and a Bool in its guide.
func suits(base string, key *Key) bool {
	free := strings.HasSuffix(key.Name, "/") || strings.HasSuffix(key.Name, ":") || key.Name == "events:eventBusInvocation"
	of := func(families ...string) bool {
		return slices.ContainsFunc(families, func(f string) bool { return strings.HasPrefix(strings.TrimPrefix(base, "not"), f) })
	}
	switch key.Type {
	case BoolKey:
		return of("bool")
	case IPKey:
		return of("ipaddress")
	case NumericKey:
		return of("numeric")
	case DateKey:
		return of("date", "numeric")
	default: // texts and ARNs
		return free || !of("bool", "ipaddress", "date", "numeric")
	}
}

// restricting reports whether a condition on a key restricts who can use a statement,
// and most requests have the key. Keys of tags are not among them: most principals lack
// a given tag, so a condition that it exists does restrict.
func restricting(key string) bool {
	key = lower(key)
	return slices.Contains(restrictingKeys, key) || strings.HasSuffix(key, ":sub") || strings.HasSuffix(key, ":aud")
}

// everything reports whether a value, as a pattern, matches everything: only
// stars, or an ARN of any service and account.
func everything(value string) bool {
	parts := strings.SplitN(value, ":", arnParts)
	if len(parts) == arnParts && parts[0] == "arn" {
		return strings.Trim(parts[2]+parts[4]+parts[5], "*") == "" && parts[2] != "" && parts[4] != "" && parts[5] != ""
	}
	return value != "" && strings.Trim(value, "*") == ""
}
