package kms

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// What CreateGrant takes is what keys of one kind or another can allow by a grant.
func TestGrantOperations(t *testing.T) {
	operations, _ := reflect.TypeFor[CreateGrantInput]().FieldByName("Operations")
	taken := strings.Split(operations.Tag.Get("itemenum"), "|")
	slices.Sort(taken)
	if got := GrantOperations(); !slices.Equal(got, taken) {
		t.Errorf("grants can allow %v, CreateGrant takes %v", got, taken)
	}
}
