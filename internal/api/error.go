package api

import (
	"errors"
	"fmt"
	"slices"
)

// Fault says whose mistake an error is.
type Fault uint8

// The faults, as AWS names them in <Type> and in x-amzn-query-error.
const (
	Sender Fault = iota
	Receiver
)

func (f Fault) String() string {
	if f == Receiver {
		return "Receiver"
	}
	return "Sender"
}

// Error is an AWS error. Services declare each of theirs once, in errors.go,
// and answer it as it is or With a message. internal/wire prints it in the
// protocol of the request.
type Error struct {
	// Code is the error's shape name, as __type names it in the JSON protocols.
	Code string
	// QueryCode is the code in the Query protocol and in x-amzn-query-error;
	// empty: the same as Code.
	QueryCode string
	Status    int // HTTP status; 0 is 400
	Fault     Fault
	Message   string
	// Reason is the member Reason of AWS's shape of the error, where it has one.
	Reason string
	// QueryMessage replaces Message in the Query protocol where AWS words it
	// otherwise there.
	QueryMessage string
	// Details are the elements of the error's document behind code and message, in
	// order, in the dialects whose errors have some [S003].
	Details []Detail
	// Headers are those of the answer, in the same dialects.
	Headers []Detail
	// Common marks an error that AWS's front layer answers for every service
	// (access denied, signatures, unknown operations), not the service itself:
	// some services print it in another namespace.
	Common bool
	// Cause is why a request was denied, for logs and tests; never sent.
	Cause error
	// RequestID is the id of the call that failed so, where a service made it in the
	// course of another call; never sent.
	RequestID string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

func (e *Error) Unwrap() error { return e.Cause }

// Is makes errors.Is(err, ErrX) true for every error of the same code.
func (e *Error) Is(target error) bool {
	t, ok := errors.AsType[*Error](target)
	return ok && t.Code == e.Code
}

// With is the error with a message.
func (e *Error) With(message string) *Error {
	c := *e
	c.Message = message
	return &c
}

// Withf is the error with a formatted message.
func (e *Error) Withf(format string, args ...any) *Error {
	return e.With(fmt.Sprintf(format, args...))
}

// Because is the error with a reason.
func (e *Error) Because(reason string) *Error {
	c := *e
	c.Reason = reason
	return &c
}

// Detail is a named part of an error: an element of its document, or a header.
type Detail struct{ Name, Value string }

// Detailed is the error with one more element, behind those that it has.
func (e *Error) Detailed(name, value string) *Error {
	c := *e
	c.Details = append(slices.Clip(e.Details), Detail{name, value})
	return &c
}

// WithHeader is the error with one more header.
func (e *Error) WithHeader(name, value string) *Error {
	c := *e
	c.Headers = append(slices.Clip(e.Headers), Detail{name, value})
	return &c
}

// HTTPStatus is the status that the error is sent with.
func (e *Error) HTTPStatus() int {
	if e.Status == 0 {
		return 400
	}
	return e.Status
}

// Query is the error's code in the Query protocol.
func (e *Error) Query() string {
	if e.QueryCode != "" {
		return e.QueryCode
	}
	return e.Code
}

// ErrInternal is the answer to a call that fails by a fault of the emulator. The
// cause is logged and never sent.
var ErrInternal = &Error{
	Code: "InternalFailure", Status: 500, Fault: Receiver, Common: true,
	Message: "The request processing has failed because of an unknown error, exception or failure.",
}

// The errors of authentication that the dispatcher and internal/sigv4 share. The
// status is that of the services that speak the Query protocol; those that speak JSON
// alone answer 400 [C1].
var (
	// ErrMissingToken answers a request that is not signed, or not in AWS's way.
	ErrMissingToken = &Error{Code: "MissingAuthenticationTokenException", QueryCode: "MissingAuthenticationToken", Status: 403, Common: true, Message: "Request is missing Authentication Token"}
	// ErrInvalidToken answers an access key or session token that does not exist,
	// and a signature of version 2.
	ErrInvalidToken = &Error{Code: "UnrecognizedClientException", QueryCode: "InvalidClientTokenId", Status: 403, Common: true, Message: "The security token included in the request is invalid."}
	// ErrWrongToken is ErrInvalidToken for an access key that exists.
	ErrWrongToken = ErrInvalidToken.With(ErrInvalidToken.Message)
	// ErrExpiredToken answers temporary credentials whose time is over.
	ErrExpiredToken = &Error{Code: "ExpiredTokenException", QueryCode: "ExpiredToken", Status: 403, Common: true, Message: "The security token included in the request is expired"}
)

// FailedCall is the id of the call, made in the course of the one that ended with
// err, whose failure that is; empty: the call failed by itself. The decision to be
// looked at is then that call's.
func FailedCall(err error) string {
	for ; err != nil; err = errors.Unwrap(err) {
		if e, ok := err.(*Error); ok && e.RequestID != "" { //nolint:errorlint // every link of the chain is looked at
			return e.RequestID
		}
	}
	return ""
}

// AsError is err as an AWS error: itself where it is one, else ErrInternal with err as its cause.
func AsError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	e := *ErrInternal
	e.Cause = err
	return &e
}
