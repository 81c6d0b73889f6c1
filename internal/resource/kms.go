package resource

import (
	"context"
	"errors"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/policyeval"
)

// KMSErrors is how a service that encrypts with its callers' KMS keys names the
// errors of KMS, by KMS's codes.
type KMSErrors map[string]*api.Error

// PassOn is an error of KMS as the service passes it on: under its own name, with
// the words of KMS and the id that KMS gave the request, made by source. An error
// that the service has no name for stays as it is.
//
// A service principal is not told why it was denied [A8.6] [B14].
func (t KMSErrors) PassOn(ctx context.Context, err error, source *ids.Source) error {
	e, ok := errors.AsType[*api.Error](err)
	if !ok || t[e.Code] == nil {
		return err
	}
	as, words := t[e.Code], e.Message
	if api.RequestFrom(ctx).Caller.Type == policyeval.Service && as == t["AccessDeniedException"] {
		words = "null"
	}
	passed := as.Withf("%s (Service: AWSKMS; Status Code: %d; Error Code: %s; Request ID: %s; Proxy: null)",
		words, e.HTTPStatus(), e.Code, source.UUID())
	passed.Cause = err
	return passed
}
