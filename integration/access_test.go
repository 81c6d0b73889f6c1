package integration

import (
	"net/http"
	"strings"
	"testing"
)

func TestRoleNamedInTheQueuePolicy(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	queue, queueARN := root.queue("pettracker-notifications", nil)
	root.role("notification-service")
	root.role("intern")
	root.setAttribute(queue, "Policy", document(t, statement{
		"Sid": "AllowNotificationService", "Effect": "Allow",
		"Principal": statement{"AWS": "arn:aws:iam::123456789012:role/notification-service"},
		"Action":    []string{"sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage"}, "Resource": queueARN,
	}))

	service := newClients(t, cloud.As("role/notification-service"))
	if err := service.send(queue, "hello"); err != nil {
		t.Fatalf("the role named in the policy may not send: %v", err)
	}
	messages, err := service.receive(queue)
	if err != nil || len(messages) != 1 {
		t.Fatalf("the role named in the policy received %v, %v", messages, err)
	}
	if err := service.delete(queue, messages[0]); err != nil {
		t.Fatalf("the role named in the policy may not delete: %v", err)
	}

	intern := newClients(t, cloud.As("role/intern"))
	denied := func(action string) answer {
		return answer{http.StatusForbidden, "AccessDenied",
			"User: arn:aws:sts::123456789012:assumed-role/intern/waxseal is not authorized to perform: sqs:" + action + " on resource: " + queueARN +
				" because no identity-based policy allows the sqs:" + action + " action"}
	}
	err = intern.send(queue, "hello")
	want(t, "SendMessage", err, denied("sendmessage"))
	if text := cloud.Explain(err); !strings.Contains(text, "AllowNotificationService") || !strings.Contains(text, "role/notification-service") {
		t.Errorf("Explain does not show the statement that nearly matched:\n%s", text)
	}
	_, err = intern.receive(queue)
	want(t, "ReceiveMessage", err, denied("receivemessage"))
	want(t, "DeleteMessage", intern.delete(queue, messages[0]), denied("deletemessage"))
}

// The chapter's secure_queue_setup writes the queue's URL where its ARN belongs
// [H13]: it is stored, and allows nobody anything.
func TestPolicyWithAQueueURLAllowsNobody(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	queue, queueARN := root.queue("pettracker-notifications-secure", nil)
	root.role("notification-service")
	root.setAttribute(queue, "Policy", document(t, statement{
		"Effect": "Allow", "Principal": statement{"AWS": "arn:aws:iam::123456789012:role/notification-service"},
		"Action": "sqs:SendMessage", "Resource": queue,
	}))
	err := newClients(t, cloud.As("role/notification-service")).send(queue, "hello")
	want(t, "SendMessage", err, answer{http.StatusForbidden, "AccessDenied",
		"User: arn:aws:sts::123456789012:assumed-role/notification-service/waxseal is not authorized to perform: sqs:sendmessage on resource: " + queueARN +
			" because no identity-based policy allows the sqs:sendmessage action"})
	if text := cloud.Explain(err); !strings.Contains(text, "Perhaps not meant:") || !strings.Contains(text, "is a URL, not an ARN") {
		t.Errorf("Explain does not tell of the URL:\n%s", text)
	}
}

func TestRoleNeedsTheKeyToo(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	id, keyARN := root.key()
	queue, queueARN := root.queue("encrypted", map[string]string{"KmsMasterKeyId": id})
	sends := document(t, statement{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queueARN})
	root.role("producer", sends)
	root.role("producer-with-key", sends, document(t, statement{
		"Effect": "Allow", "Action": []string{"kms:GenerateDataKey", "kms:Decrypt"}, "Resource": keyARN,
	}))

	err := newClients(t, cloud.As("role/producer")).send(queue, "hello")
	got := failure(t, err)
	wanted := "User: arn:aws:sts::123456789012:assumed-role/producer/waxseal is not authorized to perform: kms:GenerateDataKey on resource: " + keyARN +
		" because no identity-based policy allows the kms:GenerateDataKey action (Service: AWSKMS; Status Code: 400; Error Code: AccessDeniedException; Request ID: "
	if got.status != http.StatusBadRequest || got.code != "KMS.AccessDeniedException" || !strings.HasPrefix(got.message, wanted) {
		t.Errorf("without the key (H17): %+v", got)
	}
	if text := cloud.Explain(err); !strings.Contains(text, "kms:GenerateDataKey") {
		t.Errorf("Explain of the SendMessage does not tell of the key:\n%s", text)
	}
	if err := newClients(t, cloud.As("role/producer-with-key")).send(queue, "hello"); err != nil {
		t.Errorf("with the key: %v", err)
	}
}
