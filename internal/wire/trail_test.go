package wire

import (
	"encoding/json"
	"testing"
	"time"
)

func TestTrailParameters(t *testing.T) {
	for _, test := range []struct {
		name string
		v    any
		want string
	}{
		{"F10: SetQueueAttributes", &setQueueAttributesInput{QueueUrl: "u", Attributes: map[string]string{"Policy": "p", "DelaySeconds": "1"}}, `{"queueUrl":"u","attributes":{"DelaySeconds":"1","Policy":"p"}}`},
		{"F3: SendMessage", &sendMessageInput{QueueUrl: "u", MessageBody: "secret", DelaySeconds: new(int32(0)), MessageAttributes: map[string]attributeValue{"secret": {}}}, `{"queueUrl":"u","messageBody":"HIDDEN_DUE_TO_SECURITY_REASONS","delaySeconds":0,"messageAttributes":"HIDDEN_DUE_TO_SECURITY_REASONS"}`},
		{"the answer to SendMessage", &sendMessageOutput{MD5OfMessageBody: "m", MessageId: "i"}, `{"mD5OfMessageBody":"m","messageId":"i"}`},
		{"F7: Encrypt", encryptInput{KeyId: "k", Plaintext: []byte("secret"), EncryptionContext: map[string]string{"aws:sqs:arn": "a"}}, `{"keyId":"k","encryptionContext":{"aws:sqs:arn":"a"},"dryRun":false}`},
		{
			"F10: AddPermission", &addPermissionInput{[]string{"1", "2"}, []string{}, "l"}, `{"AWSAccountIds":["1","2"],"actions":[],"label":"l"}`,
		},
		{"times", &struct{ Expiration *time.Time }{new(time.Date(2026, 8, 2, 15, 4, 5, 6, time.UTC))}, `{"expiration":"Aug 2, 2026, 3:04:05 PM"}`},
		{"lists of structures and blobs", &struct {
			Tags []tag
			Blob []byte
		}{[]tag{{"k", "v"}, {"k2", ""}}, []byte{1}}, `{"tags":[{"key":"k","value":"v"},{"key":"k2"}],"blob":"AQ=="}`},
		{"nothing to show", &nothing{}, `null`},
		{"nothing shown", &receiveMessageOutput{}, `null`},
		{"nil", nil, `null`},
		{"a nil pointer", (*nothing)(nil), `null`},
	} {
		got := TrailParameters(nil, test.v)
		if string(got) != test.want || !json.Valid(got) {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}
