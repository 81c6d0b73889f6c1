package ec2

import (
	"strings"

	"github.com/waxseal/waxseal/internal/api"
)

// The errors of EC2. Those of a kind of resource stand with the kind.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html.
var (
	errCombination  = &api.Error{Code: "InvalidParameterCombination"}
	errDependency   = &api.Error{Code: "DependencyViolation"}
	errDryRun       = &api.Error{Code: "DryRunOperation", Status: 412, Message: "Request would have succeeded, but DryRun flag is set."} // [X010] [X011]
	errFilterLimit  = &api.Error{Code: "FilterLimitExceeded", Message: "The request uses too many filters or too many filter values."}
	errInvalidID    = &api.Error{Code: "InvalidID"}
	errInvalidValue = &api.Error{Code: "InvalidParameterValue"}
	errMismatch     = &api.Error{Code: "IdempotentParameterMismatch", Message: "The request uses the same client token as a previous, but non-identical request."}
	errMissing      = &api.Error{Code: "MissingParameter"}
	errNextToken    = &api.Error{Code: "InvalidNextToken", Message: "The specified NextToken is not valid."}
	errNoCidr       = errMissing.With("Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.")
	errTagLimit     = &api.Error{Code: "TagLimitExceeded", Message: "The maximum number of Tags for a resource has been reached."}
	errUnauthorized = &api.Error{Code: "UnauthorizedOperation", Status: 403} // [X010]
	errUnsupported  = &api.Error{Code: "UnsupportedOperation"}

	errAlreadyAssociated   = &api.Error{Code: "Resource.AlreadyAssociated"}
	errCannotDelete        = &api.Error{Code: "CannotDelete"}
	errGroupDescription    = errInvalidValue.With("Invalid security group description. Valid descriptions are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*")
	errGroupDuplicate      = &api.Error{Code: "InvalidGroup.Duplicate"}
	errGroupNotFound       = &api.Error{Code: "InvalidGroup.NotFound"}
	errNoDefaultVpc        = &api.Error{Code: "VPCIdNotSpecified", Message: "No default VPC for this user"}
	errNoSource            = errMissing.With("Missing source specification: include source security group or CIDR information")
	errPermissionDuplicate = &api.Error{Code: "InvalidPermission.Duplicate"}
	errPermissionNotFound  = &api.Error{Code: "InvalidPermission.NotFound", Message: "The specified rule does not exist in this security group."} // [X062]
	errRouteExists         = &api.Error{Code: "RouteAlreadyExists"}
	errRuleDescription     = errInvalidValue.With("Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*")
	errSamePermission      = errInvalidValue.With("The same permission must not appear multiple times")
	errTooManyRules        = &api.Error{Code: "RulesPerSecurityGroupLimitExceeded", Message: "The maximum number of rules per security group has been reached."}

	errAddressInUse  = &api.Error{Code: "InvalidIPAddress.InUse"}
	errEndpointLimit = &api.Error{Code: "VpcEndpointLimitExceeded", Message: "The maximum number of VPC endpoints has been reached."} // [X116]
	errGroupLimit    = &api.Error{Code: "SecurityGroupsPerInterfaceLimitExceeded", Message: "The maximum number of security groups per interface has been reached."}
	errParameter     = &api.Error{Code: "InvalidParameter"}
	errPolicy        = &api.Error{Code: "InvalidPolicyDocument"} // [X110]
	errServiceName   = &api.Error{Code: "InvalidServiceName"}
	errSubnetFull    = &api.Error{Code: "InsufficientFreeAddressesInSubnet", Message: "There are not enough free addresses in the specified subnet."}
	errSubnetZone    = &api.Error{Code: "DuplicateSubnetsInSameZone"}

	errSubnetConflict = &api.Error{Code: "InvalidSubnet.Conflict"}
	errSubnetRange    = &api.Error{Code: "InvalidSubnet.Range"}
	errVpcLimit       = &api.Error{Code: "VpcLimitExceeded", Message: "The maximum number of VPCs has been reached."} // [X039]
	errVpcRange       = &api.Error{Code: "InvalidVpc.Range"}
)

// invalid words the first thing that is wrong with an input.
func invalid(violations []api.Violation) *api.Error {
	v := violations[0]
	if v.Null {
		return missing(v.Path)
	}
	why := strings.Replace(v.Constraint, "Member must have value", "Expecting a value", 1) + "."
	if v.Rule == api.RuleEnum {
		_, values, _ := strings.Cut(strings.TrimSuffix(v.Constraint, "]"), "[")
		why = "Valid values are: " + values + "."
	}
	return badValue(v.Value, v.Path, why)
}

// missing is the error for an argument that is not there [X014].
func missing(name string) *api.Error {
	return errMissing.Withf("The request must contain the parameter %s", name)
}

// badValue is the error for the value of a parameter. It spells the parameter's name
// with a small first letter, whatever the request does [X031] [X046].
func badValue(value, parameter, why string) *api.Error {
	return errInvalidValue.Withf("Value (%s) for parameter %s is invalid. %s", value, strings.ToLower(parameter[:1])+parameter[1:], why)
}

// unsupported is the error for a member of an input that asks for what is left out.
func unsupported(member string) *api.Error {
	return errUnsupported.Withf("The parameter %s is not supported.", member)
}
