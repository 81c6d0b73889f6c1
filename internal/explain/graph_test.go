package explain_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/explain"
	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/server"
)

func TestGraph(t *testing.T) {
	s := servertest.New(t, server.Config{})
	graph := func() (g explain.Graph) {
		status, body := servertest.Ask(s, http.MethodGet, "/_waxseal/graph", "")
		if err := json.Unmarshal([]byte(body), &g); err != nil || status != http.StatusOK || g.Nodes == nil || g.Edges == nil {
			t.Fatalf("answered %d %s (%v)", status, body, err)
		}
		return g
	}
	if g := graph(); len(g.Nodes)+len(g.Edges) > 0 {
		t.Errorf("before any call: %+v", g)
	}
	const iam, queue, bucket = "arn:aws:iam::123456789012:", "arn:aws:sqs:us-east-1:123456789012:q", "arn:aws:s3:::photos"
	servertest.ActAs(t, s, "root", "iam:CreateRole", roleParams("r"))
	servertest.ActAs(t, s, "root", "s3:CreateBucket", map[string]any{"Bucket": "photos"})
	key := servertest.ActAs(t, s, "root", "kms:CreateKey", map[string]any{})["KeyMetadata"].(map[string]any)["Arn"].(string)
	servertest.ActAs(t, s, "root", "kms:CreateAlias", map[string]any{"AliasName": "alias/k", "TargetKeyId": key})
	servertest.SQS(s, "CreateQueue", `{"QueueName":"q"}`)
	for range 2 {
		servertest.ActAs(t, s, "root", "s3:PutObject", map[string]any{"Bucket": "photos", "Key": "a", "Body": "aGVsbG8="})
		servertest.TryAs(t, s, "role/r", "sqs:SendMessage", map[string]any{"QueueUrl": "q", "MessageBody": "m"})
	}
	servertest.TryAs(t, s, "arn:aws:sts::123456789012:assumed-role/r/other", "sqs:ReceiveMessage", map[string]any{"QueueUrl": "q"})
	servertest.ActAs(t, s, "root", "sts:AssumeRole", map[string]any{"RoleArn": iam + "role/r", "RoleSessionName": "session"})
	servertest.SQS(s, "ListQueues", `{}`)
	status, body := servertest.Ask(s, http.MethodPost, "/_waxseal/act", `{"service":"sns.amazonaws.com","action":"sqs:SendMessage","sourceAccount":"123456789012","params":{"QueueUrl":"q","MessageBody":"m"}}`)
	servertest.WantAnswer(t, status, body, 200, `"error"`)

	g, nodes, edges := graph(), map[string]explain.Node{}, map[[2]string]explain.Edge{}
	for _, n := range g.Nodes {
		nodes[n.ID] = n
	}
	for _, e := range g.Edges {
		edges[[2]string{e.From, e.To}] = e
		if nodes[e.From].ID == "" || nodes[e.To].ID == "" || e.Last.RequestID == "" || e.Last.Time.IsZero() {
			t.Errorf("an edge without ends, or without a last call: %+v", e)
		}
	}
	for _, want := range []explain.Node{
		{ID: iam + "root", Kind: "principal", Label: "root", Account: "123456789012"},
		{ID: iam + "role/r", Kind: "principal", Label: "role/r", Account: "123456789012"},
		{ID: "sns.amazonaws.com", Kind: "service", Label: "sns.amazonaws.com"},
		{ID: queue, Kind: "queue", Label: "q", Account: "123456789012"},
		{ID: bucket, Kind: "bucket", Label: "photos", Account: "123456789012"},
		{ID: key, Kind: "key", Label: "alias/k", Account: "123456789012"},
		{ID: "sqs:*", Kind: "other", Label: "sqs", Account: "123456789012"},
	} {
		if d := cmp.Diff(want, nodes[want.ID]); d != "" {
			t.Errorf("the node %s (-want +got):\n%s", want.ID, d)
		}
	}
	for ends, want := range map[[2]string][]explain.EdgeAction{
		{iam + "root", bucket}:         {{Action: "s3:CreateBucket", Allowed: 1}, {Action: "s3:PutObject", Allowed: 2}},
		{iam + "role/r", queue}:        {{Action: "sqs:ReceiveMessage", Denied: 1}, {Action: "sqs:SendMessage", Denied: 2}},
		{iam + "root", iam + "role/r"}: {{Action: "iam:CreateRole", Allowed: 1}, {Action: "sts:AssumeRole", Allowed: 1}},
		{"sns.amazonaws.com", queue}:   {{Action: "sqs:SendMessage", Denied: 1}},
		{iam + "root", "sqs:*"}:        {{Action: "sqs:ListQueues", Allowed: 1}},
	} {
		e := edges[ends]
		if d := cmp.Diff(want, e.Actions); d != "" {
			t.Errorf("the edge %s (-want +got):\n%s", ends, d)
		}
		allowed, denied := 0, 0
		for _, a := range want {
			allowed, denied = allowed+a.Allowed, denied+a.Denied
		}
		if e.Allowed != allowed || e.Denied != denied || e.Through != "" {
			t.Errorf("the edge %s: %+v", ends, e)
		}
	}
	if last := edges[[2]string{iam + "role/r", queue}].Last; last.Action != "sqs:ReceiveMessage" || last.Decision != "Deny" {
		t.Errorf("the last call of the role is %+v", last)
	}
	status, body = servertest.Ask(s, http.MethodGet, "/_waxseal/graph?x=1", "")
	servertest.WantAnswer(t, status, body, 400, "there is no parameter")
}
