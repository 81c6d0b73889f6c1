package kms

import (
	"reflect"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/service/kms"
)

// TestEveryOperation compares the table with the SDK's client; their shapes
// are compared in package integration.
func TestEveryOperation(t *testing.T) {
	have := map[string]bool{}
	for _, op := range newTestbed(t).API().Operations {
		have[op.Name] = true
	}
	client := reflect.TypeFor[*sdk.Client]()
	for i := range client.NumMethod() {
		m := client.Method(i)
		if m.Type.NumIn() != 4 || !strings.HasSuffix(m.Type.In(2).String(), "Input") {
			continue
		}
		if !have[m.Name] {
			t.Errorf("there is no operation %s", m.Name)
		}
		delete(have, m.Name)
	}
	for name := range have {
		t.Errorf("operation %s is not in the SDK", name)
	}
}
