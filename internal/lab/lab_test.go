package lab

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/storetest/disk"
	"github.com/waxseal/waxseal/learn"
)

// written is an exercise with a start state and checks, and something in every other file.
func written(t *testing.T, name, makes, start, checks string) *learn.Exercise {
	t.Helper()
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	all, err := learn.Read(fstest.MapFS{
		"01-" + name + "/exercise.yaml": file("title: T\ndomain: Security\nminutes: 1\nstory: S\ngoal: G\nhints: [a, b, c]\n" + makes),
		"01-" + name + "/start.yaml":    file(start),
		"01-" + name + "/checks.yaml":   file(checks),
		"01-" + name + "/answer.sh":     file("aws sqs list-queues\n"),
		"01-" + name + "/answer.md":     file("E\n"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return all[0]
}

const receives = `
- say: It sends.
  as: root
  call: sqs:SendMessage
  params: {QueueUrl: "http://localhost:4566/123456789012/pettracker-a", MessageBody: hello}
  expect: allowed
- say: It receives.
  as: root
  call: sqs:ReceiveMessage
  params: {QueueUrl: "http://localhost:4566/123456789012/pettracker-a", WaitTimeSeconds: 20}
  expect: allowed
  response: {Messages.0.Body: "h?l*", Messages.1: null}
`

func oneQueue(t *testing.T) *learn.Exercise {
	return written(t, "one", "makes: [{alias: pettracker-own}, {role: pettracker-mine}]", `
accounts:
  "123456789012":
    queues: [{name: pettracker-a, attributes: {KmsMasterKeyId: alias/pettracker-a}}]
    topics: [{name: pettracker-t, subscriptions: [{protocol: sqs, endpoint: "arn:aws:sqs:us-east-1:123456789012:pettracker-a"}]}]
    keys: [{alias: alias/pettracker-a}]
    roles: [{name: pettracker-r}]
    buckets: [{name: pettracker-b}]
    rules: [{name: pettracker-rule, schedule: rate(1 hour), targets: [{arn: "arn:aws:sqs:us-east-1:123456789012:pettracker-a"}]}]
    trails: [{name: pettracker-trail, bucket: pettracker-logs}]
    vpcs: [{id: vpc-01234567, cidr: 10.0.0.0/16, subnets: [{id: subnet-01234567, cidr: 10.0.1.0/24}], endpoints: [{id: vpce-01234567, service: sqs, subnets: [subnet-01234567]}]}]
`, receives)
}

func start(t *testing.T, rt *runtime.Runtime, e *learn.Exercise) {
	t.Helper()
	if _, err := Start(t.Context(), rt, e); err != nil {
		t.Fatal(err)
	}
}

// contents is everything that the state holds.
func contents(t *testing.T, rt *runtime.Runtime) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := rt.Config().Engine.View(t.Context(), func(r store.Reader) error {
		clear(all)
		for key, value := range r.Scan("", "", store.All) {
			all[key] = string(value)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// trust is a trust policy.
const trust = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}}`

func do(t *testing.T, rt *runtime.Runtime, script string) {
	t.Helper()
	if err := runScript(t, rt, "script", script); err != nil {
		t.Fatal(err)
	}
}

// A check changes nothing, records nothing, and waits for nobody.
func TestCheckLeavesNoTrace(t *testing.T) {
	e, rt := oneQueue(t), newRuntime(t)
	start(t, rt, e)
	before, calls := contents(t, rt), slices.Collect(rt.Dispatcher.Records().Newest())
	for range 2 { // it finds the same again
		if r := checked(t, rt, e); !r.Passed {
			t.Errorf("it fails:\n%s", failures(r))
		}
	}
	if diff := cmp.Diff(before, contents(t, rt)); diff != "" {
		t.Errorf("the state (-before +after):\n%s", diff)
	}
	if after := slices.Collect(rt.Dispatcher.Records().Newest()); len(after) != len(calls) {
		t.Errorf("%d calls were recorded", len(after)-len(calls))
	}
	if !rt.Now().Equal(begun) {
		t.Errorf("the clock shows %v", rt.Now())
	}
}

// Where a name is taken nothing is done, and the exercise before goes on.
func TestStartRefusesTakenNames(t *testing.T) {
	e, rt := oneQueue(t), newRuntime(t)
	other := written(t, "other", "", "accounts: {\"123456789012\": {queues: [{name: pettracker-o}]}}", receives)
	start(t, rt, other)
	for taken, script := range map[string]string{
		"queue pettracker-a":         "aws sqs create-queue --queue-name pettracker-a",
		"role pettracker-mine":       "aws iam create-role --role-name pettracker-mine --assume-role-policy-document '" + trust + "'",
		"alias alias/pettracker-own": "KEY=$(aws kms create-key --query KeyMetadata.KeyId --output text)\naws kms create-alias --alias-name alias/pettracker-own --target-key-id $KEY",
		"bucket pettracker-b":        "aws s3api create-bucket --bucket pettracker-b",
	} {
		do(t, rt, script)
		before := contents(t, rt)
		_, err := Start(t.Context(), rt, e)
		if refused, ok := errors.AsType[*Refused](err); !ok || !strings.Contains(refused.Error(), taken) {
			t.Errorf("%s: %v", taken, err)
		}
		if diff := cmp.Diff(before, contents(t, rt)); diff != "" {
			t.Errorf("%s: the state (-before +after):\n%s", taken, diff)
		}
	}
	if name, err := Current(t.Context(), rt); name != "other" || err != nil {
		t.Errorf("under way is %q, %v", name, err)
	}
}

// What the learner made beside the exercise stays, and all else goes.
func TestRemove(t *testing.T) {
	e, rt := oneQueue(t), newRuntime(t)
	do(t, rt, "aws sqs create-queue --queue-name mine\naws sns create-topic --name mine\nKEY=$(aws kms create-key --query KeyMetadata.KeyId --output text)\naws kms create-alias --alias-name alias/mine --target-key-id $KEY")
	start(t, rt, e)
	rt.Config().Clock.Advance(time.Second)
	do(t, rt, `
aws sns subscribe --topic-arn arn:aws:sns:us-east-1:123456789012:pettracker-t --protocol sqs --notification-endpoint arn:aws:sqs:us-east-1:123456789012:mine
aws iam create-role --role-name pettracker-mine --assume-role-policy-document '`+trust+`'
aws iam put-role-policy --role-name pettracker-mine --policy-name p --policy-document '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"*"}}'
aws iam attach-role-policy --role-name pettracker-r --policy-arn arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess
aws s3api put-object --bucket pettracker-b --key k --body /dev/null
aws s3api put-bucket-versioning --bucket pettracker-b --versioning-configuration Status=Enabled
aws s3api delete-object --bucket pettracker-b --key k
KEY=$(aws kms describe-key --key-id alias/mine --query KeyMetadata.KeyId --output text)
aws kms create-alias --alias-name alias/pettracker-own --target-key-id $KEY
`)
	deny := `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*"}}`
	do(t, rt, `aws sqs set-queue-attributes --queue-url http://localhost:4566/123456789012/pettracker-a --attributes '{"Policy":`+quoted(deny)+`}'`)
	if err := Remove(t.Context(), rt); err != nil {
		t.Fatal(err)
	}
	for _, one := range (&record{Exercise: e.Name, Makes: e.Makes}).all(rt) {
		if found, err := exists(t.Context(), rt, one); found || err != nil {
			t.Errorf("%s %s is still there, %v", one.Kind, one.Name, err)
		}
	}
	set, err := fixtures(rt, e)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range set.Resources(learn.Region) {
		if found, err := exists(t.Context(), rt, one); found || err != nil {
			t.Errorf("%s %s is still there, %v", one.Kind, one.Name, err)
		}
	}
	do(t, rt, `
aws sqs get-queue-url --queue-name mine
aws sns get-topic-attributes --topic-arn arn:aws:sns:us-east-1:123456789012:mine
aws kms encrypt --key-id alias/mine --plaintext aGVsbG8=
`)
	for key := range contents(t, rt) {
		if strings.HasPrefix(key, recordKey) || strings.HasPrefix(key, "kms.key\x00") && strings.Count(key, "/") != 2 {
			t.Errorf("%q is left", key)
		}
	}
	if err := Remove(t.Context(), rt); err != nil {
		t.Errorf("once more: %v", err)
	}
	start(t, rt, e)
}

func quoted(document string) string {
	return `"` + strings.ReplaceAll(document, `"`, `\"`) + `"`
}

// A policy goes wherever the learner uses it.
func TestRemoveAPolicyInUse(t *testing.T) {
	const allow = `{Version: "2012-10-17", Statement: [{Effect: Allow, Action: "sqs:*", Resource: "*"}]}`
	e, rt := written(t, "policy", "", "accounts: {\"123456789012\": {policies: [{name: pettracker-m, document: "+allow+"}]}}", receives), newRuntime(t)
	start(t, rt, e)
	do(t, rt, `
aws iam create-user --user-name mine --permissions-boundary arn:aws:iam::123456789012:policy/pettracker-m
aws iam attach-user-policy --user-name mine --policy-arn arn:aws:iam::123456789012:policy/pettracker-m
aws iam create-role --role-name mine --assume-role-policy-document '`+trust+`' --permissions-boundary arn:aws:iam::123456789012:policy/pettracker-m`)
	if err := Remove(t.Context(), rt); err != nil {
		t.Fatal(err)
	}
	do(t, rt, "aws iam get-user --user-name mine\naws iam get-role --role-name mine")
	if err := runScript(t, rt, "script", "aws iam get-policy --policy-arn arn:aws:iam::123456789012:policy/pettracker-m"); !errors.Is(err, errAWS) {
		t.Errorf("the policy: %v", err)
	}
}

// A key that the learner made for the exercise goes, at once.
func TestRemoveDropsTheLearnersKey(t *testing.T) {
	e, rt := oneQueue(t), newRuntime(t)
	start(t, rt, e)
	rt.Config().Clock.Advance(time.Second)
	do(t, rt, "KEY=$(aws kms create-key --query KeyMetadata.KeyId --output text)\naws kms create-alias --alias-name alias/pettracker-own --target-key-id $KEY")
	if err := Remove(t.Context(), rt); err != nil {
		t.Fatal(err)
	}
	for key := range contents(t, rt) {
		if strings.HasPrefix(key, "kms.") {
			t.Errorf("%q is left", key)
		}
	}
}

// Another exercise takes the place of the one before.
func TestStartRemovesTheOneBefore(t *testing.T) {
	e, rt := oneQueue(t), newRuntime(t)
	start(t, rt, e)
	other := written(t, "other", "", "accounts: {\"123456789012\": {queues: [{name: pettracker-o}]}}", receives)
	start(t, rt, other)
	if err := runScript(t, rt, "script", "aws sqs get-queue-url --queue-name pettracker-a"); !errors.Is(err, errAWS) {
		t.Errorf("the queue of the exercise before: %v", err)
	}
	do(t, rt, "aws sqs get-queue-url --queue-name pettracker-o")
	if _, err := Check(t.Context(), rt, e, baseURL); err == nil || !strings.Contains(err.Error(), "other is under way") {
		t.Errorf("the check of the exercise before: %v", err)
	}
	start(t, rt, other) // itself, too
}

// Whoever starts and removes exercises at the same time leaves nothing that belongs to none.
func TestStartsAtOnce(t *testing.T) {
	e, rt := oneQueue(t), newRuntime(t)
	other := written(t, "other", "", "accounts: {\"123456789012\": {queues: [{name: pettracker-o}], roles: [{name: pettracker-p}]}}", receives)
	var starters sync.WaitGroup
	for i := range 6 {
		starters.Go(func() {
			for range 3 {
				if _, err := Start(t.Context(), rt, []*learn.Exercise{e, other}[i%2]); err != nil {
					t.Error(err)
				}
				if err := Remove(t.Context(), rt); err != nil {
					t.Error(err)
				}
			}
		})
	}
	starters.Wait()
	for _, script := range []string{"aws sqs get-queue-url --queue-name pettracker-a", "aws sqs get-queue-url --queue-name pettracker-o", "aws iam get-role --role-name pettracker-p"} {
		if err := runScript(t, rt, "script", script); !errors.Is(err, errAWS) {
			t.Errorf("%s: %v", script, err)
		}
	}
}

// What AWS refuses whatever policies say is denied, too.
func TestDeniedByNoPolicy(t *testing.T) {
	e := written(t, "root", "", "accounts: {\"123456789012\": {roles: [{name: pettracker-r}]}}", `
- say: The root user cannot assume the role.
  as: root
  call: sts:AssumeRole
  params: {RoleArn: "arn:aws:iam::123456789012:role/pettracker-r", RoleSessionName: check}
  expect: denied
`)
	rt := newRuntime(t, func(c *runtime.Config) { c.Strict.Credentials = true })
	start(t, rt, e)
	if r := checked(t, rt, e); !r.Passed {
		t.Errorf("it fails:\n%s", failures(r))
	}
}

// The checks turn a copy of the clock, which has an end.
func TestCheckAtTheEndOfTime(t *testing.T) {
	e, rt := oneQueue(t), newRuntime(t)
	start(t, rt, e)
	for _, left := range []time.Duration{30 * time.Second, 70 * time.Second, 2*tidied + 9*time.Second} { // the last ends in a long poll
		rt.Config().Clock.Set(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC).Add(-left))
		_, err := Check(t.Context(), rt, e, baseURL)
		if refused, ok := errors.AsType[*Refused](err); left < 2*tidied && (!ok || !strings.Contains(refused.Error(), "turn it back")) || left > 2*tidied && err != nil {
			t.Errorf("%v before the end: %v", left, err)
		}
	}
}

// Where the state is kept, so is the exercise.
func TestRestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "waxseal.db")
	open := func() store.Engine { return disk.Open(t, file) }
	e, engine := oneQueue(t), open()
	first := newRuntime(t, func(c *runtime.Config) { c.Engine = engine })
	start(t, first, e)
	first.Close()
	if err := engine.Close(); err != nil {
		t.Fatal(err)
	}
	engine = open()
	second := newRuntime(t, func(c *runtime.Config) { c.Engine, c.HSM = engine, first.Config().HSM })
	defer func() { _ = engine.Close() }()
	defer second.Close()
	if r := checked(t, second, e); !r.Passed {
		t.Errorf("it fails:\n%s", failures(r))
	}
	if err := Remove(t.Context(), second); err != nil {
		t.Fatal(err)
	}
}

// Checks are made at the same time, while the learner goes on.
func TestChecksAtOnce(t *testing.T) {
	e, rt := oneQueue(t), newRuntime(t)
	start(t, rt, e)
	stop, calling := context.WithCancel(t.Context())
	var callers, checkers sync.WaitGroup
	callers.Go(func() {
		for stop.Err() == nil {
			if err := runScript(t, rt, "script", "aws sqs create-queue --queue-name mine\naws iam create-role --role-name mine --assume-role-policy-document '"+trust+"'\naws iam delete-role --role-name mine"); err != nil {
				t.Error(err)
			}
		}
	})
	for range 3 {
		checkers.Go(func() {
			for range 3 {
				if r, err := Check(t.Context(), rt, e, baseURL); err != nil || !r.Passed {
					t.Errorf("%v, %+v", err, r)
				}
			}
		})
	}
	checkers.Wait()
	calling()
	callers.Wait()
}

// What the learner was to call is found in the record, from the start on.
func TestRecorded(t *testing.T) {
	e := written(t, "looks", "", "accounts: {\"123456789012\": {users: [{name: pettracker-u, accessKey: {id: AKIAIOSFODNN7EXAMPLE, secret: wJalrXUtnFEMI}}]}}", `
- say: The queues were listed.
  recorded: {eventName: ListQueues, errorCode: ""}
- say: Nobody looked for users.
  recorded: {eventName: ListUsers, expect: none}
`)
	rt := newRuntime(t)
	do(t, rt, "aws sqs list-queues")
	rt.Config().Clock.Advance(time.Second)
	start(t, rt, e)
	rt.Config().Clock.Advance(time.Second)
	if r := checked(t, rt, e); r.Checks[0].Passed || !r.Checks[1].Passed {
		t.Errorf("before: %+v", r)
	}
	do(t, rt, "aws sqs list-queues")
	if r := checked(t, rt, e); !r.Passed {
		t.Errorf("after: %+v", r)
	}
	do(t, rt, "aws iam list-users")
	if r := checked(t, rt, e); r.Passed || !strings.Contains(r.Checks[1].Detail, "There is a ListUsers") {
		t.Errorf("then: %+v", r)
	}
}

// A check that fails says what happens, and blames the learner for nothing that does not.
func TestWhatFailsIsTold(t *testing.T) {
	e := written(t, "tells", "", "accounts: {\"123456789012\": {queues: [{name: pettracker-a}], roles: [{name: pettracker-r}]}}", `
- say: The key is there.
  as: root
  call: kms:DescribeKey
  params: {KeyId: alias/pettracker-none}
  expect: allowed
  save: {KEY: KeyMetadata.KeyId}
  otherwise: There is no key.
- say: The role cannot use it.
  as: role/pettracker-r
  call: kms:GenerateDataKey
  params: {KeyId: alias/pettracker-none, KeySpec: AES_256}
  expect: denied
  otherwise: The role uses it.
- say: It is switched off.
  as: root
  call: kms:DisableKey
  params: {KeyId: "${KEY}"}
  expect: allowed
  otherwise: It cannot be switched off.
- say: Messages are invisible for a while.
  as: root
  call: sqs:GetQueueAttributes
  params: {QueueUrl: "http://localhost:4566/123456789012/pettracker-a", AttributeNames: [VisibilityTimeout]}
  expect: allowed
  response: {Attributes.VisibilityTimeout: "77"}
- say: The queue cannot be emptied.
  as: root
  call: sqs:PurgeQueue
  params: {QueueUrl: "http://localhost:4566/123456789012/pettracker-a"}
  expect: denied
  otherwise: It can be emptied.
`)
	report := checked(t, started(t, e), e)
	for i, want := range []string{
		"There is no key.\nkms:DescribeKey by root",
		"It fails, but for another reason than it is to fail for.\nkms:GenerateDataKey by role/pettracker-r",
		"Not tried, for it needs what an earlier step was to bring (KEY).",
		"answered with Attributes.VisibilityTimeout: 30, and not 77",
		"It can be emptied.\nsqs:PurgeQueue by root",
	} {
		got := report.Checks[i].Detail
		if !strings.Contains(got, want) {
			t.Errorf("check %d says %q, want %q", i, got, want)
		}
	}
}
