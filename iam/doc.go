// Package iam is AWS Identity and Access Management: users, groups, roles and
// the policies that say what they may do. The records are internal/identity's;
// this package holds IAM's rules and shapes.
package iam
