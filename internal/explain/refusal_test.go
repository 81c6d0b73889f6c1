package explain_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/server"
)

// A document that a service refuses is explained, with line and column: AWS's
// answer does not say.
func TestRefusedDocumentsAreExplained(t *testing.T) {
	var log bytes.Buffer
	s := servertest.New(t, server.Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
	const (
		queueURL = "https://sqs.us-east-1.amazonaws.com/123456789012/q"
		topicARN = "arn:aws:sns:us-east-1:123456789012:t"
		trust    = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}}`
	)
	resource := func(action string) string {
		return "{\"Version\": \"2012-10-17\", \"Statement\": [{\n  \"Effect\": \"Allow\",\n  \"Principal\": {\"AWS\": [\"123456789012\", \"arn:aws:iam::abc:root\"]},\n  \"Action\": \"" + action + "\", \"Resource\": \"*\"}]}"
	}
	const principal = `line 3, column 41: Invalid principal in policy: "AWS":"arn:aws:iam::abc:root"`
	identity := "{\"Version\":\"2012-10-17\",\n\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"sqs:*\",\"Resource\":\"arn:aws:s3:eu-west-1::b\"}]}"
	const region = "line 2, column 60: Resource arn:aws:s3:eu-west-1::b can not contain region information."
	type params = map[string]any
	servertest.ActAs(t, s, "root", "sqs:CreateQueue", params{"QueueName": "q"})
	servertest.ActAs(t, s, "root", "sns:CreateTopic", params{"Name": "t"})
	servertest.ActAs(t, s, "root", "iam:CreateRole", params{"RoleName": "r", "AssumeRolePolicyDocument": trust})
	servertest.ActAs(t, s, "root", "iam:CreateUser", params{"UserName": "u"})
	servertest.ActAs(t, s, "root", "organizations:CreateOrganization", params{})
	subscription := servertest.ActAs(t, s, "root", "sns:Subscribe", params{"TopicArn": topicARN, "Protocol": "sqs", "Endpoint": "arn:aws:sqs:us-east-1:123456789012:q"})["SubscriptionArn"]
	for _, c := range []struct {
		action string
		params params
		what   string // as explain names it
		why    string
	}{
		{"sqs:SetQueueAttributes", params{"QueueUrl": queueURL, "Attributes": params{"Policy": resource("sqs:SendMessage")}}, "the queue policy of arn:aws:sqs:us-east-1:123456789012:q", principal},
		{"sqs:CreateQueue", params{"QueueName": "new", "Attributes": params{"Policy": "{\n x"}}, "the queue policy of arn:aws:sqs:us-east-1:123456789012:new", "line 2, column 2: expected a name"},
		{"sns:SetTopicAttributes", params{"TopicArn": topicARN, "AttributeName": "Policy", "AttributeValue": resource("sns:Publish")}, "the topic policy of " + topicARN, principal},
		{"sns:CreateTopic", params{"Name": "new", "Attributes": params{"Policy": `{"Statement":[]}`}}, "the topic policy of arn:aws:sns:us-east-1:123456789012:new", "line 1, column 14: the policy has no statement"},
		{"sns:AddPermission", params{"TopicArn": topicARN, "Label": "l", "AWSAccountId": []string{"123456789012"}, "ActionName": []string{"Nothing"}}, "the topic policy of " + topicARN, "Policy statement action out of service scope!"},
		{"kms:CreateKey", params{"Policy": resource("kms:*")}, "the key policy of arn:aws:kms:us-east-1:123456789012:key/", principal},
		{"iam:CreateRole", params{"RoleName": "new", "AssumeRolePolicyDocument": strings.Replace(trust, "123456789012", "nobody", 1)}, "the role trust policy of new", "line 1, column 74"},
		{"iam:UpdateAssumeRolePolicy", params{"RoleName": "r", "PolicyDocument": "{}"}, "the role trust policy of r", "line 1, column 1: the document has no Statement"},
		{"iam:PutRolePolicy", params{"RoleName": "r", "PolicyName": "p", "PolicyDocument": identity}, "the identity-based policy of role r, policy p", region},
		{"iam:PutUserPolicy", params{"UserName": "u", "PolicyName": "p", "PolicyDocument": identity}, "the identity-based policy of user u, policy p", region},
		{"iam:CreatePolicy", params{"PolicyName": "p", "PolicyDocument": identity}, "the managed policy of p", region},
		{"sts:AssumeRole", params{"RoleArn": "arn:aws:iam::123456789012:role/r", "RoleSessionName": "session", "Policy": identity}, "the session policy", region},
		{"sqs:SetQueueAttributes", params{"QueueUrl": queueURL, "Attributes": params{"RedrivePolicy": "{\n x}"}}, "the RedrivePolicy", "line 2, column 2: expected a name"},
		{"sqs:SetQueueAttributes", params{"QueueUrl": queueURL, "Attributes": params{"RedriveAllowPolicy": `{"redrivePermission":"all"}`}}, "the RedriveAllowPolicy", "redrivePermission must be allowAll, denyAll or byQueue"},
		{"sns:SetSubscriptionAttributes", params{"SubscriptionArn": subscription, "AttributeName": "FilterPolicy", "AttributeValue": `{"a":1}`}, "the FilterPolicy", "must be an object or an array"},
		{"sns:SetTopicAttributes", params{"TopicArn": topicARN, "AttributeName": "DeliveryPolicy", "AttributeValue": `{"http":1}`}, "the DeliveryPolicy", "http must be an object"},
		{"organizations:CreatePolicy", params{"Name": "scp", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": strings.Replace(identity, `"*"`, `"a"`, 1)}, "the service control policy of scp", region},
	} {
		log.Reset()
		as := "root"
		if strings.HasPrefix(c.action, "sts:") {
			as = "user/u" // root cannot assume roles
			servertest.ActAs(t, s, "root", "iam:PutUserPolicy", params{"UserName": "u", "PolicyName": "assume", "PolicyDocument": `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:*","Resource":"*"}}`})
			log.Reset()
		}
		id, message := failAs(t, s, as, c.action, c.params)
		status, text := servertest.Ask(s, http.MethodGet, "/_waxseal/explain?request-id="+id, "")
		if status != http.StatusOK || !strings.HasPrefix(text, "REFUSED  "+c.action+"\n") || !strings.Contains(text, "  what      "+c.what) || !strings.Contains(text, c.why) || !strings.Contains(text, message) {
			t.Errorf("%s: %d\n%s\nwant %s\n%s", c.action, status, text, c.what, c.why)
		}
		if strings.Contains(message, "line ") && !strings.Contains(c.action, "sns:") {
			t.Errorf("%s: the caller is told %q", c.action, message)
		}
		if line := log.String(); strings.Count(line, "a document was refused") != 1 || !strings.Contains(line, "level=INFO") || !strings.Contains(line, "request="+id) {
			t.Errorf("%s is logged as %s", c.action, line)
		}
	}
}

// failAs performs a call that must fail, and answers the request's id and the error's text.
func failAs(t *testing.T, s *server.Server, as, action string, params map[string]any) (id, message string) {
	t.Helper()
	request, err := json.Marshal(map[string]any{"as": as, "action": action, "params": params})
	if err != nil {
		t.Fatal(err)
	}
	_, body := servertest.Ask(s, http.MethodPost, "/_waxseal/act", string(request))
	var result struct {
		RequestID string `json:"requestId"`
		Error     struct{ Code, Message string }
	}
	if err := json.Unmarshal([]byte(body), &result); err != nil || result.Error.Code == "" {
		t.Fatalf("%s answered %s (%v)", action, body, err)
	}
	return result.RequestID, result.Error.Message
}
