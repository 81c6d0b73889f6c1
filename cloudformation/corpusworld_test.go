package cloudformation_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/api"
)

const (
	home = region
	// abroad is the region in which replicas and topics of others are.
	abroad = "eu-west-1"
)

// earth is a world that is asked in all its regions.
type earth struct{ *world }

func newEarth(t *testing.T) *earth { return &earth{newWorld(t)} }

// with is the earth in a part of the test.
func (e *earth) with(t *testing.T) *earth {
	w := *e.world
	w.t = t
	return &earth{&w}
}

// call makes a call. where is the name of a service, with @REGION if it is not home.
func (e *earth) call(where, operation string, input object) (object, error) {
	e.t.Helper()
	service, region, _ := strings.Cut(where, "@")
	if to := e.Dispatcher.Service(service); to == nil || to.Operation(operation) == nil {
		e.t.Fatalf("there is no operation %s:%s", service, operation)
	}
	if input == nil {
		input = object{}
	}
	w := *e.world
	w.region = region
	return w.call(service+":"+operation, input)
}

// ask makes a call that must succeed.
func (e *earth) ask(where, operation string, input object) map[string]any {
	e.t.Helper()
	out, err := e.call(where, operation, input)
	if err != nil {
		e.t.Fatalf("%s %s %v: %v", where, operation, input, err)
	}
	return out
}

// put puts objects into the bucket for templates, which templates do not make.
func (e *earth) put(objects map[string]string) {
	e.t.Helper()
	for key, body := range objects {
		e.world.put("templates", key, body)
	}
}

// lists are the calls that list everything.
var lists = []struct {
	service, operation string
	input              object
}{
	{"sqs", "ListQueues", nil},
	{"sns", "ListTopics", nil},
	{"sns", "ListSubscriptions", nil},
	{"kms", "ListAliases", nil},
	{"iam", "ListRoles", nil},
	{"iam", "ListUsers", nil},
	{"iam", "ListGroups", nil},
	{"iam", "ListPolicies", object{"Scope": "Local"}},
	{"iam", "ListInstanceProfiles", nil},
	{"iam", "ListOpenIDConnectProviders", nil},
	{"iam", "ListSAMLProviders", nil},
	{"iam", "ListServerCertificates", nil},
	{"iam", "ListVirtualMFADevices", nil},
	{"s3", "ListBuckets", nil},
	{"ec2", "DescribeVpcs", nil},
	{"ec2", "DescribeSubnets", nil},
	{"ec2", "DescribeSecurityGroups", nil},
	{"ec2", "DescribeSecurityGroupRules", nil},
	{"ec2", "DescribeRouteTables", nil},
	{"ec2", "DescribeVpcEndpoints", nil},
	{"cloudtrail", "ListTrails", nil},
	{"events", "ListEventBuses", nil},
	{"events", "ListRules", nil},
	{"cloudformation", "ListExports", nil},
}

// identifiers are the members that tell what an item of a list is.
var identifiers = []string{
	"TopicArn", "SubscriptionArn", "AliasName", "Arn", "SerialNumber", "BucketName", "VpcEndpointId", "SubnetId", "SecurityGroupRuleId",
	"GroupId", "RouteTableId", "VpcId", "TrailARN", "Name",
}

// global are the services whose lists are the same in all regions.
var global = []string{"iam", "s3"}

// everything is what there is, of all services, in lines.
func (e *earth) everything() (all []string) {
	e.t.Helper()
	for _, region := range []string{home, abroad} {
		for _, l := range lists {
			if region != home && slices.Contains(global, l.service) {
				continue
			}
			for _, list := range e.ask(l.service+"@"+region, l.operation, l.input) {
				items, _ := list.([]any)
				for _, item := range items {
					if v, _ := item.(map[string]any); v["State"] != "deleting" {
						all = append(all, l.service+" "+region+" "+identify(item))
					}
				}
			}
		}
		keys, _ := e.ask("kms@"+region, "ListKeys", nil)["Keys"].([]any)
		for _, key := range keys {
			id, _ := key.(map[string]any)["KeyId"].(string)
			shown, _ := e.ask("kms@"+region, "DescribeKey", object{"KeyId": id})["KeyMetadata"].(map[string]any)
			if state := shown["KeyState"]; state != "PendingDeletion" && state != "PendingReplicaDeletion" {
				all = append(all, fmt.Sprintf("kms %s %s %s", region, id, state))
			}
		}
		stacks, _ := e.ask("cloudformation@"+region, "ListStacks", nil)["StackSummaries"].([]any)
		for _, stack := range stacks {
			if s := stack.(map[string]any); s["StackStatus"] != "DELETE_COMPLETE" {
				all = append(all, fmt.Sprintf("cloudformation %s %s %s", region, s["StackName"], s["StackStatus"]))
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func identify(item any) string {
	members, ok := item.(map[string]any)
	if !ok {
		return fmt.Sprint(item)
	}
	for _, name := range identifiers {
		if id, ok := members[name].(string); ok {
			return id
		}
	}
	return fmt.Sprint(item)
}

// leaves compares what there is with what there was; left are patterns of what may be new,
// and is to be if all is true.
func (e *earth) leaves(before, left []string, all bool) {
	e.t.Helper()
	missing := slices.Clone(left)
	for _, line := range e.everything() {
		if slices.Contains(before, line) {
			continue
		}
		if i := slices.IndexFunc(missing, func(pattern string) bool { return glob(pattern, line) }); i >= 0 {
			missing = slices.Delete(missing, i, i+1)
			continue
		}
		e.t.Errorf("%s is left", line)
	}
	if all && len(missing) > 0 {
		e.t.Errorf("%s: not left", strings.Join(missing, ", "))
	}
}

// glob matches a text with one in which "..." stands for anything.
func glob(pattern, text string) bool {
	parts := strings.Split(pattern, "...")
	if len(parts) == 1 {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	last := parts[len(parts)-1]
	for _, part := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(text, part)
		if !found {
			return false
		}
		text = after
	}
	return len(text) >= len(last) && strings.HasSuffix(text, last)
}

// differs says where an answer is not what is wanted; empty: it is. Of an object the members
// that are named count, null means that one is missing; the items of a list are in any order,
// and "..." as the first means that there are others. A text is matched as glob does it; where
// an object or a list is wanted, it is read as JSON.
func differs(path string, want, got any) string {
	if text, ok := got.(string); ok {
		if _, scalar := want.(string); !scalar && want != nil {
			got = document(text)
		}
	}
	switch want := want.(type) {
	case nil:
		if got != nil && got != "" && !emptyList(got) {
			return fmt.Sprintf("%s is there: %s", path, shown(got))
		}
	case string:
		if text, ok := got.(string); !ok || !glob(want, text) {
			return fmt.Sprintf("%s is %s, not %s", path, shown(got), shown(want))
		}
	case map[string]any:
		members, ok := got.(map[string]any)
		if !ok {
			return fmt.Sprintf("%s is %s", path, shown(got))
		}
		for name, value := range want {
			if d := differs(path+"."+name, value, members[name]); d != "" {
				return d
			}
		}
	case []any:
		return listDiffers(path, want, got)
	default:
		if !reflect.DeepEqual(want, got) {
			return fmt.Sprintf("%s is %s, not %s", path, shown(got), shown(want))
		}
	}
	return ""
}

func emptyList(v any) bool {
	list, ok := v.([]any)
	return ok && len(list) == 0
}

func listDiffers(path string, want []any, got any) string {
	items, ok := got.([]any)
	if !ok && got != nil {
		return fmt.Sprintf("%s is %s", path, shown(got))
	}
	some := len(want) > 0 && want[0] == "..."
	if some {
		want = want[1:]
	}
	rest := slices.Clone(items)
	for i, one := range want {
		j := slices.IndexFunc(rest, func(item any) bool { return differs("", one, item) == "" })
		if j < 0 {
			if len(want) == 1 && len(items) == 1 {
				return differs(path+".0", one, items[0])
			}
			return fmt.Sprintf("%s.%d is not in %s: %s", path, i, shown(items), shown(one))
		}
		rest = slices.Delete(rest, j, j+1)
	}
	if len(rest) > 0 && !some {
		return fmt.Sprintf("%s has more: %s", path, shown(rest))
	}
	return ""
}

// document is a text as JSON, also where it is escaped as IAM's policies are.
func document(text string) any {
	if strings.HasPrefix(text, "%7B") {
		if unescaped, err := url.QueryUnescape(text); err == nil {
			text = unescaped
		}
	}
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return text
	}
	return v
}

func shown(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}

// codeOf is the code of an error as clients see it.
func codeOf(err error) (code, message string) {
	if e, ok := errors.AsType[*api.Error](err); ok {
		return e.Query(), e.Message
	}
	return "", fmt.Sprint(err)
}
