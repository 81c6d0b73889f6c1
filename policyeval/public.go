package policyeval

import (
	"net/netip"
	"slices"
	"strings"
)

// PublicStatement is the first statement, from 0, for which S3 calls the policy of a bucket
// public; -1: the policy is not public. A policy is public unless each Allow grants to fixed
// values of who calls or from where: values with neither a wildcard nor a policy variable
// [S210]. What a Deny takes away again does not matter [S211].
//
// See https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html.
func PublicStatement(d *Document) int {
	return slices.IndexFunc(d.statements, func(s Statement) bool {
		return s.Effect == Allow && !s.fixedPrincipals() && !slices.ContainsFunc(s.Conditions, Condition.fixes)
	})
}

// fixedPrincipals reports whether Principal lists accounts, users, roles and services
// alone. An outside identity is public [S211].
func (s *Statement) fixedPrincipals() bool {
	return s.Principal != nil && !slices.ContainsFunc(s.Principal, func(e PrincipalEntry) bool {
		return e.Type == "Federated" || hasWildcard(e.Value) || strings.Contains(e.Value, "${")
	})
}

// publicKeys are the keys whose fixed values keep a policy from being public [S210]. The
// sheet's list names principals; that a condition may name them by their organization, account
// or ARN follows from it.
var publicKeys = []string{
	"aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths", "aws:userid",
	"aws:sourcearn", "aws:sourceaccount", "aws:sourceowner", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourcevpc", "aws:sourcevpce",
	"s3:x-amz-server-side-encryption-aws-kms-key-id", "s3:dataaccesspointarn", "s3:dataaccesspointaccount",
}

// fixes reports whether a condition limits a statement to fixed values. One that a request
// without the key meets does not.
func (k Condition) fixes() bool {
	base, of, ifExists := splitOperator(k.Operator)
	op := operators[base]
	if op == nil || op.negated || ifExists || of == forAllValues || len(k.Values) == 0 {
		return false
	}
	key := lower(k.Key)
	if key == "aws:sourceip" {
		return base == "ipaddress" && !slices.ContainsFunc(k.Values, openNetwork)
	}
	return slices.Contains(publicKeys, key) && !slices.ContainsFunc(k.Values, func(v string) bool {
		return strings.Contains(v, "${") || hasWildcard(v) && !(key == "s3:dataaccesspointarn" && ofOneAccount(v))
	})
}

// ofOneAccount reports whether the ARN of an access point has wildcards in its name alone [S211].
func ofOneAccount(arn string) bool {
	parts := strings.SplitN(arn, ":", arnParts)
	return len(parts) == arnParts && !hasWildcard(strings.Join(parts[:arnParts-1], ":")) && accountPattern.MatchString(parts[4])
}

// privateNetworks are the addresses of RFC 1918, of which a block of any size is not public [S211].
var privateNetworks = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
}

// openNetwork reports whether a block of addresses is so broad that it counts as public, or is none [S211].
func openNetwork(value string) bool {
	prefix, ok := parseNetwork(value)
	switch {
	case !ok:
		return true
	case slices.ContainsFunc(privateNetworks, func(p netip.Prefix) bool { return p.Bits() <= prefix.Bits() && p.Contains(prefix.Addr()) }):
		return false
	case prefix.Addr().Is4():
		return prefix.Bits() < 8
	default:
		return prefix.Bits() < 32
	}
}
