package api

import (
	"testing"

	"github.com/waxseal/waxseal/policyeval"
)

// Code that runs outside of a call finds a request all the same: nobody's, with no rights.
func TestRequestFromAContextWithoutOne(t *testing.T) {
	r := RequestFrom(t.Context())
	if r == nil || r.Caller == nil || r.Caller.Type != policyeval.Anonymous || r.Account != "" {
		t.Errorf("the request is %+v, want an anonymous caller's", r)
	}
	want := &Request{ID: "1"}
	if got := RequestFrom(WithRequest(t.Context(), want)); got != want {
		t.Errorf("the request is %+v, want the one of the context", got)
	}
}
