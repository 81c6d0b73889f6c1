package policyeval

import (
	"slices"
	"strings"
)

// s3Rules are the rules about buckets and what is in them.
var s3Rules = []LintRule{
	{
		"bucket-or-objects", "An action of S3 acts on objects and the statement names a bucket alone (or the reverse), so that it matches nothing. Objects are arn:aws:s3:::BUCKET/*.", IdentityPolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::pettracker-images"}}`,
		func(l *linter, s *Statement) {
			about, judged := s.s3About()
			if !judged {
				return
			}
			for _, a := range s.Action {
				acts := s3Kinds{}
				for _, verb := range s3Actions(a) {
					acts = acts.or(s3KindOf(verb))
				}
				switch {
				case hasWildcard(a) || acts == s3Kinds{} || acts.overlap(about):
				case acts.object:
					l.report("%s acts on objects, and the Resource is a bucket: objects are arn:aws:s3:::BUCKET/*", a)
				default:
					l.report("%s acts on a bucket, and the Resource is objects: a bucket is arn:aws:s3:::BUCKET", a)
				}
			}
		},
	},
	{
		"source-bucket-objects", "aws:SourceArn is compared with the ARN of objects. S3 calls with the bucket's ARN, so that the condition never holds.", TopicPolicy,
		`{"Statement":{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"sns:Publish","Resource":"*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::pettracker-images/*"}}}}`,
		func(l *linter, s *Statement) {
			for _, k := range s.Conditions {
				for _, v := range k.Values {
					if name := s3Resource(v); lower(k.Key) == "aws:sourcearn" && strings.Contains(name, "/") && !begins(name, s3Regional) {
						l.reportAt(k.begin, "%q names objects: S3 calls with the bucket's ARN, which has no /", v)
					}
				}
			}
		},
	},
	{
		"source-bucket-account", "A statement for S3 tests aws:SourceArn without aws:SourceAccount. The ARN of a bucket names no account: once the bucket is deleted, anybody can make one of its name and use the statement.", QueuePolicy,
		`{"Statement":{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::pettracker-images"}}}}`,
		func(l *linter, s *Statement) {
			has := func(keys ...string) bool {
				return slices.ContainsFunc(s.Conditions, func(k Condition) bool { return slices.Contains(keys, lower(k.Key)) })
			}
			forS3 := slices.ContainsFunc(s.Principal, func(e PrincipalEntry) bool { return e.Type == "Service" && e.Value == "s3.amazonaws.com" })
			if s.Effect == Allow && forS3 && has("aws:sourcearn") && !has("aws:sourceaccount", "aws:sourceowner", "aws:sourceorgid", "aws:sourceorgpaths") {
				l.report("the ARN of a bucket names no account, and a name that is free again is anybody's: add a condition on aws:SourceAccount")
			}
		},
	},
	{
		"default-encryption-denied", "A Deny of uploads that do not name their encryption. It sees the request's headers, not the bucket's default encryption, and so refuses uploads that leave the encryption to the default. …IfExists lets them pass.", BucketPolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::pettracker-images/*","Condition":{"StringNotEquals":{"s3:x-amz-server-side-encryption":"aws:kms"}}}}`,
		func(l *linter, s *Statement) {
			for _, k := range s.Conditions {
				base, _, ifExists := splitOperator(k.Operator)
				op, key := operators[base], lower(k.Key)
				negated := op != nil && op.negated && !ifExists
				if s.Effect == Deny && negated && strings.HasPrefix(key, "s3:x-amz-server-side-encryption") && !s.nullTests(key) {
					l.reportAt(k.begin, "uploads without the header of %s are denied too, also where the bucket's default encryption would do", k.Key)
				}
			}
		},
	},
}

// nullTests reports whether a Null condition asks whether a key, in lower case, is there.
func (s *Statement) nullTests(key string) bool {
	return slices.ContainsFunc(s.Conditions, func(k Condition) bool { return baseOperator(k.Operator) == "null" && lower(k.Key) == key })
}

// s3Resource is the last part of an ARN of S3 without region and account; empty: s is none.
func s3Resource(s string) string {
	parts := strings.SplitN(s, ":", arnParts)
	if len(parts) < arnParts || parts[0] != "arn" || parts[2] != "s3" || parts[3]+parts[4] != "" {
		return ""
	}
	return parts[5]
}

// s3About is what the resources of a statement are. It is not judged where one of them is no
// bucket and no objects, or where the statement is about what it does not name.
func (s *Statement) s3About() (about s3Kinds, judged bool) {
	for _, r := range s.Resource {
		name := s3Resource(r)
		if name == "" {
			return about, false
		}
		bucket, _, objects := strings.Cut(name, "/")
		open := strings.ContainsAny(bucket, "*?$")
		about = about.or(s3Kinds{bucket: !objects, object: objects || open})
	}
	return about, len(s.Resource) > 0 && s.Action != nil
}
