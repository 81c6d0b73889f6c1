//go:build !race

package browser

import (
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// An exercise that is under way follows what is called, and gives its hints one by one.
func TestExercise(t *testing.T) {
	t.Parallel()
	const name = "encrypted-by-default"
	e := emulate(t, "shop.yaml")
	p := open(t, e.url(), at("learn", name), look{})
	p.reads("an exercise", []string{"SSE-SQS: encrypted by default", "waxseal learn start " + name})
	control[struct{ Name string }](e, http.MethodPost, "learn/start", `{"exercise":"`+name+`"}`)
	p.until("what does not hold", `document.querySelectorAll('main .checks .failed').length === 1`)
	p.shows("main .checks .failed", "The queue encrypts with the keys of SQS")
	for i, hint := range []string{"Encryption at rest is an attribute", "A new queue has SSE-SQS", "Call set-queue-attributes"} {
		p.click("the button for a hint", named("main button", "Show the "+[]string{"first", "second", "third"}[i]+" hint"))
		p.shows("main .hints", hint)
	}
	p.shows("main", "There are no more.")
	p.accessible("an exercise")
	if _, err := sqs.NewFromConfig(e.as("root")).SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{
		QueueUrl: aws.String(e.url() + "/" + account + "/pettracker-notifications"), Attributes: map[string]string{"SqsManagedSseEnabled": "true"},
	}); err != nil {
		t.Fatal(err)
	}
	p.shows("main", "The goal is reached.")
	p.until("nothing that does not hold", `document.querySelectorAll('main .checks .failed').length === 0`)
	p.visit("#/learn")
	p.shows("main table tr", "passed")
}
