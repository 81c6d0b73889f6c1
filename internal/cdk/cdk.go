// Package cdk knows what the AWS CDK expects of an account before it deploys to it: the
// resources of `cdk bootstrap`.
//
// See https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html.
package cdk

import (
	_ "embed"
	"regexp"
)

// Version is the version of the bootstrap resources [C278].
const Version = "33"

// versionName is the form of the names of the parameters of the parameter store that tell
// it.
var versionName = regexp.MustCompile(`^/cdk-bootstrap/[^/]{1,64}/version$`)

// IsVersion reports whether a parameter of the parameter store is the one that tells the
// version of the bootstrap resources of some qualifier.
func IsVersion(name string) bool { return versionName.MatchString(name) }

// defaultQualifier is that of apps that choose none.
const defaultQualifier = "hnb659fds"

// StackName is the name of the stack that holds the bootstrap resources of a qualifier.
func StackName(qualifier string) string {
	if qualifier == defaultQualifier {
		return "CDKToolkit"
	}
	return "CDKToolkit-" + qualifier
}

// Template is the template of a stack with the bootstrap resources that a deploy uses:
// the bucket for assets, the roles, and the parameter that says which version they are
// of. Its parameter Qualifier is part of all names.
//
//go:embed bootstrap.yaml
var Template string

// roleName is the form of the names of bootstrap roles.
var roleName = regexp.MustCompile(`^cdk-([a-z0-9]{1,10})-(deploy|lookup|file-publishing|image-publishing|cfn-exec)-role-([0-9]{12})-([a-z0-9-]+)$`)

// Role is what the name of a bootstrap role tells.
type Role struct {
	Qualifier, Account, Region string
	// Execution: it is the role that CloudFormation assumes to make what is deployed.
	Execution bool
}

// ReadRole reads the name of a bootstrap role.
func ReadRole(name string) (Role, bool) {
	m := roleName.FindStringSubmatch(name)
	if m == nil {
		return Role{}, false
	}
	return Role{Qualifier: m[1], Account: m[3], Region: m[4], Execution: m[2] == "cfn-exec"}, true
}
