package cloudformation_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/mem"
)

// mortal is an engine of a process that is killed after so many transactions.
type mortal struct {
	store.Engine

	left atomic.Int64
}

var errKilled = errors.New("killed")

func (m *mortal) Update(ctx context.Context, write func(store.Tx) error) error {
	if m.left.Add(-1) < 0 {
		return errKilled
	}
	return m.Engine.Update(ctx, write)
}

func (w *world) queues() string {
	w.t.Helper()
	urls, _ := w.ok("sqs:ListQueues", object{})["QueueUrls"].([]any)
	return strings.Trim(fmt.Sprint(urls), "[]")
}

// status is the state of the stack shop, or that there is none.
func (w *world) status() string {
	w.t.Helper()
	out, err := w.call("cloudformation:DescribeStacks", object{"StackName": "shop"})
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(out["Stacks"].([]any)[0].(object)["StackStatus"])
}

// wantForm holds the queues of a stack in a state against its templates.
func (w *world) wantForm(n int64, status string) {
	w.t.Helper()
	delay, names := "1", []string{"changed", "replaced", "removed"}
	if status == "UPDATE_COMPLETE" {
		delay, names = "2", []string{"changed", "replacement", "new"}
	}
	there := w.queues() + " "
	for _, name := range names {
		if !strings.Contains(there, "/"+name+" ") {
			w.t.Errorf("killed after %d transactions, in %s, the stack lacks %s: %s", n, status, name, there)
		}
	}
	out := w.ok("sqs:GetQueueAttributes", object{"QueueUrl": baseURL + "/" + account + "/changed", "AttributeNames": []string{"DelaySeconds"}})
	if got := out["Attributes"].(object)["DelaySeconds"]; got != delay {
		w.t.Errorf("killed after %d transactions, in %s, the delay is %v", n, status, got)
	}
}

// deployAgain makes the stack once more where all of it was deleted: no name is still its.
func (w *world) deployAgain(n int64) {
	w.t.Helper()
	for _, url := range strings.Fields(w.queues()) {
		w.ok("sqs:DeleteQueue", object{"QueueUrl": url})
	}
	for _, template := range []string{first, second} {
		w.clock.Advance(2 * time.Minute) // the names of queues are free once more
		w.ok("CreateStack", object{"StackName": "shop", "TemplateBody": template})
		if got := w.status(); got != "CREATE_COMPLETE" {
			w.t.Fatalf("killed after %d transactions and deleted, the stack is in %s when it is made again:\n%s", n, got, w.events("shop"))
		}
		w.ok("DeleteStack", object{"StackName": "shop"})
	}
}

const (
	first = `
Resources:
  Changed: {Type: AWS::SQS::Queue, Properties: {QueueName: changed, DelaySeconds: 1}}
  Replaced: {Type: AWS::SQS::Queue, Properties: {QueueName: replaced}}
  Removed: {Type: AWS::SQS::Queue, Properties: {QueueName: removed}}
`
	second = `
Resources:
  Changed: {Type: AWS::SQS::Queue, Properties: {QueueName: changed, DelaySeconds: 2}}
  Replaced: {Type: AWS::SQS::Queue, Properties: {QueueName: replacement}}
  New: {Type: AWS::SQS::Queue, Properties: {QueueName: new}}
`
)

// However an operation is killed, its stack is not stuck, and can be deleted afterwards.
func TestKilledOperations(t *testing.T) {
	create := func(w *world) error {
		_, err := w.call("cloudformation:CreateStack", object{"StackName": "shop", "TemplateBody": first})
		return err
	}
	update := func(w *world) error {
		_, err := w.call("cloudformation:UpdateStack", object{"StackName": "shop", "TemplateBody": second})
		return err
	}
	remove := func(w *world) error {
		_, err := w.call("cloudformation:DeleteStack", object{"StackName": "shop"})
		return err
	}
	for name, operation := range map[string]struct {
		before, during func(*world) error
		ends           string
	}{
		"create": {func(*world) error { return nil }, create, "ROLLBACK_COMPLETE CREATE_COMPLETE exist"},
		"update": {create, update, "CREATE_COMPLETE UPDATE_ROLLBACK_COMPLETE UPDATE_COMPLETE"},
		"delete": {create, remove, "CREATE_COMPLETE exist"},
	} {
		t.Run(name, func(t *testing.T) {
			seen := map[string]bool{}
			for n := int64(0); ; n++ {
				engine := &mortal{Engine: mem.New()}
				engine.left.Store(1 << 40)
				w := begin(t, engine)
				if err := operation.before(w); err != nil {
					t.Fatal(err)
				}
				engine.left.Store(n)
				err := operation.during(w)
				if err != nil && engine.left.Load() >= 0 {
					t.Fatalf("after %d transactions: %v", n, err)
				}
				engine.left.Store(0)
				w.Close()

				w = begin(t, engine.Engine)
				status := w.status()
				seen[status] = true
				if strings.Contains(status, "PROGRESS") || strings.Contains(status, "FAILED") {
					t.Fatalf("killed after %d transactions the stack is in %s", n, status)
				}
				if name == "update" {
					w.wantForm(n, status)
				}
				if failed := remove(w); failed != nil {
					t.Fatalf("killed after %d transactions the stack is in %s, and cannot be deleted: %v", n, status, failed)
				}
				// What was made and not yet noted, nobody knows of.
				if left := strings.Fields(w.queues()); len(left) > 1 {
					t.Fatalf("killed after %d transactions the stack leaves %v", n, left)
				}
				w.deployAgain(n)
				w.Close()
				if err == nil {
					break
				}
			}
			for _, status := range strings.Fields(operation.ends) {
				if !strings.Contains(fmt.Sprint(seen), status) {
					t.Errorf("the stack never ended in %s: %v", status, seen)
				}
			}
		})
	}
}

// While an operation goes on the stack takes no other.
func TestTwoOperationsAtOnce(t *testing.T) {
	engine := &mortal{Engine: mem.New()}
	engine.left.Store(1 << 40)
	w := begin(t, engine)
	w.create("shop", first)
	engine.left.Store(3)
	if _, err := w.call("cloudformation:UpdateStack", object{"StackName": "shop", "TemplateBody": second}); err == nil {
		t.Fatal("the update is over")
	}
	engine.left.Store(1 << 40)
	id := fmt.Sprint(w.stack("shop")["StackId"])
	want := "ValidationError: Stack:" + id + " is in UPDATE_IN_PROGRESS state and can not be "
	for operation, in := range map[string]object{
		"UpdateStack":     {"StackName": "shop", "TemplateBody": first},
		"CreateChangeSet": {"StackName": "shop", "ChangeSetName": "c", "TemplateBody": first},
		"DeleteStack":     {"StackName": "shop"},
		"RollbackStack":   {"StackName": "shop"},
	} {
		if got := w.refused(operation, in); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s", operation, got)
		}
	}
}

// Where whoever began an interrupted operation is gone, its stack has failed, and can be
// rolled back by others.
func TestKilledOperationOfAUserWhoIsGone(t *testing.T) {
	engine := &mortal{Engine: mem.New()}
	engine.left.Store(1 << 40)
	w := begin(t, engine)
	w.as = w.user("dev", mayDeploy+`,{"Effect":"Allow","Action":"sqs:*","Resource":"*"}`)
	w.create("shop", first)
	w.changeSet("next", "shop", "UPDATE", second)
	engine.left.Store(4)
	if _, err := w.call("cloudformation:ExecuteChangeSet", object{"StackName": "shop", "ChangeSetName": "next"}); err == nil {
		t.Fatal("the update is over")
	}
	engine.left.Store(1 << 40)
	w.as = "root"
	for _, policy := range []string{"rights"} {
		w.ok("iam:DeleteUserPolicy", object{"UserName": "dev", "PolicyName": policy})
	}
	w.ok("iam:DeleteUser", object{"UserName": "dev"})
	w.Close()

	w = begin(t, engine)
	w.wantStatus("shop", "UPDATE_FAILED")
	if got := fmt.Sprint(w.stack("shop")["StackStatusReason"]); !strings.HasPrefix(got, "The operation was interrupted by the end of the process. It cannot go on: ") {
		t.Error(got)
	}
	w.ok("RollbackStack", object{"StackName": "shop"})
	w.wantStatus("shop", "UPDATE_ROLLBACK_COMPLETE")
	w.wantForm(4, "UPDATE_ROLLBACK_COMPLETE")
}

// A change set whose execution was interrupted has failed.
func TestKilledExecution(t *testing.T) {
	engine := &mortal{Engine: mem.New()}
	engine.left.Store(1 << 40)
	w := begin(t, engine)
	w.create("shop", first)
	set := w.changeSet("next", "shop", "UPDATE", second)
	engine.left.Store(4)
	if _, err := w.call("cloudformation:ExecuteChangeSet", object{"ChangeSetName": set}); err == nil {
		t.Fatal("the update is over")
	}
	w.Close()
	w = begin(t, engine.Engine)
	w.wantStatus("shop", "UPDATE_ROLLBACK_COMPLETE")
	if got := w.ok("DescribeChangeSet", object{"ChangeSetName": set})["ExecutionStatus"]; got != "EXECUTE_FAILED" {
		t.Errorf("the change set is %v", got)
	}
}
