package sns

import (
	"reflect"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/service/sns"
)

// TestEveryOperation compares the table with the SDK's client; their shapes
// are compared in package integration.
func TestEveryOperation(t *testing.T) {
	have := map[string]bool{}
	for _, op := range newTestbed(t).API().Operations {
		have[op.Name] = true
	}
	if len(have) != 42 {
		t.Errorf("%d operations", len(have))
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

// TestEveryOperationIsGuarded: all but the links in messages ask for a decision,
// of the action that bears their name.
func TestEveryOperationIsGuarded(t *testing.T) {
	for _, op := range newTestbed(t).API().Operations {
		want := "sns:" + op.Name
		if op.Name == "PublishBatch" {
			want = "sns:Publish" // [D5]
		}
		if len(op.Actions) == 0 || op.Actions[0] != want {
			t.Errorf("%s asks for %v", op.Name, op.Actions)
		}
		if wantData := strings.HasPrefix(op.Name, "Publish"); op.Data != wantData { // [F3]
			t.Errorf("%s: data event: %v", op.Name, op.Data)
		}
		reads := strings.HasPrefix(op.Name, "Get") || strings.HasPrefix(op.Name, "List") || strings.HasPrefix(op.Name, "Check")
		if op.ReadOnly != reads {
			t.Errorf("%s: read-only: %v", op.Name, op.ReadOnly)
		}
		link := op.Name == "ConfirmSubscription" || op.Name == "Unsubscribe"
		if op.Unsigned != link {
			t.Errorf("%s: unsigned: %v", op.Name, op.Unsigned)
		}
	}
}
