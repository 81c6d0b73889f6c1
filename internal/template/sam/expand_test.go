package sam

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/template"
)

const head = `
Transform: AWS::Serverless-2016-10-31
Parameters: {Stage: {Type: String, Default: dev}, Fifo: {Type: String, Default: 'true'}}
Conditions: {Prod: !Equals [!Ref Stage, prod], Dev: !Equals [!Ref Stage, dev]}
`

// resources are those that every template of the tests has.
const resources = `Resources:
  Queue: {Type: AWS::SQS::Queue}
  Topic: {Type: AWS::SNS::Topic}
  FifoTopic: {Type: AWS::SNS::Topic, Properties: {FifoTopic: !Ref Fifo}}
  Bucket: {Type: AWS::S3::Bucket}
`

// function is a function with properties.
func functionWith(properties string) string {
	return head + resources + "  F: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.13, Handler: a.b, InlineCode: x, " + properties + "}}\n"
}

func scope() template.Scope {
	return template.Scope{AccountID: "111122223333", Region: "eu-west-1", Partition: "aws", URLSuffix: "amazonaws.com"}
}

func expand(text string) (*template.Template, error) {
	t, err := template.Parse(text)
	if err != nil {
		return nil, err
	}
	return Expand(t, scope())
}

const (
	lambdaTrust = `{"Version":"2012-10-17","Statement":[{"Action":["sts:AssumeRole"],"Effect":"Allow","Principal":{"Service":["lambda.amazonaws.com"]}}]}`
	basicRole   = `"arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"`
)

// TestExpand: what is made has the ids and properties that AWS's transform gives it.
func TestExpand(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, id, property, want string }{
		{name: "C250 trust", text: functionWith(""), id: "FRole", property: "AssumeRolePolicyDocument", want: lambdaTrust},
		{name: "C250 tag", text: functionWith("Tags: {a: b}"), id: "FRole", property: "Tags", want: `[{"Key":"lambda:createdBy","Value":"SAM"},{"Key":"a","Value":"b"}]`},
		{name: "C250 managed policies", text: functionWith("VpcConfig: {SubnetIds: [a]}, Tracing: Active, Policies: [AmazonSQSReadOnlyAccess], Events: {E: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn}}}"), id: "FRole", property: "ManagedPolicyArns",
			want: "[" + basicRole + `,"arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess","arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole","arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess","arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"]`},
		{name: "C250 numbers", text: functionWith("Policies: [AmazonSQSReadOnlyAccess, {Statement: []}, AmazonSNSReadOnlyAccess, {Statement: [a]}]"), id: "FRole", property: "Policies",
			want: `[{"PolicyName":"FRolePolicy1","PolicyDocument":{"Statement":[]}},{"PolicyName":"FRolePolicy3","PolicyDocument":{"Statement":["a"]}}]`},
		{name: "C250 function", text: functionWith(""), id: "F", property: "Role", want: `{"Fn::GetAtt":["FRole","Arn"]}`},
		{name: "C251 role given", text: functionWith("Role: 'arn:aws:iam::1:role/r', Policies: [AmazonSQSReadOnlyAccess]"), id: "FRole", want: "none"},
		{name: "C251 boundary", text: functionWith("PermissionsBoundary: b"), id: "FRole", property: "PermissionsBoundary", want: `"b"`},
		{name: "C251 path", text: functionWith("RolePath: /p/"), id: "FRole", property: "Path", want: `"/p/"`},
		{name: "C251 trust given", text: functionWith("AssumeRolePolicyDocument: {Version: 2012-10-17}"), id: "FRole", property: "AssumeRolePolicyDocument", want: `{"Version":"2012-10-17"}`},
		{name: "C251 role in one branch", text: functionWith("Role: !If [Prod, r, !Ref AWS::NoValue]"), id: "F", property: "Role", want: `{"Fn::If":["Prod","r",{"Fn::GetAtt":["FRole","Arn"]}]}`},
		{name: "C252 C253", text: functionWith("Policies: [{SQSSendMessagePolicy: {QueueName: !GetAtt Queue.QueueName}}]"), id: "FRole", property: "Policies",
			want: `[{"PolicyName":"FRolePolicy0","PolicyDocument":{"Statement":[{"Action":["sqs:SendMessage*"],"Effect":"Allow","Resource":{"Fn::Sub":["arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${queueName}",{"queueName":{"Fn::GetAtt":["Queue","QueueName"]}}]}}]}}]`},
		{name: "C254", text: functionWith("Policies: [{SQSPollerPolicy: {QueueName: q}}]"), id: "FRole", property: "Policies",
			want: `[{"PolicyName":"FRolePolicy0","PolicyDocument":{"Statement":[{"Action":["sqs:ChangeMessageVisibility","sqs:ChangeMessageVisibilityBatch","sqs:DeleteMessage","sqs:DeleteMessageBatch","sqs:GetQueueAttributes","sqs:ReceiveMessage"],"Effect":"Allow","Resource":{"Fn::Sub":["arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${queueName}",{"queueName":"q"}]}}]}}]`},
		{name: "C255", text: functionWith("Policies: [{SNSPublishMessagePolicy: {TopicName: t}}, {SNSCrudPolicy: {TopicName: t}}]"), id: "FRole", property: "Policies",
			want: `[{"PolicyName":"FRolePolicy0","PolicyDocument":{"Statement":[{"Action":["sns:Publish"],"Effect":"Allow","Resource":{"Fn::Sub":["arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:${topicName}",{"topicName":"t"}]}}]}},` +
				`{"PolicyName":"FRolePolicy1","PolicyDocument":{"Statement":[{"Action":["sns:ListSubscriptionsByTopic","sns:CreateTopic","sns:SetTopicAttributes","sns:Subscribe","sns:Publish"],"Effect":"Allow","Resource":{"Fn::Sub":["arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:${topicName}*",{"topicName":"t"}]}}]}}]`},
		{name: "C256 key", text: functionWith("Policies: [{KMSDecryptPolicy: {KeyId: k}}]"), id: "FRole", property: "Policies",
			want: `[{"PolicyName":"FRolePolicy0","PolicyDocument":{"Statement":[{"Action":"kms:Decrypt","Effect":"Allow","Resource":{"Fn::Sub":["arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/${keyId}",{"keyId":"k"}]}}]}}]`},
		{name: "C257 arguments are not looked at", text: functionWith("Policies: {SQSPollerPolicy: {QueueName: !Ref QueueName}}") + "  QueueName: {Type: AWS::SQS::Queue}\n", id: "FRole", property: "ManagedPolicyArns", want: "[" + basicRole + "]"},
		{name: "C257 ARN, Ref and once", text: functionWith("Policies: ['arn:aws:iam::1:policy/p', !Ref Queue, AWSLambdaBasicExecutionRole]"), id: "FRole", property: "ManagedPolicyArns", want: "[" + basicRole + `,"arn:aws:iam::1:policy/p",{"Ref":"Queue"}]`},
		{name: "C257 If of names", text: functionWith("Policies: [!If [Prod, AmazonSQSFullAccess, !Ref AWS::NoValue]]"), id: "FRole", property: "ManagedPolicyArns", want: "[" + basicRole + `,{"Fn::If":["Prod","arn:aws:iam::aws:policy/AmazonSQSFullAccess",{"Ref":"AWS::NoValue"}]}]`},
		{name: "C257 If of templates", text: functionWith("Policies: [!If [Prod, {AMIDescribePolicy: {}}, !Ref AWS::NoValue]]"), id: "FRole", property: "Policies",
			want: `[{"Fn::If":["Prod",{"PolicyName":"FRolePolicy0","PolicyDocument":{"Statement":[{"Action":["ec2:DescribeImages"],"Effect":"Allow","Resource":"*"}]}},{"Ref":"AWS::NoValue"}]}]`},
		{name: "C258", text: functionWith("Events: {E: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn, BatchSize: 10}}}"), id: "FE", want: `{"Type":"AWS::Lambda::EventSourceMapping","Properties":{"FunctionName":{"Ref":"F"},"EventSourceArn":{"Fn::GetAtt":["Queue","Arn"]},"BatchSize":10}}`},
		{name: "C259 subscription", text: functionWith("Events: {E: {Type: SNS, Properties: {Topic: !Ref Topic, FilterPolicy: {a: [b]}}}}"), id: "FE", want: `{"Type":"AWS::SNS::Subscription","Properties":{"Protocol":"lambda","Endpoint":{"Fn::GetAtt":["F","Arn"]},"TopicArn":{"Ref":"Topic"},"FilterPolicy":{"a":["b"]}}}`},
		{name: "C259 permission", text: functionWith("Events: {E: {Type: SNS, Properties: {Topic: !Ref Topic}}}"), id: "FEPermission", want: `{"Type":"AWS::Lambda::Permission","Properties":{"Action":"lambda:InvokeFunction","FunctionName":{"Ref":"F"},"Principal":"sns.amazonaws.com","SourceArn":{"Ref":"Topic"}}}`},
		{name: "C260 subscription", text: functionWith("Events: {E: {Type: SNS, Properties: {Topic: !Ref Topic, SqsSubscription: true}}}"), id: "FE", want: `{"Type":"AWS::SNS::Subscription","Properties":{"Protocol":"sqs","Endpoint":{"Fn::GetAtt":["FEQueue","Arn"]},"TopicArn":{"Ref":"Topic"}}}`},
		{name: "C260 queue", text: functionWith("Events: {E: {Type: SNS, Properties: {Topic: !Ref FifoTopic, SqsSubscription: true}}}"), id: "FEQueue", want: `{"Type":"AWS::SQS::Queue","Properties":{"FifoQueue":"true"}}`},
		{name: "C260 policy", text: functionWith("Events: {E: {Type: SNS, Properties: {Topic: !Ref Topic, SqsSubscription: true}}}"), id: "FEQueuePolicy",
			want: `{"Type":"AWS::SQS::QueuePolicy","Properties":{"PolicyDocument":{"Version":"2012-10-17","Statement":[{"Action":"sqs:SendMessage","Effect":"Allow","Principal":"*","Resource":{"Fn::GetAtt":["FEQueue","Arn"]},"Condition":{"ArnEquals":{"aws:SourceArn":{"Ref":"Topic"}}}}]},"Queues":[{"Ref":"FEQueue"}]}}`},
		{name: "C260 mapping", text: functionWith("Events: {E: {Type: SNS, Properties: {Topic: !Ref Topic, SqsSubscription: true}}}"), id: "FEEventSourceMapping", want: `{"Type":"AWS::Lambda::EventSourceMapping","Properties":{"BatchSize":10,"Enabled":true,"EventSourceArn":{"Fn::GetAtt":["FEQueue","Arn"]},"FunctionName":{"Ref":"F"}}}`},
		{name: "C260 existing queue", text: functionWith("Events: {E: {Type: SNS, Properties: {Topic: !Ref Topic, SqsSubscription: {QueueArn: a, QueueUrl: u, QueuePolicyLogicalId: P}}}}"), id: "P", property: "Queues", want: `["u"]`},
		{name: "C261 rule", text: functionWith("Events: {E: {Type: EventBridgeRule, Properties: {Pattern: {source: [a]}, EventBusName: b, DeadLetterConfig: {Type: SQS}}}}"), id: "FE",
			want: `{"Type":"AWS::Events::Rule","Properties":{"EventBusName":"b","EventPattern":{"source":["a"]},"Targets":[{"Arn":{"Fn::GetAtt":["F","Arn"]},"Id":"FELambdaTarget","DeadLetterConfig":{"Arn":{"Fn::GetAtt":["FEQueue","Arn"]}}}]}}`},
		{name: "C261 dead letters", text: functionWith("Events: {E: {Type: EventBridgeRule, Properties: {Pattern: {source: [a]}, DeadLetterConfig: {Type: SQS}}}}"), id: "FEQueuePolicy", property: "PolicyDocument",
			want: `{"Version":"2012-10-17","Statement":[{"Action":"sqs:SendMessage","Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Resource":{"Fn::GetAtt":["FEQueue","Arn"]},"Condition":{"ArnEquals":{"aws:SourceArn":{"Fn::GetAtt":["FE","Arn"]}}}}]}`},
		{name: "C261 schedule", text: functionWith("Events: {E: {Type: Schedule, Properties: {Schedule: rate(1 hour), Enabled: false}}}"), id: "FE", want: `{"Type":"AWS::Events::Rule","Properties":{"ScheduleExpression":"rate(1 hour)","State":"DISABLED","Targets":[{"Arn":{"Fn::GetAtt":["F","Arn"]},"Id":"FELambdaTarget"}]}}`},
		{name: "C261 permission", text: functionWith("Events: {E: {Type: CloudWatchEvent, Properties: {Pattern: {}}}}"), id: "FEPermission", property: "Principal", want: `"events.amazonaws.com"`},
		{name: "C261 scheduler", text: functionWith("Events: {E: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 hour)}}}"), id: "FERole", property: "Policies", want: `[{"PolicyName":"FELambdaPolicy","PolicyDocument":{"Statement":[{"Action":"lambda:InvokeFunction","Effect":"Allow","Resource":{"Fn::GetAtt":["F","Arn"]}}]}}]`},
		{name: "C262 dead letters", text: functionWith("DeadLetterQueue: {Type: SNS, TargetArn: !Ref Topic}"), id: "FRole", property: "Policies", want: `[{"PolicyName":"DeadLetterQueuePolicy","PolicyDocument":{"Version":"2012-10-17","Statement":[{"Action":"sns:Publish","Resource":{"Ref":"Topic"},"Effect":"Allow"}]}}]`},
		{name: "C262 destination", text: functionWith("EventInvokeConfig: {DestinationConfig: {OnSuccess: {Type: SQS}}}"), id: "FRole", property: "Policies", want: `[{"PolicyName":"FEventInvokeConfigOnSuccessSQSPolicy","PolicyDocument":{"Statement":[{"Action":"sqs:SendMessage","Effect":"Allow","Resource":{"Fn::GetAtt":["FEventInvokeConfigOnSuccessQueue","Arn"]}}]}}]`},
		{name: "C262 destination in one branch", text: functionWith("EventInvokeConfig: {DestinationConfig: {OnFailure: {Type: SNS, Destination: !If [Dev, !Ref AWS::NoValue, !Ref Topic]}}}"), id: "FEventInvokeConfigOnFailureTopic", want: `{"Type":"AWS::SNS::Topic","Condition":"Dev","Properties":{}}`},
		{name: "C262 Globals", text: strings.Replace(functionWith("Environment: {Variables: {A: own}}, Tags: {own: b}"), "Resources:", "Globals: {Function: {Timeout: 5, Tags: {all: c}, Environment: {Variables: {A: a, B: b}}}}\nResources:", 1), id: "F", property: "Environment", want: `{"Variables":{"A":"own","B":"b"}}`},
		{name: "an alias is invoked", text: functionWith("AutoPublishAlias: live, Events: {E: {Type: SNS, Properties: {Topic: !Ref Topic}}}"), id: "FE", property: "Endpoint", want: `{"Ref":"FAliaslive"}`},
		{name: "a version's id is of its code", text: functionWith("AutoPublishAlias: live"), id: "FVersion5168f5ed55", property: "FunctionName", want: `{"Ref":"F"}`},
		{name: "a bucket notifies", text: functionWith("Events: {E: {Type: S3, Properties: {Bucket: !Ref Bucket, Events: 's3:ObjectCreated:*'}}}"), id: "Bucket", want: `{"Type":"AWS::S3::Bucket","DependsOn":["FEPermission"],"Properties":{"NotificationConfiguration":{"LambdaConfigurations":[{"Function":{"Fn::GetAtt":["F","Arn"]},"Event":"s3:ObjectCreated:*"}]}}}`},
		{name: "what a function waits for and what it is behind", text: head + resources + "  F: {Type: AWS::Serverless::Function, Condition: Dev, DeletionPolicy: Retain, DependsOn: Queue, Properties: {Runtime: r, Handler: h, InlineCode: x}}\n", id: "FRole", property: "-", want: `"Condition":"Dev","DeletionPolicy":"Retain"`},
		{name: "state machine", text: head + resources + "  S: {Type: AWS::Serverless::StateMachine, Properties: {Definition: {A: !GetAtt Queue.Arn}, Policies: [{SQSSendMessagePolicy: {QueueName: q}}]}}\n", id: "SRole", property: "AssumeRolePolicyDocument", want: strings.Replace(lambdaTrust, "lambda", "states", 1)},
		{name: "state machine's rule", text: head + resources + "  S: {Type: AWS::Serverless::StateMachine, Properties: {Definition: {A: b}, Events: {E: {Type: Schedule, Properties: {Schedule: rate(1 hour)}}}}}\n", id: "SE", property: "Targets", want: `[{"Arn":{"Ref":"S"},"Id":"SEStepFunctionsTarget","RoleArn":{"Fn::GetAtt":["SERole","Arn"]}}]`},
		{name: "connector to a queue", text: functionWith("") + "  C: {Type: AWS::Serverless::Connector, Properties: {Source: {Id: F}, Destination: {Id: Queue}, Permissions: [Write]}}\n", id: "CPolicy", property: "PolicyDocument",
			want: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:DeleteMessage","sqs:SendMessage","sqs:ChangeMessageVisibility","sqs:PurgeQueue"],"Resource":[{"Fn::GetAtt":["Queue","Arn"]}]}]}`},
		{name: "connector from a topic", text: head + resources + "  C: {Type: AWS::Serverless::Connector, Properties: {Source: {Id: Topic}, Destination: [{Id: Queue}], Permissions: [Write]}}\n", id: "CQueuePolicyDestination0", property: "Queues", want: `[{"Ref":"Queue"}]`},
		{name: "connector of a list", text: head + resources + "  C: {Type: AWS::Serverless::Connector, Properties: {Source: {Type: AWS::SNS::Topic, Arn: !Sub 'arn:${AWS::Partition}:sns:x'}, Destination: {Id: Queue}, Permissions: [Write]}}\n", id: "CQueuePolicy", property: "PolicyDocument",
			want: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Resource":{"Fn::GetAtt":["Queue","Arn"]},"Action":"sqs:SendMessage","Condition":{"ArnEquals":{"aws:SourceArn":{"Fn::Sub":"arn:${AWS::Partition}:sns:x"}}}}]}`},
		{name: "connector that a mapping waits for", text: functionWith("Events: {E: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn}}}") + "  C: {Type: AWS::Serverless::Connector, Properties: {Source: {Id: Queue}, Destination: {Id: F}, Permissions: [Read, Write]}}\n", id: "FE", property: "-", want: `"DependsOn":["CPolicy"]`},
		{name: "connector that others wait for", text: functionWith("") + "  C: {Type: AWS::Serverless::Connector, Properties: {Source: {Id: F}, Destination: {Id: Queue}, Permissions: [Read]}}\n  D: {Type: AWS::SNS::Topic, DependsOn: C}\n", id: "D", property: "-", want: `"DependsOn":["CPolicy"]`},
		{name: "connector in a resource", text: head + resources + "  F: {Type: AWS::Serverless::Function, Connectors: {In: {Properties: {Destination: {Id: Topic}, Permissions: [Write]}}}, Properties: {Runtime: r, Handler: h, InlineCode: x}}\n", id: "FInPolicy", property: "Roles", want: `[{"Ref":"FRole"}]`},
		{name: "connector to a function", text: functionWith("") + "  C: {Type: AWS::Serverless::Connector, Properties: {Source: {Id: Topic}, Destination: {Id: F}, Permissions: [Write]}}\n", id: "CWriteLambdaPermission", property: "SourceArn", want: `{"Ref":"Topic"}`},
		{name: "connector from a rule", text: head + resources + "  R: {Type: AWS::Events::Rule, Properties: {Targets: [{Arn: !Ref Topic, Id: a}]}}\n  C: {Type: AWS::Serverless::Connector, Properties: {Source: {Id: R}, Destination: {Id: Topic}, Permissions: [Write]}}\n", id: "CTopicPolicy", property: "Topics", want: `[{"Ref":"Topic"}]`},
		{name: "deployment", text: functionWith("AutoPublishAlias: live, DeploymentPreference: {Type: AllAtOnce}"), id: "CodeDeployServiceRole", property: "ManagedPolicyArns", want: `["arn:aws:iam::aws:policy/service-role/AWSCodeDeployRoleForLambda"]`},
		{name: "deployment on condition", text: head + resources + "  F: {Type: AWS::Serverless::Function, Condition: Dev, Properties: {Runtime: r, Handler: h, InlineCode: x, AutoPublishAlias: a, DeploymentPreference: {Type: a, PassthroughCondition: true}}}\n", id: "CodeDeployServiceRole", property: "-", want: `"Condition":"Dev"`},
		{name: "no deployment", text: functionWith("AutoPublishAlias: live, DeploymentPreference: {Enabled: false}"), id: "CodeDeployServiceRole", want: "none"},
		{name: "destination of both conditions", text: head + resources + "  F: {Type: AWS::Serverless::Function, Condition: Dev, Properties: {Runtime: r, Handler: h, InlineCode: x, EventInvokeConfig: {DestinationConfig: {OnSuccess: {Type: SQS, Destination: !If [Prod, q, !Ref AWS::NoValue]}}}}}\n", id: "FEventInvokeConfigOnSuccessQueue", property: "-", want: `"Condition":"DevANDNOTProd33ddb54c8ae69f20e9f6"`},
		{name: "tags are propagated", text: functionWith("Tags: {a: b}, PropagateTags: true, Events: {E: {Type: SNS, Properties: {Topic: !Ref Topic, SqsSubscription: true}}}"), id: "FEQueue", property: "Tags", want: `[{"Key":"a","Value":"b"}]`},
		{name: "secrets of a broker", text: functionWith("Events: {E: {Type: MQ, Properties: {Broker: b, Queues: [q], SourceAccessConfigurations: [{Type: BASIC_AUTH, URI: u}], SecretsManagerKmsKeyId: k}}}"), id: "FRole", property: "Policies",
			want: `[{"PolicyName":"SamAutoGeneratedAMQPolicy","PolicyDocument":{"Statement":[{"Action":["secretsmanager:GetSecretValue"],"Effect":"Allow","Resource":"u"},{"Action":["mq:DescribeBroker"],"Effect":"Allow","Resource":"b"},{"Action":"kms:Decrypt","Effect":"Allow","Resource":{"Fn::Sub":"arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/k"}}]}}]`},
		{name: "what a stream's function could not do", text: functionWith("Events: {E: {Type: Kinesis, Properties: {Stream: s, StartingPosition: LATEST, DestinationConfig: {OnFailure: {Type: S3, Destination: a}}}}}"), id: "FRole", property: "Policies",
			want: `[{"PolicyName":"FES3Policy","PolicyDocument":{"Statement":[{"Action":"s3:PutObject","Effect":"Allow","Resource":{"Fn::Join":["/",["a","*"]]}},{"Action":"s3:ListBucket","Effect":"Allow","Resource":"a"}]}}]`},
		{name: "version of all properties", text: functionWith("AutoPublishAlias: live, AutoPublishCodeSha256: 0123456789abcdef"), id: "FVersion0123456789", property: "FunctionName", want: `{"Ref":"F"}`},
		{name: "code in S3", text: strings.Replace(functionWith("Timeout: 3"), "InlineCode: x", "CodeUri: 's3://b/k?versionId=v'", 1), id: "F", property: "Code", want: `{"S3Bucket":"b","S3Key":"k","S3ObjectVersion":"v"}`},
		{name: "code in a folder", text: strings.Replace(functionWith("Timeout: 3"), "InlineCode: x", "CodeUri: src/", 1), id: "F", property: "Code", want: `{"S3Key":"src/"}`},
		{name: "code in an image", text: head + resources + "  F: {Type: AWS::Serverless::Function, Properties: {PackageType: Image, ImageUri: i}}\n", id: "F", property: "Code", want: `{"ImageUri":"i"}`},
		{name: "URL", text: functionWith("FunctionUrlConfig: {AuthType: NONE}"), id: "FUrlPublicPermissions", property: "Principal", want: `"*"`},
		{name: "state machine's alias", text: head + resources + "  S: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: s3://b/k, Role: r, AutoPublishAlias: live, UseAliasAsEventTarget: true, Events: {E: {Type: ScheduleV2, Properties: {ScheduleExpression: a}}}}}\n", id: "SERole", property: "Policies", want: `[{"PolicyName":"SEStartExecutionPolicy","PolicyDocument":{"Statement":[{"Action":"states:StartExecution","Effect":"Allow","Resource":{"Ref":"SAliaslive"}}]}}]`},
		{name: "user pool", text: functionWith("Events: {E: {Type: Cognito, Properties: {UserPool: !Ref Pool, Trigger: PreSignUp}}}") + "  Pool: {Type: AWS::Cognito::UserPool}\n", id: "Pool", property: "LambdaConfig", want: `{"PreSignUp":{"Fn::GetAtt":["F","Arn"]}}`},
		{name: "application", text: head + resources + "  A: {Type: AWS::Serverless::Application, Properties: {Location: 'https://s3/t', Parameters: {A: b}}}\n", id: "A", property: "TemplateURL", want: `"https://s3/t"`},
		{name: "what nothing is made of", text: head + resources + "  A: {Type: AWS::Serverless::GraphQLApi, Properties: {Auth: {}}}\n", id: "A", want: `{"Type":"AWS::AppSync::GraphQLApi","Properties":{}}`},
		{name: "nulls are as if they were not there", text: functionWith("Events: , Policies: ~"), id: "FRole", property: "ManagedPolicyArns", want: "[" + basicRole + "]"},
		{name: "layer", text: head + resources + "  L: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: s3://b/k}}\n", id: "L0fe3d22673", property: "LayerName", want: `"L"`},
		{name: "table", text: head + resources + "  T: {Type: AWS::Serverless::SimpleTable}\n", id: "T", property: "KeySchema", want: `[{"AttributeName":"id","KeyType":"HASH"}]`},
		{name: "API", text: functionWith("Events: {E: {Type: Api, Properties: {Path: '/a/{b}', Method: get}}}"), id: "FEPermissionProd", property: "SourceArn", want: `{"Fn::Sub":["arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${__ApiId__}/${__Stage__}/GET/a/*",{"__ApiId__":{"Ref":"ServerlessRestApi"},"__Stage__":"*"}]}`},
		{name: "HTTP API", text: functionWith("Events: {E: {Type: HttpApi}}"), id: "ServerlessHttpApiApiGatewayDefaultStage", property: "StageName", want: `"$default"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			made, err := expand(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := made.Instantiate(scope()); err != nil {
				t.Errorf("what is made is refused: %v", err)
			}
			r := made.Resource(tt.id)
			got := "none"
			switch {
			case r == nil:
			case tt.property == "":
				got = r.Raw.JSON()
			case tt.property == "-":
				if got = r.Raw.JSON(); strings.Contains(got, tt.want) && !strings.Contains(got, `"DependsOn":"Queue"`) {
					got = tt.want
				}
			default:
				got = r.Properties.Get(tt.property).JSON()
			}
			if got != tt.want {
				t.Errorf("%s %s\n    %s\nwant\n    %s", tt.id, tt.property, got, tt.want)
			}
			if r == nil && tt.want != "none" {
				for _, r := range made.Resources {
					t.Logf("there is %s %s", r.ID, r.Type)
				}
			}
		})
	}
}

// TestNames: what refers to a part of a function, or to a layer, refers to what was made.
func TestNames(t *testing.T) {
	t.Parallel()
	made, err := expand(functionWith("AutoPublishAlias: live, EventInvokeConfig: {DestinationConfig: {OnSuccess: {Type: SQS}}}") + `
  L: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: s3://b/k}}
  D: {Type: AWS::SQS::Queue, DependsOn: [L, F]}
Outputs:
  O: {Value: !Sub '${F.Alias} ${F.Version.Version} ${F.DestinationQueue} ${L} ${F.Arn} ${Stage}'}
  R: {Value: !Ref F.Alias}
  G: {Value: !GetAtt F.DestinationQueue.Arn}
`)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`{"Fn::Sub":"${FAliaslive} ${FVersion5168f5ed55.Version} ${FEventInvokeConfigOnSuccessQueue} ${L0fe3d22673} ${F.Arn} ${Stage}"}`,
		`{"Ref":"FAliaslive"}`, `{"Fn::GetAtt":["FEventInvokeConfigOnSuccessQueue","Arn"]}`,
	}
	for i, o := range made.Outputs {
		if got := o.Value.JSON(); got != want[i] {
			t.Errorf("%s: %s, want %s", o.Name, got, want[i])
		}
	}
	if got := fmt.Sprint(made.Resource("D").DependsOn); got != "[L0fe3d22673 F]" {
		t.Errorf("D depends on %s", got)
	}
	if got := made.DeclaredTransforms(); fmt.Sprint(got) != "["+template.Serverless+"]" {
		t.Errorf("transforms %s", got)
	}
}

const invalidDocument = "Transform AWS::Serverless-2016-10-31 failed with: Invalid Serverless Application Specification document. Number of errors found: "

// TestRefused: what is wrong is said in the transform's words, all of it at once.
func TestRefused(t *testing.T) {
	t.Parallel()
	event := func(s string) string { return functionWith("Events: {E: " + s + "}") }
	for _, tt := range []struct{ name, text, want string }{
		{name: "unknown property", text: functionWith("Foo: bar"), want: "1. Resource with id [F] is invalid. property Foo not defined for resource of type AWS::Serverless::Function"},
		{name: "two resources", text: functionWith("Foo: bar") + "  G: {Type: AWS::Serverless::Function, Properties: {Handler: a}}\n", want: "2. Resource with id [F] is invalid. property Foo not defined for resource of type AWS::Serverless::Function Resource with id [G] is invalid. Runtime and Handler needs to be present when PackageType is of type `Zip`"},
		{name: "dead letters", text: functionWith("DeadLetterQueue: {Type: SQS}"), want: "1. Resource with id [F] is invalid. 'DeadLetterQueue' requires Type and TargetArn properties to be specified."},
		{name: "type of event", text: event("{Type: Foo}"), want: "1. Resource with id [F] is invalid. Event with id [E] is invalid. Resource dict has missing or invalid value for key Type. Event Type is: Foo."},
		{name: "no queue", text: event("{Type: SQS}"), want: "1. Resource with id [FE] is invalid. Missing required property 'Queue'."},
		{name: "property of an event", text: event("{Type: SQS, Properties: {Queue: a, Foo: b}}"), want: "1. Resource with id [FE] is invalid. property Foo not defined for resource of type SQS"},
		{name: "bucket elsewhere", text: event("{Type: S3, Properties: {Bucket: b, Events: a}}"), want: "1. Resource with id [F] is invalid. Event with id [E] is invalid. S3 events must reference an S3 bucket in the same template."},
		{name: "existing queue", text: event("{Type: SNS, Properties: {Topic: t, SqsSubscription: {QueueArn: a}}}"), want: "1. Resource with id [F] is invalid. Event with id [E] is invalid. No QueueARN or QueueURL provided."},
		{name: "state twice", text: event("{Type: Schedule, Properties: {Schedule: a, State: b, Enabled: true}}"), want: "1. Resource with id [F] is invalid. Event with id [E] is invalid. State and Enabled Properties cannot both be specified."},
		{name: "dead letters of a rule", text: event("{Type: Schedule, Properties: {Schedule: a, DeadLetterConfig: {}}}"), want: "1. Resource with id [F] is invalid. Event with id [FE] is invalid. No 'Arn' or 'Type' property provided for DeadLetterConfig."},
		{name: "policy", text: functionWith("Policies: [{Foo: {}}]"), want: "1. Resource with id [F] is invalid. Policy at index 0 in the 'Policies' property is not valid"},
		{name: "policy template", text: functionWith("Policies: [{SQSPollerPolicy: {}}]"), want: "1. Resource with id [F] is invalid. Following required parameters of template 'SQSPollerPolicy' don't have values: ['QueueName']"},
		{name: "kinds of policies", text: functionWith("Policies: [!If [Prod, AmazonSQSFullAccess, {Statement: []}]]"), want: "1. Structure of the SAM template is invalid. Different policy types within the same Fn::If statement is unsupported. Separate different policy types into different Fn::If statements"},
		{name: "destination", text: functionWith("EventInvokeConfig: {DestinationConfig: {OnSuccess: {Type: Lambda}}}"), want: "1. Resource with id [F] is invalid. Destination is required if Type is not ['SQS', 'SNS']"},
		{name: "reserved tag", text: functionWith("Tags: {'lambda:createdBy': x}"), want: "1. Resource with id [F] is invalid. lambda:createdBy is a reserved Tag key name and cannot be set on your resource. Please change the tag key in the input."},
		{name: "taken id", text: functionWith("") + "  FRole: {Type: AWS::SNS::Topic}\n", want: `1. Transforming resource with id [F] attempts to create a new resource with id [FRole] and type "AWS::IAM::Role". A resource with that id already exists within this template. Please use a different id for that resource.`},
		{name: "Globals", text: strings.Replace(functionWith(""), "Resources:", "Globals: {StateMachine: {Role: x}}\nResources:", 1), want: "1. 'Globals' section is invalid. 'Role' is not a supported property of 'StateMachine'. Must be one of the following values - ['PropagateTags']"},
		{name: "state machine", text: head + resources + "  S: {Type: AWS::Serverless::StateMachine}\n", want: "1. Resource with id [S] is invalid. Either 'Definition' or 'DefinitionUri' property must be specified."},
		{name: "connector", text: head + resources + "  C: {Type: AWS::Serverless::Connector, Properties: {Source: {Id: Topic}, Destination: {Id: Queue}, Permissions: [Read]}}\n", want: "1. Resource with id [C] is invalid. Unsupported 'Permissions' provided for connector from AWS::SNS::Topic to AWS::SQS::Queue; valid values are: Write."},
		{name: "connector of nothing", text: head + resources + "  C: {Type: AWS::Serverless::Connector, Properties: {Source: {Id: X}, Destination: {Id: Queue}, Permissions: [Read]}}\n", want: "1. Resource with id [C] is invalid. Unable to find resource with logical ID 'X'."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := expand(tt.text)
			var e *template.Error
			if !errors.As(err, &e) || e.Message != invalidDocument+tt.want {
				t.Fatalf("%v\nwant %s", err, invalidDocument+tt.want)
			}
			if e.Transform != template.Serverless || e.At == (template.Position{}) {
				t.Errorf("transform %q, at %v", e.Transform, e.At)
			}
		})
	}
}

// TestPlaces: what is wrong with what was made is wrong where it is made of.
func TestPlaces(t *testing.T) {
	t.Parallel()
	made, err := expand(functionWith("Events: {E: {Type: SNS, Properties: {Topic: !Ref Gone}}}"))
	var e *template.Error
	if !errors.As(err, &e) || e.Message != "Template format error: Unresolved resource dependencies [Gone] in the Resources block of the template" || e.At.Line != 10 {
		t.Errorf("%v, %v at %v", made, err, e.At)
	}
}

// TestOtherTemplates: one without the transform stays as it is, and language extensions
// are made before it.
func TestOtherTemplates(t *testing.T) {
	t.Parallel()
	plain, err := template.Parse(resources + "Parameters: {Fifo: {Type: String}}")
	if err != nil {
		t.Fatal(err)
	}
	if made, err := Expand(plain, scope()); err != nil || made != plain {
		t.Errorf("%v, %v", made, err)
	}
	both, err := template.Parse(`
Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Resources:
  'Fn::ForEach::L': [N, [A, B], {'F${N}': {Type: AWS::Serverless::Function, Properties: {Runtime: r, Handler: h, InlineCode: x}}}]
`)
	if err != nil {
		t.Fatal(err)
	}
	if both, err = both.Expand(scope()); err != nil {
		t.Fatal(err)
	}
	if both, err = Expand(both, scope()); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(both.Types(), len(both.Resources)); got != "[AWS::IAM::Role AWS::Lambda::Function] 4" {
		t.Error(got)
	}
}

// TestPolicyTemplates: each can be filled, and leaves none of its parameters.
func TestPolicyTemplates(t *testing.T) {
	t.Parallel()
	all := policyTemplates().Members
	if len(all) != 81 {
		t.Errorf("there are %d", len(all))
	}
	for _, m := range all {
		arguments := object()
		for _, name := range m.Value.Get("Parameters").Strings() {
			arguments = arguments.With(name, toNode("<"+name+">"))
		}
		document, err := fill("F", m.Key, arguments)
		if err != nil {
			t.Errorf("%s: %v", m.Key, err)
			continue
		}
		text := document.JSON()
		for _, name := range m.Value.Get("Parameters").Strings() {
			if strings.Contains(text, `{"Ref":"`+name+`"}`) || !strings.Contains(text, "<"+name+">") {
				t.Errorf("%s: %s is not in %s", m.Key, name, text)
			}
		}
	}
	for _, m := range connectors().Members {
		if !strings.HasPrefix(m.Key, "properties of ") && connectors().Get("properties of "+m.Key) == nil {
			t.Errorf("there are connectors from %s, of which nothing is known", m.Key)
		}
	}
}

// TestNothingGrowsWithoutEnd: small templates that would become large ones are refused.
func TestNothingGrowsWithoutEnd(t *testing.T) {
	t.Parallel()
	many := func(form string, n int) string {
		all := make([]string, n)
		for i := range all {
			all[i] = fmt.Sprintf(form, i)
		}
		return strings.Join(all, ", ")
	}
	for name, text := range map[string]string{
		"events":   functionWith("Events: {" + many("E%d: {Type: AlexaSkill}", 20_000) + "}"),
		"Globals":  head + "Globals: {Function: {Environment: {Variables: {" + many("V%d: x", 20_000) + "}}}}\nResources: {" + many("F%d: {Type: AWS::Serverless::Function}", 400) + "}",
		"policies": functionWith("Policies: [" + many("p%d", 60_000) + "]"),
		"Sub":      strings.Replace(functionWith("AutoPublishAlias: a, AutoPublishCodeSha256: b, Description: !Sub '"+strings.Repeat("${Stage}", 60_000)+"'"), "Default: dev", "Default: "+strings.Repeat("x", 4000), 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			if made, err := expand(text); err == nil && len(made.Processed()) > 8<<20 {
				t.Errorf("it becomes %d bytes", len(made.Processed()))
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// FuzzExpand: no template panics or takes long.
func FuzzExpand(f *testing.F) {
	for _, properties := range []string{
		"Policies: [{SQSPollerPolicy: {QueueName: a}}, a]", "Events: {E: {Type: SNS, Properties: {Topic: t, SqsSubscription: true}}}",
		"Role: !If [Prod, a, b], AutoPublishAlias: a, DeploymentPreference: {Type: a}", "EventInvokeConfig: {DestinationConfig: {OnSuccess: {Type: SQS}}}",
	} {
		f.Add(functionWith(properties))
	}
	f.Fuzz(func(t *testing.T, text string) {
		start := time.Now()
		if made, err := expand(text); err == nil {
			_, _ = made.Instantiate(scope())
			made.Processed()
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}
