package integration

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms"
)

func TestDisabledKeyStopsTheQueueAfterTheReusePeriod(t *testing.T) {
	cloud := start(t)
	c := newClients(t, cloud.Config())
	id, keyARN := c.key()
	queue, _ := c.queue("encrypted", map[string]string{"KmsMasterKeyId": id, "KmsDataKeyReusePeriodSeconds": "300"})
	if err := c.send(queue, "before"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.kms.DisableKey(t.Context(), &kms.DisableKeyInput{KeyId: &id}); err != nil {
		t.Fatal(err)
	}
	cloud.Advance(299 * time.Second)
	if err := c.send(queue, "within the period"); err != nil {
		t.Errorf("within the reuse period (A6.5): %v", err)
	}
	cloud.Advance(2 * time.Second)

	// [A7] [A8.5]
	text := keyARN + " is disabled. (Service: AWSKMS; Status Code: 400; Error Code: DisabledException; Request ID: "
	got := failure(t, c.send(queue, "after"))
	if got.status != http.StatusBadRequest || got.code != "KMS.DisabledException" || !strings.HasPrefix(got.message, text) || !strings.HasSuffix(got.message, "; Proxy: null)") {
		t.Errorf("after the reuse period: %+v", got)
	}
	status, body := queryCall(t, http.DefaultClient, cloud.URL(), url.Values{"Action": {"SendMessage"}, "QueueUrl": {queue}, "MessageBody": {"after"}})
	var failed struct {
		Code    string `xml:"Error>Code"`
		Message string `xml:"Error>Message"`
	}
	if err := xml.Unmarshal([]byte(body), &failed); err != nil {
		t.Fatal(err)
	}
	if status != http.StatusBadRequest || failed.Code != "KMS.DisabledException" || !strings.HasPrefix(failed.Message, text) {
		t.Errorf("by Query: %d %+v", status, failed)
	}

	if _, err := c.kms.EnableKey(t.Context(), &kms.EnableKeyInput{KeyId: &id}); err != nil {
		t.Fatal(err)
	}
	if err := c.send(queue, "enabled again"); err != nil {
		t.Errorf("after EnableKey: %v", err)
	}
}
