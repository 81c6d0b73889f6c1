package policyeval

import (
	"slices"
	"strings"
)

// lintRules is every rule of Lint with its documentation and an example in
// which it finds something. The tests run every example.
var lintRules = slices.Concat(statementRules, arnRules, typeRules, variableRules, principalRules, s3Rules, eventRules)

// statementRules are the rules about a statement as a whole.
var statementRules = []LintRule{
	{
		"resource-is-url", "Resource is a queue's URL. Policies name resources by ARN, so the statement never applies.", QueuePolicy,
		`{"Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sqs:SendMessage","Resource":"https://sqs.us-east-1.amazonaws.com/123456789012/q"}}`,
		func(l *linter, s *Statement) {
			for _, r := range s.allResources() {
				if strings.Contains(r, "://") {
					l.report("Resource %q is a URL, not an ARN: the statement never applies", r)
				}
			}
		},
	},
	{
		"resource-not-arn", "Resource is neither an ARN nor *, so that the statement never applies.", QueuePolicy,
		`{"Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sqs:SendMessage","Resource":"my-queue"}}`,
		func(l *linter, s *Statement) {
			for _, r := range s.allResources() {
				if r != "*" && !strings.HasPrefix(r, "arn:") && !strings.Contains(r, "://") {
					l.report("Resource %q is neither an ARN nor *: it matches nothing", r)
				}
			}
		},
	},
	{
		"incomplete-arn", "Resource ends before the sixth part of an ARN. In a policy of an identity AWS fills the rest with stars, " +
			"which grants more than it says; in the policy of a resource it matches nothing.", IdentityPolicy,
		`{"Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"arn:aws:sqs"}}`,
		func(l *linter, s *Statement) {
			for _, r := range s.allResources() {
				if strings.HasPrefix(r, "arn:") && strings.Count(r, ":") < arnParts-1 {
					l.report("Resource %q has fewer than the six parts of an ARN", r)
				}
			}
		},
	},
	{
		"other-resource", "The policy of one resource names another one, of which it can say nothing.", QueuePolicy,
		`{"Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:123456789012:another"}}`,
		func(l *linter, s *Statement) {
			if !l.c.Kind.ofResource() || l.c.Kind == TrustPolicy || l.c.Kind == BucketPolicy || l.c.Kind == BusPolicy || l.c.Resource == "" {
				return
			}
			for _, r := range s.Resource {
				if p := compileResource(r, false); strings.HasPrefix(r, "arn:") && !strings.Contains(r, "${") && !p.matches(l.c.Resource, nil) {
					l.report("Resource %q is not %s, to which the policy belongs: it matches nothing", r, l.c.Resource)
				}
			}
		},
	},
	{
		"key-resource-missing", "A statement of a key policy without Resource is stored and has no effect.", KeyPolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"kms:Decrypt"}}`,
		func(l *linter, s *Statement) {
			if l.c.Kind == KeyPolicy && s.Resource == nil && s.NotResource == nil {
				l.report(`the statement has no Resource and so no effect: add "Resource": "*"`)
			}
		},
	},
	{
		"unknown-action", "An action does not exist. Batch calls, for one, have no actions of their own.", IdentityPolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:SendMessageBatch","Resource":"*"}}`,
		func(l *linter, s *Statement) {
			for _, a := range s.allActions() {
				if !knownAction(a) {
					l.report("there is no action %s", a)
				}
			}
		},
	},
	{
		"foreign-action", "The policy of a resource names an action of another service, which never acts on it.", KeyPolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sqs:SendMessage","Resource":"*"}}`,
		func(l *linter, s *Statement) {
			service := map[Kind]string{QueuePolicy: "sqs", TopicPolicy: "sns", KeyPolicy: "kms", BucketPolicy: "s3", TrustPolicy: "sts", BusPolicy: "events"}[l.c.Kind]
			for _, a := range s.Action {
				if _, ok := cutService(a, service); service != "" && !ok && !hasWildcard(a) {
					l.report("%s is no action of %s: it never acts on this resource", a, service)
				}
			}
		},
	},
	{
		"unknown-operator", "A condition operator does not exist, so that the statement never applies.", QueuePolicy,
		`{"Statement":{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"StringMatches":{"aws:username":"a*"}}}}`,
		func(l *linter, s *Statement) {
			for _, k := range s.Conditions {
				if c := compileCondition(k.Operator, k.Key, nil, false); !c.known() {
					l.reportAt(k.begin, "there is no condition operator %s: the statement never applies", k.Operator)
				}
			}
		},
	},
	{
		"unknown-key", "A condition key of AWS, SNS, KMS, S3, EventBridge, STS or SQS does not exist, so that it is missing from every request.", IdentityPolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTags/team":"a"}}}}`,
		func(l *linter, s *Statement) {
			for _, k := range s.Conditions {
				prefix, _, _ := strings.Cut(lower(k.Key), ":")
				_, known := LookupKey(k.Key)
				if judgedPrefix(prefix) && !known {
					l.reportAt(k.begin, "there is no condition key %s: it is missing from every request", k.Key)
				}
			}
		},
	},
	{
		"key-never-present", "A condition key that none of the statement's actions carries: a positive condition never holds, a negated one always.", KeyPolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"kms:DescribeKey","Resource":"*",
			"Condition":{"StringEquals":{"kms:EncryptionContext:aws:sqs:arn":"arn:aws:sqs:us-east-1:123456789012:q"}}}}`,
		func(l *linter, s *Statement) {
			for _, k := range s.Conditions {
				if key, ok := LookupKey(k.Key); ok && !carries(s, key) {
					l.reportAt(k.begin, "no action of the statement carries %s", k.Key)
				}
			}
		},
	},
	{
		"deny-without-key", "A Deny for a value that a request can lack: where the key is missing, the statement does not deny. " +
			"…IfExists denies there too.", QueuePolicy,
		`{"Statement":{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}}}`,
		func(l *linter, s *Statement) {
			for _, k := range s.Conditions {
				base, of, ifExists := splitOperator(k.Operator)
				op, key := operators[base], keyIndex[lower(k.Key)]
				weighed := op != nil && !op.negated && of == noSet && !ifExists && !strings.HasPrefix(base, "string") && !strings.HasPrefix(base, "arn")
				if s.Effect == Deny && weighed && key != nil && !key.Always {
					l.reportAt(k.begin, "where %s is missing (it is there for: %s), %s does not deny; %sIfExists does", k.Key, key.Present, k.Operator, k.Operator)
				}
			}
		},
	},
	{
		"confused-deputy", "A service principal is allowed without aws:SourceArn, aws:SourceAccount or aws:SourceOrgID: " +
			"anybody can make the service act on this resource.", QueuePolicy,
		`{"Statement":{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*"}}`,
		func(l *linter, s *Statement) {
			if l.c.Kind == TrustPolicy || s.Effect != Allow || !hasType(s.Principal, "Service") {
				return
			}
			if s.forServices(eventBridge) && l.c.Kind != QueuePolicy {
				return // to topics it names no source [V210]
			}
			source := func(k Condition) bool { return strings.HasPrefix(lower(k.Key), "aws:source") }
			if !slices.ContainsFunc(s.Conditions, source) {
				l.report("the service may act for anybody: add a condition on aws:SourceArn or aws:SourceAccount")
			}
		},
	},
	{
		"public-access", "Everyone is allowed, anonymous callers and other accounts included, and no condition says who.", TopicPolicy,
		`{"Statement":{"Effect":"Allow","Principal":"*","Action":"sns:Publish","Resource":"*"}}`,
		func(l *linter, s *Statement) {
			if l.c.Kind.ofResource() && s.Effect == Allow && everyone(s.Principal) && !s.restricted() {
				l.report("everyone is allowed, and no condition says who")
			}
		},
	},
	{
		"not-principal-allow", "NotPrincipal with Allow grants to everyone else, anonymous callers included.", QueuePolicy,
		`{"Statement":{"Effect":"Allow","NotPrincipal":{"AWS":"123456789012"},"Action":"sqs:SendMessage","Resource":"*"}}`,
		func(l *linter, s *Statement) {
			if s.Effect == Allow && s.NotPrincipal != nil {
				l.report("NotPrincipal with Allow grants to everyone who is not listed, anonymous callers included")
			}
		},
	},
	{
		"not-principal-deny", "NotPrincipal with Deny stops a session unless its account, its role and itself are listed, and always " +
			"stops principals with a permissions boundary. A condition on aws:PrincipalArn says what is meant.", QueuePolicy,
		`{"Statement":{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::123456789012:role/r"},"Action":"sqs:*","Resource":"*"}}`,
		func(l *linter, s *Statement) {
			if s.Effect == Deny && s.NotPrincipal != nil {
				l.report("NotPrincipal with Deny spares few: use a condition on aws:PrincipalArn")
			}
		},
	},
	{
		"not-action-allow", "NotAction with Allow grants every action of every service but those listed, today's and tomorrow's.", IdentityPolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}}`,
		func(l *linter, s *Statement) {
			if s.Effect == Allow && s.NotAction != nil {
				l.report("NotAction with Allow grants every other action of every service")
			}
		},
	},
	{
		"not-resource-allow", "NotResource with Allow grants on every resource but those listed.", IdentityPolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:*","NotResource":"arn:aws:sqs:us-east-1:123456789012:secret"}}`,
		func(l *linter, s *Statement) {
			if s.Effect == Allow && s.NotResource != nil {
				l.report("NotResource with Allow grants on every other resource")
			}
		},
	},
	{
		"full-access", "An Allow of every action on every resource, without a condition.", IdentityPolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`,
		func(l *linter, s *Statement) {
			identity := l.c.Kind == IdentityPolicy || l.c.Kind == ManagedPolicy
			if identity && s.Effect == Allow && slices.Contains(s.Action, "*") && slices.Contains(s.Resource, "*") && len(s.Conditions) == 0 {
				l.report("the statement allows everything")
			}
		},
	},
	{
		"for-all-values-allow", "ForAllValues holds where the key is missing, so that an Allow with it grants to requests without the key. " +
			"Add a Null condition.", IdentityPolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:TagQueue","Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":"team"}}}}`,
		func(l *linter, s *Statement) {
			for _, k := range s.Conditions {
				_, of, _ := splitOperator(k.Operator)
				tested := slices.ContainsFunc(s.Conditions, func(o Condition) bool {
					return baseOperator(o.Operator) == "null" && lower(o.Key) == lower(k.Key)
				})
				if s.Effect == Allow && of == forAllValues && !tested {
					l.reportAt(k.begin, "ForAllValues holds where %s is missing: add a Null condition", k.Key)
				}
			}
		},
	},
	{
		"set-operator-missing", "A key of several values is tested without ForAllValues or ForAnyValue, so that the condition never holds.", IdentityPolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"*","Condition":{"StringEquals":{"aws:CalledVia":"athena.amazonaws.com"}}}}`,
		func(l *linter, s *Statement) {
			for _, k := range s.Conditions {
				base, of, _ := splitOperator(k.Operator)
				if key, ok := LookupKey(k.Key); ok && key.Multi && of == noSet && base != "null" && !slices.Contains(oneOrMany, key.Name) {
					l.reportAt(k.begin, "%s has several values: without ForAllValues or ForAnyValue the condition never holds", k.Key)
				}
			}
		},
	},
	{
		"set-operator-needless", "A set operator tests a key of one value: ForAllValues then also holds where the key is missing.", IdentityPolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"sqs:*","Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:PrincipalAccount":"123456789012"}}}}`,
		func(l *linter, s *Statement) {
			for _, k := range s.Conditions {
				_, of, _ := splitOperator(k.Operator)
				if key, ok := LookupKey(k.Key); ok && !key.Multi && of != noSet {
					l.reportAt(k.begin, "%s has one value: a set operator is out of place", k.Key)
				}
			}
		},
	},
	{
		"wildcard-in-equals", "StringEquals takes * and ? literally. StringLike takes them as wildcards.", QueuePolicy,
		`{"Statement":{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*","Condition":{"StringEquals":{"aws:SourceArn":"arn:aws:sns:*:*:topic"}}}}`,
		func(l *linter, s *Statement) {
			for _, k := range s.Conditions {
				equals := strings.HasPrefix(baseOperator(k.Operator), "stringequals") || strings.HasPrefix(baseOperator(k.Operator), "stringnotequals")
				for _, v := range k.Values {
					if equals && hasWildcard(strings.NewReplacer("${*}", "", "${?}", "").Replace(v)) {
						l.reportAt(k.begin, "%s takes the wildcard in %q literally", k.Operator, v)
					}
				}
			}
		},
	},
	{
		"unreadable-value", "A condition's value cannot be read by its operator (a number, a date, a network, true or false, base64), so that it matches nothing.", QueuePolicy,
		`{"Statement":{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/33"}}}}`,
		func(l *linter, s *Statement) {
			for _, k := range s.Conditions {
				for _, v := range k.Values {
					if !readable(baseOperator(k.Operator), v) {
						l.reportAt(k.begin, "%s cannot read %q: it matches nothing", k.Operator, v)
					}
				}
			}
		},
	},
	{
		"arn-value", "An Arn operator compares with a value that has fewer than six parts and so matches nothing.", QueuePolicy,
		`{"Statement":{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*"}}}}`,
		func(l *linter, s *Statement) {
			for _, k := range s.Conditions {
				for _, v := range k.Values {
					if p := compileARNValue(v, true); strings.HasPrefix(baseOperator(k.Operator), "arn") && p.kind == arnNever {
						l.reportAt(k.begin, "%q is no ARN of six parts: it matches nothing", v)
					}
				}
			}
		},
	},
	{
		"variables-2008", "Policy variables work in documents of Version 2012-10-17 alone; elsewhere ${…} is plain text.", IdentityPolicy,
		`{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"arn:aws:sqs:us-east-1:123456789012:${aws:username}-*"}}`,
		func(l *linter, s *Statement) {
			for _, text := range s.variableTexts() {
				if _, n := variable(text[max(0, strings.Index(text, "${")):]); n > 0 && !l.d.variables() {
					l.report("${…} in %q is plain text without Version 2012-10-17", text)
				}
			}
		},
	},
	{
		"variable-out-of-place", "A policy variable stands where it is not read: before the last part of a Resource, in an action, a " +
			"principal, or a value of an operator other than String… and Arn….", IdentityPolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"arn:aws:sqs:us-east-1:${aws:PrincipalAccount}:q"}}`,
		func(l *linter, s *Statement) {
			for _, text := range s.unreadVariables() {
				l.report("the variable in %q is not read there", text)
			}
		},
	},
	{
		"version-missing", "Without a Version, a document is one of 2008-10-17 and has no policy variables.", QueuePolicy,
		`{"Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sqs:SendMessage","Resource":"*"}}`,
		func(l *linter, _ *Statement) {
			if l.statement == 0 && l.d.version == "" {
				l.reportAt(0, "the document has no Version and counts as 2008-10-17")
			}
		},
	},
	{
		"duplicate-sid", "Two statements have the same Sid, so that a report cannot tell them apart.", KeyPolicy,
		`{"Version":"2012-10-17","Statement":[
			{"Sid":"a","Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"kms:*","Resource":"*"},
			{"Sid":"a","Effect":"Allow","Principal":{"AWS":"123456789013"},"Action":"kms:Decrypt","Resource":"*"}]}`,
		func(l *linter, s *Statement) {
			same := func(o Statement) bool { return o.Sid == s.Sid }
			if s.Sid != "" && slices.ContainsFunc(l.d.statements[:l.statement], same) {
				l.report("another statement has the Sid %q too", s.Sid)
			}
		},
	},
	{
		"principal-wildcard", "A wildcard inside a principal's ARN is taken literally, so that it names nobody. A condition on aws:PrincipalArn can hold one.", KeyPolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/*"},"Action":"kms:Decrypt","Resource":"*"}}`,
		func(l *linter, s *Statement) {
			for _, e := range slices.Concat(s.Principal, s.NotPrincipal) {
				if e.Value != "*" && hasWildcard(e.Value) {
					l.reportAt(e.begin, "the principal %q names nobody: wildcards are not read there", e.Value)
				}
			}
		},
	},
	{
		"service-identity", "A statement for service principals tests aws:PrincipalArn, aws:PrincipalTag or aws:PrincipalOrgID, which they lack.", QueuePolicy,
		`{"Statement":{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1","aws:SourceAccount":"123456789012"}}}}`,
		func(l *linter, s *Statement) {
			for _, k := range s.Conditions {
				key := lower(k.Key)
				lacking := strings.HasPrefix(key, "aws:principaltag/") || slices.Contains([]string{"aws:principalarn", "aws:principalorgid", "aws:principalorgpaths"}, key)
				if lacking && hasType(s.Principal, "Service") && !hasType(s.Principal, "AWS") {
					l.reportAt(k.begin, "services have no %s: use aws:SourceArn, aws:SourceAccount or aws:SourceOrgID", k.Key)
				}
			}
		},
	},
	{
		"deny-by-network", "A Deny by source address or VPC also stops requests that AWS services forward for the caller, such as those " +
			"of an encrypted queue to KMS. aws:ViaAWSService tells them apart.", IdentityPolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}}`,
		func(l *linter, s *Statement) {
			has := func(keys ...string) bool {
				return slices.ContainsFunc(s.Conditions, func(k Condition) bool { return slices.Contains(keys, lower(k.Key)) })
			}
			if s.Effect == Deny && has("aws:sourceip", "aws:sourcevpc", "aws:sourcevpce") && !has("aws:viaawsservice", "aws:calledvia", "aws:principalisawsservice") {
				l.report("the statement also denies what services forward for the caller: add a condition on aws:ViaAWSService")
			}
		},
	},
	{
		"alias-arn", "kms:RequestAlias and kms:ResourceAliases hold alias names, never ARNs.", IdentityPolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"kms:RequestAlias":"arn:aws:kms:us-east-1:123456789012:alias/a"}}}}`,
		func(l *linter, s *Statement) {
			for _, k := range s.Conditions {
				key := lower(k.Key)
				arn := slices.ContainsFunc(k.Values, func(v string) bool { return strings.HasPrefix(v, "arn:") })
				if arn && (key == "kms:requestalias" || key == "kms:resourcealiases") {
					l.reportAt(k.begin, "%s holds names such as alias/my-key, never ARNs", k.Key)
				}
			}
		},
	},
	{
		"encryption-context-missing", "A key policy lets a service use the key without naming it: any queue or topic may use it.", KeyPolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"kms:ViaService":"sqs.us-east-1.amazonaws.com"}}}}`,
		func(l *linter, s *Statement) {
			via := slices.ContainsFunc(s.Conditions, func(k Condition) bool { return lower(k.Key) == "kms:viaservice" })
			if l.c.Kind == KeyPolicy && s.Effect == Allow && everyone(s.Principal) && via && !s.restricted() {
				l.report("kms:ViaService alone lets every account use the key through that service: add kms:CallerAccount")
			}
		},
	},
	{
		"empty-list", "An element is an empty list and matches nothing, or, where it is negated, everything.", QueuePolicy,
		`{"Statement":{"Effect":"Allow","Principal":{"AWS":[]},"Action":"sqs:SendMessage","Resource":"*"}}`,
		func(l *linter, s *Statement) {
			empty := s.Principal != nil && len(s.Principal) == 0 || s.NotPrincipal != nil && len(s.NotPrincipal) == 0 ||
				s.Action != nil && len(s.Action) == 0 || s.NotAction != nil && len(s.NotAction) == 0 ||
				s.Resource != nil && len(s.Resource) == 0 || s.NotResource != nil && len(s.NotResource) == 0 ||
				slices.ContainsFunc(s.Conditions, func(k Condition) bool { return len(k.Values) == 0 })
			if empty {
				l.report("an element of the statement is an empty list")
			}
		},
	},
}

// judgedPrefix reports whether every key with a prefix, of a service or global, is
// known here.
func judgedPrefix(prefix string) bool {
	return slices.Contains([]string{"aws", "sqs", "sns", "kms", "sts", "s3", "events"}, prefix)
}

// carries reports whether the requests of some action of the statement have a
// key. It is true for keys that are not limited to certain actions, and for
// statements about other services.
func carries(s *Statement, key Key) bool {
	service, _, _ := strings.Cut(lower(key.Name), ":")
	other := alsoCarry(key.Name)
	if service == "aws" || other == "*" || s.NotAction != nil {
		return true
	}
	return slices.ContainsFunc(s.Action, func(a string) bool {
		p := newPattern(strings.ToLower(a), true, false)
		if key.Actions == nil {
			prefix, _, found := strings.Cut(strings.ToLower(a), ":")
			return !found || prefix == service || prefix == other || hasWildcard(prefix)
		}
		return slices.ContainsFunc(key.Actions, func(verb string) bool { return p.matches(service+":"+verb, nil) })
	})
}

// alsoCarry is the service whose requests have a key besides the service that the key
// is named after; *: every service, as for the keys of a SAML sign-in.
func alsoCarry(key string) string {
	switch {
	case slices.Contains([]string{"saml:sub", "saml:sub_type", "saml:namequalifier"}, key):
		return "*"
	case strings.HasPrefix(key, "saml:"), key == "iam:ResourceTag/":
		return "sts"
	default:
		return ""
	}
}

// readable reports whether an operator can read a value.
func readable(base, value string) bool {
	ok := true
	switch {
	case strings.HasPrefix(base, "numeric"):
		_, ok = parseDecimal(value)
	case strings.HasPrefix(base, "date"):
		_, ok = parseInstant(value)
	case base == "bool" || base == "null":
		ok = strings.EqualFold(value, "true") || strings.EqualFold(value, "false")
	case base == "ipaddress" || base == "notipaddress":
		_, ok = parseNetwork(value)
	case base == "binaryequals":
		ok = isBase64(value)
	}
	return ok
}

// unreadVariables are the texts that hold a variable in a place where AWS does
// not read variables.
func (s *Statement) unreadVariables() []string {
	var unread []string
	add := func(text string) {
		if at := strings.Index(text, "${"); at >= 0 {
			if _, n := variable(text[at:]); n > 0 {
				unread = append(unread, text)
			}
		}
	}
	for _, a := range s.allActions() {
		add(a)
	}
	for _, e := range slices.Concat(s.Principal, s.NotPrincipal) {
		add(e.Value)
	}
	for _, r := range s.allResources() {
		parts := splitTokens(tokenize(r, true, true))
		early := slices.ContainsFunc(slices.Concat(parts[:min(len(parts), arnParts-1)]...), func(t token) bool { return t.kind == variableToken })
		if early {
			unread = append(unread, r)
		}
	}
	for _, k := range s.Conditions {
		if op := operators[baseOperator(k.Operator)]; op != nil && !op.variables {
			for _, v := range k.Values {
				add(v)
			}
		}
	}
	return unread
}
