package sqs

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTags(t *testing.T) {
	w := newTestbed(t)
	out, err := w.CreateQueue(ctx(), &CreateQueueInput{QueueName: "q", Tags: map[string]string{"a": "1"}}) // [Q055]
	url := must[*CreateQueueOutput](t)(out, err).QueueUrl
	list := func() map[string]string {
		t.Helper()
		return must[*ListQueueTagsOutput](t)(w.ListQueueTags(ctx(), &ListQueueTagsInput{QueueUrl: url})).Tags
	}
	tag := func(tags map[string]string) error {
		_, err := w.TagQueue(ctx(), &TagQueueInput{QueueUrl: url, Tags: tags})
		return err
	}
	if err := tag(map[string]string{"A": "2", "b": ""}); err != nil { // [Q086]
		t.Fatal(err)
	}
	if err := tag(map[string]string{"a": "3"}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"a": "3", "A": "2", "b": ""}, list()); diff != "" {
		t.Error(diff)
	}
	untag := &UntagQueueInput{QueueUrl: url, TagKeys: []string{"a", "b", "A", "never there"}} // [Q087]
	must[*UntagQueueOutput](t)(w.UntagQueue(ctx(), untag))
	if got := list(); got != nil { // [Q088]
		t.Errorf("tags %v", got)
	}
	many := map[string]string{}
	for i := range 51 {
		many[fmt.Sprint(i)] = ""
	}
	const keyLength = "Tag keys must be between 1 and 128 characters in length."
	for _, c := range []struct {
		tags map[string]string
		want string
	}{
		{many, "Too many tags added for queue NAME."},
		{map[string]string{"": "x"}, keyLength},
		{map[string]string{strings.Repeat("x", 129): ""}, keyLength},
		{map[string]string{"x": strings.Repeat("x", 257)}, "Tag values must be between 0 and 256 characters in length."},
		{map[string]string{"AWS:x": ""}, "Tag keys must not begin with the reserved prefix aws:."},
	} {
		wantError(t, tag(c.tags), "InvalidParameterValue", strings.Replace(c.want, "NAME", "q", 1))
		_, err := w.CreateQueue(ctx(), &CreateQueueInput{QueueName: "r", Tags: c.tags})
		wantError(t, err, "InvalidParameterValue", strings.Replace(c.want, "NAME", "r", 1))
	}
	wantError(t, tag(map[string]string{}), "MissingParameter", "The request must contain the parameter Tags.")
	if got := list(); got != nil {
		t.Errorf("refused tags were set: %v", got)
	}
	if err := tag(map[string]string{strings.Repeat("ü", 128): strings.Repeat("☃", 256)}); err != nil { // characters, not bytes
		t.Error(err)
	}
	_, err = w.UntagQueue(ctx(), &UntagQueueInput{QueueUrl: url})
	wantError(t, err, "InvalidParameterValue", keyLength)
	_, err = w.UntagQueue(ctx(), &UntagQueueInput{QueueUrl: "none"})
	wantError(t, err, "AWS.SimpleQueueService.NonExistentQueue", "")
}
