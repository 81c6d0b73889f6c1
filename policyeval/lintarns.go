package policyeval

import (
	"slices"
	"strings"
)

// arnRules are the rules about the parts of an ARN.
var arnRules = []LintRule{
	{
		"arn-part-missing", "An ARN leaves out the region or the account that every ARN of its service has, so that it matches nothing.", IdentityPolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"arn:aws:sqs:us-east-1::q"}}`,
		func(l *linter, s *Statement) {
			l.eachARN(s, func(text string, parts []string) {
				if missing := missingParts(parts); missing != "" {
					l.report("the ARN %q has no %s: it matches nothing", text, missing)
				}
			})
		},
	},
	{
		"arn-part-needless", "An ARN names a region or an account where ARNs of its kind have none, so that it matches nothing.", QueuePolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:us-east-1:123456789012:bucket"}}}}`,
		func(l *linter, s *Statement) {
			l.eachARN(s, func(text string, parts []string) {
				if needless := needlessParts(parts); needless != "" {
					l.report("the ARN %q has a %s, which such ARNs do not have: it matches nothing", text, needless)
				}
			})
		},
	},
	{
		"rcp-prefix", "A resource control policy names an action of a service that such policies do not bind.", RCP,
		`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"sns:*","Resource":"*"}}`,
		func(l *linter, s *Statement) {
			for _, a := range s.Action {
				service, _, found := strings.Cut(lower(a), ":")
				if l.c.Kind == RCP && (!found || !slices.Contains(rcpServices, service)) {
					l.report("resource control policies do not bind %s", a)
				}
			}
		},
	},
}

// eachARN is called with the whole ARNs of a statement's resources and of its
// conditions on ARNs, and with their parts.
func (l *linter) eachARN(s *Statement, f func(text string, parts []string)) {
	texts := s.allResources()
	for _, k := range s.Conditions {
		if key, ok := LookupKey(k.Key); ok && key.Type == ARNKey {
			texts = append(texts, k.Values...)
		}
	}
	for _, text := range texts {
		if parts := strings.SplitN(text, ":", arnParts); len(parts) == arnParts && parts[0] == "arn" {
			f(text, parts)
		}
	}
}

// Services whose ARNs all have a region and an account, and services whose ARNs
// have an account but no region.
var (
	regionalServices = []string{"sqs", "sns", "kms", "lambda", "dynamodb", "events", "states", "secretsmanager", "logs"}
	globalServices   = []string{"iam", "sts"}
)

func missingParts(parts []string) string {
	service, region, account := parts[2], parts[3], parts[4]
	regional := slices.Contains(regionalServices, service)
	partner := service == "events" && strings.HasPrefix(parts[5], "event-source/") // AWS's own, in every account
	switch {
	case regional && region == "" && account == "" && !partner:
		return "region and no account"
	case regional && region == "":
		return "region"
	case account == "" && !partner && (regional || slices.Contains(globalServices, service)):
		return "account"
	default:
		return ""
	}
}

func needlessParts(parts []string) string {
	service, region, account, resource := parts[2], parts[3], parts[4], parts[5]
	bucket := service == "s3" && !begins(resource, s3Regional)
	switch {
	case region != "" && strings.Trim(region, "*") != "" && (bucket || slices.Contains(globalServices, service)):
		return "region"
	case bucket && account != "" && strings.Trim(account, "*") != "":
		return "account"
	default:
		return ""
	}
}
