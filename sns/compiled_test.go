package sns

import (
	"fmt"
	"testing"

	"github.com/waxseal/waxseal/internal/store"
)

// Publish does not read filter policies again: after it the subscriptions have
// the very filters that they had before, more of them than a table of other
// records keeps. A policy that was set anew is compiled anew.
func TestFiltersAreCompiledOnce(t *testing.T) {
	const subscriptions = 20_000
	s := benchService(t, subscriptions, func(i int) map[string]string {
		return map[string]string{"FilterPolicy": fmt.Sprintf(`{"store":["s%d"]}`, i)}
	})
	compiled := func() map[string]*filter {
		filters := make(map[string]*filter, subscriptions)
		if err := s.engine.View(t.Context(), func(r store.Reader) error {
			for arn, found := range s.subscriptions.Scan(r, testTopic+":", "", store.All) {
				filters[arn] = found.filter
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return filters
	}
	before := compiled()
	if len(before) != subscriptions {
		t.Fatalf("%d subscriptions", len(before))
	}
	for range 2 {
		must(s.Publish(request(), &PublishInput{TopicArn: ptr(testTopic), Message: "m", MessageAttributes: readAttributes("store=String:s77")}))
	}
	changed := ""
	for arn, f := range compiled() {
		if f != before[arn] {
			t.Fatalf("the filter of %s was compiled again", arn)
		}
		changed = arn
	}
	must(s.SetSubscriptionAttributes(request(), &SetSubscriptionAttributesInput{
		SubscriptionArn: changed, AttributeName: "FilterPolicy", AttributeValue: `{"store":["another"]}`,
	}))
	for arn, f := range compiled() {
		if (f != before[arn]) != (arn == changed) {
			t.Fatalf("%s was compiled again: %t, and %s was changed", arn, f != before[arn], changed)
		}
	}
}
