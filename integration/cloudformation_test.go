package integration

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const stackTemplate = `
Parameters:
  Name: {Type: String}
  Seconds: {Type: Number, Default: 30}
Resources:
  Letters: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Name, VisibilityTimeout: !Ref Seconds}}
  News:
    Type: AWS::SNS::Topic
    Properties: {Subscription: [{Protocol: sqs, Endpoint: !GetAtt Letters.Arn}]}
Outputs:
  URL: {Value: !Ref Letters}
`

// The life of a stack, as programs in Python see it: waiters, change sets, and requests
// as the command lines of CloudFormation, SAM and the CDK send them [C002] [C003].
func TestCloudFormationClients(t *testing.T) {
	p := serve(t)
	const life = `
import boto3, botocore.exceptions, os, sys, urllib.request, urllib.parse
cf = boto3.client("cloudformation")
template = sys.argv[1]
given = [{"ParameterKey": "Name", "ParameterValue": "letters"}]

def refused(call, **arguments):
    try:
        call(**arguments)
    except botocore.exceptions.ClientError as e:
        return e.response["Error"]["Code"] + ": " + e.response["Error"]["Message"], e.response["ResponseMetadata"]["HTTPStatusCode"]
    raise SystemExit("not refused")

assert refused(cf.describe_stacks, StackName="shop") == ("ValidationError: Stack with id shop does not exist", 400)
made = cf.create_change_set(StackName="shop", ChangeSetName="first", ChangeSetType="CREATE", TemplateBody=template, Parameters=given)
cf.get_waiter("change_set_create_complete").wait(ChangeSetName=made["Id"])
changes = cf.describe_change_set(ChangeSetName=made["Id"])["Changes"]
assert [c["ResourceChange"]["LogicalResourceId"] for c in changes] == ["Letters", "News"], changes
cf.execute_change_set(ChangeSetName=made["Id"])
cf.get_waiter("stack_create_complete").wait(StackName=made["StackId"])
stack = cf.describe_stacks(StackName="shop")["Stacks"][0]
assert stack["StackStatus"] == "CREATE_COMPLETE" and stack["Outputs"] == [{"OutputKey": "URL", "OutputValue": os.environ["AWS_ENDPOINT_URL"] + "/123456789012/letters"}], stack
cf.update_stack(StackName="shop", UsePreviousTemplate=True, Parameters=[{"ParameterKey": "Name", "UsePreviousValue": True}, {"ParameterKey": "Seconds", "ParameterValue": "45"}])
cf.get_waiter("stack_update_complete").wait(StackName="shop")
assert boto3.client("sqs").get_queue_attributes(QueueUrl=stack["Outputs"][0]["OutputValue"], AttributeNames=["VisibilityTimeout"])["Attributes"]["VisibilityTimeout"] == "45"
assert cf.get_template(StackName="shop")["TemplateBody"] == template
assert refused(cf.describe_change_set, ChangeSetName="never", StackName="shop") == ("ChangeSetNotFound: ChangeSet [never] does not exist", 404)

# As the tools send them: lists without members, members that older models lack.
def post(**parameters):
    request = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"], urllib.parse.urlencode({"Version": "2010-05-15", **parameters}).encode(),
        {"Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/cloudformation/aws4_request, SignedHeaders=host, Signature=0"})
    with urllib.request.urlopen(request) as answer:
        return answer.read().decode()
post(Action="CreateChangeSet", StackName="shop", ChangeSetName="second", TemplateBody=template, Capabilities="", Tags="", ResourceTypes="", NotificationARNs="",
    **{"Parameters.member.1.ParameterKey": "Name", "Parameters.member.1.ParameterValue": "bills", "DeploymentConfig.Mode": "STANDARD", "What.Ever": "x"})
assert "<Status>CREATE_COMPLETE</Status>" in post(Action="DescribeChangeSet", StackName="shop", ChangeSetName="second")
post(Action="DeleteStack", StackName="shop", RetainResources="")
cf.get_waiter("stack_delete_complete").wait(StackName=made["StackId"])
assert [e["ResourceStatus"] for e in cf.describe_stack_events(StackName=made["StackId"])["StackEvents"]][0] == "DELETE_COMPLETE"
print("done")
`
	if out := run(t, p.env(), python(t), "-c", life, stackTemplate); out != "done\n" {
		t.Error(out)
	}
}

// aws cloudformation deploy makes a stack, finds that nothing has changed, and changes it.
func TestCloudFormationDeploy(t *testing.T) {
	awsCLI(t)
	p := serve(t)
	file := filepath.Join(t.TempDir(), "shop.yaml")
	if err := os.WriteFile(file, []byte(stackTemplate), 0o600); err != nil {
		t.Fatal(err)
	}
	deploy := func(parameters ...string) string {
		t.Helper()
		return run(t, p.env(), binary(t), append([]string{
			"aws", "cloudformation", "deploy", "--stack-name", "shop", "--template-file", file, "--no-fail-on-empty-changeset", "--parameter-overrides",
		}, parameters...)...)
	}
	for _, step := range []struct {
		seconds, want string
	}{
		{"30", "Successfully created/updated stack - shop"},
		{"30", "No changes to deploy. Stack shop is up to date"},
		{"40", "Successfully created/updated stack - shop"},
	} {
		if out := deploy("Name=letters", "Seconds="+step.seconds); !strings.Contains(out, step.want) {
			t.Errorf("deploy with %s says\n%s", step.seconds, out)
		}
	}
}
