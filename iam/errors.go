package iam

import (
	"slices"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/identity"
)

// The errors of IAM. Statuses and codes are those of its API reference.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html.
var (
	errAccessDenied         = &api.Error{Code: "AccessDenied", Status: 403, Common: true}
	errCertificate          = &api.Error{Code: "MalformedCertificateException", QueryCode: "MalformedCertificate"}
	errCode                 = &api.Error{Code: "InvalidAuthenticationCodeException", QueryCode: "InvalidAuthenticationCode", Status: 403, Message: "Authentication code for device is not valid."}
	errDeleteConflict       = &api.Error{Code: "DeleteConflictException", QueryCode: "DeleteConflict", Status: 409}
	errDuplicateCertificate = &api.Error{Code: "DuplicateCertificateException", QueryCode: "DuplicateCertificate", Status: 409}
	errDuplicateSSH         = &api.Error{Code: "DuplicateSSHPublicKeyException", QueryCode: "DuplicateSSHPublicKey", Message: "The SSH public key is already associated with the user."}
	errEncoding             = &api.Error{Code: "UnrecognizedPublicKeyEncodingException", QueryCode: "UnrecognizedPublicKeyEncoding"}
	errExists               = &api.Error{Code: "EntityAlreadyExistsException", QueryCode: "EntityAlreadyExists", Status: 409}
	errFeatureDisabled      = &api.Error{Code: "FeatureDisabledException", QueryCode: "FeatureDisabled", Status: 404, Message: "Outbound web identity federation is not enabled for this account."}
	errFeatureEnabled       = &api.Error{Code: "FeatureEnabledException", QueryCode: "FeatureEnabled", Status: 409, Message: "Outbound web identity federation is already enabled for this account."}
	errInvalidInput         = &api.Error{Code: "InvalidInputException", QueryCode: "InvalidInput"}
	errKeyPair              = &api.Error{Code: "KeyPairMismatchException", QueryCode: "KeyPairMismatch", Message: "Private key and certificate do not match."}
	errLimitExceeded        = &api.Error{Code: "LimitExceededException", QueryCode: "LimitExceeded", Status: 409}
	errMalformed            = &api.Error{Code: "MalformedPolicyDocumentException", QueryCode: "MalformedPolicyDocument"}
	errNoOrganization       = &api.Error{Code: "OrganizationNotFoundException"}
	errNoReport             = &api.Error{Code: "CredentialReportNotPresentException", QueryCode: "ReportNotPresent", Status: 410, Message: "No report present. Call GenerateCredentialReport to generate a report."}
	errNoSuchEntity         = &api.Error{Code: "NoSuchEntityException", QueryCode: "NoSuchEntity", Status: 404}
	errNotAdministrator     = &api.Error{Code: "AccountNotManagementOrDelegatedAdministratorException"}
	errNotAllFeatures       = &api.Error{Code: "OrganizationNotInAllFeaturesModeException"}
	errNotAttachable        = &api.Error{Code: "PolicyNotAttachableException", QueryCode: "PolicyNotAttachable"}
	errNotManagement        = &api.Error{Code: "CallerIsNotManagementAccountException"}
	errNotTrusted           = &api.Error{Code: "ServiceAccessNotEnabledException"}
	errOldReport            = &api.Error{Code: "CredentialReportExpiredException", QueryCode: "ReportExpired", Status: 410, Message: "The report has expired. Call GenerateCredentialReport to generate a new one."}
	errPassword             = &api.Error{Code: "PasswordPolicyViolationException", QueryCode: "PasswordPolicyViolation", Message: "Password does not conform to the account password policy."}
	errPublicKey            = &api.Error{Code: "InvalidPublicKeyException", QueryCode: "InvalidPublicKey", Message: "The SSH public key is malformed or not an RSA key of at least 2048 bits."}
	errTemporarily          = &api.Error{Code: "EntityTemporarilyUnmodifiableException", QueryCode: "EntityTemporarilyUnmodifiable", Status: 409}
	errToken                = &api.Error{Code: "InvalidClientTokenId", Status: 403, Common: true, Message: "The security token included in the request is invalid"}
	errUnmodifiable         = &api.Error{Code: "UnmodifiableEntityException", QueryCode: "UnmodifiableEntity"}
	errUserType             = &api.Error{Code: "InvalidUserTypeException", QueryCode: "InvalidUserType", Message: "Only IAM Users can change their own password."}
	errValidation           = &api.Error{Code: "ValidationError", Common: true}
)

// What is to be done before an entity can be deleted.
const (
	mustDetachPolicies = "Cannot delete entity, must detach all policies first."
	mustDeletePolicies = "Cannot delete entity, must delete policies first."
	mustDeleteLogin    = "Cannot delete entity, must delete login profile first."
	mustDeleteDevice   = "Cannot delete entity, must delete MFA device first."
	mustRemoveOthers   = "Cannot delete entity, must remove referenced objects first."
	mustDeleteKeys     = "Cannot delete entity, must delete access keys first."
	mustRemoveUsers    = "Cannot delete entity, must remove users from group first."
	mustRemoveRoles    = "Cannot delete entity, must remove roles from instance profile first."
)

func noSuch(kind, name string) *api.Error {
	return errNoSuchEntity.Withf("The %s with name %s cannot be found.", kind, name)
}

func noSuchProfile(name string) *api.Error {
	return errNoSuchEntity.Withf("Instance Profile %s cannot be found.", name)
}

func noSuchPolicy(policyARN string) *api.Error {
	return errNoSuchEntity.Withf("Policy %s was not found.", policyARN)
}

func exists(kind, name string) *api.Error {
	return errExists.Withf("%s with name %s already exists.", kind, name)
}

func exceeds(quota string, limit int) *api.Error {
	return errLimitExceeded.Withf("Cannot exceed quota for %s: %d", quota, limit)
}

// protected refuses to change a service-linked role [I028].
func protected(role *identity.Role) error {
	if !role.Linked() {
		return nil
	}
	return errUnmodifiable.Withf("Cannot perform the operation on the protected role '%s' - this role is only modifiable by AWS", role.Name)
}

// errNoCredential says that there is no service-specific credential of that id [I011].
var errNoCredential = errNoSuchEntity.With("No such credential ID exists")

// errMustName refuses a call that names no user, from a caller that is not a
// user.
var errMustName = errValidation.With("Must specify userName when calling with non-User credentials")

// errReserved refuses tag keys that begin with aws:, whatever their case.
var errReserved = errInvalidInput.With("System tags cannot be added/updated/deleted.")

// ownWords are the messages for the members whose pattern IAM checks with a
// message of its own. Errors for the other members, such as names of instance
// profiles and of certificates, are those that all of AWS has for patterns.
var ownWords = map[string]string{
	"userName": ofName, "newUserName": ofName,
	"groupName": ofName, "newGroupName": ofName,
	"roleName": ofName, "policyName": ofName,
	"path": ofPath, "newPath": ofPath,
	"pathPrefix": "It must begin with the / character and contain only alphanumeric characters and/or / characters.",
}

const (
	ofName = "It must contain only alphanumeric characters and/or the following: +=,.@_-"
	ofPath = "It must begin and end with / and contain only alphanumeric characters and/or / characters."
)

// invalid is the error for input that violates its shape's constraints. A
// message of IAM's own stands alone, and comes before violations of lengths.
func invalid(violations []api.Violation) *api.Error {
	if words := inOwnWords(violations); words != "" {
		return errValidation.With(words)
	}
	for i := range violations {
		violations[i].Shown = false // IAM never repeats a value [I011]
	}
	return errValidation.With(api.ValidationText(violations))
}

// inOwnWords is IAM's own message for the first member that has one; empty where a
// required member is missing.
func inOwnWords(violations []api.Violation) string {
	if slices.ContainsFunc(violations, func(v api.Violation) bool { return v.Null }) {
		return ""
	}
	for _, v := range violations {
		if words, ok := ownWords[v.Path]; ok && v.Rule == api.RulePattern {
			return "The specified value for " + v.Path + " is invalid. " + words
		}
	}
	return ""
}
