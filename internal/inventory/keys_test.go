package inventory_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	diff "github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/servertest"
)

const keyFixtures = `accounts:
  "123456789012":
    roles:
      - name: producer
        trust: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {Service: events.amazonaws.com}, Action: "sts:AssumeRole"}]}
        policies: {all: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: ["sqs:*", "kms:*"], Resource: "*"}]}}
      - name: consumer
        policies: {all: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: ["sqs:*", "kms:*"], Resource: "*"}]}}
    keys:
      - {id: 11111111-2222-3333-4444-555555555555, alias: alias/orders}
    queues:
      - {name: orders, attributes: {KmsMasterKeyId: alias/orders, KmsDataKeyReusePeriodSeconds: "600", VisibilityTimeout: "3600"}}
      - {name: plain, attributes: {SqsManagedSseEnabled: "false"}}
`

const (
	ordersKey   = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
	orders      = "arn:aws:sqs:us-east-1:123456789012:orders"
	ordersURL   = "http://127.0.0.1:4566/123456789012/orders"
	producer    = "arn:aws:iam::123456789012:role/producer"
	consumer    = "arn:aws:iam::123456789012:role/consumer"
	rfc3339Time = "2026-01-02T03:04:05Z"
)

// Keys are listed with their grants, their rotation, their last use, and who used them for what.
func TestKeys(t *testing.T) {
	w := newWorld(t, keyFixtures)
	c := kms.NewFromConfig(w.config("123456789012"))
	grant := must(c.CreateGrant(t.Context(), &kms.CreateGrantInput{
		KeyId: aws.String(ordersKey), GranteePrincipal: aws.String(consumer), RetiringPrincipal: aws.String(producer), Name: aws.String("reads"),
		Operations: []types.GrantOperation{types.GrantOperationDecrypt}, Constraints: &types.GrantConstraints{EncryptionContextSubset: map[string]string{"aws:sqs:arn": orders}},
	}))(t)
	must(c.EnableKeyRotation(t.Context(), &kms.EnableKeyRotationInput{KeyId: aws.String(ordersKey), RotationPeriodInDays: aws.Int32(90)}))(t)
	doomed := must(c.CreateKey(t.Context(), &kms.CreateKeyInput{Description: aws.String("doomed")}))(t).KeyMetadata.Arn
	must(c.ScheduleKeyDeletion(t.Context(), &kms.ScheduleKeyDeletionInput{KeyId: doomed, PendingWindowInDays: aws.Int32(7)}))(t)
	servertest.ActAs(t, w.Server, "role/producer", "sqs:SendMessage", object{"QueueUrl": ordersURL, "MessageBody": "x"})
	servertest.ActAs(t, w.Server, "role/producer", "kms:Encrypt", object{"KeyId": ordersKey, "Plaintext": "eA=="})
	servertest.ActAs(t, w.Server, "role/consumer", "kms:DescribeKey", object{"KeyId": ordersKey})
	servertest.ActAs(t, w.Server, "role/consumer", "sqs:ReceiveMessage", object{"QueueUrl": ordersURL})

	keys := func() []object {
		var got struct{ Keys []object }
		w.get("keys?account=123456789012", &got)
		return got.Keys
	}
	got := keys()
	i := slices.IndexFunc(got, func(k object) bool { return k["arn"] == ordersKey })
	if len(got) != 2 || i < 0 {
		t.Fatalf("keys: %v", got)
	}
	uses := got[i]["usedBy"].([]any)
	slices.SortFunc(uses, func(a, b any) int { // all are of the same second
		x, y := a.(object), b.(object)
		return cmp.Or(int(y["calls"].(float64)-x["calls"].(float64)), strings.Compare(y["for"].(string), x["for"].(string)))
	})
	if id := got[i]["lastUsed"].(object)["requestId"]; id == "" {
		t.Error("the last use has no request")
	}
	delete(got[i]["lastUsed"].(object), "requestId")
	want := object{
		"arn": ordersKey, "id": "11111111-2222-3333-4444-555555555555", "account": "123456789012", "region": "us-east-1",
		"aliases": []any{"alias/orders"}, "state": "Enabled", "spec": "SYMMETRIC_DEFAULT", "usage": "ENCRYPT_DECRYPT", "origin": "AWS_KMS",
		"manager": "CUSTOMER", "multiRegion": false,
		"rotation": object{"enabled": true, "periodInDays": 90.0, "next": "2026-04-02T03:04:05Z"},
		"grants": []any{object{
			"id": *grant.GrantId, "name": "reads", "grantee": consumer, "retiring": producer, "operations": []any{"Decrypt"},
			"constraints": object{"EncryptionContextSubset": object{"aws:sqs:arn": orders}},
		}},
		"lastUsed": object{"time": rfc3339Time, "operation": "Decrypt", "principal": consumer},
		"usedBy": []any{
			object{"principal": producer, "for": orders, "service": "sqs.amazonaws.com", "calls": 2.0, "last": rfc3339Time},
			object{"principal": consumer, "for": orders, "service": "sqs.amazonaws.com", "calls": 1.0, "last": rfc3339Time},
			object{"principal": producer, "for": "", "calls": 1.0, "last": rfc3339Time},
		},
	}
	if different := diff.Diff(want, got[i]); different != "" {
		t.Errorf("-want +got:\n%s", different)
	}
	if k := got[1-i]; k["arn"] != *doomed || k["state"] != "PendingDeletion" || k["deletionDate"] != "2026-01-09T03:04:05Z" || k["description"] != "doomed" {
		t.Errorf("the key that is to be deleted: %v", k)
	}
	w.clock.Advance(8 * 24 * time.Hour)
	if got := keys(); len(got) != 1 {
		t.Errorf("after its deletion: %v", got)
	}
	w.clock.Advance(90 * 24 * time.Hour)
	if next := keys()[0]["rotation"].(object)["next"]; next != "2026-07-01T03:04:05Z" {
		t.Errorf("it rotates next at %v", next)
	}
}

// A key of AWS's own is listed once it is there.
func TestAWSManagedKeys(t *testing.T) {
	w := newWorld(t, "")
	c := sqs.NewFromConfig(w.config("123456789012"))
	made := must(c.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("q"), Attributes: map[string]string{"KmsMasterKeyId": "alias/aws/sqs"}}))(t)
	must(c.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: made.QueueUrl, MessageBody: aws.String("x")}))(t)
	var got struct {
		Keys []struct {
			Manager string
			Aliases []string
			UsedBy  []struct {
				Principal, For string
				Calls          int
			}
		}
	}
	w.get("keys", &got)
	if len(got.Keys) != 1 || got.Keys[0].Manager != "AWS" || !slices.Equal(got.Keys[0].Aliases, []string{"alias/aws/sqs"}) ||
		len(got.Keys[0].UsedBy) != 1 || got.Keys[0].UsedBy[0].Principal != root || got.Keys[0].UsedBy[0].Calls != 2 {
		t.Errorf("%+v", got)
	}
}
