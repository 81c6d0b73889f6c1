package runtime_test

import (
	"sync"
	"testing"

	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/server"
)

const bootstrapRole = "arn:aws:iam::123456789012:role/cdk-hnb659fds-deploy-role-123456789012-us-east-1"

// The resources of cdk bootstrap are made for those alone who may assume one of its roles:
// to make roles is a right, and a denied call has no effect.
func TestBootstrapOfTheAllowed(t *testing.T) {
	s := servertest.New(t, server.Config{})
	do := func(as, action string, params map[string]any) int {
		t.Helper()
		status, _ := servertest.TryAs(t, s, as, action, params)
		return status
	}
	for name, statement := range map[string]string{
		"nobody": `{"Effect":"Allow","Action":"sqs:*","Resource":"*"}`,
		"denied": `{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"sts:AssumeRole","Resource":"*"}`,
		"dev":    `{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::*:role/cdk-*"}`,
	} {
		do("root", "iam:CreateUser", map[string]any{"UserName": name})
		do("root", "iam:PutUserPolicy", map[string]any{"UserName": name, "PolicyName": "p", "PolicyDocument": servertest.PolicyText(statement)})
	}
	assume := func(as, role string) int {
		return do(as, "sts:AssumeRole", map[string]any{"RoleArn": role, "RoleSessionName": "test"})
	}
	const execution = "arn:aws:iam::123456789012:role/cdk-hnb659fds-cfn-exec-role-123456789012-us-east-1"
	for _, refused := range [][2]string{
		{"user/nobody", bootstrapRole}, {"user/denied", bootstrapRole}, {"arn:aws:iam::999988887777:root", bootstrapRole}, {"user/dev", execution}, {"root", execution},
	} {
		if status := assume(refused[0], refused[1]); status != 403 {
			t.Errorf("%s assumes %s: %d", refused[0], refused[1], status)
		}
		if status := do("root", "cloudformation:DescribeStacks", map[string]any{"StackName": "CDKToolkit"}); status != 400 {
			t.Fatalf("%s has had the bootstrap stack made", refused[0])
		}
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if status := assume("user/dev", bootstrapRole); status != 200 {
				t.Errorf("one who may assume the role: %d", status)
			}
		})
	}
	all.Wait()
	if status := assume("user/nobody", bootstrapRole); status != 403 {
		t.Errorf("one who may not, and the role is there: %d", status)
	}
}
