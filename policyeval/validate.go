package policyeval

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ValidateOptions are what Validate needs to know besides the document.
type ValidateOptions struct {
	Kind Kind
	// Account is the account that owns the resource or identity of the
	// document.
	Account string
	// Resource is the ARN of the bucket whose policy the document is; it is not looked at for
	// documents of other kinds.
	Resource string
	// Partition is that account's, such as aws-cn; empty: any of AWS's.
	Partition string
	// Exists reports whether the user or role with an ARN or unique id exists;
	// nil: this is not checked.
	Exists func(principal string) bool
}

// Validate finds the reasons why AWS would refuse to store a document, in the
// order in which AWS checks them: AWS answers with the first. Whatever AWS
// stores is no problem, even where it has no effect: SQS, for example, stores
// any text as a Resource. Lint reports that.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_policy-validator.html.
func Validate(d *Document, o ValidateOptions) []Problem {
	v := &validation{d: d, o: o, places: marker{text: d.text}}
	if o.Kind == BucketPolicy {
		v.bucketPolicy()
		return v.problems
	}
	v.size()
	v.document()
	for _, check := range []func(int, *Statement){
		v.operators, v.legacy, v.sid, v.elements, v.resources, v.actions, v.hasResource, v.principals, v.counts,
	} {
		for i := range d.statements {
			check(i, &d.statements[i])
		}
	}
	return v.problems
}

type validation struct {
	d        *Document
	o        ValidateOptions
	problems []Problem
	places   marker
	sids     map[string]bool
}

// add adds a problem. Its position is where value stands in the statement, at or after
// the offset at, and otherwise that offset.
func (v *validation) add(code ProblemCode, statement, at int, value, format string, args ...any) {
	if statement >= 0 && value != "" {
		if i := strings.Index(v.d.text[at:v.d.statements[statement].end], strconv.Quote(value)); i >= 0 {
			at += i
		}
	}
	v.problems = append(v.problems, Problem{
		Code: code, Statement: statement, Position: v.places.of(at), Value: value,
		Message: fmt.Sprintf(format, args...),
	})
}

// Limits of documents in bytes, those of endpoint policies in characters [X110], and
// limits on the parts of SQS's and SNS's policies.
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html.
var (
	maxSize       = map[Kind]int{QueuePolicy: 8192, TopicPolicy: 30720, KeyPolicy: 32768, BucketPolicy: 20480, EndpointPolicy: 20480, SCP: 5120, RCP: 5120, SessionPolicy: 2048, BusPolicy: 10240}
	maxStatements = map[Kind]int{QueuePolicy: 20, TopicPolicy: 100}
	maxPrincipals = map[Kind]int{QueuePolicy: 50, TopicPolicy: 200}
)

const (
	maxQueueActions    = 7
	maxQueueConditions = 10
)

func (v *validation) size() {
	size, unit := len(v.d.text), "bytes"
	if v.o.Kind == EndpointPolicy {
		size, unit = utf8.RuneCountInString(v.d.text), "characters"
	}
	if limit := maxSize[v.o.Kind]; limit > 0 && size > limit {
		message := fmt.Sprintf("the policy has %d %s, at most %d are allowed", size, unit, limit)
		if v.o.Kind == QueuePolicy {
			message = "Submitted policy is over max allowed size."
		}
		v.add(TooLarge, -1, 0, "", "%s", message)
	}
	if v.o.Kind == KeyPolicy {
		for i, r := range v.d.text {
			if !strings.ContainsRune("\t\n\r", r) && (r < ' ' || r > 0xFF) {
				v.add(BadCharacter, -1, i, string(r), "the policy holds the character %q", r)
				break
			}
		}
	}
}

func (v *validation) document() {
	d, kind := v.d, v.o.Kind
	syntax := "Syntax errors in policy."
	for _, m := range d.unknown {
		v.add(UnknownElement, -1, m.begin, m.name, "%s", v.words(syntax, "unknown element "+m.name))
	}
	if d.version != "" && d.version != Version && d.version != "2008-10-17" {
		v.add(BadVersion, -1, 0, d.version, "%s", v.words(syntax, "unknown version "+d.version))
	}
	if kind == ManagedPolicy && (d.version == "" || d.version == "2008-10-17") || (kind == SCP || kind == RCP) && d.version != Version {
		v.add(BadVersion, -1, 0, d.version, "Policy document must be version 2012-10-17 or greater.")
	}
	if kind.ofIAM() && strings.TrimLeft(d.text, " \t\r\n") != d.text {
		message := legacyMessage
		if kind == TrustPolicy {
			message = "JSON strings must not have leading spaces"
		}
		v.add(BadCharacter, -1, 0, "", "%s", message)
	}
	if len(d.statements) == 0 {
		v.add(NoStatement, -1, d.list.begin, "", "%s", v.words(syntax, "the policy has no statement"))
	}
	if limit := maxStatements[kind]; limit > 0 && len(d.statements) > limit {
		v.add(TooLarge, -1, d.list.begin, "", "%d statements were found in the submitted policy, max allowed is %d", len(d.statements), limit)
	}
}

// words is iam, IAM's own message, for documents that IAM checks, and plain for
// all others.
func (v *validation) words(iam, plain string) string {
	if v.o.Kind.ofIAM() {
		return iam
	}
	return plain
}

func (v *validation) operators(i int, s *Statement) {
	for _, k := range s.Conditions {
		if c := compileCondition(k.Operator, k.Key, nil, false); !c.known() {
			message := v.words("Syntax errors in policy.", "unknown condition operator "+k.Operator)
			v.add(BadCondition, i, k.begin, k.Operator, "%s", message)
		}
		if _, of, _ := splitOperator(k.Operator); of == forAllValues && v.o.Kind == KeyPolicy && overlyPermissive(k.Key) {
			v.add(OverlyPermissiveCondition, i, k.begin, k.Key,
				"ForAllValues with %s is met by requests that lack the key", k.Key)
		}
	}
}

func overlyPermissive(key string) bool {
	key = lower(key)
	return strings.HasPrefix(key, encryptionContext) || strings.HasPrefix(key, "aws:requesttag/")
}

func (v *validation) sid(i int, s *Statement) {
	unique := v.o.Kind.ofIAM() || v.o.Kind == TopicPolicy || v.o.Kind == SCP || v.o.Kind == RCP
	if s.Sid == "" || !unique {
		return
	}
	if v.sids[s.Sid] {
		v.add(DuplicateSid, i, s.begin, s.Sid, "Statement IDs (SID) in a single policy must be unique.")
	}
	if v.sids == nil {
		v.sids = map[string]bool{}
	}
	v.sids[s.Sid] = true
}

// elements checks that a statement has what it needs and nothing else. That endpoint
// policies need a Principal, VPC's documentation says.
//
// See https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html.
func (v *validation) elements(i int, s *Statement) {
	kind := v.o.Kind
	missing := func(what, message string) { v.add(MissingElement, i, s.begin, what, "%s", message) }
	prohibited := func(is bool, what string) {
		if is {
			v.add(ProhibitedElement, i, s.begin, what, "Has prohibited field %s", what)
		}
	}
	if len(s.Action)+len(s.NotAction) == 0 {
		missing("Action", "Policy statement must contain actions.")
	}
	switch {
	case kind.ofResource(), kind == EndpointPolicy:
		if s.Principal == nil && s.NotPrincipal == nil {
			missing("Principal", "Missing required field Principal")
		}
		prohibited(kind == TrustPolicy && s.NotPrincipal != nil, "NotPrincipal")
		prohibited(kind == TrustPolicy && s.Resource != nil, "Resource")
		prohibited(kind == TrustPolicy && s.NotResource != nil, "NotResource")
	case kind == RCP:
		if len(s.Principal) != 1 || s.Principal[0].Value != "*" || v.listed(&s.Principal[0]) {
			missing("Principal", `the Principal of a resource control policy is "*"`)
		}
		prohibited(s.NotPrincipal != nil, "NotPrincipal")
		prohibited(s.NotAction != nil, "NotAction")
		if s.Effect == Allow {
			v.add(ProhibitedEffect, i, s.begin, "Allow", "a resource control policy can only deny")
		}
	default:
		prohibited(s.Principal != nil, "Principal")
		prohibited(s.NotPrincipal != nil, "NotPrincipal")
	}
}

// listed reports whether an entry stands in a list.
func (v *validation) listed(e *PrincipalEntry) bool {
	return strings.HasSuffix(strings.TrimRight(v.d.text[:e.begin], " \t\r\n"), "[")
}

func (v *validation) hasResource(i int, s *Statement) {
	if !v.o.Kind.ofResource() && len(s.Resource)+len(s.NotResource) == 0 {
		v.add(MissingElement, i, s.begin, "Resource", "Policy statement must contain resources.")
	}
}

func (v *validation) actions(i int, s *Statement) {
	for _, a := range slices.Concat(s.Action, s.NotAction) {
		switch kind := v.o.Kind; kind {
		case QueuePolicy:
			v.queueAction(i, s, a)
		case TopicPolicy:
			if verb, ok := cutService(a, "sns"); !ok || !slices.Contains(topicActions, verb) {
				v.add(ActionOutOfScope, i, s.begin, a, "Policy statement action out of service scope!")
			}
		case TrustPolicy:
			if verb, ok := cutService(a, "sts"); a != "*" && (!ok || !strings.ContainsAny(verb, "*?") && !slices.Contains(roleActions, verb)) {
				v.add(ActionOutOfScope, i, s.begin, a, "AssumeRole policy may only specify STS AssumeRole actions.")
			}
		case RCP:
			if service, _, ok := strings.Cut(a, ":"); !ok || !slices.Contains(rcpServices, strings.ToLower(service)) {
				v.add(ActionOutOfScope, i, s.begin, a, "%s: an action of a resource control policy begins with the prefix of a service that such policies bind", a)
				continue
			}
			v.action(i, s, a)
		case BusPolicy:
			if _, ok := cutService(a, "events"); !ok && a != "*" {
				v.add(ActionOutOfScope, i, s.begin, a, "%s is no action of EventBridge", a)
			}
		case KeyPolicy:
			if _, ok := cutService(a, "kms"); !ok && a != "*" {
				v.add(ActionOutOfScope, i, s.begin, a, "%s is no action of KMS", a)
			}
		default:
			v.action(i, s, a)
		}
	}
}

// cutService is an action without its service's prefix, in lower case.
func cutService(action, service string) (verb string, ok bool) {
	return strings.CutPrefix(strings.ToLower(action), service+":")
}

func (v *validation) queueAction(i int, s *Statement, a string) {
	switch verb, ok := cutService(a, "sqs"); {
	case a == "*":
	case !ok:
		v.add(ActionOutOfScope, i, s.begin, a, "%s is no action of SQS", a)
	case !knownAction(a):
		v.add(UnknownAction, i, s.begin, a, "SQS has no action %s", a)
	case s.Effect == Allow && slices.Contains(sqsOwnerOnly, verb) && v.foreign(s):
		v.add(OwnerOnlyAction, i, s.begin, a, "%s cannot be given to another account", a)
	}
}

// foreign reports whether a statement names a principal of another account.
func (v *validation) foreign(s *Statement) bool {
	return slices.ContainsFunc(s.Principal, func(e PrincipalEntry) bool {
		account := accountOf(e.Value)
		if account == "" {
			account, _, _ = splitIAM(e.Value)
		}
		return e.Type == "AWS" && account != "" && v.o.Account != "" && account != v.o.Account
	})
}

// action checks the form of an action as IAM does.
func (v *validation) action(i int, s *Statement, a string) {
	vendor, rest, found := strings.Cut(a, ":")
	message := ""
	switch {
	case a == "*":
	case !found:
		message = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
	case strings.Contains(rest, ":"):
		message = "Actions/Condition can contain only one colon."
	case strings.ContainsFunc(vendor, func(r rune) bool { return !vendorRune(r) }):
		message = fmt.Sprintf("Vendor %s is not valid", vendor)
	}
	if message != "" {
		v.add(BadAction, i, s.begin, a, "%s", message)
	}
}

func vendorRune(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '.'
}

// counts checks the quotas of one statement, in SQS's words [Q171c].
func (v *validation) counts(i int, s *Statement) {
	check := func(what string, n, limit int) {
		if limit > 0 && n > limit {
			v.add(TooLarge, i, s.begin, "", "%d %s were found in a statement from the submitted policy, max allowed is %d", n, what, limit)
		}
	}
	if v.o.Kind == QueuePolicy {
		check("actions", len(s.Action)+len(s.NotAction), maxQueueActions)
		check("conditions", len(s.Conditions), maxQueueConditions)
	}
	check("principals", len(s.Principal)+len(s.NotPrincipal), maxPrincipals[v.o.Kind])
}
