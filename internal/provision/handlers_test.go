package provision

import (
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/resourcetype"
)

func TestHandlersAreOfKnownTypes(t *testing.T) {
	t.Parallel()
	for name, h := range handlers {
		if resourcetype.Find(name) == nil {
			t.Errorf("%s has a handler and no schema", name)
		}
		if h.Create == nil || h.Update == nil || h.Delete == nil {
			t.Errorf("%s cannot do everything", name)
		}
	}
	for _, name := range resourcetype.Names() {
		if _, ok := Find(name); !ok && !strings.HasPrefix(name, "AWS::CloudFormation::") { // which CloudFormation makes itself
			t.Errorf("%s has a schema and no handler", name)
		}
	}
	if _, ok := Find("AWS::SQS::Queue"); !ok {
		t.Error("queues have no handler")
	}
	if _, ok := Find("AWS::Lambda::Function"); ok {
		t.Error("functions have a handler")
	}
}
