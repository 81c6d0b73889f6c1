package organizations

import "github.com/waxseal/waxseal/internal/api"

// The errors of Organizations.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/CommonErrors.html.
var (
	errAccessDenied  = &api.Error{Code: "AccessDeniedException", Message: "You don't have permissions to access this resource."}
	errAccount       = &api.Error{Code: "AccountNotFoundException", Message: "You specified an account that doesn't exist."}
	errAlreadyIn     = &api.Error{Code: "AlreadyInOrganizationException", Message: "The AWS account is already a member of an organization."}
	errAttached      = &api.Error{Code: "DuplicatePolicyAttachmentException", Message: "The selected policy is already attached to the specified target."}
	errChild         = &api.Error{Code: "ChildNotFoundException", Message: "You specified a child that doesn't exist."}
	errClosed        = &api.Error{Code: "AccountAlreadyClosedException", Message: "You attempted to close an account that is already closed."}
	errConstraint    = &api.Error{Code: "ConstraintViolationException"}
	errDestination   = &api.Error{Code: "DestinationParentNotFoundException", Message: "You specified a destination parent that doesn't exist."}
	errDuplicate     = &api.Error{Code: "DuplicatePolicyException", Message: "A policy with the same name and type already exists."}
	errDuplicateMove = &api.Error{Code: "DuplicateAccountException", Message: "That account is already present in the specified destination."}
	errDuplicateUnit = &api.Error{Code: "DuplicateOrganizationalUnitException", Message: "An organizational unit (OU) with the same name already exists."}
	errEnabled       = &api.Error{Code: "PolicyTypeAlreadyEnabledException", Message: "The specified policy type is already enabled."}
	errInUse         = &api.Error{Code: "PolicyInUseException", Message: "The policy is attached to one or more entities."}
	errInvalid       = &api.Error{Code: "InvalidInputException"}
	errMalformed     = &api.Error{Code: "MalformedPolicyDocumentException", Message: "The provided policy document does not meet the requirements of the specified policy type."}
	errMaster        = &api.Error{Code: "MasterCannotLeaveOrganizationException", Message: "You can't remove a management account from an organization."}
	errNotAttached   = &api.Error{Code: "PolicyNotAttachedException", Message: "The policy isn't attached to the specified target in the specified root."}
	errNotAvailable  = &api.Error{Code: "PolicyTypeNotAvailableForOrganizationException", Message: "You can't use the specified policy type with the feature set currently enabled for your organization."}
	errNotEmpty      = &api.Error{Code: "OrganizationNotEmptyException", Message: "The organization isn't empty."}
	errNotEnabled    = &api.Error{Code: "PolicyTypeNotEnabledException", Message: "The specified policy type isn't currently enabled in this root."}
	errNotInUse      = &api.Error{Code: "AWSOrganizationsNotInUseException", Message: "Your account is not a member of an organization."}
	errNotRegistered = &api.Error{Code: "AccountNotRegisteredException", Message: "The specified account is not a delegated administrator for this AWS service."}
	errParent        = &api.Error{Code: "ParentNotFoundException", Message: "You specified parent that doesn't exist."}
	errPolicy        = &api.Error{Code: "PolicyNotFoundException", Message: "You specified a policy that doesn't exist."}
	errRegistered    = &api.Error{Code: "AccountAlreadyRegisteredException", Message: "The specified account is already a delegated administrator for this AWS service."}
	errRoot          = &api.Error{Code: "RootNotFoundException", Message: "You specified a root that doesn't exist."}
	errSource        = &api.Error{Code: "SourceParentNotFoundException", Message: "You specified a source parent that doesn't exist."}
	errStatus        = &api.Error{Code: "CreateAccountStatusNotFoundException", Message: "You specified a create account request that doesn't exist."}
	errTarget        = &api.Error{Code: "TargetNotFoundException", Message: "You specified a target that doesn't exist."}
	errUnit          = &api.Error{Code: "OrganizationalUnitNotFoundException", Message: "You specified an organizational unit that doesn't exist."}
	errUnitNotEmpty  = &api.Error{Code: "OrganizationalUnitNotEmptyException", Message: "The specified OU is not empty."}
)

// The constraints that an organization and its accounts are under, with the
// reasons that the errors give.
var (
	errCloseMaster       = errConstraint.With("You attempted to close the management account. To close the management account for the organization, you must first either remove or close all member accounts in the organization.").Because("CANNOT_CLOSE_MANAGEMENT_ACCOUNT")
	errCloseQuota        = errConstraint.With("You have exceeded close account quota for the past 30 days.").Because("CLOSE_ACCOUNT_QUOTA_EXCEEDED")
	errDelegateMaster    = errConstraint.With("You cannot register master account/yourself as delegated administrator for your organization.").Because("CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR")
	errDelegateSuspended = errConstraint.With("You cannot register a suspended account as a delegated administrator.").Because("CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR")
	errDelegates         = errConstraint.With("You have delegated administrator/s for this service. De-register them in order to disable service access.").Because("DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE")
	errFeatures          = errConstraint.With("You attempted to perform an operation that requires the organization to be configured to support all features.").Because("ORGANIZATION_NOT_IN_ALL_FEATURES_MODE")
	errNoServiceAccess   = errConstraint.With("You attempted to register a delegated administrator before you enabled service access. Call the EnableAWSServiceAccess API first.").Because("SERVICE_ACCESS_NOT_ENABLED")
	errRemoveDelegate    = errConstraint.With("You attempted to remove an account that is registered as a delegated administrator for a service integrated with your organization. To complete this operation, you must first deregister this account as a delegated administrator.").Because("CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG")
)

// wordings are the messages and reasons for input that violates a constraint of
// its shape. Unlike other services, Organizations names neither the member nor
// the permitted values.
var wordings = map[api.Rule]struct{ message, reason string }{
	api.RuleParts:     {"You provided a list to a parameter that contains at least one invalid value.", "INVALID_LIST_MEMBER"},
	api.RulePattern:   {"You provided a value that does not match the required pattern.", "INVALID_PATTERN"},
	api.RuleEnum:      {"You specified an invalid value.", "INVALID_ENUM"},
	api.RuleMinLength: {"You provided a string parameter that is shorter than allowed.", "MIN_LENGTH_EXCEEDED"},
	api.RuleMaxLength: {"You provided a string parameter that is longer than allowed.", "MAX_LENGTH_EXCEEDED"},
	api.RuleMinValue:  {"You provided a numeric parameter that has a smaller value than allowed.", "MIN_VALUE_EXCEEDED"},
	api.RuleMaxValue:  {"You provided a numeric parameter that has a larger value than allowed.", "MAX_VALUE_EXCEEDED"},
}

// invalid is the error for input that violates its shape's constraints. It is
// about one of them: a missing member if there is one.
func invalid(violations []api.Violation) *api.Error {
	for _, v := range violations {
		if v.Null {
			return errInvalid.With("You must include a value for all required parameters.").Because("INPUT_REQUIRED")
		}
	}
	w := wordings[violations[0].Rule]
	return errInvalid.With(w.message).Because(w.reason)
}
