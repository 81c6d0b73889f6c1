package kms

import (
	"strings"

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
	ErrDisabled             = &api.Error{Code: "DisabledException"}
	ErrDryRun               = &api.Error{Code: "DryRunOperationException", Message: "The request would have succeeded, but the DryRun option is set."}
	ErrIncorrectKey         = &api.Error{Code: "IncorrectKeyException", Message: "The key ID in the request does not identify a CMK that can perform this operation."}
	ErrInvalidAliasName     = &api.Error{Code: "InvalidAliasNameException"}
	ErrInvalidArn           = &api.Error{Code: "InvalidArnException"}
	ErrInvalidCiphertext    = &api.Error{Code: "InvalidCiphertextException"}
	ErrInvalidKeyUsage      = &api.Error{Code: "InvalidKeyUsageException"}
	ErrInvalidMarker        = &api.Error{Code: "InvalidMarkerException"}
	ErrInvalidState         = &api.Error{Code: "KMSInvalidStateException"}
	ErrLimitExceeded        = &api.Error{Code: "LimitExceededException"}
	ErrMalformedPolicy      = &api.Error{Code: "MalformedPolicyDocumentException"}
	ErrNotAuthorized        = &api.Error{Code: "NotAuthorizedException"}
	ErrNotFound             = &api.Error{Code: "NotFoundException"}
	ErrTag                  = &api.Error{Code: "TagException"}
	ErrUnsupportedOperation = &api.Error{Code: "UnsupportedOperationException"}
)

// unseen is what callers are told of keys that they may not know of, or that
// do not exist at all.
const unseen = "because the resource does not exist in this Region, no resource-based policies allow access, " +
	"or a resource-based policy explicitly denies access"

// denied words a refused call. A caller of another account learns nothing
// about the key, nor does one who named it only by a ciphertext.
func denied(d *api.Denial) *api.Error {
	on := ""
	switch {
	case d.Verdict.Layer != policyeval.LayerResource:
	case d.Target.Phrase != "":
		on = d.Target.Phrase
	case d.CrossAccount:
		on = "this resource"
	}
	if on == "" {
		return ErrAccessDenied.With(d.Text(d.Action))
	}
	return unseenBy(d.Caller, d.Action, on)
}

func unseenBy(caller *api.Caller, action, on string) *api.Error {
	d := api.Denial{Caller: caller, Target: &api.Target{Phrase: on}}
	return ErrAccessDenied.With(strings.TrimRight(d.Text(action), " ") + " " + unseen)
}

// ownerOnly words the refusal of an operation that no policy opens to other
// accounts: they are told what callers without any permission are told.
func ownerOnly(d *api.Denial) *api.Error { return unseenBy(d.Caller, d.Action, "this resource") }

func invalid(violations []api.Violation) *api.Error {
	return ErrValidation.With(api.ValidationText(violations))
}
