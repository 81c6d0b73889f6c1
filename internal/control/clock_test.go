package control_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/server"
)

func clockIs(t *testing.T, s *server.Server) string {
	t.Helper()
	status, body := servertest.Ask(s, http.MethodGet, "/_waxseal/clock", "")
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	return body
}

func TestTheClockIsNotTurnedOutOfItsBounds(t *testing.T) {
	s := servertest.New(t, server.Config{})
	for _, turn := range []string{
		`{"set":"1969-12-31T23:59:59Z"}`, `{"set":"0000-01-01T00:00:00Z"}`, `{"set":"10000-01-01T00:00:00Z"}`, `{"set":"1970-01-01T00:00:00+01:00"}`,
		`{"advance":"-60000h","set":""}x`, `{"advance":"-106751d"}`, `{"advance":"106752d"}`, `{"advance":"9999999999d"}`, `{"advance":"2562048h"}`,
	} {
		if status, body := servertest.Ask(s, http.MethodPost, "/_waxseal/clock", turn); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", turn, status, body)
		}
		if now := clockIs(t, s); !strings.Contains(now, `"offset":"0s"`) {
			t.Errorf("%s turned the clock: %s", turn, now)
		}
	}
}

func TestTheClockIsTurnedBack(t *testing.T) {
	s := servertest.New(t, server.Config{})
	servertest.SQS(s, "CreateQueue", `{"QueueName":"q"}`)
	const q = `"QueueUrl":"http://127.0.0.1:4566/123456789012/q"`
	servertest.SQS(s, "SendMessage", `{`+q+`,"MessageBody":"hello","DelaySeconds":60}`)
	for _, step := range []struct {
		turn string
		sees bool
	}{{"-5m", false}, {"+1m", false}, {"299s", false}, {"2s", true}} {
		if status, body := servertest.Ask(s, http.MethodPost, "/_waxseal/clock", `{"advance":"`+step.turn+`"}`); status != http.StatusOK {
			t.Fatalf("%s: %d %s", step.turn, status, body)
		}
		if _, body := servertest.SQS(s, "ReceiveMessage", `{`+q+`}`); strings.Contains(body, "hello") != step.sees {
			t.Errorf("after %s: %s", step.turn, body)
		}
	}
}

// Whatever the clock shows, no deadline that a service computes from it is more
// than it can store or answer.
func TestServicesWorkAtBothEndsOfTheClock(t *testing.T) {
	for _, now := range []string{"1970-01-01T00:00:00Z", "9999-12-31T23:59:00Z"} {
		var log bytes.Buffer
		s := servertest.New(t, server.Config{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError}))})
		if status, body := servertest.Ask(s, http.MethodPost, "/_waxseal/clock", `{"set":"`+now+`"}`); status != http.StatusOK || !strings.Contains(body, now[:17]) {
			t.Fatalf("set to %s: %d %s", now, status, body)
		}
		works := func(service, action, body string) string {
			t.Helper()
			header := []string{"Authorization", strings.Replace(servertest.Scope, "/sqs/", "/"+service+"/", 1)}
			if strings.HasPrefix(body, "{") {
				prefix := map[string]string{"sqs": "AmazonSQS.", "kms": "TrentService."}[service]
				header = append(header, "X-Amz-Target", prefix+action, "Content-Type", "application/x-amz-json-1.1")
			} else {
				version := map[string]string{"sns": "2010-03-31", "sts": "2011-06-15", "iam": "2010-05-08"}[service]
				body = "Action=" + action + "&Version=" + version + "&" + body
				header = append(header, "Content-Type", "application/x-www-form-urlencoded")
			}
			status, answer := servertest.Ask(s, http.MethodPost, "/", body, header...)
			if status != http.StatusOK {
				t.Errorf("at %s, %s %s: %d %s", now, service, action, status, answer)
			}
			return answer
		}
		const q, topic = `"QueueUrl":"http://127.0.0.1:4566/123456789012/q"`, "TopicArn=arn:aws:sns:us-east-1:123456789012:t.fifo"
		works("sqs", "CreateQueue", `{"QueueName":"q","Attributes":{"MessageRetentionPeriod":"1209600","KmsMasterKeyId":"alias/aws/sqs"}}`)
		works("sqs", "CreateQueue", `{"QueueName":"f.fifo","Attributes":{"FifoQueue":"true"}}`)
		works("sqs", "SendMessage", `{"QueueUrl":"http://127.0.0.1:4566/123456789012/f.fifo","MessageBody":"x","MessageGroupId":"g","MessageDeduplicationId":"d"}`)
		works("sqs", "SendMessage", `{`+q+`,"MessageBody":"hello"}`)
		if body := works("sqs", "ReceiveMessage", `{`+q+`,"VisibilityTimeout":43200}`); !strings.Contains(body, "hello") {
			t.Errorf("at %s nothing is received: %s", now, body)
		}
		works("sqs", "PurgeQueue", `{`+q+`}`)
		works("sqs", "DeleteQueue", `{`+q+`}`)
		works("sns", "CreateTopic", "Name=t.fifo&Attributes.entry.1.key=FifoTopic&Attributes.entry.1.value=true&Attributes.entry.2.key=ArchivePolicy&Attributes.entry.2.value=%7B%22MessageRetentionPeriod%22%3A365%7D")
		works("sns", "Subscribe", topic+"&Protocol=sqs&Endpoint=arn:aws:sqs:us-east-1:123456789012:f.fifo")
		works("sns", "Publish", topic+"&Message=m&MessageGroupId=g&MessageDeduplicationId=d")
		key := works("kms", "CreateKey", `{}`)
		_, id, _ := strings.Cut(key, `"KeyId":"`)
		id, _, _ = strings.Cut(id, `"`)
		works("kms", "EnableKeyRotation", `{"KeyId":"`+id+`","RotationPeriodInDays":2560}`)
		works("kms", "GetKeyRotationStatus", `{"KeyId":"`+id+`"}`)
		works("kms", "Encrypt", `{"KeyId":"`+id+`","Plaintext":"eA=="}`)
		works("kms", "ScheduleKeyDeletion", `{"KeyId":"`+id+`","PendingWindowInDays":30}`)
		works("kms", "DescribeKey", `{"KeyId":"`+id+`"}`)
		works("iam", "CreateRole", "RoleName=r&AssumeRolePolicyDocument=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22AWS%22%3A%22123456789012%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%7D")
		works("sts", "AssumeRole", "RoleArn=arn:aws:iam::123456789012:role/r&RoleSessionName=session")
		works("sts", "GetSessionToken", "DurationSeconds=129600")
		works("iam", "CreateUser", "UserName=u")
		works("iam", "CreateAccessKey", "UserName=u")
		for _, path := range []string{"/_waxseal/credentials/123456789012/role/r", "/_waxseal/decisions", "/_waxseal/events", "/_waxseal/deliveries", "/_waxseal/coverage"} {
			if status, body := servertest.Ask(s, http.MethodGet, path, ""); status != http.StatusOK {
				t.Errorf("at %s, %s: %d %s", now, path, status, body)
			}
		}
		if log.Len() > 0 {
			t.Errorf("at %s the log says:\n%s", now, log.String())
		}
	}
}

func TestTheLogSaysThatATurnOfTheClockEndedASession(t *testing.T) {
	var log bytes.Buffer
	s := servertest.New(t, server.Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
	header := []string{"Authorization", strings.Replace(servertest.Scope, "/sqs/", "/sts/", 1), "Content-Type", "application/x-www-form-urlencoded"}
	_, body := servertest.Ask(s, http.MethodPost, "/", "Action=GetSessionToken&Version=2011-06-15", header...)
	accessKey := between(body, "<AccessKeyId>", "</AccessKeyId>")
	servertest.Ask(s, http.MethodPost, "/_waxseal/clock", `{"advance":"36h"}`)
	for range 2 {
		status, body := servertest.Ask(s, http.MethodPost, "/", "{}", "X-Amz-Target", "AmazonSQS.ListQueues", "Content-Type", "application/x-amz-json-1.0",
			"Authorization", strings.Replace(servertest.Scope, "=test/", "="+accessKey+"/", 1))
		if status != http.StatusForbidden || !strings.Contains(body, "ExpiredToken") {
			t.Fatalf("%d %s", status, body)
		}
	}
	if n := strings.Count(log.String(), "has expired by waxseal's clock"); n != 1 || !strings.Contains(log.String(), "aheadOfRealTime=36h0m0s") {
		t.Errorf("the log says:\n%s", log.String())
	}
}

func between(s, begin, end string) string {
	_, s, _ = strings.Cut(s, begin)
	s, _, _ = strings.Cut(s, end)
	return s
}
