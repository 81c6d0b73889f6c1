package integration

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/waxseal/waxseal"
	"github.com/waxseal/waxseal/internal/servertest"
)

// The axes of the table of who EventBridge is [V207]-[V211]. A statement says of whom the
// source must be; what it lets in differs between queues, to which EventBridge names rule
// and account, and topics, to which it names neither.
var (
	ruleStatements = []struct {
		name         string
		conditions   func(rule string) string // of the statement for EventBridge; nil: there is none
		queue, topic bool                     // it lets in
	}{
		{"no statement", nil, false, false},
		{"for anybody's rules", func(string) string { return "" }, true, true},
		{"for the rule", func(rule string) string { return `"ArnEquals":{"aws:SourceArn":"` + rule + `"}` }, true, false},
		{"for another rule", func(rule string) string { return `"ArnEquals":{"aws:SourceArn":"` + rule + `-other"}` }, false, false},
		{"for the account", func(string) string { return `"StringEquals":{"aws:SourceAccount":"123456789012"}` }, true, false},
		{"for another account", func(string) string { return `"StringEquals":{"aws:SourceAccount":"999988887777"}` }, false, false},
		{"for rule and account", func(rule string) string {
			return `"ArnLike":{"aws:SourceArn":"` + rule + `"},"StringEquals":{"aws:SourceAccount":"123456789012"}`
		}, true, false},
		{"for the rule in another account", func(rule string) string {
			return `"ArnLike":{"aws:SourceArn":"` + rule + `"},"StringEquals":{"aws:SourceAccount":"999988887777"}`
		}, false, false},
	}
	ruleKeys = []struct {
		name       string
		make       func(c *ruleCase) (keyID string)
		conditions int  // index of the key's statement for EventBridge in ruleStatements
		managed    bool // by AWS: nobody can let EventBridge in
	}{
		{name: "plain", conditions: 1},
		{name: "AWS managed key", managed: true, make: func(c *ruleCase) string { return "alias/aws/" + c.service }},
		{name: "key without a statement", conditions: 0, make: (*ruleCase).key},
		{name: "key for anybody's rules", conditions: 1, make: (*ruleCase).key},
		{name: "key for the rule", conditions: 2, make: (*ruleCase).key},
		{name: "key for another rule", conditions: 3, make: (*ruleCase).key},
		{name: "key for the account", conditions: 4, make: (*ruleCase).key},
		{name: "key for another account", conditions: 5, make: (*ruleCase).key},
	}
)

// ruleCase is one row of the table as it is tried.
type ruleCase struct {
	t             *testing.T
	cloud         *waxseal.Server
	events        *eventbridge.Client
	our           *clients
	name, service string // sqs or sns
	target, rule  string // ARNs
	queue         string // where messages arrive
	letters       string // the target's dead-letter queue
	keyID, keyARN string
}

func (c *ruleCase) key() string {
	c.keyID, c.keyARN = c.our.key()
	return c.keyID
}

// forEvents is a statement that lets EventBridge do something under conditions.
func forEvents(actions, resource, conditions string) string {
	if conditions != "" {
		conditions = `,"Condition":{` + conditions + `}`
	}
	return `{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":` + actions + `,"Resource":"` + resource + `"` + conditions + `}`
}

// TestRuleTable tries every combination of what the policy of a queue or topic and that of
// its key can say of EventBridge [V207]-[V211] [V219] [V225]. Where the event does not
// arrive, what `waxseal explain --message` tells is done to the letter until it does.
func TestRuleTable(t *testing.T) {
	cloud := start(t)
	n := 0
	for _, service := range []string{"sqs", "sns"} {
		for _, policy := range ruleStatements {
			for _, key := range ruleKeys {
				n++
				t.Run(strings.Join([]string{service, policy.name, key.name}, "/"), func(t *testing.T) {
					c := &ruleCase{t: t, cloud: cloud, service: service, name: fmt.Sprint("case-", n), our: newClients(t, cloud.Config())}
					c.events = eventbridge.NewFromConfig(cloud.Config())
					c.rule = "arn:aws:events:us-east-1:123456789012:rule/" + c.name
					keyID := ""
					if key.make != nil {
						keyID = key.make(c)
					}
					if statement := ruleStatements[key.conditions]; c.keyID != "" && statement.conditions != nil {
						c.allowKey(forEvents(`["kms:GenerateDataKey*","kms:Decrypt"]`, "*", statement.conditions(c.rule)))
					}
					c.makeTarget(keyID)
					if policy.conditions != nil {
						action := map[string]string{"sqs": `"sqs:SendMessage"`, "sns": `"sns:Publish"`}[service]
						c.allowTarget(forEvents(action, c.target, policy.conditions(c.rule)))
					}
					c.makeRule()
					lets := func(i int) bool {
						return service == "sqs" && ruleStatements[i].queue || service == "sns" && ruleStatements[i].topic
					}
					policyLets := service == "sqs" && policy.queue || service == "sns" && policy.topic
					c.follow(policyLets, !key.managed && lets(key.conditions), key.managed)
				})
			}
		}
	}
}

func (c *ruleCase) makeTarget(keyID string) {
	c.t.Helper()
	attributes := map[string]string{}
	if keyID != "" {
		attributes["KmsMasterKeyId"] = keyID
	}
	if c.service == "sqs" {
		c.queue, c.target = c.our.queue(c.name, attributes)
		return
	}
	out, err := c.our.sns.CreateTopic(c.t.Context(), &sns.CreateTopicInput{Name: &c.name, Attributes: attributes})
	if err != nil {
		c.t.Fatal(err)
	}
	c.target = *out.TopicArn
	queue, arn := c.our.queue(c.name, nil)
	c.queue = queue
	c.our.setAttribute(queue, "Policy", document(c.t, allowSNS(arn, c.target)))
	if _, err := c.our.sns.Subscribe(c.t.Context(), &sns.SubscribeInput{
		TopicArn: &c.target, Protocol: aws.String("sqs"), Endpoint: &arn, Attributes: map[string]string{"RawMessageDelivery": "true"},
	}); err != nil {
		c.t.Fatal(err)
	}
}

func (c *ruleCase) makeRule() {
	c.t.Helper()
	letters, arn := c.our.queue(c.name+"-dead", nil)
	c.letters = letters
	c.our.setAttribute(letters, "Policy", `{"Version":"2012-10-17","Statement":[`+forEvents(`"sqs:SendMessage"`, arn, `"ArnEquals":{"aws:SourceArn":"`+c.rule+`"}`)+`]}`)
	if _, err := c.events.PutRule(c.t.Context(), &eventbridge.PutRuleInput{Name: &c.name, EventPattern: aws.String(`{"source":["` + c.name + `"]}`)}); err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.events.PutTargets(c.t.Context(), &eventbridge.PutTargetsInput{Rule: &c.name, Targets: []ebtypes.Target{{
		Id: aws.String("1"), Arn: &c.target, DeadLetterConfig: &ebtypes.DeadLetterConfig{Arn: &arn},
	}}}); err != nil {
		c.t.Fatal(err)
	}
}

// allowTarget adds a statement to the policy of the queue or topic.
func (c *ruleCase) allowTarget(statement string) {
	c.t.Helper()
	added := `{"Statement":[` + statement + `]}`
	if c.service == "sqs" {
		c.our.setAttribute(c.queue, "Policy", joined(c.t, c.our.attribute(c.queue, "Policy"), added))
		return
	}
	out, err := c.our.sns.GetTopicAttributes(c.t.Context(), &sns.GetTopicAttributesInput{TopicArn: &c.target})
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.our.sns.SetTopicAttributes(c.t.Context(), &sns.SetTopicAttributesInput{
		TopicArn: &c.target, AttributeName: aws.String("Policy"), AttributeValue: aws.String(joined(c.t, out.Attributes["Policy"], added)),
	}); err != nil {
		c.t.Fatal(err)
	}
}

// allowKey adds a statement to the policy of the key.
func (c *ruleCase) allowKey(statement string) {
	c.t.Helper()
	out, err := c.our.kms.GetKeyPolicy(c.t.Context(), &kms.GetKeyPolicyInput{KeyId: &c.keyID})
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.our.kms.PutKeyPolicy(c.t.Context(), &kms.PutKeyPolicyInput{
		KeyId: &c.keyID, Policy: aws.String(joined(c.t, *out.Policy, `{"Statement":[`+statement+`]}`)),
	}); err != nil {
		c.t.Fatal(err)
	}
}

// follow puts events until one arrives, and does after each that does not what its
// explanation says.
func (c *ruleCase) follow(policyLets, keyLets, managed bool) {
	c.t.Helper()
	for range 3 {
		d := c.put()
		if policyLets && keyLets {
			if d.Status != "SUCCESS" || d.Attempts != 1 {
				c.t.Errorf("%+v", d)
			}
			c.wantMessage(c.queue, d.MessageID)
			return
		}
		code := "NO_PERMISSIONS"
		if !policyLets && c.service == "sqs" {
			code = "NO_RESOURCE" // [V225]
		}
		if d.Status != "FAILURE" || d.Attempts != 1 || d.DeadLetter == nil || d.DeadLetter.Status != "SUCCESS" || !strings.Contains(d.ProviderResponse, `"`+code+`"`) {
			c.t.Fatalf("want %s: %+v", code, d)
		}
		c.wantMessage(c.letters, d.MessageID)
		explained := fetch(c.t, c.cloud.URL()+"/_waxseal/explain?message-id="+d.MessageID)
		if managed && policyLets {
			if !strings.Contains(explained, "AWS managed") {
				c.t.Errorf("the key that nobody can change is not named:\n%s", explained)
			}
			return
		}
		advice := ruleAdvice.FindAllStringSubmatch(explained, -1)
		if len(advice) == 0 {
			c.t.Fatalf("no advice:\n%s", explained)
		}
		for _, m := range advice {
			switch {
			case (m[1] == c.target || m[1] == "") && !policyLets:
				c.allowTarget(m[2])
				policyLets = true
			case m[1] == c.keyARN && !keyLets:
				c.allowKey(m[2])
				keyLets = true
			default:
				c.t.Fatalf("who asked for this: %s\n%s", m[0], explained)
			}
		}
	}
	c.t.Error("what explain says does not help")
}

// ruleAdvice is what an explanation says to add to which policy; a new one is that of the
// resource that refused the event.
var ruleAdvice = regexp.MustCompile(`(?m)add to (?:(?:the policy of|the resource-based policy) (\S+)|a new resource-based policy): (\{.*\})$`)

func (c *ruleCase) put() (d tableDelivery) {
	c.t.Helper()
	out, err := c.events.PutEvents(c.t.Context(), &eventbridge.PutEventsInput{Entries: []ebtypes.PutEventsRequestEntry{{
		Source: &c.name, DetailType: aws.String("row"), Detail: aws.String(`{"secret":"` + c.name + `"}`),
	}}})
	if err != nil || out.FailedEntryCount != 0 {
		c.t.Fatal(out, err)
	}
	id := *out.Entries[0].EventId
	servertest.Eventually(c.t, "delivery of "+id, func() bool {
		var answer struct{ Deliveries []tableDelivery }
		if err := json.Unmarshal([]byte(fetch(c.t, c.cloud.URL()+"/_waxseal/deliveries?source=events&message-id="+id)), &answer); err != nil {
			c.t.Fatal(err)
		}
		if len(answer.Deliveries) == 1 {
			d = answer.Deliveries[0]
		}
		return len(answer.Deliveries) == 1
	})
	return d
}

// wantMessage wants the event with an id in a queue, and no other.
func (c *ruleCase) wantMessage(queue, id string) {
	c.t.Helper()
	var ids []string
	servertest.Eventually(c.t, "the event in "+queue, func() bool {
		messages, err := c.our.receive(queue)
		if err != nil {
			c.t.Fatal(err)
		}
		for _, m := range messages {
			var e struct{ ID string }
			if err := json.Unmarshal([]byte(*m.Body), &e); err != nil {
				c.t.Fatal(err)
			}
			ids = append(ids, e.ID)
			if err := c.our.delete(queue, m); err != nil {
				c.t.Fatal(err)
			}
		}
		return len(ids) > 0
	})
	if len(ids) != 1 || ids[0] != id {
		c.t.Errorf("%s, want %s", ids, id)
	}
}
