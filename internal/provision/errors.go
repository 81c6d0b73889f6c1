package provision

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
)

// Failure is a handler's own refusal, with one of AWS's codes for them [C030].
type Failure struct{ Code, Message string }

func (f *Failure) Error() string { return f.Message }

// The codes of handlers' errors.
const (
	accessDenied      = "AccessDenied"
	alreadyExists     = "AlreadyExists"
	generalService    = "GeneralServiceException"
	invalidRequest    = "InvalidRequest"
	notFound          = "NotFound"
	notUpdatable      = "NotUpdatable"
	serviceInternal   = "ServiceInternalError"
	serviceLimit      = "ServiceLimitExceeded"
	throttling        = "Throttling"
	unauthorizedTags  = "UnauthorizedTaggingOperation"
	resourceConflicts = "ResourceConflict"
)

func failf(code, format string, args ...any) error {
	return &Failure{code, fmt.Sprintf(format, args...)}
}

// exists is the failure of a creation whose name is taken [C031].
func (j *Job) exists(identifier string) error {
	return failf(alreadyExists, "Resource of type '%s' with identifier '%s' already exists.", j.Type, identifier)
}

// unsupported is the failure of a property that AWS has and the emulated service has not.
func (j *Job) unsupported(properties ...string) error {
	for _, property := range properties {
		if said(j.Properties.Get(property)) {
			return failf(invalidRequest, "The property %s of %s is not emulated.", property, j.Type)
		}
	}
	return nil
}

// CallError is the error of a service's call for a resource.
type CallError struct {
	Service, Operation string
	Err                *api.Error
}

func (e *CallError) Error() string { return e.Service + ":" + e.Operation + ": " + e.Err.Error() }
func (e *CallError) Unwrap() error { return e.Err }

// Call makes one call. Its error, a *CallError, knows whose it is.
func (j *Job) Call(ctx context.Context, service, operation string, in map[string]any) (map[string]any, error) {
	out, err := j.Calls.Call(ctx, service, operation, in)
	if err != nil {
		return nil, &CallError{service, operation, api.AsError(err)}
	}
	return out, nil
}

// do makes a call whose answer nobody needs.
func (j *Job) do(ctx context.Context, service, operation string, in map[string]any) error {
	_, err := j.Call(ctx, service, operation, in)
	return err
}

// gone is the error of a deletion, where being gone already is none.
func gone(err error) error {
	if isCode(err, notFound) {
		return nil
	}
	return err
}

func isCode(err error, code string) bool {
	e, ok := errors.AsType[*CallError](err)
	return ok && e.code() == code
}

// isServiceCode reports whether a service answered with an error of its own.
func isServiceCode(err error, code string) bool {
	e, ok := errors.AsType[*CallError](err)
	return ok && e.Err.Code == code
}

// Reason is how an error reads as the reason for which a resource failed; token is the
// request's of the handler [C030].
func Reason(err error, token string) string {
	if f, ok := errors.AsType[*Failure](err); ok {
		return reason(f.Message, token, f.Code)
	}
	if e, ok := errors.AsType[*CallError](err); ok {
		return reason(e.text(token), token, e.code())
	}
	return err.Error()
}

func reason(message, token, code string) string {
	return fmt.Sprintf(`Resource handler returned message: "%s" (RequestToken: %s, HandlerErrorCode: %s)`, message, token, code)
}

// text is the error as AWS's SDK words it. The request's id leads to the decision.
func (e *CallError) text(token string) string {
	return fmt.Sprintf("%s (Service: %s, Status Code: %d, Request ID: %s)",
		e.Err.Message, sdkNames[e.Service], e.Err.HTTPStatus(), cmp.Or(api.FailedCall(e.Err), token))
}

// sdkNames are the services' names in the errors of AWS's SDK for Java, in which most
// handlers are written.
var sdkNames = map[string]string{
	"sqs": "Sqs", "sns": "Sns", "kms": "Kms", "iam": "Iam", "ec2": "Ec2", "s3": "S3", "cloudtrail": "CloudTrail", "events": "EventBridge",
	"cloudformation": "CloudFormation",
}

// deniedTagging matches the message of a denial that is about tags alone.
var deniedTagging = regexp.MustCompile(`(?i)not authorized to perform: \w+:(Tag|Untag|AddTags|RemoveTags|CreateTags|DeleteTags)`)

// codes tells the handler's code from a part of the service's.
var codes = []struct{ part, code string }{
	{"AccessDenied", accessDenied}, {"AuthorizationError", accessDenied}, {"UnauthorizedOperation", accessDenied}, {"Forbidden", accessDenied},
	{"NotFound", notFound}, {"NonExistent", notFound}, {"NoSuch", notFound}, {"DoesNotExist", notFound},
	{"AlreadyExist", alreadyExists}, {"AlreadyOwned", alreadyExists}, {"NameExists", alreadyExists}, {"Duplicate", alreadyExists},
	{"Throttl", throttling}, {"LimitExceeded", serviceLimit}, {"Conflict", resourceConflicts},
}

func (e *CallError) code() string {
	if e.Err.HTTPStatus() >= 500 {
		return serviceInternal
	}
	if deniedTagging.MatchString(e.Err.Message) {
		return unauthorizedTags
	}
	for _, c := range codes {
		if strings.Contains(e.Err.Code, c.part) || strings.Contains(e.Err.Query(), c.part) {
			return c.code
		}
	}
	if e.Err.HTTPStatus() == 403 {
		return accessDenied
	}
	return invalidRequest
}
