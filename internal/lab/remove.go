package lab

import (
	"context"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/fixture"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/trial"
)

// Remove deletes what was made for the exercise that is under way, and what its learner
// was asked to create. Where none is under way it does nothing. What it has begun and not
// ended it goes on with when it is called again.
//
// Where something is in its way that the learner has made, it fails with *Refused.
func Remove(ctx context.Context, rt *runtime.Runtime) error {
	changing.Lock()
	defer changing.Unlock()
	err := trial.On(ctx, rt, func(t *trial.Trial) error { return removeCurrent(ctx, t.Runtime) })
	if err != nil {
		return err
	}
	return removeCurrent(ctx, rt)
}

func removeCurrent(ctx context.Context, rt *runtime.Runtime) error {
	r, err := current(ctx, rt)
	if err != nil || r == nil {
		return err
	}
	if err := r.remove(ctx, rt); err != nil {
		return err
	}
	return rt.Config().Engine.Update(ctx, func(tx store.Tx) error {
		tx.Delete(recordKey)
		return nil
	})
}

// remove deletes what the record names. What the learner made may refer to what was made
// for the exercise, but for the policies that roles have, so it goes first.
func (r *record) remove(ctx context.Context, rt *runtime.Runtime) error {
	var all []fixture.Resource
	for _, m := range r.Makes {
		one := fixture.Resource{Kind: m.Kind, Account: rt.Account(), Region: rt.Config().Region, Name: m.Name}
		if m.Kind == "alias" {
			key, err := r.keyOf(ctx, rt, one)
			if err != nil {
				return err
			}
			if key != nil {
				all = append(all, *key)
			}
		}
		all = append(all, one)
	}
	for _, one := range append(all, r.Made...) {
		err := remove(ctx, rt, one)
		if e, ok := errors.AsType[*api.Error](err); ok && e.Fault != api.Receiver {
			return &Refused{fmt.Sprintf("%s %s cannot be removed: %s", one.Kind, one.Name, e.Message)}
		}
		if err != nil {
			return fmt.Errorf("%s %s cannot be removed: %w", one.Kind, one.Name, err)
		}
	}
	return nil
}

// keyOf is the key behind an alias, where it was made since the start; else nil.
func (r *record) keyOf(ctx context.Context, rt *runtime.Runtime, alias fixture.Resource) (*fixture.Resource, error) {
	out, err := unchecked{rt, alias.Account, alias.Region}.call(ctx, "kms:DescribeKey", members{"KeyId": alias.Name})
	if found, err := there(err); !found {
		return nil, err
	}
	key, _ := out["KeyMetadata"].(members)
	id, _ := key["KeyId"].(string)
	seconds, _ := key["CreationDate"].(float64)
	created := time.UnixMilli(int64(seconds * 1000))
	if !created.After(r.Started) {
		return nil, nil
	}
	alias.Kind, alias.Name = "key", id
	return &alias, nil
}

// exists says whether a resource is there.
func exists(ctx context.Context, rt *runtime.Runtime, r fixture.Resource) (bool, error) {
	u, name := unchecked{rt, r.Account, r.Region}, path.Base(r.Name)
	switch r.Kind {
	case "bucket":
		return rt.S3.Exists(ctx, r.Name)
	case "rule":
		bus, rule := ofBus(r.Name)
		_, err := u.call(ctx, "events:DescribeRule", members{"Name": rule, "EventBusName": bus})
		return there(err)
	case "endpoint": // one that is being deleted is still shown
		e, err := rt.EC2.Endpoint(ctx, r.Name)
		return e != nil && e.Available(), err
	case "policy":
		_, err := u.call(ctx, "iam:GetPolicy", members{"PolicyArn": r.ARN()})
		return there(err)
	}
	how := map[string]struct {
		action string
		in     members
	}{
		"queue":          {"sqs:GetQueueUrl", members{"QueueName": r.Name}},
		"topic":          {"sns:GetTopicAttributes", members{"TopicArn": r.ARN()}},
		"key":            {"kms:DescribeKey", members{"KeyId": r.Name}},
		"alias":          {"kms:DescribeKey", members{"KeyId": r.Name}},
		"bus":            {"events:DescribeEventBus", members{"Name": r.Name}},
		"trail":          {"cloudtrail:GetTrail", members{"Name": r.Name}},
		"user":           {"iam:GetUser", members{"UserName": name}},
		"role":           {"iam:GetRole", members{"RoleName": name}},
		"group":          {"iam:GetGroup", members{"GroupName": name}},
		"vpc":            {"ec2:DescribeVpcs", members{"VpcIds": []string{r.Name}}},
		"subnet":         {"ec2:DescribeSubnets", members{"SubnetIds": []string{r.Name}}},
		"security-group": {"ec2:DescribeSecurityGroups", members{"GroupIds": []string{r.Name}}},
	}[r.Kind]
	_, err := u.call(ctx, how.action, how.in)
	return there(err)
}

// ofBus is the bus and the name of a rule, which may be named without the default bus.
func ofBus(name string) (bus, rule string) {
	if bus, rule, found := strings.Cut(name, "/"); found {
		return bus, rule
	}
	return "default", name
}

// remove deletes a resource with what belongs to it and would keep it from being deleted.
// One that is not there is no error.
func remove(ctx context.Context, rt *runtime.Runtime, r fixture.Resource) error {
	found, err := exists(ctx, rt, r)
	if err != nil || !found && r.Kind != "key" && r.Kind != "alias" {
		return err
	}
	d := &removal{ctx: ctx, unchecked: unchecked{rt, r.Account, r.Region}}
	switch r.Kind {
	case "queue":
		d.do("sqs:DeleteQueue", members{"QueueUrl": baseURL + "/" + r.Account + "/" + r.Name})
	case "topic":
		d.topic(r.ARN())
	case "key":
		return rt.KMS.DropKey(ctx, r.Account, r.Region, r.Name)
	case "alias":
		d.do("kms:DeleteAlias", members{"AliasName": r.Name})
	case "rule":
		d.rule(ofBus(r.Name))
	case "bus":
		d.bus(r.Name)
	case "trail":
		d.do("cloudtrail:DeleteTrail", members{"Name": r.Name})
	case "bucket":
		d.bucket(r.Name)
	case "endpoint":
		d.do("ec2:DeleteVpcEndpoints", members{"VpcEndpointIds": []string{r.Name}})
	case "subnet":
		d.do("ec2:DeleteSubnet", members{"SubnetId": r.Name})
	case "security-group":
		d.do("ec2:DeleteSecurityGroup", members{"GroupId": r.Name})
	case "vpc":
		d.vpc(r.Name)
	case "user", "role", "group":
		d.identity(r.Kind, path.Base(r.Name))
	case "policy":
		d.policy(r.ARN())
	}
	return d.err
}

// removal makes the calls that delete a resource. After one that fails it makes no more.
type removal struct {
	unchecked
	ctx context.Context //nolint:containedctx // it lives as long as one call of remove
	err error
}

// gone is how services call errors about what is not there.
var gone = regexp.MustCompile(`NotFound|NoSuch|NonExistent|DoesNotExist`)

// do makes a call. What it is about may be gone already.
func (d *removal) do(action string, in members) members {
	if d.err != nil {
		return nil
	}
	out, err := d.call(d.ctx, action, in)
	if e, ok := errors.AsType[*api.Error](err); ok && gone.MatchString(e.Code) {
		return nil
	}
	d.err = err
	return out
}

// pages calls each with the pages of a list.
func (d *removal) pages(action string, in members, token, next string, each func(members)) {
	for d.err == nil {
		out := d.do(action, in)
		each(out)
		if out[next] == nil || out[next] == "" {
			return
		}
		in[token] = out[next]
	}
}

func (d *removal) topic(arn string) {
	d.pages("sns:ListSubscriptionsByTopic", members{"TopicArn": arn}, "NextToken", "NextToken", func(out members) {
		for _, s := range items(out, "Subscriptions") {
			if text, _ := s["SubscriptionArn"].(string); strings.HasPrefix(text, "arn:") {
				d.do("sns:Unsubscribe", members{"SubscriptionArn": text})
			}
		}
	})
	d.do("sns:DeleteTopic", members{"TopicArn": arn})
}

func (d *removal) rule(bus, name string) {
	var ids []any
	d.pages("events:ListTargetsByRule", members{"Rule": name, "EventBusName": bus}, "NextToken", "NextToken", func(out members) {
		for _, t := range items(out, "Targets") {
			ids = append(ids, t["Id"])
		}
	})
	if len(ids) > 0 {
		d.do("events:RemoveTargets", members{"Rule": name, "EventBusName": bus, "Ids": ids, "Force": true})
	}
	d.do("events:DeleteRule", members{"Name": name, "EventBusName": bus, "Force": true})
}

func (d *removal) bus(name string) {
	var rules []string
	d.pages("events:ListRules", members{"EventBusName": name}, "NextToken", "NextToken", func(out members) {
		for _, r := range items(out, "Rules") {
			rule, _ := r["Name"].(string)
			rules = append(rules, rule)
		}
	})
	for _, rule := range rules {
		d.rule(name, rule)
	}
	d.do("events:DeleteEventBus", members{"Name": name})
}

func (d *removal) bucket(name string) {
	for more := true; more && d.err == nil; {
		more = false
		out := d.do("s3:ListObjectVersions", members{"Bucket": name})
		for _, o := range append(items(out, "Versions"), items(out, "DeleteMarkers")...) {
			more = true
			d.do("s3:DeleteObject", members{"Bucket": name, "Key": o["Key"], "VersionId": o["VersionId"]})
		}
	}
	for more := true; more && d.err == nil; {
		more = false
		for _, up := range items(d.do("s3:ListMultipartUploads", members{"Bucket": name}), "Uploads") {
			more = true
			d.do("s3:AbortMultipartUpload", members{"Bucket": name, "Key": up["Key"], "UploadId": up["UploadId"]})
		}
	}
	d.do("s3:DeleteBucket", members{"Bucket": name})
}

// vpc deletes a VPC with what the learner has put there.
func (d *removal) vpc(id string) {
	inside := members{"Filters": []members{{"Name": "vpc-id", "Values": []string{id}}}}
	for _, e := range items(d.do("ec2:DescribeVpcEndpoints", inside), "VpcEndpoints") {
		d.do("ec2:DeleteVpcEndpoints", members{"VpcEndpointIds": []any{e["VpcEndpointId"]}})
	}
	for _, s := range items(d.do("ec2:DescribeSubnets", inside), "Subnets") {
		d.do("ec2:DeleteSubnet", members{"SubnetId": s["SubnetId"]})
	}
	for _, g := range items(d.do("ec2:DescribeSecurityGroups", inside), "SecurityGroups") {
		if g["GroupName"] != "default" {
			d.do("ec2:DeleteSecurityGroup", members{"GroupId": g["GroupId"]})
		}
	}
	d.do("ec2:DeleteVpc", members{"VpcId": id})
}

// titles are what IAM's operations call a kind of identity.
var titles = map[string]string{"user": "User", "role": "Role", "group": "Group"}

func (d *removal) identity(kind, name string) {
	title := titles[kind]
	of := func(more ...string) members {
		in := members{title + "Name": name}
		for i := 0; i < len(more); i += 2 {
			in[more[i]] = more[i+1]
		}
		return in
	}
	for _, policy := range texts(d.do("iam:List"+title+"Policies", of()), "PolicyNames") {
		d.do("iam:Delete"+title+"Policy", of("PolicyName", policy))
	}
	for _, p := range items(d.do("iam:ListAttached"+title+"Policies", of()), "AttachedPolicies") {
		policy, _ := p["PolicyArn"].(string)
		d.do("iam:Detach"+title+"Policy", of("PolicyArn", policy))
	}
	switch kind {
	case "user":
		d.user(of)
	case "group":
		for _, u := range items(d.do("iam:GetGroup", of()), "Users") {
			user, _ := u["UserName"].(string)
			d.do("iam:RemoveUserFromGroup", of("UserName", user))
		}
	}
	d.do("iam:Delete"+title, of())
}

// user takes from a user what keeps one from being deleted.
func (d *removal) user(of func(...string) members) {
	for _, k := range items(d.do("iam:ListAccessKeys", of()), "AccessKeyMetadata") {
		id, _ := k["AccessKeyId"].(string)
		d.do("iam:DeleteAccessKey", of("AccessKeyId", id))
	}
	for _, g := range items(d.do("iam:ListGroupsForUser", of()), "Groups") {
		group, _ := g["GroupName"].(string)
		d.do("iam:RemoveUserFromGroup", of("GroupName", group))
	}
	for _, m := range items(d.do("iam:ListMFADevices", of()), "MFADevices") {
		serial, _ := m["SerialNumber"].(string)
		d.do("iam:DeactivateMFADevice", of("SerialNumber", serial))
	}
	d.do("iam:DeleteLoginProfile", of())
}

func (d *removal) policy(arn string) {
	attached := d.do("iam:ListEntitiesForPolicy", members{"PolicyArn": arn, "PolicyUsageFilter": "PermissionsPolicy"})
	bounds := d.do("iam:ListEntitiesForPolicy", members{"PolicyArn": arn, "PolicyUsageFilter": "PermissionsBoundary"})
	for _, title := range titles {
		for _, of := range items(attached, "Policy"+title+"s") {
			d.do("iam:Detach"+title+"Policy", members{title + "Name": of[title+"Name"], "PolicyArn": arn})
		}
		for _, of := range items(bounds, "Policy"+title+"s") {
			d.do("iam:Delete"+title+"PermissionsBoundary", members{title + "Name": of[title+"Name"]})
		}
	}
	for _, v := range items(d.do("iam:ListPolicyVersions", members{"PolicyArn": arn}), "Versions") {
		if v["IsDefaultVersion"] != true {
			d.do("iam:DeletePolicyVersion", members{"PolicyArn": arn, "VersionId": v["VersionId"]})
		}
	}
	d.do("iam:DeletePolicy", members{"PolicyArn": arn})
}
