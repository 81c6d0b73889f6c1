package kms

import (
	"cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/policyeval"
)

// The errors of AWS KMS. All client errors are answered with status 400.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html and each operation's page.
var (
	ErrAccessDenied         = &api.Error{Code: "AccessDeniedException", Common: true}
	ErrValidation           = &api.Error{Code: "ValidationException", Common: true}
	ErrAlreadyExists        = &api.Error{Code: "AlreadyExistsException"}
	ErrClusterInUse         = &api.Error{Code: "CloudHsmClusterInUseException"}
	ErrClusterNotRelated    = &api.Error{Code: "CloudHsmClusterNotRelatedException"}
	ErrDisabled             = &api.Error{Code: "DisabledException"}
	ErrDryRun               = &api.Error{Code: "DryRunOperationException", Message: "The request would have succeeded, but the DryRun option is set."}
	ErrExpiredImportToken   = &api.Error{Code: "ExpiredImportTokenException"}
	ErrIncorrectKey         = &api.Error{Code: "IncorrectKeyException", Message: "The key ID in the request does not identify a CMK that can perform this operation."}
	ErrIncorrectKeyMaterial = &api.Error{Code: "IncorrectKeyMaterialException"}
	ErrIncorrectTrustAnchor = &api.Error{Code: "IncorrectTrustAnchorException"}
	ErrInvalidArn           = &api.Error{Code: "InvalidArnException"}
	ErrInvalidCiphertext    = &api.Error{Code: "InvalidCiphertextException"}
	ErrInvalidGrantToken    = &api.Error{Code: "InvalidGrantTokenException"}
	ErrInvalidImportToken   = &api.Error{Code: "InvalidImportTokenException"}
	ErrInvalidKeyUsage      = &api.Error{Code: "InvalidKeyUsageException"}
	ErrInvalidMac           = &api.Error{Code: "KMSInvalidMacException"}
	ErrInvalidMarker        = &api.Error{Code: "InvalidMarkerException"}
	ErrInvalidSignature     = &api.Error{Code: "KMSInvalidSignatureException"}
	ErrInvalidState         = &api.Error{Code: "KMSInvalidStateException"}
	ErrLimitExceeded        = &api.Error{Code: "LimitExceededException"}
	ErrMalformedPolicy      = &api.Error{Code: "MalformedPolicyDocumentException"}
	ErrNotAuthorized        = &api.Error{Code: "NotAuthorizedException"}
	ErrNotFound             = &api.Error{Code: "NotFoundException"}
	ErrStoreHasKeys         = &api.Error{Code: "CustomKeyStoreHasCMKsException"}
	ErrStoreInvalidState    = &api.Error{Code: "CustomKeyStoreInvalidStateException"}
	ErrStoreNameInUse       = &api.Error{Code: "CustomKeyStoreNameInUseException"}
	ErrStoreNotFound        = &api.Error{Code: "CustomKeyStoreNotFoundException"}
	ErrTag                  = &api.Error{Code: "TagException"}
	ErrUnsupportedOperation = &api.Error{Code: "UnsupportedOperationException"}
	ErrXksEndpointInUse     = &api.Error{Code: "XksProxyUriEndpointInUseException"}
	ErrXksInvalidConfig     = &api.Error{Code: "XksProxyInvalidConfigurationException"}
	ErrXksKeyInUse          = &api.Error{Code: "XksKeyAlreadyInUseException"}
	ErrXksURIInUse          = &api.Error{Code: "XksProxyUriInUseException"}
	ErrXksVpcEndpointInUse  = &api.Error{Code: "XksProxyVpcEndpointServiceInUseException"}
)

// unseen is the message about keys that do not exist, or whose existence the caller
// may not learn.
const unseen = "because the resource does not exist in this Region, no resource-based policies allow access, " +
	"or a resource-based policy explicitly denies access"

// denied words a refused call. A caller of another account learns nothing
// about the key, nor does one who named it only by a ciphertext.
func denied(d *api.Denial) *api.Error {
	switch {
	case d.Target.Missing != nil:
		return unseenBy(d.Caller, d.Action, cmp.Or(d.Target.Phrase, "this resource"))
	case d.Verdict.Layer != policyeval.LayerResource:
		return ErrAccessDenied.With(d.Text(d.Action))
	case d.Target.Phrase == byCiphertext:
		return unseenBy(d.Caller, d.Action, byCiphertext)
	case d.CrossAccount:
		return unseenBy(d.Caller, d.Action, "this resource")
	default:
		return ErrAccessDenied.With(d.Text(d.Action))
	}
}

func unseenBy(caller *api.Caller, action, on string) *api.Error {
	d := api.Denial{Caller: caller, Target: &api.Target{Phrase: on}}
	return ErrAccessDenied.With(d.Subject(action) + " " + unseen)
}

// ownerOnly words the refusal of an operation that no policy opens to other accounts:
// as for callers without any permission.
func ownerOnly(d *api.Denial) *api.Error { return unseenBy(d.Caller, d.Action, "this resource") }

func invalid(violations []api.Violation) *api.Error {
	return ErrValidation.With(api.ValidationText(violations))
}

// missingMember is the error for a parameter that is required in its place.
func missingMember(path string) *api.Error {
	return invalid([]api.Violation{{Path: path, Null: true, Constraint: "Member must not be null"}})
}
