package wire

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
)

// What is decoded, and what is found wrong with it, is a copy: the memory of a
// body is used for the next one.
func TestDecodedInputsDoNotReferToTheBody(t *testing.T) {
	inJSON := func(body []byte) (any, []api.Violation, *api.Error) {
		return DecodeJSON(body, reflect.TypeFor[sendMessageInput]())
	}
	inQuery := func(body []byte) (any, []api.Violation, *api.Error) {
		in, violations, err := decodeQuery[sendMessageInput](body)
		return in, violations, err
	}
	for name, c := range map[string]struct {
		body   string
		decode func([]byte) (any, []api.Violation, *api.Error)
	}{
		"JSON": {
			`{"QueueUrl":"q","MessageBody":"plain","DelaySeconds":7,"MessageGroupId":"a\nb","MessageAttributes":{"name":{"DataType":"Binary","BinaryValue":"AAEC"}}}`,
			inJSON,
		},
		"JSON, mistaken": {
			`{"QueueUrl":"q","MessageBody":"plain","DelaySeconds":"seven"}`,
			inJSON,
		},
		"Query": {
			"QueueUrl=q&MessageBody=plain&DelaySeconds=7&MessageGroupId=a%0Ab&MessageAttribute.1.Name=name&MessageAttribute.1.Value.DataType=Binary&MessageAttribute.1.Value.BinaryValue=AAEC",
			inQuery,
		},
		"Query, lacking": {
			"QueueUrl=q&MessageAttribute.1.Name=name",
			inQuery,
		},
	} {
		body := []byte(c.body)
		got, violations, err := c.decode(body)
		for i := range body {
			body[i] = '!'
		}
		want, wantViolations, wantErr := c.decode(bytes.Clone([]byte(c.body)))
		if diff := cmp.Diff([]any{want, wantViolations, wantErr}, []any{got, violations, err}); diff != "" {
			t.Errorf("%s changes with its body:\n%s", name, diff)
		}
	}
}
