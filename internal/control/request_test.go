package control_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/servertest"
)

// request is what a client reads of one.
type request struct {
	RequestID, Origin, Text string
	Decisions               []struct {
		decision
		Missing, Own bool
		Fix          *struct {
			Text, Key string
			Statement json.RawMessage
		}
	}
	Deliveries []struct{ Source, Endpoint, Status, DecisionRequestID string }
	Event      *struct{ EventName, RequestID, ErrorCode string }
}

func showRequest(t *testing.T, s http.Handler, id string) (r request) {
	t.Helper()
	status, body := servertest.Ask(s, http.MethodGet, "/_waxseal/decisions/"+id, "")
	if err := json.Unmarshal([]byte(body), &r); err != nil || status != 200 || r.RequestID != id {
		t.Fatalf("decisions/%s answered %d %s (%v)", id, status, body, err)
	}
	return r
}

const requestFixtures = `
keys: [{alias: alias/orders, policy: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {AWS: "arn:aws:iam::123456789012:root"}, Action: "kms:*", Resource: "*"}]}}]
roles: [{name: shop, policies: {send: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: ["sqs:*", "sns:*"], Resource: "*"}]}}}]
queues:
  - {name: orders, attributes: {KmsMasterKeyId: alias/orders}}
  - {name: parcels}
topics: [{name: sold, subscriptions: [{protocol: sqs, endpoint: "arn:aws:sqs:us-east-1:123456789012:parcels"}]}]`

// All that belongs to a request: here a call that is allowed and fails of a call for it.
func TestRequestsAreShown(t *testing.T) {
	s := withFixtures(t, strings.TrimSpace(requestFixtures))
	servertest.TryAs(t, s, "role/shop", "sqs:SendMessage", map[string]any{"QueueUrl": "orders", "MessageBody": "m"})
	key := decisions(t, s, "action=kms:GenerateDataKey")[0]
	r := showRequest(t, s, key.Origin)
	if len(r.Decisions) != 2 || r.Origin != "" {
		t.Fatalf("the request has %+v", r)
	}
	own, forKey := r.Decisions[0], r.Decisions[1]
	if !own.Own || own.Action != "sqs:SendMessage" || own.Decision != "Allow" || own.Fix != nil || len(own.Trace) == 0 {
		t.Errorf("its own decision is %+v", own)
	}
	if forKey.Own || forKey.Decision != "Deny" || forKey.Missing || forKey.Fix == nil || !strings.Contains(forKey.Fix.Text, "kms:Decrypt") || !strings.Contains(string(forKey.Fix.Statement), `"Action":["kms:GenerateDataKey","kms:Decrypt"]`) ||
		forKey.Fix.Key != "role/shop/send" {
		t.Errorf("the decision on the key is %+v, its fix %+v", forKey, forKey.Fix)
	}
	if r.Event == nil || r.Event.EventName != "SendMessage" || r.Event.RequestID != r.RequestID || !strings.HasPrefix(r.Text, "DENIED  kms:GenerateDataKey") {
		t.Errorf("event %+v, text %s", r.Event, r.Text)
	}
	if inner := showRequest(t, s, key.RequestID); inner.Origin != r.RequestID || len(inner.Decisions) != 1 || !inner.Decisions[0].Own {
		t.Errorf("the call for it is shown as %+v", inner)
	}

	// What does not exist needs no fix of policies.
	servertest.TryAs(t, s, "role/shop", "sqs:SendMessage", map[string]any{"QueueUrl": "absent", "MessageBody": "m"})
	if d := showRequest(t, s, decisions(t, s, "resource=arn:aws:sqs:us-east-1:123456789012:absent")[0].RequestID).Decisions[0]; !d.Missing || d.Fix != nil {
		t.Errorf("on what does not exist: %+v", d)
	}
	// A call without a decision is remembered, too.
	servertest.ActAs(t, s, "role/shop", "sts:GetCallerIdentity", map[string]any{})
	events := servertest.Events(s)
	if r := showRequest(t, s, events[len(events)-1].RequestID); len(r.Decisions) != 0 || r.Event == nil || r.Event.EventName != "GetCallerIdentity" {
		t.Errorf("a call that anybody may make: %+v", r)
	}
	for query, want := range map[string]int{"absent": 404, "a?x=1": 400, "%00": 404} {
		if status, body := servertest.Ask(s, http.MethodGet, "/_waxseal/decisions/"+query, ""); status != want {
			t.Errorf("%s answered %d %s", query, status, body)
		}
	}
}

// A message that was published, and what became of it: the queue lets no topic in.
func TestRequestsShowTheirDeliveries(t *testing.T) {
	s := withFixtures(t, strings.TrimSpace(requestFixtures))
	servertest.ActAs(t, s, "role/shop", "sns:Publish", map[string]any{"TopicArn": "arn:aws:sns:us-east-1:123456789012:sold", "Message": "m"})
	id := decisions(t, s, "action=sns:Publish")[0].RequestID
	var r request
	for end := time.Now().Add(time.Minute); len(r.Deliveries) == 0 || len(r.Decisions) < 2; time.Sleep(time.Millisecond) {
		if r = showRequest(t, s, id); time.Now().After(end) {
			t.Fatalf("the delivery is not shown: %+v", r)
		}
	}
	denied := r.Decisions[1]
	if d := r.Deliveries[0]; d.Source != "sns" || d.DecisionRequestID != denied.RequestID || !strings.HasSuffix(d.Endpoint, ":parcels") {
		t.Errorf("the delivery is %+v", d)
	}
	if denied.Own || denied.Principal != "sns.amazonaws.com" || denied.Fix == nil || denied.Fix.Key != denied.Resource || !strings.Contains(string(denied.Fix.Statement), `"aws:SourceArn":"arn:aws:sns:us-east-1:123456789012:sold"`) {
		t.Errorf("the decision on it is %+v, its fix %+v", denied, denied.Fix)
	}
	if of := showRequest(t, s, denied.RequestID); len(of.Deliveries) != 1 || of.Origin != id {
		t.Errorf("the call that delivers has %+v", of)
	}
}
