//go:build !race

package browser

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/waxseal/waxseal/internal/fixture"
	"github.com/waxseal/waxseal/server"
)

// attack is what a browser that takes text for markup would run; name tells where it was put.
func attack(name string) string {
	return `"><img src=x onerror="window.pwned='` + name + `'"><script>window.pwned='` + name + `'</script>` + "'${window.pwned=1}`{{7*7}}"
}

// Whatever clients put into names, policies, tags, messages and headers is text in the console.
func TestHostileText(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, `<img src=x onerror=window.pwned='file'>.yaml`)
	if err := os.WriteFile(file, []byte(hostileFixtures()), 0o600); err != nil {
		t.Fatal(err)
	}
	e := emulate(t, "", func(c *server.Config) {
		var err error
		if c.Fixtures, err = fixture.Load(file); err != nil {
			t.Fatal(err)
		}
	})
	ids, topic, key := attacked(t, e)
	p := open(t, e.url(), "", look{})
	queue := "arn:aws:sqs:us-east-1:" + account + ":plain"
	for _, v := range []view{
		{"decisions", "#/decisions", []string{"plain", attack("key of an object")}},
		{"a denial for a tag", at("decisions", ids["tag"]), []string{attack("condition"), attackIn(attack("user agent"))}},
		{"a call by a strange session", at("decisions", ids["session"]), []string{"=,.@-_+"}},
		{"a call on an object", at("decisions", ids["object"]), []string{attack("key of an object")}},
		{"graph", "#/graph", nil},
		{"queues", "#/queues", nil},
		{"a queue", at("queues", queue), []string{attack("body")}},
		{"topics", "#/topics", nil},
		{"a topic", at("topics", topic), []string{attackIn(attack("filter policy"))}},
		{"keys", "#/keys", nil},
		{"a key", at("keys", key), []string{attackIn(attack("grant"))}},
		{"identities", "#/identities", nil},
		{"an identity", at("identities", "arn:aws:iam::"+account+":role/tagged"), []string{"team"}},
		{"policies", "#/policies", []string{`<img src=x onerror=window.pwned='file'>.yaml`}},
		{"a policy of a role", at("policies", "role/tagged/condition"), []string{attackIn(attack("condition"))}},
		{"a policy of a queue", at("policies", queue), []string{attackIn(attack("sid"))}},
		{"buckets", "#/buckets", nil},
		{"a bucket", at("buckets", "arn:aws:s3:::hostile-objects"), nil},
		{"endpoints", "#/network", []string{attack("name tag")}},
		{"an endpoint", at("network", "vpce-0123456789abcdef0"), []string{attackIn(attack("endpoint"))}},
		{"rules", "#/rules", nil},
		{"a rule", at("rules", "arn:aws:events:us-east-1:"+account+":rule/hostile"), []string{attackIn(attack("pattern"))}},
		{"trails", "#/trails", nil},
		{"cost", "#/cost", nil},
		{"clock", "#/clock", nil},
		{"an address", "#/decisions/" + attack("id"), nil},
		{"a filter", "#/queues?filter=" + attack("filter"), nil},
		{"a view", "#/" + attack("view"), nil},
	} {
		p.failing(strings.HasPrefix(v.name, "an address"))
		p.visit(v.address)
		p.reads(v.name, v.shows)
		if got := eval[string](p, `String(window.pwned) + ' ' + [...document.querySelectorAll('img, script, iframe, object, embed, form[action], base, [onerror], [onload], a[href^="javascript:" i]')]
			.filter(x => !x.matches('head > script[src^="console/"], header img[src="console/icon.svg"]')).map(x => x.outerHTML.slice(0, 200)).join()`); got != "undefined " {
			t.Errorf("%s: %s", v.name, got)
		}
	}
}

// attackIn is a text as it stands within a JSON document.
func attackIn(text string) string { return strings.ReplaceAll(text, `"`, `\"`) }

// hostileFixtures is a fixture file in which everything that may be any text is an attack.
func hostileFixtures() string {
	type m = map[string]any
	file := m{"accounts": m{account: m{
		"roles": []any{m{"name": "tagged", "tags": m{"team": "a+b=c @_.:/-"}, "policies": m{"condition": m{"Version": "2012-10-17", "Statement": m{
			"Effect": "Allow", "Action": "sqs:*", "Resource": "*", "Condition": m{"StringEquals": m{"aws:PrincipalTag/team": attack("condition")}},
		}}}}},
		"keys": []any{m{"id": "11111111-2222-3333-4444-555555555555", "alias": "alias/hostile", "grants": []any{
			m{"grantee": "arn:aws:iam::" + account + ":role/tagged", "operations": []string{"Decrypt"}, "contextEquals": m{"purpose": attack("grant")}},
		}}},
		"queues": []any{m{"name": "plain", "attributes": m{"SqsManagedSseEnabled": "false"}, "policy": m{"Version": "2012-10-17", "Statement": m{
			"Sid": attack("sid"), "Effect": "Allow", "Principal": "*", "Action": "sqs:GetQueueUrl", "Resource": "arn:aws:sqs:us-east-1:" + account + ":plain",
		}}}},
		"rules":   []any{m{"name": "hostile", "pattern": m{"source": []string{attack("pattern")}}, "targets": []any{m{"arn": "arn:aws:sqs:us-east-1:" + account + ":plain"}}}},
		"buckets": []any{m{"name": "hostile-objects"}},
		"vpcs": []any{m{"id": "vpc-1234567890abcdef0", "cidr": "10.0.0.0/16", "subnets": []any{m{"id": "subnet-11111111", "cidr": "10.0.1.0/24", "az": "us-east-1a"}},
			"endpoints": []any{m{"id": "vpce-0123456789abcdef0", "service": "sqs", "subnets": []string{"subnet-11111111"}, "tags": m{"Name": attack("name tag")},
				"policy": m{"Version": "2012-10-17", "Statement": m{"Sid": "All", "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": m{"StringNotEquals": m{"aws:PrincipalTag/x": attack("endpoint")}}}}}}}},
	}}}
	text, err := json.Marshal(file)
	if err != nil {
		panic(err) // maps of texts can be encoded
	}
	return string(text)
}

// attacked makes calls that carry attacks, and answers their request ids, a topic and a key.
func attacked(t *testing.T, e *emulator) (ids map[string]string, topic, key string) {
	t.Helper()
	ids = map[string]string{}
	root, queue := e.as("root"), aws.String(e.url()+"/"+account+"/plain")
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(sqs.NewFromConfig(root).SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: queue, MessageBody: aws.String(attack("body"))}))
	agent := func(o *sqs.Options) {
		o.APIOptions = append(o.APIOptions, smithyhttp.SetHeaderValue("User-Agent", attack("user agent")), func(s *middleware.Stack) error {
			_, _ = s.Build.Remove("UserAgent")
			return nil
		})
	}
	_, err := sqs.NewFromConfig(e.as("role/tagged")).SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: queue, MessageBody: aws.String("x")}, agent)
	ids["tag"] = denied(t, err)
	assumed, err := sts.NewFromConfig(root).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::" + account + ":role/tagged"), RoleSessionName: aws.String("=,.@-_+")})
	must(assumed, err)
	session := root.Copy()
	session.Credentials = credentials.NewStaticCredentialsProvider(*assumed.Credentials.AccessKeyId, *assumed.Credentials.SecretAccessKey, *assumed.Credentials.SessionToken)
	_, err = sqs.NewFromConfig(session).SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: queue, MessageBody: aws.String("x")})
	ids["session"] = denied(t, err)
	store := s3.NewFromConfig(e.as("role/tagged"), func(o *s3.Options) { o.UsePathStyle = true })
	_, err = store.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("hostile-objects"), Key: aws.String(attack("key of an object")), Body: strings.NewReader("x")})
	ids["object"] = denied(t, err)
	made, err := sns.NewFromConfig(root).CreateTopic(t.Context(), &sns.CreateTopicInput{Name: aws.String("hostile"), Attributes: map[string]string{"DisplayName": `<img src=x onerror="window.pwned=2">`}})
	must(made, err)
	must(sns.NewFromConfig(root).Subscribe(t.Context(), &sns.SubscribeInput{
		TopicArn: made.TopicArn, Protocol: aws.String("sqs"), Endpoint: aws.String("arn:aws:sqs:us-east-1:" + account + ":plain"), Attributes: map[string]string{"FilterPolicy": `{"pet":["` + attackIn(attack("filter policy")) + `"]}`},
	}))
	must(kms.NewFromConfig(root).Encrypt(t.Context(), &kms.EncryptInput{KeyId: aws.String("alias/hostile"), Plaintext: []byte("x"), EncryptionContext: map[string]string{"purpose": attack("context")}}))
	return ids, *made.TopicArn, "arn:aws:kms:us-east-1:" + account + ":key/11111111-2222-3333-4444-555555555555"
}
