package policyeval

import (
	"slices"
	"strings"
)

// eventBridge is the principal as which EventBridge calls queues, topics and keys.
const eventBridge = "events.amazonaws.com"

// eventRules are the rules about who delivers events and notifications.
var eventRules = []LintRule{
	{
		// [V210]
		"events-source-to-topic", "A statement lets EventBridge publish to a topic, or use the key of an encrypted one, if the source is a certain rule or account. " +
			"To topics EventBridge names no aws:SourceArn and no aws:SourceAccount, so that such a statement delivers nothing, silently. For queues it does.", TopicPolicy,
		`{"Statement":{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sns:Publish","Resource":"*","Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:events:us-east-1:123456789012:rule/alerts"}}}}`,
		func(l *linter, s *Statement) {
			if s.Effect != Allow || !s.forServices(eventBridge) || l.c.Kind != TopicPolicy && l.c.Kind != KeyPolicy {
				return
			}
			if i := slices.IndexFunc(s.Conditions, Condition.wantsSource); i >= 0 {
				k := s.Conditions[i]
				if l.c.Kind == TopicPolicy {
					l.reportAt(k.begin, "EventBridge names no %s to topics: the statement delivers none of its events", k.Key)
				} else if !s.aboutQueues() {
					l.reportAt(k.begin, "EventBridge names no %s when a topic is encrypted with the key: only queues get its events by this statement", k.Key)
				}
			}
		},
	},
	{
		// [V207]
		"events-source-no-rule", "aws:SourceArn is compared with an ARN of EventBridge that is no rule's, such as that of an event bus. EventBridge calls with the rule's ARN.", QueuePolicy,
		`{"Statement":{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*","Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:events:us-east-1:123456789012:event-bus/default"}}}}`,
		func(l *linter, s *Statement) {
			for _, k := range s.Conditions {
				for _, v := range k.Values {
					parts := strings.SplitN(v, ":", arnParts)
					if lower(k.Key) != "aws:sourcearn" || len(parts) < arnParts || parts[2] != "events" || !s.forServices(eventBridge) {
						continue
					}
					kind, _, _ := strings.Cut(parts[5], "/")
					if kind != "rule" && !hasWildcard(kind) {
						l.reportAt(k.begin, "%q is no rule: EventBridge calls with the rule's ARN, …:rule/NAME or …:rule/BUS/NAME", v)
					}
				}
			}
		},
	},
	{
		// [V231]-[V236]
		"bus-or-rule", "An action of EventBridge acts on rules and the statement names event buses alone (or the reverse), or it acts on nothing that has an ARN, so that it matches nothing.", IdentityPolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"events:PutRule","Resource":"arn:aws:events:us-east-1:123456789012:event-bus/orders"}}`,
		func(l *linter, s *Statement) {
			bus, rule, judged := s.eventsAbout()
			if !judged {
				return
			}
			for _, a := range s.Action {
				verb, ok := cutService(a, "events")
				is := func(list []string) bool {
					return ok && slices.ContainsFunc(list, func(name string) bool { return lower(name) == verb })
				}
				switch {
				case is(ruleActions) && !rule:
					l.report("%s acts on rules, and the Resource is a bus: rules are …:rule/NAME, and …:rule/BUS/NAME on another bus than default", a)
				case is(busActions) && !bus:
					l.report("%s acts on a bus, and the Resource is rules: a bus is …:event-bus/NAME", a)
				case is(anyBusActions) && l.c.Kind != BusPolicy:
					l.report("%s acts on nothing that has an ARN: only Resource * matches", a)
				}
			}
		},
	},
	{
		// [B21] [V211]
		"half-of-encryption", "A service that delivers to encrypted topics or queues may only decrypt with the key, or only make data keys. It needs kms:Decrypt and kms:GenerateDataKey.", KeyPolicy,
		`{"Statement":{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"kms:GenerateDataKey","Resource":"*"}}`,
		func(l *linter, s *Statement) {
			if l.c.Kind != KeyPolicy || s.Effect != Allow || len(s.Principal) != 1 || !s.forServices(deliverers...) {
				return
			}
			may := func(action string) bool {
				return slices.ContainsFunc(l.d.statements, func(other Statement) bool {
					return other.Effect == Allow && other.forServices(s.Principal[0].Value) && other.names(action)
				})
			}
			if decrypt, generate := may("kms:decrypt"), may("kms:generatedatakey"); decrypt != generate && (s.names("kms:decrypt") || s.names("kms:generatedatakey")) {
				l.report("%s needs both kms:Decrypt and kms:GenerateDataKey to deliver to what is encrypted with the key", s.Principal[0].Value)
			}
		},
	},
}

// eventsAbout says whether the resources of a statement are buses, and whether they are rules.
// It is not judged where one of them can be neither, or anything.
func (s *Statement) eventsAbout() (bus, rule, judged bool) {
	for _, r := range s.Resource {
		parts := strings.SplitN(r, ":", arnParts)
		if len(parts) < arnParts || parts[2] != "events" {
			return false, false, false
		}
		switch kind, _, _ := strings.Cut(parts[5], "/"); kind {
		case "event-bus":
			bus = true
		case "rule":
			rule = true
		default:
			return false, false, false
		}
	}
	return bus, rule, bus || rule
}

// wantsSource reports whether the condition fails where the source of a call is not named.
func (k Condition) wantsSource() bool {
	base, of, ifExists := splitOperator(k.Operator)
	op, key := operators[base], lower(k.Key)
	return op != nil && !op.negated && !ifExists && of != forAllValues && base != "null" && strings.HasPrefix(key, "aws:source") && key != "aws:sourceip"
}

// aboutQueues reports whether a condition says that a key is used for queues.
func (s *Statement) aboutQueues() bool {
	return slices.ContainsFunc(s.Conditions, func(k Condition) bool {
		key := lower(k.Key)
		return key == "kms:encryptioncontext:aws:sqs:arn" ||
			key == "kms:viaservice" && !slices.ContainsFunc(k.Values, func(v string) bool { return !strings.HasPrefix(v, "sqs.") })
	})
}

// deliverers are the services that deliver to topics and queues of others.
var deliverers = []string{eventBridge, "s3.amazonaws.com", "sns.amazonaws.com", "cloudwatch.amazonaws.com"}

// forServices reports whether all principals of the statement are among the services.
func (s *Statement) forServices(names ...string) bool {
	return len(s.Principal) > 0 && !slices.ContainsFunc(s.Principal, func(e PrincipalEntry) bool {
		return e.Type != "Service" || !slices.Contains(names, e.Value)
	})
}

// names reports whether the statement is about an action, in lower case.
func (s *Statement) names(action string) bool {
	about := func(entries []string) bool {
		return slices.ContainsFunc(entries, func(a string) bool {
			p := newPattern(strings.ToLower(a), true, false)
			return p.matches(action, nil)
		})
	}
	return about(s.Action) || s.NotAction != nil && !about(s.NotAction)
}
