package control_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/server"
)

// usedKey makes a role send a message to a queue with a key, and root describe it a
// minute later. It returns the key's ARN.
func usedKey(t *testing.T, s *server.Server, c *clock.Turnable) (keyARN string) {
	t.Helper()
	made := servertest.ActAs(t, s, "root", "kms:CreateKey", map[string]any{})
	keyARN = made["KeyMetadata"].(map[string]any)["Arn"].(string)
	servertest.ActAs(t, s, "root", "sqs:CreateQueue", map[string]any{"QueueName": "orders", "Attributes": map[string]any{"KmsMasterKeyId": keyARN}})
	servertest.ActAs(t, s, "root", "iam:CreateRole", map[string]any{"RoleName": "producer", "AssumeRolePolicyDocument": servertest.PolicyText(
		`{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}`)})
	servertest.ActAs(t, s, "root", "iam:PutRolePolicy", map[string]any{"RoleName": "producer", "PolicyName": "p", "PolicyDocument": servertest.PolicyText(
		`{"Effect":"Allow","Action":["sqs:*","kms:*"],"Resource":"*"}`)})
	servertest.ActAs(t, s, "role/producer", "sqs:SendMessage", map[string]any{"QueueUrl": "http://127.0.0.1:4566/123456789012/orders", "MessageBody": "m"})
	c.Advance(time.Minute)
	servertest.ActAs(t, s, "root", "kms:DescribeKey", map[string]any{"KeyId": keyARN})
	return keyARN
}

// Events are found by the principal as decisions are, by the resource or by what a key
// was used for, and by how old they are.
func TestEventsAreFound(t *testing.T) {
	c := clock.NewStill(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	s := servertest.New(t, server.Config{Clock: c})
	keyARN := usedKey(t, s, c)
	for query, want := range map[string][]string{
		"principal=role/producer": {"SendMessage", "Decrypt", "GenerateDataKey"},
		"principal=root":          {"DescribeKey", "PutRolePolicy", "CreateRole", "CreateQueue", "CreateKey"},
		"principal=role/prod":     {},
		"resource=orders":         {"SendMessage", "Decrypt", "GenerateDataKey", "CreateQueue"},
		"resource=" + url.QueryEscape("arn:aws:sqs:us-east-1:123456789012:orders"): {"SendMessage", "Decrypt", "GenerateDataKey", "CreateQueue"},
		"resource=" + url.QueryEscape(keyARN):                                      {"DescribeKey", "Decrypt", "GenerateDataKey", "CreateKey"},
		"resource=" + url.QueryEscape(keyARN[strings.Index(keyARN, "key/"):]):      {"DescribeKey", "Decrypt", "GenerateDataKey", "CreateKey"},
		"resource=rders": {},
		"since=59s":      {"DescribeKey"},
		"since=1m&event-source=kms.amazonaws.com":  {"DescribeKey", "Decrypt", "GenerateDataKey", "CreateKey"},
		"resource=orders&principal=root&limit=100": {"CreateQueue"},
	} {
		_, body := servertest.Ask(s, http.MethodGet, "/_waxseal/events?"+query, "")
		var found struct{ Events []struct{ EventName string } }
		if err := json.Unmarshal([]byte(body), &found); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		names := []string{}
		for _, e := range found.Events {
			names = append(names, e.EventName)
		}
		if !slices.Equal(names, want) {
			t.Errorf("%s: %q, want %q", query, names, want)
		}
	}
}

// The stream sends the events that match, data events included, until a reset.
func TestStreamOfEvents(t *testing.T) {
	c := clock.NewStill(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	s := servertest.New(t, server.Config{Clock: c})
	addr, _ := servertest.Serve(t, s)
	limited, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(limited, http.MethodGet, "http://"+addr+"/_waxseal/events/stream?principal=role/producer", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	usedKey(t, s, c)
	var names []string
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			var e struct{ EventName string }
			if err := json.Unmarshal([]byte(data), &e); err != nil {
				t.Fatal(err)
			}
			if names = append(names, e.EventName); len(names) < 3 {
				continue
			}
			if status, _ := servertest.Ask(s, http.MethodPost, "/_waxseal/reset", ""); status != http.StatusNoContent {
				t.Fatalf("reset: %d", status)
			}
		}
	}
	if !slices.Equal(names, []string{"GenerateDataKey", "Decrypt", "SendMessage"}) {
		t.Errorf("streamed %q", names)
	}
}
