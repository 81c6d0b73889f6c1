package api_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/waxseal/waxseal/internal/api"
)

// TestRetryChanged: a call is attempted until what it acts on holds still, and not without end.
func TestRetryChanged(t *testing.T) {
	failed := errors.New("failed")
	for name, c := range map[string]struct {
		changes int // attempts that end with ErrChanged
		last    error
		want    error
	}{
		"at once":             {0, nil, nil},
		"fails":               {0, failed, failed},
		"changes once":        {1, nil, nil},
		"changes, fails":      {3, failed, failed},
		"changes a lot":       {100, nil, nil}, // as with ten clients that do nothing but change it
		"changes without end": {1 << 30, nil, api.ErrUnsteady},
	} {
		attempts := 0
		err := api.RetryChanged(func() error {
			if attempts++; attempts <= c.changes {
				return fmt.Errorf("an attempt: %w", api.ErrChanged)
			}
			return c.last
		})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if want := c.changes + 1; attempts != want && !errors.Is(err, api.ErrUnsteady) {
			t.Errorf("%s: %d attempts, want %d", name, attempts, want)
		}
	}
}

// TestFailedCall: the outermost of the calls that a service made and that failed
// is the one to look at.
func TestFailedCall(t *testing.T) {
	inner := &api.Error{Code: "Denied", RequestID: "inner"}
	outer := &api.Error{Code: "Denied", RequestID: "outer", Cause: inner}
	for want, err := range map[string]error{
		"":      &api.Error{Code: "Denied", Cause: errors.New("why")},
		"inner": &api.Error{Code: "KmsAccessDenied", Cause: fmt.Errorf("of KMS: %w", inner)},
		"outer": &api.Error{Code: "KmsAccessDenied", Cause: outer},
	} {
		if got := api.FailedCall(err); got != want {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
}
