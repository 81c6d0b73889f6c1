package api

import (
	"context"
	"errors"

	"github.com/waxseal/waxseal/internal/store"
)

// ErrChanged is answered by a method that finds, in the transaction in which it
// writes, that what it acts on is not what the call was decided on any more. It
// has then done nothing, and the call is resolved and decided again.
var ErrChanged = errors.New("api: what the call acts on has changed since it was decided on")

// ErrUnsteady ends a call after maxAttempts, each of which found that what it acts
// on had changed. SDKs retry it.
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html.
var ErrUnsteady = &Error{
	Code: "ServiceUnavailable", Status: 503, Fault: Receiver, Common: true,
	Message: "The request has failed due to a temporary failure of the server.",
}

// maxAttempts is how often a call is decided. Each attempt that fails has seen
// somebody else's change succeed; of ten clients that do nothing but change one
// resource, whose writes share a commit, one in ten succeeds each time.
const maxAttempts = 250

// RetryChanged makes attempts at a call, each of which resolves and decides anew, until
// one does not end with ErrChanged.
func RetryChanged(attempt func() error) error {
	for range maxAttempts {
		if err := attempt(); !errors.Is(err, ErrChanged) {
			return err
		}
	}
	return ErrUnsteady
}

// Confirm makes sure that a record that a call was decided on is the present one,
// within the transaction in which the call acts on it. It fails with missing where
// there is none any more, and with ErrChanged where there is another.
func Confirm(r store.Reader, record store.Versioned, missing *Error) error {
	switch there, same := store.Compare(r, record); {
	case same:
		return nil
	case there:
		return ErrChanged
	default:
		return missing
	}
}

// Do calls the method of an operation that is made with On, without any
// authorization: for fixtures, tests and the program's own look at a service.
func Do[R, In, Out any](ctx context.Context, in In, resolve func(context.Context, In) (Target, R, error),
	method func(context.Context, R, In) (Out, error),
) (Out, error) {
	return DoChecks(ctx, in, func(ctx context.Context, in In) ([]Check, R, error) {
		t, on, err := resolve(ctx, in)
		return []Check{{Target: t}}, on, err
	}, method)
}

// DoChecks is Do for an operation that is made with OnChecks.
func DoChecks[R, In, Out any](ctx context.Context, in In, resolve func(context.Context, In) ([]Check, R, error),
	method func(context.Context, R, In) (Out, error),
) (out Out, err error) {
	err = RetryChanged(func() error {
		checks, on, err := resolve(ctx, in)
		if err != nil {
			return err
		}
		if unfit := Unfit(checks); unfit != nil {
			return unfit
		}
		out, err = method(ctx, on, in)
		return err
	})
	return out, err
}

// Unfit is the error for a call that is allowed and cannot be made all the same,
// for what it acts on is missing or does not take it; nil: there is none.
func Unfit(checks []Check) *Error {
	for i := range checks {
		if e := checks[i].Target.Missing; e != nil {
			return e
		}
	}
	for i := range checks {
		if e := checks[i].Target.Refused; e != nil {
			return e
		}
	}
	return nil
}
