package cloudformation_test

import (
	"strings"
	"testing"
)

// user makes a user who may do what a policy says.
func (w *world) user(name, statements string) string {
	w.t.Helper()
	w.ok("iam:CreateUser", object{"UserName": name})
	w.ok("iam:PutUserPolicy", object{"UserName": name, "PolicyName": "rights", "PolicyDocument": `{"Version":"2012-10-17","Statement":[` + statements + `]}`})
	return "user/" + name
}

const mayDeploy = `{"Effect":"Allow","Action":"cloudformation:*","Resource":"arn:aws:cloudformation:us-east-1:123456789012:stack/shop/*"}`

// A stack acts with the rights of its caller, and a denial says what is missing.
func TestStackOfAUser(t *testing.T) {
	w := newWorld(t)
	w.as = w.user("dev", mayDeploy+`,{"Effect":"Allow","Action":"sqs:Get*","Resource":"*"}`)
	w.create("shop", "Resources:\n  Letters: {Type: AWS::SQS::Queue, Properties: {QueueName: letters}}\n")
	w.wantStatus("shop", "ROLLBACK_COMPLETE")
	events := w.events("shop")
	for _, want := range []string{
		`Letters CREATE_FAILED - Resource handler returned message: "User: arn:aws:iam::123456789012:user/dev is not authorized to perform: sqs:createqueue on resource: arn:aws:sqs:us-east-1:123456789012:letters because no identity-based policy allows the sqs:createqueue action (Service: Sqs, Status Code: 403, Request ID: `,
		`HandlerErrorCode: AccessDenied) — to allow it, add to the identity-based policy `,
		`"sqs:CreateQueue"`,
	} {
		if !strings.Contains(events, want) {
			t.Errorf("the events lack %q:\n%s", want, events)
		}
	}
	if got := w.refused("CreateStack", object{"StackName": "other", "TemplateBody": queueTemplate}); !strings.HasPrefix(got, "AccessDenied: User: arn:aws:iam::123456789012:user/dev is not authorized to perform: cloudformation:CreateStack on resource: arn:aws:cloudformation:us-east-1:123456789012:stack/other/*") {
		t.Error(got)
	}
}

func TestServiceRole(t *testing.T) {
	w := newWorld(t)
	const role = "arn:aws:iam::123456789012:role/deploy"
	template := "Resources:\n  Letters: {Type: AWS::SQS::Queue, Properties: {QueueName: letters}}\n"
	dev := w.user("dev", mayDeploy)
	in := object{"StackName": "shop", "TemplateBody": template, "RoleARN": role}
	w.as = dev
	if got := w.refused("CreateStack", in); !strings.Contains(got, "is not authorized to perform: iam:PassRole on resource: "+role) {
		t.Error(got)
	}
	w.as = "root"
	w.ok("iam:PutUserPolicy", object{"UserName": "dev", "PolicyName": "pass", "PolicyDocument": `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"cloudformation.amazonaws.com"}}}]}`})
	w.as = dev
	if got := w.refused("CreateStack", in); got != "ValidationError: Role "+role+" is invalid or cannot be assumed" {
		t.Error(got)
	}
	w.as = "root"
	w.ok("iam:CreateRole", object{"RoleName": "deploy", "AssumeRolePolicyDocument": `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"Service":"cloudformation.amazonaws.com"},"Action":"sts:AssumeRole"}]}`})
	w.ok("iam:PutRolePolicy", object{"RoleName": "deploy", "PolicyName": "rights", "PolicyDocument": `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"sqs:*","Resource":"*","Condition":{"Null":{"aws:CalledViaLast":"true"}}}]}`})
	w.as = dev
	w.ok("CreateStack", in)
	w.wantStatus("shop", "CREATE_COMPLETE")
	for e := range w.Dispatcher.Events() {
		if e.EventName == "CreateQueue" && (e.UserIdentity.InvokedBy != "cloudformation.amazonaws.com" || e.UserIdentity.ARN != "arn:aws:sts::123456789012:assumed-role/deploy/AWSCloudFormation") {
			t.Errorf("the queue was made by %v", e.UserIdentity)
		}
	}
	// The role is kept: the user could not delete the queue.
	w.ok("DeleteStack", object{"StackName": "shop"})
	w.as = "root"
	w.refused("sqs:GetQueueUrl", object{"QueueName": "letters"})
}
