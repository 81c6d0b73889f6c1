package cloudformation

import (
	"cmp"
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/provision"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/template"
)

// own are the handlers of CloudFormation's own types.
func (o *run) own() map[string]provision.Handler {
	return map[string]provision.Handler{
		stackType: {Create: o.createNested, Update: o.updateNested, Delete: o.deleteNested},
		"AWS::CloudFormation::WaitConditionHandle": {Create: o.createHandle, Update: unchanged, Delete: unchanged},
		"AWS::CloudFormation::WaitCondition":       {Create: o.createWait, Update: unchanged, Delete: unchanged},
	}
}

func unchanged(context.Context, *provision.Job) error { return nil }

// parent is the stack whose resource a stack is that is being made.
type parent struct{ stack, root string }

type parentKey struct{}

func withParent(ctx context.Context, p *parent) context.Context {
	return context.WithValue(ctx, parentKey{}, p)
}

// parentFrom is the parent of what ctx does with a stack; nil: it has none.
func parentFrom(ctx context.Context) *parent {
	p, _ := ctx.Value(parentKey{}).(*parent)
	return p
}

// inside is ctx for what the stack does with one of its nested stacks.
func (o *run) inside(ctx context.Context) (context.Context, error) {
	stack, err := o.stack()
	if err != nil {
		return nil, err
	}
	p := &parent{stack: stack.arn(), root: stack.Root}
	if p.root == "" {
		p.root = stack.arn()
	}
	return withParent(ctx, p), nil
}

// nestedInput is what CreateStack and UpdateStack are given for a nested stack: the parent
// has acknowledged its capabilities.
func (o *run) nestedInput(job *provision.Job) map[string]any {
	in := map[string]any{}
	for _, property := range []string{"TemplateURL", "NotificationARNs"} {
		if n := job.Properties.Get(property); n != nil {
			in[property] = n
		}
	}
	if len(o.capabilities) > 0 {
		in["Capabilities"] = o.capabilities
	}
	parameters := []any{}
	if n := job.Properties.Get("Parameters"); n != nil {
		for _, m := range n.Members {
			value := m.Value.String()
			if m.Value.Kind == template.List {
				value = strings.Join(m.Value.Strings(), ",")
			}
			parameters = append(parameters, map[string]any{"ParameterKey": m.Key, "ParameterValue": value})
		}
	}
	in["Parameters"] = parameters
	tags := []any{}
	for key, value := range job.Tags {
		if strings.HasPrefix(key, "aws:") { // which every stack gives its own resources
			continue
		}
		tags = append(tags, map[string]any{"Key": key, "Value": value})
	}
	in["Tags"] = tags
	return in
}

// maxNested is how many stacks may be in each other: no application comes near, and a
// template that names itself ends there.
const maxNested = 32

// shallow refuses a nested stack that is in too many others.
func (o *run) shallow(ctx context.Context) error {
	return o.engine.View(ctx, func(r store.Reader) error {
		stack, depth := o.stacks.Get(r, o.id.key()), 1
		for stack != nil && stack.Parent != "" {
			if depth++; depth >= maxNested {
				return failure("Nested stacks are more than " + strconv.Itoa(maxNested) + " levels deep: does the template of one name itself?")
			}
			id, _ := readStackID(stack.Parent)
			stack = o.stacks.Get(r, id.key())
		}
		return nil
	})
}

// maxStackName is how long the name of a stack may be.
const maxStackName = 128

// createNested makes the stack PARENT-LOGICALID-RANDOM [C235].
func (o *run) createNested(ctx context.Context, job *provision.Job) error {
	if err := o.shallow(ctx); err != nil {
		return err
	}
	ctx, err := o.inside(ctx)
	if err != nil {
		return err
	}
	head := o.id.name + "-" + job.LogicalID
	in := o.nestedInput(job)
	in["StackName"] = head[:min(len(head), maxStackName-len(job.Token)-1)] + "-" + job.Token
	in["OnFailure"] = doNothing // the parent decides what becomes of it
	if n := job.Properties.Get("TimeoutInMinutes"); n != nil {
		in["TimeoutInMinutes"] = n
	}
	out, err := job.Call(ctx, serviceName, "CreateStack", in)
	if err != nil {
		return err
	}
	job.PhysicalID, _ = out["StackId"].(string)
	return o.nestedDone(job, createComplete, "created")
}

func (o *run) updateNested(ctx context.Context, job *provision.Job) error {
	ctx, err := o.inside(ctx)
	if err != nil {
		return err
	}
	in := o.nestedInput(job)
	in["StackName"] = job.PhysicalID
	_, err = job.Call(ctx, serviceName, "UpdateStack", in)
	if err != nil && !strings.Contains(err.Error(), errNoUpdates.Message) {
		return err
	}
	done := updateComplete
	if err != nil {
		done = "" // as it was
	}
	return o.nestedDone(job, done, "updated")
}

func (o *run) deleteNested(ctx context.Context, job *provision.Job) error {
	ctx, err := o.inside(ctx)
	if err != nil {
		return err
	}
	if _, err := job.Call(ctx, serviceName, "DeleteStack", map[string]any{"StackName": job.PhysicalID}); err != nil {
		return err
	}
	child, err := o.child(job)
	if err != nil || child == nil || child.gone() {
		return err
	}
	return failure("Embedded stack " + job.PhysicalID + " was not successfully deleted: " + child.Reason)
}

// child is the nested stack of a job; nil: there is none any more.
func (o *run) child(job *provision.Job) (child *stackRecord, err error) {
	id, _ := readStackID(job.PhysicalID)
	err = o.engine.View(o.ctx, func(r store.Reader) error {
		child = o.stacks.Get(r, id.key())
		return nil
	})
	return child, err
}

// nestedDone takes over a nested stack's outputs. It fails where the stack is in another
// state than wanted; empty: in none that is a success.
func (o *run) nestedDone(job *provision.Job, want, what string) error {
	child, err := o.child(job)
	if err != nil {
		return err
	}
	if child == nil || want != "" && child.Status != want {
		reason, status := "", ""
		if child != nil {
			reason, status = child.Reason, child.Status
			if reason == "" {
				reason = "it is in " + status
			}
		}
		return failure("Embedded stack " + job.PhysicalID + " was not successfully " + what + ": " + reason)
	}
	job.Attributes = child.attributes()
	return nil
}

// attributes are what Fn::GetAtt yields of a nested stack: its outputs, and what its
// schema has besides [C235].
func (s *stackRecord) attributes() map[string]*template.Node {
	all := map[string]*template.Node{}
	for name, value := range map[string]string{
		"StackId": s.arn(), "ParentId": s.Parent, "RootId": s.Root, "StackStatus": s.Status, "ChangeSetId": s.ChangeSet,
		"CreationTime": timestamp(s.Created), "LastUpdateTime": timestamp(cmp.Or(s.Updated, s.Created)),
	} {
		all[name] = template.Text(value)
	}
	for _, out := range s.Outputs {
		all["Outputs."+out.Key] = template.Text(out.Value)
	}
	return all
}

func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// createHandle makes up the URL at which a wait condition would be signaled [C236].
func (o *run) createHandle(_ context.Context, job *provision.Job) error {
	job.PhysicalID = "https://cloudformation-waitcondition-" + o.id.region + ".s3.amazonaws.com/" + url.QueryEscape(o.id.arn()+"/"+job.LogicalID)
	job.Attributes = map[string]*template.Node{"Id": template.Text(job.PhysicalID)}
	return nil
}

// createWait makes a wait condition. Nothing signals one here: one with a handle would wait
// in vain, and fails at once.
func (o *run) createWait(_ context.Context, job *provision.Job) error {
	if job.Properties.Get("Handle") != nil {
		count := job.Properties.Get("Count").String()
		if count == "" {
			count = "1"
		}
		if count != "0" {
			return failure("WaitCondition timed out. Received 0 conditions when expecting " + count + " (waxseal has nothing that could signal it, and does not wait)")
		}
	}
	job.PhysicalID = o.id.arn() + "/" + job.LogicalID
	job.Attributes = map[string]*template.Node{"Data": template.Text("{}"), "Id": template.Text(job.PhysicalID)}
	return nil
}
