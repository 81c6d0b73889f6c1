package sam

// resourceProperties are those of the resources; ! follows those that must be given.
var resourceProperties = map[string]string{
	"AWS::Serverless::Api": "AccessLogSetting AlwaysDeploy ApiKeySourceType Auth BinaryMediaTypes CacheClusterEnabled" +
		" CacheClusterSize CanarySetting Cors DefinitionBody DefinitionUri Description" +
		" DisableExecuteApiEndpoint Domain EndpointAccessMode EndpointConfiguration FailOnWarnings" +
		" GatewayResponses MergeDefinitions MethodSettings MinimumCompressionSize Mode Models Name" +
		" OpenApiVersion Policy PropagateTags SecurityPolicy StageName! Tags TracingEnabled Variables" +
		"",
	"AWS::Serverless::Application": "Location! NotificationARNs Parameters Tags TemplateUrl TimeoutInMinutes",
	"AWS::Serverless::Connector":   "Destination! Permissions! Source!",
	"AWS::Serverless::Function": "Architectures AssumeRolePolicyDocument AutoPublishAlias AutoPublishAliasAllProperties" +
		" AutoPublishCodeSha256 CapacityProviderConfig CodeSigningConfigArn CodeUri DeadLetterQueue" +
		" DeploymentPreference Description DurableConfig Environment EphemeralStorage" +
		" EventInvokeConfig Events FileSystemConfigs FunctionName FunctionScalingConfig" +
		" FunctionUrlConfig Handler ImageConfig ImageUri InlineCode KmsKeyArn Layers LoggingConfig" +
		" MemorySize PackageType PermissionsBoundary Policies PropagateTags" +
		" ProvisionedConcurrencyConfig PublishToLatestPublished RecursiveLoop" +
		" ReservedConcurrentExecutions Role RolePath Runtime RuntimeManagementConfig SnapStart" +
		" SourceKMSKeyArn Tags TenancyConfig Timeout Tracing VersionDeletionPolicy VersionDescription" +
		" VpcConfig",
	"AWS::Serverless::HttpApi": "AccessLogSettings Auth CorsConfiguration DefaultRouteSettings DefinitionBody DefinitionUri" +
		" Description DisableExecuteApiEndpoint Domain FailOnWarnings Name PropagateTags" +
		" RouteSettings StageName StageVariables Tags",
	"AWS::Serverless::LayerVersion": "CompatibleArchitectures CompatibleRuntimes ContentUri! Description LayerName LicenseInfo" +
		" PublishLambdaVersion RetentionPolicy",
	"AWS::Serverless::SimpleTable": "PointInTimeRecoverySpecification PrimaryKey ProvisionedThroughput SSESpecification" +
		" TableName Tags",
	"AWS::Serverless::StateMachine": "AutoPublishAlias Definition DefinitionSubstitutions DefinitionUri DeploymentPreference" +
		" Events Logging Name PermissionsBoundary Policies PropagateTags Role RolePath Tags Tracing" +
		" Type UseAliasAsEventTarget",
}

// functionEvents are the properties of the events of functions.
var functionEvents = map[string]string{
	"DocumentDB": "BatchSize BisectBatchOnFunctionError Cluster! CollectionName ConsumerGroupId DatabaseName!" +
		" DestinationConfig Enabled FilterCriteria FullDocument FunctionResponseTypes" +
		" KafkaBootstrapServers KmsKeyArn LoggingConfig MaximumBatchingWindowInSeconds" +
		" MaximumRecordAgeInSeconds MaximumRetryAttempts MetricsConfig ParallelizationFactor" +
		" ProvisionedPollerConfig Queues ScalingConfig SchemaRegistryConfig SecretsManagerKmsKeyId" +
		" SourceAccessConfigurations StartingPosition StartingPositionTimestamp Topics" +
		" TumblingWindowInSeconds",
	"DynamoDB": "BatchSize BisectBatchOnFunctionError ConsumerGroupId DestinationConfig Enabled" +
		" FilterCriteria FunctionResponseTypes KafkaBootstrapServers KmsKeyArn LoggingConfig" +
		" MaximumBatchingWindowInSeconds MaximumRecordAgeInSeconds MaximumRetryAttempts MetricsConfig" +
		" ParallelizationFactor ProvisionedPollerConfig Queues ScalingConfig SchemaRegistryConfig" +
		" SecretsManagerKmsKeyId SourceAccessConfigurations StartingPosition!" +
		" StartingPositionTimestamp Stream! Topics TumblingWindowInSeconds",
	"Kinesis": "BatchSize BisectBatchOnFunctionError ConsumerGroupId DestinationConfig Enabled" +
		" FilterCriteria FunctionResponseTypes KafkaBootstrapServers KmsKeyArn LoggingConfig" +
		" MaximumBatchingWindowInSeconds MaximumRecordAgeInSeconds MaximumRetryAttempts MetricsConfig" +
		" ParallelizationFactor ProvisionedPollerConfig Queues ScalingConfig SchemaRegistryConfig" +
		" SecretsManagerKmsKeyId SourceAccessConfigurations StartingPosition!" +
		" StartingPositionTimestamp Stream! Topics TumblingWindowInSeconds",
	"MQ": "BatchSize BisectBatchOnFunctionError Broker! ConsumerGroupId DestinationConfig" +
		" DynamicPolicyName Enabled FilterCriteria FunctionResponseTypes KafkaBootstrapServers" +
		" KmsKeyArn LoggingConfig MaximumBatchingWindowInSeconds MaximumRecordAgeInSeconds" +
		" MaximumRetryAttempts MetricsConfig ParallelizationFactor ProvisionedPollerConfig Queues" +
		" ScalingConfig SchemaRegistryConfig SecretsManagerKmsKeyId SourceAccessConfigurations" +
		" StartingPosition StartingPositionTimestamp Topics TumblingWindowInSeconds",
	"MSK": "BatchSize BisectBatchOnFunctionError ConsumerGroupId DestinationConfig Enabled" +
		" FilterCriteria FunctionResponseTypes KafkaBootstrapServers KmsKeyArn LoggingConfig" +
		" MaximumBatchingWindowInSeconds MaximumRecordAgeInSeconds MaximumRetryAttempts MetricsConfig" +
		" ParallelizationFactor ProvisionedPollerConfig Queues ScalingConfig SchemaRegistryConfig" +
		" SecretsManagerKmsKeyId SourceAccessConfigurations StartingPosition!" +
		" StartingPositionTimestamp Stream! Topics TumblingWindowInSeconds",
	"SQS": "BatchSize BisectBatchOnFunctionError ConsumerGroupId DestinationConfig Enabled" +
		" FilterCriteria FunctionResponseTypes KafkaBootstrapServers KmsKeyArn LoggingConfig" +
		" MaximumBatchingWindowInSeconds MaximumRecordAgeInSeconds MaximumRetryAttempts MetricsConfig" +
		" ParallelizationFactor ProvisionedPollerConfig Queue! Queues ScalingConfig" +
		" SchemaRegistryConfig SecretsManagerKmsKeyId SourceAccessConfigurations StartingPosition" +
		" StartingPositionTimestamp Topics TumblingWindowInSeconds",
	"SelfManagedKafka": "BatchSize BisectBatchOnFunctionError ConsumerGroupId DestinationConfig Enabled" +
		" FilterCriteria FunctionResponseTypes KafkaBootstrapServers KmsKeyArn LoggingConfig" +
		" MaximumBatchingWindowInSeconds MaximumRecordAgeInSeconds MaximumRetryAttempts MetricsConfig" +
		" ParallelizationFactor ProvisionedPollerConfig Queues ScalingConfig SchemaRegistryConfig" +
		" SecretsManagerKmsKeyId SourceAccessConfigurations StartingPosition" +
		" StartingPositionTimestamp Topics TumblingWindowInSeconds",
	"AlexaSkill": "SkillId",
	"Api": "Auth Method Path RequestModel RequestParameters ResponseTransferMode RestApiId Stage" +
		" TimeoutInMillis",
	"CloudWatchEvent": "DeadLetterConfig Enabled EventBusName Input InputPath InputTransformer Pattern RetryPolicy" +
		" RuleName State Target",
	"Cognito": "Trigger! UserPool!",
	"EventBridgeRule": "DeadLetterConfig Enabled EventBusName Input InputPath InputTransformer Pattern RetryPolicy" +
		" RuleName State Target",
	"HttpApi":        "ApiId Auth Method Path PayloadFormatVersion RouteSettings Stage TimeoutInMillis",
	"IoTRule":        "AwsIotSqlVersion Sql!",
	"S3":             "Bucket! Events! Filter",
	"SNS":            "FilterPolicy FilterPolicyScope RedrivePolicy Region SqsSubscription Topic!",
	"Schedule":       "DeadLetterConfig Description Enabled Input Name RetryPolicy RuleName Schedule! State",
	"CloudWatchLogs": "FilterPattern! LogGroupName!",
	"ScheduleV2": "DeadLetterConfig Description EndDate FlexibleTimeWindow GroupName Input KmsKeyArn Name" +
		" OmitName PermissionsBoundary RetryPolicy RoleArn ScheduleExpression!" +
		" ScheduleExpressionTimezone StartDate State",
}

// stateMachineEvents are the properties of the events of state machines.
var stateMachineEvents = map[string]string{
	"Api": "Auth Method Path RestApiId Stage UnescapeMappingTemplate",
	"CloudWatchEvent": "DeadLetterConfig EventBusName Input InputPath InputTransformer Pattern RetryPolicy RuleName" +
		" State Target",
	"EventBridgeRule": "DeadLetterConfig EventBusName Input InputPath InputTransformer Pattern RetryPolicy RuleName" +
		" State Target",
	"Schedule": "DeadLetterConfig Description Enabled Input Name RetryPolicy RoleArn Schedule! State Target",
	"ScheduleV2": "DeadLetterConfig Description EndDate FlexibleTimeWindow GroupName Input KmsKeyArn Name" +
		" OmitName PermissionsBoundary RetryPolicy RoleArn ScheduleExpression!" +
		" ScheduleExpressionTimezone StartDate State",
}

// globalProperties are those that Globals takes, for each type.
var globalProperties = map[string]string{
	"Function": "Handler Runtime CodeUri DeadLetterQueue Description MemorySize Timeout VpcConfig Environment Tags" +
		" PropagateTags Tracing KmsKeyArn AutoPublishAlias AutoPublishAliasAllProperties Layers" +
		" DeploymentPreference RolePath PermissionsBoundary ReservedConcurrentExecutions" +
		" ProvisionedConcurrencyConfig AssumeRolePolicyDocument EventInvokeConfig FileSystemConfigs" +
		" CodeSigningConfigArn Architectures SnapStart EphemeralStorage FunctionUrlConfig" +
		" RuntimeManagementConfig LoggingConfig RecursiveLoop SourceKMSKeyArn TenancyConfig DurableConfig" +
		" CapacityProviderConfig FunctionScalingConfig PublishToLatestPublished VersionDeletionPolicy",
	"Api": "Auth Name DefinitionUri CacheClusterEnabled CacheClusterSize MergeDefinitions Variables" +
		" EndpointConfiguration MethodSettings BinaryMediaTypes MinimumCompressionSize Cors GatewayResponses" +
		" AccessLogSetting CanarySetting TracingEnabled OpenApiVersion Domain AlwaysDeploy PropagateTags" +
		" SecurityPolicy EndpointAccessMode",
	"HttpApi": "Auth AccessLogSettings StageVariables Tags CorsConfiguration DefaultRouteSettings Domain RouteSettings" +
		" FailOnWarnings PropagateTags",
	"SimpleTable":  "SSESpecification",
	"StateMachine": "PropagateTags",
	"LayerVersion": "PublishLambdaVersion",
	"CapacityProvider": "VpcConfig OperatorRole Tags InstanceRequirements ScalingConfig KmsKeyArn PropagateTags" +
		" LoggingConfig ManagedResourceTags",
	"MicrovmImage": "BuildRoleArn BaseImageArn BaseImageVersion Logging EgressNetworkConnectors CpuConfigurations" +
		" Resources AdditionalOsCapabilities Hooks EnvironmentVariables Tags PropagateTags",
	"NetworkConnector": "OperatorRole Tags PropagateTags",
	"WebSocketApi": "AccessLogSettings ApiKeySelectionExpression DefaultRouteSettings DisableExecuteApiEndpoint" +
		" DisableSchemaValidation Domain FailOnWarnings IpAddressType PropagateTags RouteSelectionExpression" +
		" RouteSettings StageVariables Tags",
}
