package provision

import (
	"context"
	"errors"
	"testing"

	"github.com/waxseal/waxseal/internal/api"
)

type failing struct{ err error }

func (f failing) Call(context.Context, string, string, map[string]any) (map[string]any, error) {
	return nil, f.err
}

func TestReasons(t *testing.T) {
	t.Parallel()
	call := func(service string, e *api.Error) error {
		_, err := (&Job{Calls: failing{e}}).Call(t.Context(), service, "Operation", nil)
		return err
	}
	handler := func(text, code string) string {
		return `Resource handler returned message: "` + text + `" (RequestToken: T, HandlerErrorCode: ` + code + `)`
	}
	for _, test := range []struct {
		err  error
		want string
	}{
		{call("sqs", &api.Error{Code: "InvalidAttributeName", Message: "Unknown Attribute FifoQueue."}),
			handler("Unknown Attribute FifoQueue. (Service: Sqs, Status Code: 400, Request ID: T)", "InvalidRequest")},
		{call("sns", &api.Error{Code: "AuthorizationError", Status: 403, Message: "User: U is not authorized to perform: SNS:CreateTopic on resource: R", RequestID: "R1"}),
			handler("User: U is not authorized to perform: SNS:CreateTopic on resource: R (Service: Sns, Status Code: 403, Request ID: R1)", "AccessDenied")},
		{call("sqs", &api.Error{Code: "AccessDenied", Status: 403, Message: "User: U is not authorized to perform: sqs:TagQueue on resource: R"}),
			handler("User: U is not authorized to perform: sqs:TagQueue on resource: R (Service: Sqs, Status Code: 403, Request ID: T)", "UnauthorizedTaggingOperation")},
		{call("kms", &api.Error{Code: "NotFoundException", Message: "gone"}), handler("gone (Service: Kms, Status Code: 400, Request ID: T)", "NotFound")},
		{call("sqs", &api.Error{Code: "QueueDoesNotExist", QueryCode: "AWS.SimpleQueueService.NonExistentQueue", Message: "gone"}),
			handler("gone (Service: Sqs, Status Code: 400, Request ID: T)", "NotFound")},
		{call("iam", &api.Error{Code: "EntityAlreadyExistsException", QueryCode: "EntityAlreadyExists", Status: 409, Message: "there"}),
			handler("there (Service: Iam, Status Code: 409, Request ID: T)", "AlreadyExists")},
		{call("kms", &api.Error{Code: "KMSInternalException", Status: 500, Message: "oh"}), handler("oh (Service: Kms, Status Code: 500, Request ID: T)", "ServiceInternalError")},
		{(&Job{Type: "AWS::SQS::Queue"}).exists("q"), handler("Resource of type 'AWS::SQS::Queue' with identifier 'q' already exists.", "AlreadyExists")},
		{errors.New("Property validation failure: [The property {/Type} is required]"), "Property validation failure: [The property {/Type} is required]"},
	} {
		if got := Reason(test.err, "T"); got != test.want {
			t.Errorf("%s\nwant %s", got, test.want)
		}
	}
}

func TestWhatIsGoneIsDeleted(t *testing.T) {
	t.Parallel()
	_, err := (&Job{Calls: failing{&api.Error{Code: "NotFound"}}}).Call(t.Context(), "sns", "DeleteTopic", nil)
	if gone(err) != nil {
		t.Error(gone(err))
	}
	_, err = (&Job{Calls: failing{&api.Error{Code: "AccessDenied"}}}).Call(t.Context(), "sns", "DeleteTopic", nil)
	if gone(err) == nil || gone(nil) != nil {
		t.Error("another error was taken for one")
	}
}
