package integration

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"

	"github.com/waxseal/waxseal/internal/testsize"
)

// Clients of EventBridge work unchanged: as a user who may do everything but open a bus to
// others, and whose signatures are verified. Python's is in events_test.go.
func (p *process) dispatcher(endpoint string) (id, secret string) {
	p.t.Helper()
	return p.user("dispatcher", endpoint, `{"Effect":"Allow","Action":["events:*","sqs:*"],"Resource":"*"}`, `{"Effect":"Deny","Action":"events:PutPermission","Resource":"*"}`)
}

func TestEventBridgeInJavaScript(t *testing.T) {
	t.Parallel()
	js := node(t)
	schemes(t, func(t *testing.T, p *process, endpoint string) {
		ca := p.caBundle()
		id, secret := p.dispatcher(endpoint)
		env := p.env("AWS_ENDPOINT_URL="+endpoint, "AWS_CA_BUNDLE="+ca, "NODE_EXTRA_CA_CERTS="+ca, "AWS_ACCESS_KEY_ID="+id, "AWS_SECRET_ACCESS_KEY="+secret)
		if out := run(t, env, js, "js/events_client.mjs", "shop-"+strings.Split(endpoint, ":")[0]); out != "ok\n" {
			t.Errorf("printed %q", out)
		}
	})
}

func TestEventBridgeInGo(t *testing.T) {
	t.Parallel()
	schemes(t, func(t *testing.T, p *process, endpoint string) {
		id, secret := p.dispatcher(endpoint)
		config := p.config(endpoint)
		config.Credentials = credentials.NewStaticCredentialsProvider(id, secret, "")
		c, our := eventbridge.NewFromConfig(config), newClients(t, config)
		bus, rule := aws.String("shop-"+strings.Split(endpoint, ":")[0]), aws.String("paid")
		ruleARN := "arn:aws:events:us-east-1:123456789012:rule/" + *bus + "/paid"
		queue, arn := our.queue(*bus, nil)
		our.setAttribute(queue, "Policy", `{"Version":"2012-10-17","Statement":[`+forEvents(`"sqs:SendMessage"`, arn, `"ArnEquals":{"aws:SourceArn":"`+ruleARN+`"}`)+`]}`)
		if _, err := c.CreateEventBus(t.Context(), &eventbridge.CreateEventBusInput{Name: bus}); err != nil {
			t.Fatal(err)
		}
		made, err := c.PutRule(t.Context(), &eventbridge.PutRuleInput{Name: rule, EventBusName: bus, EventPattern: aws.String(`{"detail":{"state":["paid"]}}`), Description: aws.String("pays")})
		if err != nil || *made.RuleArn != ruleARN {
			t.Fatal(made, err)
		}
		put, err := c.PutTargets(t.Context(), &eventbridge.PutTargetsInput{Rule: rule, EventBusName: bus, Targets: []ebtypes.Target{{
			Id: aws.String("1"), Arn: &arn, RetryPolicy: &ebtypes.RetryPolicy{MaximumRetryAttempts: aws.Int32(0)},
		}}})
		if err != nil || put.FailedEntryCount != 0 || put.FailedEntries == nil {
			t.Fatal(put, err)
		}
		listed, err := c.ListTargetsByRule(t.Context(), &eventbridge.ListTargetsByRuleInput{Rule: rule, EventBusName: bus})
		if err != nil || len(listed.Targets) != 1 || *listed.Targets[0].RetryPolicy.MaximumRetryAttempts != 0 || listed.Targets[0].RetryPolicy.MaximumEventAgeInSeconds != nil {
			t.Errorf("%+v, %v", listed, err)
		}
		at := time.Date(2026, 1, 2, 3, 4, 5, 600, time.UTC)
		sent, err := c.PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []ebtypes.PutEventsRequestEntry{
			{EventBusName: bus, Source: aws.String("shop"), DetailType: aws.String("order"), Detail: aws.String(`{"state":"paid"}`), Time: &at, Resources: []string{"r"}},
			{EventBusName: bus, DetailType: aws.String("order"), Detail: aws.String(`{}`)},
		}})
		if err != nil || sent.FailedEntryCount != 1 || sent.Entries[1].ErrorCode == nil || *sent.Entries[1].ErrorCode != "InvalidArgument" {
			t.Fatal(sent, err)
		}
		got, err := our.sqs.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &queue, WaitTimeSeconds: 20})
		want := `{"version":"0","id":"` + *sent.Entries[0].EventId + `","detail-type":"order","source":"shop","account":"123456789012","time":"2026-01-02T03:04:05Z",` +
			`"region":"us-east-1","resources":["r"],"detail":{"state":"paid"}}`
		if err != nil || len(got.Messages) != 1 || *got.Messages[0].Body != want {
			t.Errorf("got %+v, %v, want %s", got.Messages, err, want)
		}
		described, err := c.DescribeRule(t.Context(), &eventbridge.DescribeRuleInput{Name: rule, EventBusName: bus})
		if err != nil || described.State != ebtypes.RuleStateEnabled || *described.CreatedBy != "123456789012" || *described.Description != "pays" || described.ScheduleExpression != nil {
			t.Errorf("%+v, %v", described, err)
		}
		_, err = c.DescribeRule(t.Context(), &eventbridge.DescribeRuleInput{Name: aws.String("none"), EventBusName: bus})
		if e, ok := errors.AsType[*ebtypes.ResourceNotFoundException](err); !ok || e.ErrorMessage() != "Rule none does not exist on EventBus "+*bus+"." {
			t.Errorf("a rule that is not there: %v", err)
		}
		_, err = c.PutRule(t.Context(), &eventbridge.PutRuleInput{Name: aws.String("bad"), EventPattern: aws.String(`{"source":[{"prefixes":""}]}`)})
		if e, ok := errors.AsType[*ebtypes.InvalidEventPatternException](err); !ok || !strings.Contains(e.ErrorMessage(), "Unrecognized match type prefixes") {
			t.Errorf("a bad pattern: %v", err)
		}
		_, err = c.PutPermission(t.Context(), &eventbridge.PutPermissionInput{EventBusName: bus, StatementId: aws.String("s"), Action: aws.String("events:PutEvents"), Principal: aws.String("*")})
		if e, ok := errors.AsType[smithy.APIError](err); !ok || e.ErrorCode() != "AccessDeniedException" {
			t.Errorf("what is denied: %v", err)
		}
	})
}

func TestEventBridgeWithCLI(t *testing.T) {
	t.Parallel()
	awsCLI(t)
	schemes(t, func(t *testing.T, p *process, endpoint string) {
		if strings.HasPrefix(endpoint, "http:") && !testsize.Full() {
			return // the CLI takes seconds to begin, each of many times
		}
		id, secret := p.dispatcher(endpoint)
		env := p.env("AWS_ENDPOINT_URL="+endpoint, "AWS_CA_BUNDLE="+p.caBundle(), "AWS_ACCESS_KEY_ID="+id, "AWS_SECRET_ACCESS_KEY="+secret)
		cli := func(args ...string) (answer map[string]any) {
			t.Helper()
			out := run(t, env, "aws", append([]string{"events", "--output", "json"}, args...)...)
			if err := json.Unmarshal([]byte(out), &answer); out != "" && err != nil {
				t.Fatal(out, err)
			}
			return answer
		}
		our := newClients(t, p.config(endpoint))
		queue, arn := our.queue("inbox", nil)
		our.setAttribute(queue, "Policy", `{"Version":"2012-10-17","Statement":[`+forEvents(`"sqs:SendMessage"`, arn, "")+`]}`)
		if out := cli("put-rule", "--name", "paid", "--event-pattern", `{"source":["shop"]}`); out["RuleArn"] != "arn:aws:events:us-east-1:123456789012:rule/paid" {
			t.Errorf("put-rule: %v", out)
		}
		if out := cli("put-targets", "--rule", "paid", "--targets", "Id=1,Arn="+arn); out["FailedEntryCount"] != 0.0 {
			t.Errorf("put-targets: %v", out)
		}
		put := cli("put-events", "--entries", `[{"Source":"shop","DetailType":"order","Detail":"{\"state\":\"paid\"}"}]`)
		got, err := our.sqs.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &queue, WaitTimeSeconds: 20})
		if err != nil || len(got.Messages) != 1 {
			t.Fatal(got, err)
		}
		var event struct{ ID string }
		if err := json.Unmarshal([]byte(*got.Messages[0].Body), &event); err != nil || put["Entries"].([]any)[0].(map[string]any)["EventId"] != event.ID {
			t.Errorf("put-events: %v, received %s", put, *got.Messages[0].Body)
		}
		out := cli("test-event-pattern", "--event-pattern", `{"source":[{"suffix":"op"}]}`, "--event", *got.Messages[0].Body)
		if out["Result"] != true {
			t.Errorf("test-event-pattern: %v", out)
		}
		cli("remove-targets", "--rule", "paid", "--ids", "1")
		cli("delete-rule", "--name", "paid")
		if out := cli("list-rules"); len(out["Rules"].([]any)) != 0 {
			t.Errorf("left: %v", out)
		}
	})
}
