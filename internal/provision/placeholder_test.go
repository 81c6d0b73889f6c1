package provision_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/provision"
	"github.com/waxseal/waxseal/internal/resourcetype"
	"github.com/waxseal/waxseal/internal/template"
)

// left is a resource of a type that is not emulated.
func left(t *testing.T, kind, properties string) *provision.Job {
	t.Helper()
	parsed, err := template.ParseJSON(properties)
	if err != nil {
		t.Fatal(err)
	}
	j := &provision.Job{
		Stack:     provision.Stack{Name: "Shop", ID: "arn:aws:cloudformation:eu-west-1:111122223333:stack/Shop/x", Account: "111122223333", Region: "eu-west-1", Partition: "aws"},
		LogicalID: "Thing", Type: kind, Properties: parsed, Token: "aB3dE6gH9jKl",
	}
	j.PhysicalID = provision.PlaceholderID(j)
	if again := provision.PlaceholderID(j); again != j.PhysicalID {
		t.Errorf("%s: %s, and then %s", kind, j.PhysicalID, again)
	}
	return j
}

func TestPlaceholders(t *testing.T) {
	t.Parallel()
	const made = `Shop-Thing-aB3dE6gH9jKl`
	const uuid = `[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}`
	for _, test := range []struct{ kind, properties, id, attributes string }{
		{"AWS::Lambda::Function", `{}`, made, `Arn=arn:aws:lambda:eu-west-1:111122223333:function:` + made},
		{"AWS::Lambda::Function", `{"FunctionName":"f"}`, `f`, `Arn=arn:aws:lambda:eu-west-1:111122223333:function:f`},
		{"AWS::Lambda::Version", `{"FunctionName":"f"}`, `arn:aws:lambda:eu-west-1:111122223333:function:f:1`, `Version=1 FunctionArn=arn:aws:lambda:eu-west-1:111122223333:function:f:1`},
		{"AWS::Lambda::Alias", `{"FunctionName":"f","Name":"live"}`, `arn:aws:lambda:eu-west-1:111122223333:function:f:live`, `AliasArn=arn:aws:lambda:eu-west-1:111122223333:function:f:live`},
		{"AWS::Lambda::EventSourceMapping", `{}`, uuid, `Id=` + uuid + ` EventSourceMappingArn=arn:aws:lambda:eu-west-1:111122223333:event-source-mapping:` + uuid},
		{"AWS::Lambda::Permission", `{"FunctionName":"f"}`, made, `Id=` + made},
		{"AWS::Lambda::LayerVersion", `{"LayerName":"l"}`, `arn:aws:lambda:eu-west-1:111122223333:layer:l:1`, ``},
		{"AWS::DynamoDB::Table", `{}`, made, `Arn=arn:aws:dynamodb:eu-west-1:111122223333:table/` + made + ` StreamArn=arn:aws:dynamodb:eu-west-1:111122223333:table/` + made + `/stream/2024-01-01T00:00:00.000`},
		{"AWS::StepFunctions::StateMachine", `{"StateMachineName":"m"}`, `arn:aws:states:eu-west-1:111122223333:stateMachine:m`, `Arn=arn:aws:states:eu-west-1:111122223333:stateMachine:m Name=m`},
		{"AWS::Logs::LogGroup", `{"LogGroupName":"/a/b"}`, `/a/b`, `Arn=arn:aws:logs:eu-west-1:111122223333:log-group:/a/b:\*`},
		{"AWS::ECR::Repository", `{}`, strings.ToLower(made), `RepositoryUri=111122223333.dkr.ecr.eu-west-1.amazonaws.com/` + strings.ToLower(made) + ` Arn=arn:aws:ecr:eu-west-1:111122223333:repository/` + strings.ToLower(made)},
		{"AWS::SSM::Parameter", `{"Name":"/a/b","Type":"String","Value":"v"}`, `/a/b`, `Value=v Type=String`},
		{"AWS::SSM::Parameter", `{"Value":"v"}`, `CFN-Thing-aB3dE6gH9jKl`, ``},
		{"AWS::SecretsManager::Secret", `{"Name":"s"}`, `arn:aws:secretsmanager:eu-west-1:111122223333:secret:s-[a-z0-9]{6}`, ``},
		{"AWS::ApiGateway::RestApi", `{}`, `[a-z0-9]{10}`, `RootResourceId=[a-z0-9]{10}`},
		{"AWS::ApiGateway::Stage", `{"StageName":"prod","RestApiId":"x"}`, `prod`, ``},
		{"AWS::ApiGatewayV2::Api", `{"Name":"api"}`, `[a-z0-9]{10}`, `ApiEndpoint=https://[a-z0-9]{10}\.execute-api\.eu-west-1\.amazonaws\.com`},
		{"AWS::Kinesis::Stream", `{"Name":"s"}`, `s`, `Arn=arn:aws:kinesis:eu-west-1:111122223333:stream/s`},
		{"AWS::KinesisFirehose::DeliveryStream", `{}`, made, `Arn=arn:aws:firehose:eu-west-1:111122223333:deliverystream/` + made},
		{"AWS::RDS::DBInstance", `{}`, strings.ToLower(made), `Endpoint.Port=443 Endpoint.Address=\S+\.rds\.eu-west-1\.amazonaws\.com DBInstanceArn=arn:aws:rds:eu-west-1:111122223333:db:` + strings.ToLower(made) + ` MasterUserSecret.SecretArn=arn:aws:secretsmanager:eu-west-1:111122223333:secret:\S+`},
		{"AWS::ECS::Cluster", `{"ClusterName":"c"}`, `c`, `Arn=arn:aws:ecs:eu-west-1:111122223333:cluster/c`},
		{"AWS::ECS::Service", `{"Cluster":"c","ServiceName":"s"}`, `arn:aws:ecs:eu-west-1:111122223333:service/c/s`, `Name=s ServiceArn=arn:aws:ecs:eu-west-1:111122223333:service/c/s`},
		{"AWS::ECS::TaskDefinition", `{"Family":"t"}`, `arn:aws:ecs:eu-west-1:111122223333:task-definition/t:1`, ``},
		{"AWS::CloudWatch::Alarm", `{}`, made, `Arn=arn:aws:cloudwatch:eu-west-1:111122223333:alarm:` + made},
		{"AWS::CertificateManager::Certificate", `{}`, `arn:aws:acm:eu-west-1:111122223333:certificate/` + uuid, ``},
		{"AWS::Cognito::UserPool", `{"UserPoolName":"p"}`, `eu-west-1_[a-z0-9]{9}`, `Arn=arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_[a-z0-9]{9}`},
		{"AWS::EC2::Instance", `{}`, `i-[0-9a-f]{17}`, `PrivateIp=\S+`},
		{"AWS::EC2::Route", `{"RouteTableId":"rtb-1","DestinationCidrBlock":"0.0.0.0/0"}`, `rtb-1\|` + made, ``},
		{"AWS::Scheduler::Schedule", `{"Name":"s"}`, `s`, `Arn=arn:aws:scheduler:eu-west-1:111122223333:schedule/default/s`},
		{"AWS::Events::Connection", `{"Name":"c"}`, `c`, `SecretArn=arn:aws:secretsmanager:eu-west-1:111122223333:secret:c-[a-z0-9]{6}`},
		{"Custom::Thing", `{"ServiceToken":"x"}`, made, `Data.Anything=` + made + `-Data-Anything SomeArn=arn:aws:thing:eu-west-1:111122223333:thing/` + made},
		{"AWS::CDK::Metadata", `{}`, made, ``},
	} {
		j := left(t, test.kind, test.properties)
		if !regexp.MustCompile(`^` + test.id + `$`).MatchString(j.PhysicalID) {
			t.Errorf("%s %s: %s, not %s", test.kind, test.properties, j.PhysicalID, test.id)
		}
		for attribute := range strings.FieldsSeq(test.attributes) {
			name, want, _ := strings.Cut(attribute, "=")
			if got := provision.Placeholder(j, name); !regexp.MustCompile(`^` + want + `$`).MatchString(got.String()) {
				t.Errorf("%s.%s is %s, not %s", test.kind, name, got.JSON(), want)
			}
		}
	}
	if got := provision.Placeholder(left(t, "AWS::Route53::HostedZone", `{}`), "NameServers"); got.Kind != template.List {
		t.Errorf("a list is %s", got.JSON())
	}
}

var wellFormed = regexp.MustCompile(`^arn:aws:[a-z0-9-]+:(eu-west-1)?:(\d{12}|aws)?:\S+$`)

// Whatever a template has, it gets ids, and ARNs that are some.
func TestEveryTypeHasPlaceholders(t *testing.T) {
	t.Parallel()
	for name := range resourcetype.All() {
		j := left(t, name, `{}`)
		if j.PhysicalID == "" || strings.Contains(j.PhysicalID, "${") {
			t.Errorf("%s: %q", name, j.PhysicalID)
		}
		for _, attribute := range resourcetype.OutlineOf(name).Attributes {
			got := provision.Placeholder(j, attribute)
			isARN := strings.HasSuffix(strings.ToLower(attribute), "arn")
			if isARN && !wellFormed.MatchString(got.String()) || got.JSON() == `""` {
				t.Errorf("%s.%s: %s", name, attribute, got.JSON())
			}
		}
	}
}
