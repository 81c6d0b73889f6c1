package integration

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/waxseal/waxseal/internal/fixture"
	"github.com/waxseal/waxseal/internal/servertest"
)

const fixtures = "testdata/fixtures/accounts.yaml"

// as is the configuration of a principal of the process, by the credentials endpoint.
func (p *process) as(path string) aws.Config {
	p.t.Helper()
	var c struct{ AccessKeyId, SecretAccessKey, Token string }
	if err := json.Unmarshal(p.get("/_waxseal/credentials/"+path), &c); err != nil {
		p.t.Fatal(err)
	}
	config := p.config(p.url)
	config.Credentials = credentials.NewStaticCredentialsProvider(c.AccessKeyId, c.SecretAccessKey, c.Token)
	return config
}

// What a file declares is there, and acts as declared.
func TestFixtures(t *testing.T) {
	p := serve(t, "--init", fixtures, "--init", "testdata/fixtures/europe.json")
	root := newClients(t, p.config(p.url))
	orders := p.url + "/123456789012/orders"

	t.Run("queues", func(t *testing.T) {
		if got := root.attribute(orders, "KmsMasterKeyId"); got != "alias/pets" {
			t.Errorf("the key is %q", got)
		}
		if got := root.attribute(orders, "RedrivePolicy"); got != `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:dead","maxReceiveCount":3}` {
			t.Errorf("the redrive policy is %s", got)
		}
		tags, err := root.sqs.ListQueueTags(t.Context(), &sqs.ListQueueTagsInput{QueueUrl: &orders})
		if err != nil || tags.Tags["team"] != "pets" {
			t.Errorf("the tags are %v, %v", tags, err)
		}
		if got := root.attribute(p.url+"/123456789012/ordered.fifo", "FifoQueue"); got != "true" {
			t.Errorf("FifoQueue is %q", got)
		}
		europe := p.config(p.url)
		europe.Region = "eu-west-1"
		if got := newClients(t, europe).attribute(p.url+"/123456789012/bestellungen", "QueueArn"); got != "arn:aws:sqs:eu-west-1:123456789012:bestellungen" {
			t.Errorf("the queue of the other file is %s", got)
		}
	})
	t.Run("user", func(t *testing.T) {
		config := p.config(p.url)
		config.Credentials = credentials.NewStaticCredentialsProvider("AKIAALICE00000000001", "alice/secret", "")
		alice := newClients(t, config)
		if err := alice.send(orders, "from alice"); err != nil {
			t.Fatal(err)
		}
		if _, err := alice.receive(orders); failure(t, err).status != http.StatusForbidden {
			t.Errorf("alice receives: %v", err)
		}
		if _, err := alice.sqs.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: aws.String(p.url + "/123456789012/dead")}); err != nil {
			t.Errorf("by her group she may purge: %v", err)
		}
		config.Credentials = credentials.NewStaticCredentialsProvider("AKIAALICE00000000001", "another secret", "")
		if got := failure(t, newClients(t, config).send(orders, "x")); got.code != "SignatureDoesNotMatch" {
			t.Errorf("another secret is answered by %+v", got)
		}
	})
	t.Run("role", func(t *testing.T) {
		worker := newClients(t, p.as("123456789012/role/worker"))
		messages, err := worker.receive(orders)
		if err != nil || len(messages) != 1 || *messages[0].Body != "from alice" {
			t.Errorf("the worker received %v, %v", messages, err)
		}
		if err := worker.send(orders, "x"); failure(t, err).status != http.StatusForbidden {
			t.Errorf("the worker sends: %v", err)
		}
	})
	t.Run("subscription across accounts", func(t *testing.T) {
		config := p.as("123456789012/role/notification-service")
		topic := aws.String("arn:aws:sns:us-east-1:123456789012:news")
		for _, pet := range []string{"dog", "cat"} {
			if _, err := sns.NewFromConfig(config).Publish(t.Context(), &sns.PublishInput{
				TopicArn: topic, Message: aws.String("a " + pet),
				MessageAttributes: map[string]snstypes.MessageAttributeValue{"pet": {DataType: aws.String("String"), StringValue: aws.String(pet)}},
			}); err != nil {
				t.Fatal(err)
			}
		}
		partner := p.config(p.url)
		partner.Credentials = credentials.NewStaticCredentialsProvider("999988887777", "x", "")
		if got := newClients(t, partner).bodies(p.url + "/999988887777/partner"); len(got) != 1 || got[0] != "a cat" {
			t.Errorf("the partner's queue has %q", got)
		}
		list, err := root.sns.ListSubscriptionsByTopic(t.Context(), &sns.ListSubscriptionsByTopicInput{TopicArn: topic})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range list.Subscriptions {
			if *s.SubscriptionArn == "PendingConfirmation" {
				t.Errorf("%s waits for its confirmation", *s.Endpoint)
			}
		}
	})
	t.Run("bucket", func(t *testing.T) {
		bucket := aws.String("pet-pictures")
		store := newS3(p.config(p.url))
		for _, key := range []string{"notes.txt", "cat.jpg"} {
			put, err := store.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: &key, Body: strings.NewReader(key)})
			if err != nil {
				t.Fatal(err)
			}
			if aws.ToString(put.SSEKMSKeyId) != "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab" || !aws.ToBool(put.BucketKeyEnabled) {
				t.Errorf("%s is under %q, by the bucket's key: %v", key, aws.ToString(put.SSEKMSKeyId), aws.ToBool(put.BucketKeyEnabled))
			}
		}
		// No test event: what is declared is there from the start.
		var told []string
		servertest.Eventually(t, "the notification", func() bool {
			told = append(told, root.bodies(p.url+"/123456789012/uploads")...)
			return len(told) > 0
		})
		if len(told) != 1 || !strings.Contains(told[0], `"key":"cat.jpg"`) {
			t.Errorf("the queue was told %q", told)
		}
		tags, err := store.GetBucketTagging(t.Context(), &s3.GetBucketTaggingInput{Bucket: bucket})
		if err != nil || len(tags.TagSet) != 1 || *tags.TagSet[0].Value != "pets" {
			t.Errorf("the tags are %+v, %v", tags, err)
		}
		block, err := store.GetPublicAccessBlock(t.Context(), &s3.GetPublicAccessBlockInput{Bucket: bucket})
		if err != nil || !*block.PublicAccessBlockConfiguration.BlockPublicPolicy || *block.PublicAccessBlockConfiguration.RestrictPublicBuckets {
			t.Errorf("the block is %+v, %v", block, err)
		}
		partner := p.config(p.url)
		partner.Credentials = credentials.NewStaticCredentialsProvider("999988887777", "x", "")
		theirs := newS3(partner)
		list, err := theirs.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: bucket})
		if err != nil || len(list.Contents) != 2 {
			t.Errorf("the partner lists %+v, %v", list, err)
		}
		if _, err := theirs.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: aws.String("x")}); failure(t, err).code != "AccessDenied" {
			t.Errorf("the partner puts: %v", err)
		}
	})
	t.Run("keys", func(t *testing.T) {
		europe := p.config(p.url)
		europe.Region = "eu-west-1"
		encrypted, err := root.kms.Encrypt(t.Context(), &kms.EncryptInput{KeyId: aws.String("mrk-1234abcd12ab34cd56ef1234567890ab"), Plaintext: []byte("x")})
		if err != nil {
			t.Fatal(err)
		}
		opened, err := kms.NewFromConfig(europe).Decrypt(t.Context(), &kms.DecryptInput{CiphertextBlob: encrypted.CiphertextBlob})
		if err != nil || string(opened.Plaintext) != "x" || !strings.Contains(*opened.KeyId, "eu-west-1") {
			t.Errorf("the replica opens %v, %v", opened, err)
		}
		signed, err := root.kms.Sign(t.Context(), &kms.SignInput{KeyId: aws.String("alias/signing"), Message: []byte("m"), SigningAlgorithm: "ECDSA_SHA_256"})
		if err != nil || len(signed.Signature) == 0 {
			t.Errorf("the signing key: %v", err)
		}
	})
}

// petsConstant is "constant" as alias/pets of the fixtures encrypted it once,
// with the encryption context {"a": "b"}.
const petsConstant = "010202007800001cbe991a141234abcd12ab34cd56ef1234567890ab" +
	"4ad3992e3ef8779a603828d7ecf04267a865972efbb9cb43e2a23e032ea37d81" +
	"7ac1cf39f120f66e23c247deed622375cd9bd48871210b6357b608ce1087193c" +
	"0000000000000000000000000000000000000000000000000000000000000000" +
	"50ee70847051c28a731a69320880e2a76ad26e51d73b7a0b116a6c6097e87e899aaac5b3"

// With given material a ciphertext is good in every run, CI can keep it in a
// file: in memory, on a disk, after a restart and after a rotation.
func TestFixtureCiphertextsAreConstant(t *testing.T) {
	blob, err := hex.DecodeString(petsConstant)
	if err != nil {
		t.Fatal(err)
	}
	opens := func(when string, c *clients) {
		t.Helper()
		out, err := c.kms.Decrypt(t.Context(), &kms.DecryptInput{CiphertextBlob: blob, EncryptionContext: map[string]string{"a": "b"}})
		if err != nil || string(out.Plaintext) != "constant" || *out.KeyId != "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab" {
			t.Errorf("%s: %v, %v", when, out, err)
		}
	}
	opens("in memory", newClients(t, serve1(t)))
	data := filepath.Join(t.TempDir(), "data")
	p := serve(t, "--data", data)
	c := newClients(t, p.config(p.url))
	opens("on a disk", c)
	if _, err := c.kms.RotateKeyOnDemand(t.Context(), &kms.RotateKeyOnDemandInput{KeyId: aws.String("1234abcd-12ab-34cd-56ef-1234567890ab")}); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"--init", fixtures}, {"--init", ""}} {
		if err := p.stop(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		t.Setenv("WAXSEAL_INIT", "")
		p = serve(t, append(args, "--data", data)...)
		opens("after a restart with "+strings.Join(args, " "), newClients(t, p.config(p.url)))
	}
}

// serve1 is a server of its own with the fixtures, named by the environment.
func serve1(t *testing.T) aws.Config {
	t.Setenv("WAXSEAL_INIT", fixtures+",testdata/fixtures/europe.json")
	p := serve(t)
	return p.config(p.url)
}

// Whom a bucket tells is asked when everything of the files is in place, as S3 asks.
func TestFixtureOfABucketWhoseTopicRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f.yaml")
	content := "accounts:\n  \"123456789012\":\n    topics: [{name: a}]\n    buckets:\n      - name: uploads\n        notifications:\n" +
		"          TopicConfigurations: [{TopicArn: \"arn:aws:sns:us-east-1:123456789012:a\", Events: [\"s3:ObjectCreated:*\"]}]\n"
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary(t), "serve", "--addr", "127.0.0.1:0", "--init", file)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	err := runProcess(t, cmd)
	want := file + ":7: bucket uploads: notifications: Unable to validate the following destination configurations: " +
		"arn:aws:sns:us-east-1:123456789012:a: Permissions on the destination topic do not allow S3 to publish notifications from this bucket\n"
	if ended, ok := errors.AsType[*exec.ExitError](err); !ok || ended.ExitCode() != 2 || stderr.String() != want {
		t.Errorf("%v\n%s\nwant exit status 2\n%s", err, stderr.String(), want)
	}
}

// A file that is wrong ends the program before anything is touched.
func TestFixturesThatAreWrong(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "bad.yaml")
	if err := os.WriteFile(file, []byte("accounts:\n  \"123456789012\":\n    queus: []\n    queues:\n      - name: a\n        attributes: {DelaySeconds: 901}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	want := file + ":3: unknown field \"queus\" in account; did you mean queues?\n" +
		file + ":6: queue a: Invalid value for the parameter DelaySeconds.\n" +
		filepath.Join(dir, "absent.json") + ": cannot be read: no such file or directory\n"
	for _, args := range [][]string{
		{"serve", "--addr", "127.0.0.1:0", "--data", filepath.Join(dir, "data")},
		{"exec"},
	} {
		args = append(args, "--init", file, "--init", filepath.Join(dir, "absent.json"))
		if args[0] == "exec" {
			args = append(args, "--", "touch", filepath.Join(dir, "data"))
		}
		cmd := exec.Command(binary(t), args...)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		err := runProcess(t, cmd)
		ended, ok := errors.AsType[*exec.ExitError](err)
		if !ok || ended.ExitCode() != 2 || stderr.String() != want {
			t.Errorf("%s: %v\n%s\nwant exit status 2\n%s", args[0], err, stderr.String(), want)
		}
		if _, err := os.Stat(filepath.Join(dir, "data")); err == nil {
			t.Errorf("%s touched the data", args[0])
		}
	}
}

// The schema that is printed takes what Load takes, by somebody else's validator.
func TestFixtureSchema(t *testing.T) {
	t.Parallel()
	if printed := run(t, os.Environ(), binary(t), "schema"); printed != string(fixture.Schema()) {
		t.Errorf("waxseal schema prints\n%s", printed)
	}
	name := interpreter()
	if out, err := exec.Command(name, "-c", "import jsonschema, yaml").CombinedOutput(); err != nil {
		missing(t, "Python with jsonschema and PyYAML", errors.Join(err, errors.New(string(out))))
	}
	const validate = `
import datetime, json, sys, yaml, jsonschema
class Loader(yaml.SafeLoader): pass
Loader.yaml_implicit_resolvers = {k: [r for r in v if r[0] != 'tag:yaml.org,2002:timestamp'] for k, v in yaml.SafeLoader.yaml_implicit_resolvers.items()}
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
errors = list(jsonschema.Draft202012Validator(schema).iter_errors(yaml.load(open(sys.argv[2]), Loader)))
print('\n'.join('/'.join(map(str, e.path)) for e in errors))
`
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	if err := os.WriteFile(bad, []byte("accounts:\n  '1': {}\n  '123456789012':\n    queus: []\n    keys: [{spec: AES}]\n    topics: [{name: a, attributes: {Nope: 1}}]\n    roles: [{}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		fixtures:                        "",
		"testdata/fixtures/europe.json": "",
		bad:                             "accounts\naccounts/123456789012\naccounts/123456789012/keys/0/spec\naccounts/123456789012/roles/0\naccounts/123456789012/topics/0/attributes",
	} {
		lines := strings.Split(strings.TrimSpace(run(t, os.Environ(), name, "-c", validate, "../internal/fixture/schema.json", file)), "\n")
		if got := strings.Join(slices.Sorted(slices.Values(lines)), "\n"); got != want {
			t.Errorf("%s: the validator finds\n%s\nwant\n%s", file, got, want)
		}
	}
}

// Over what an earlier run left, topics, subscriptions, identities and keys
// become what the file says; what users added stays.
func TestFixturesOverData(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "f.yaml")
	start := func(content string) (*process, *clients) {
		if err := os.WriteFile(file, []byte("accounts:\n  \"123456789012\":\n"+content), 0o600); err != nil {
			t.Fatal(err)
		}
		p := serve(t, "--data", filepath.Join(dir, "data"), "--init", file)
		return p, newClients(t, p.config(p.url))
	}
	hook, _ := inbox(t)
	const other = "arn:aws:sqs:us-east-1:123456789012:added"
	topic := aws.String("arn:aws:sns:us-east-1:123456789012:news")

	p, root := start(`    topics:
      - name: news
        attributes: {DisplayName: News}
        tags: {a: b}
        subscriptions:
          - {protocol: sqs, endpoint: "arn:aws:sqs:us-east-1:123456789012:orders", attributes: {FilterPolicy: {a: [b]}, RedrivePolicy: {deadLetterTargetArn: "arn:aws:sqs:us-east-1:123456789012:dead"}}}
    policies: [{name: p, document: {Version: 2012-10-17, Statement: {Effect: Allow, Action: "sqs:*", Resource: "*"}}}]
    groups: [{name: g}, {name: h}]
    users: [{name: u, groups: [g], managedPolicies: ["arn:aws:iam::123456789012:policy/p"], accessKey: {id: AKIAU000000000000001, secret: first}}]
    keys: [{id: mrk-1234abcd12ab34cd56ef1234567890ab, replicas: [eu-west-1], tags: {a: b}}]
`)
	for protocol, endpoint := range map[string]string{"http": hook, "sqs": other} {
		if _, err := root.sns.Subscribe(t.Context(), &sns.SubscribeInput{TopicArn: topic, Protocol: aws.String(protocol), Endpoint: aws.String(endpoint)}); err != nil {
			t.Fatal(err)
		}
	}
	encrypted, err := root.kms.Encrypt(t.Context(), &kms.EncryptInput{KeyId: aws.String("mrk-1234abcd12ab34cd56ef1234567890ab"), Plaintext: []byte("x")})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.stop(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}

	p, root = start(`    topics:
      - name: news
        subscriptions:
          - {protocol: sqs, endpoint: "arn:aws:sqs:us-east-1:123456789012:orders", attributes: {RawMessageDelivery: true}}
          - {protocol: http, endpoint: "` + hook + `"}
    policies: [{name: p, document: {Version: 2012-10-17, Statement: {Effect: Allow, Action: "sqs:ListQueues", Resource: "*"}}}]
    groups: [{name: g}, {name: h}]
    users: [{name: u, groups: [h], managedPolicies: ["arn:aws:iam::123456789012:policy/p"], accessKey: {id: AKIAU000000000000001, secret: second}}]
    keys: [{id: mrk-1234abcd12ab34cd56ef1234567890ab, replicas: [eu-west-1, eu-central-1]}]
`)
	attributes, err := root.sns.GetTopicAttributes(t.Context(), &sns.GetTopicAttributesInput{TopicArn: topic})
	if err != nil || attributes.Attributes["DisplayName"] != "" || attributes.Attributes["SubscriptionsConfirmed"] != "3" || attributes.Attributes["SubscriptionsPending"] != "0" {
		t.Errorf("the topic is %v, %v", attributes, err)
	}
	list, err := root.sns.ListSubscriptionsByTopic(t.Context(), &sns.ListSubscriptionsByTopicInput{TopicArn: topic})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list.Subscriptions {
		got, err := root.sns.GetSubscriptionAttributes(t.Context(), &sns.GetSubscriptionAttributesInput{SubscriptionArn: s.SubscriptionArn})
		if err != nil {
			t.Fatal(err)
		}
		a := got.Attributes
		if strings.HasSuffix(*s.Endpoint, ":orders") && (a["RawMessageDelivery"] != "true" || a["FilterPolicy"] != "" || a["RedrivePolicy"] != "") {
			t.Errorf("the subscription is %v", a)
		}
	}
	config := p.config(p.url)
	config.Credentials = credentials.NewStaticCredentialsProvider("AKIAU000000000000001", "second", "")
	u := newClients(t, config)
	if _, err := u.sqs.ListQueues(t.Context(), &sqs.ListQueuesInput{}); err != nil {
		t.Errorf("the user with the new secret and policy: %v", err)
	}
	groups, err := root.iam.ListGroupsForUser(t.Context(), &iam.ListGroupsForUserInput{UserName: aws.String("u")})
	if err != nil || len(groups.Groups) != 1 || *groups.Groups[0].GroupName != "h" {
		t.Errorf("the user's groups are %v, %v", groups, err)
	}
	for _, region := range []string{"eu-west-1", "eu-central-1"} {
		config := p.config(p.url)
		config.Region = region
		client := kms.NewFromConfig(config)
		if opened, err := client.Decrypt(t.Context(), &kms.DecryptInput{CiphertextBlob: encrypted.CiphertextBlob}); err != nil || string(opened.Plaintext) != "x" {
			t.Errorf("the replica in %s opens %v, %v", region, opened, err)
		}
		tags, err := client.ListResourceTags(t.Context(), &kms.ListResourceTagsInput{KeyId: aws.String("mrk-1234abcd12ab34cd56ef1234567890ab")})
		if err != nil || len(tags.Tags) != 0 {
			t.Errorf("the replica in %s has the tags %v, %v", region, tags, err)
		}
	}
}
