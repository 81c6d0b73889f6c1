package control_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/s3"
	"github.com/waxseal/waxseal/server"
)

func TestActAsAService(t *testing.T) {
	s := servertest.New(t, server.Config{})
	servertest.SQS(s, "CreateQueue", `{"QueueName":"q","Attributes":{"Policy":"{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"s3.amazonaws.com\"},\"Action\":\"sqs:SendMessage\",\"Resource\":\"*\",\"Condition\":{\"ArnLike\":{\"aws:SourceArn\":\"arn:aws:s3:::pettracker-images\"},\"StringEquals\":{\"aws:SourceAccount\":\"123456789012\"}}}}"}}`)
	const send = `{"service":"s3.amazonaws.com","action":"sqs:SendMessage","sourceArn":"arn:aws:s3:::BUCKET","sourceAccount":"123456789012","params":{"QueueUrl":"http://localhost:4566/123456789012/q","MessageBody":"event"}}`
	status, body := servertest.Ask(s, http.MethodPost, "/_waxseal/act", strings.Replace(send, "BUCKET", "pettracker-images", 1))
	servertest.WantAnswer(t, status, body, 200, `"MD5OfMessageBody":"4119639092e62c55ea8be348e4d9260d"`)
	status, body = servertest.Ask(s, http.MethodPost, "/_waxseal/act", strings.Replace(send, "BUCKET", "other", 1))
	servertest.WantAnswer(t, status, body, 200, `"status":400,"error":{"code":"AWS.SimpleQueueService.NonExistentQueue"`) // [B16]
	_, found := servertest.Ask(s, http.MethodGet, "/_waxseal/decisions?principal=s3.amazonaws.com&decision=Deny", "")
	servertest.WantAnswer(t, 200, found, 200, "because no resource-based policy allows the sqs:SendMessage action")
}

func TestActAsARole(t *testing.T) {
	s := servertest.New(t, server.Config{})
	if err := s.Runtime().Identity.ApplyRole(t.Context(), identity.RoleSpec{
		Account: server.DefaultAccount, Region: server.DefaultRegion, Name: "lister",
		Policies: map[string]string{"list": `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:ListQueues","Resource":"*"}}`},
	}); err != nil {
		t.Fatal(err)
	}
	status, body := servertest.Ask(s, http.MethodPost, "/_waxseal/act", `{"as":"role/lister","action":"sqs:ListQueues"}`)
	servertest.WantAnswer(t, status, body, 200, `"status":200,"response":{}`)
	status, body = servertest.Ask(s, http.MethodPost, "/_waxseal/act", `{"as":"role/lister","action":"kms:ListKeys","region":"eu-west-1"}`)
	servertest.WantAnswer(t, status, body, 200, `"status":400,"error":{"code":"AccessDeniedException"`)
}

// A service calls into the account that it names, or that of the resource on
// whose behalf it calls, or the default one.
func TestActAsAServiceInAnAccount(t *testing.T) {
	s := servertest.New(t, server.Config{})
	for source, account := range map[string]string{
		``: server.DefaultAccount,
		`"sourceArn":"arn:aws:events:us-east-1:111122223333:rule/r",`:                                "111122223333",
		`"sourceArn":"arn:aws:s3:::bucket","sourceAccount":"444455556666",`:                          "444455556666",
		`"sourceArn":"arn:aws:events:us-east-1:111122223333:rule/r","sourceAccount":"444455556666",`: "444455556666",
	} {
		status, body := servertest.Ask(s, http.MethodPost, "/_waxseal/act", `{"service":"events.amazonaws.com",`+source+`"action":"sqs:CreateQueue","params":{"QueueName":"q"}}`)
		servertest.WantAnswer(t, status, body, 200, `"code":"AccessDenied"`)
		servertest.WantAnswer(t, status, body, 200, ":"+account+":q")
	}
}

// What streams is given and shown in base64: AWS's services deliver their logs into buckets.
func TestActOnObjects(t *testing.T) {
	s := servertest.New(t, server.Config{})
	act := func(who, action, params string) (int, string) {
		return servertest.Ask(s, http.MethodPost, "/_waxseal/act", `{`+who+`,"action":"`+action+`","params":`+params+`}`)
	}
	const (
		owner = `"as":"root"`
		logs  = `"service":"logdelivery.elasticloadbalancing.amazonaws.com","sourceAccount":"123456789012"`
		put   = `{"Bucket":"logs","Key":"AWSLogs/a","Body":"aGVsbG8="}`
	)
	status, body := act(owner, "s3:CreateBucket", `{"Bucket":"logs"}`)
	servertest.WantAnswer(t, status, body, 200, `"status":200`)
	status, body = act(logs, "s3:PutObject", put)
	servertest.WantAnswer(t, status, body, 200, `"status":403,"error":{"code":"AccessDenied"`)
	status, body = act(owner, "s3:PutBucketPolicy", `{"Bucket":"logs","Policy":"{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"logdelivery.elasticloadbalancing.amazonaws.com\"},\"Action\":\"s3:PutObject\",\"Resource\":\"arn:aws:s3:::logs/AWSLogs/*\"}}"}`)
	servertest.WantAnswer(t, status, body, 200, `"status":200`)
	status, body = act(logs, "s3:PutObject", put)
	servertest.WantAnswer(t, status, body, 200, `"status":200`)
	status, body = act(owner, "s3:GetObject", `{"Bucket":"logs","Key":"AWSLogs/a"}`)
	servertest.WantAnswer(t, status, body, 200, `"Body":"aGVsbG8="}}`)
	status, body = act(owner, "s3:PutObject", `{"Bucket":"logs","Key":"AWSLogs/a","Body":"no base64"}`)
	servertest.WantAnswer(t, status, body, 200, `"status":400,"error":{"code":"MalformedInput"`)
	long := api.NewBody(strings.NewReader(strings.Repeat("x", 1<<20+1)), 1<<20+1, nil)
	if _, err := s.Runtime().S3.PutObject(servertest.AsRoot(t, s), &s3.PutObjectInput{Bucket: "logs", Key: "too long", Body: long}); err != nil {
		t.Fatal(err)
	}
	status, body = act(owner, "s3:GetObject", `{"Bucket":"logs","Key":"too long"}`)
	servertest.WantAnswer(t, status, body, 400, "longer than 1 MiB")
}

func TestActRefuses(t *testing.T) {
	s := servertest.New(t, server.Config{})
	for body, want := range map[string]string{
		`{}`:                          `not an operation such as sns:Publish`,
		`{"action":"sqs:ListQueues"}`: "who acts",
		`{"action":"sqs:ListQueues","as":"root","service":"s3.amazonaws.com"}`: "not both",
		`{"action":"sqs:ListQueues","service":"s3"}`:                           "not a service principal",
		`{"action":"sqs:ListQueues","as":"root","sourceArn":"x"}`:              "of calls by a service",
		`{"action":"sqs:ListQueues","as":"root","parms":{}}`:                   "unknown field",
		`{"action":"sqs:ListQueues","as":"root","region":"no where"}`:          `region: \"no where\" is not a region of AWS's`,
	} {
		status, got := servertest.Ask(s, http.MethodPost, "/_waxseal/act", body)
		servertest.WantAnswer(t, status, got, 400, want)
	}
	status, got := servertest.Ask(s, http.MethodPost, "/_waxseal/act", `{"action":"sqs:ListQueues","as":"role/absent"}`)
	servertest.WantAnswer(t, status, got, 404, "no such principal")
	status, got = servertest.Ask(s, http.MethodPost, "/_waxseal/act", `{"action":"sqs:SendMessage","as":"root","params":{"QueueUrl":5}}`)
	servertest.WantAnswer(t, status, got, 200, `"status":400,"error":{"code":"MalformedInput"`)
}
