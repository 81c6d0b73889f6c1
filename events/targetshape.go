package events

// Target is what a rule sends events to. The members after RetryPolicy are for kinds of
// targets that are left out, and refused.
type Target struct {
	Id                          string  `check:"required,min=1,max=64" pattern:"[\\.\\-_A-Za-z0-9]+"`
	Arn                         string  `check:"required,min=1,max=1600"`
	RoleArn                     string  `check:"min=1,max=1600"`
	Input                       *string `check:"max=8192"`
	InputPath                   *string `check:"max=256"`
	InputTransformer            *InputTransformer
	SqsParameters               *SqsParameters
	DeadLetterConfig            *DeadLetterConfig
	RetryPolicy                 *RetryPolicy
	AppSyncParameters           *AppSyncParameters
	BatchParameters             *BatchParameters
	EcsParameters               *EcsParameters
	HttpParameters              *HttpParameters
	KinesisParameters           *KinesisParameters
	RedshiftDataParameters      *RedshiftDataParameters
	RunCommandParameters        *RunCommandParameters
	SageMakerPipelineParameters *SageMakerPipelineParameters
}

// InputTransformer makes the text that a target gets.
type InputTransformer struct {
	InputPathsMap map[string]string `check:"max=100" keycheck:"min=1,max=256" keypattern:"[A-Za-z0-9\\_\\-]+" itemcheck:"max=256"`
	InputTemplate string            `check:"required,min=1,max=8192"`
}

// SqsParameters are for targets that are queues.
type SqsParameters struct {
	MessageGroupId string `check:"max=100"`
}

// RetryPolicy says how long a delivery is tried. What is left out is as by default.
type RetryPolicy struct {
	MaximumRetryAttempts     *int32 `check:"min=0,max=185"`
	MaximumEventAgeInSeconds *int32 `check:"min=60,max=86400"`
}

// AppSyncParameters are for targets of AWS AppSync.
type AppSyncParameters struct {
	GraphQLOperation string `check:"min=1,max=1048576" sensitive:"true"`
}

// BatchParameters are for targets of AWS Batch.
type BatchParameters struct {
	JobDefinition   string `check:"required"`
	JobName         string `check:"required"`
	ArrayProperties *BatchArrayProperties
	RetryStrategy   *BatchRetryStrategy
}

// BatchArrayProperties are of array jobs.
type BatchArrayProperties struct {
	Size int32
}

// BatchRetryStrategy says how often a job is tried.
type BatchRetryStrategy struct {
	Attempts int32
}

// EcsParameters are for targets of Amazon ECS.
type EcsParameters struct {
	TaskDefinitionArn        string `check:"required,min=1,max=1600"`
	TaskCount                *int32 `check:"min=1"`
	LaunchType               string `enum:"EC2|FARGATE|EXTERNAL"`
	NetworkConfiguration     *NetworkConfiguration
	PlatformVersion          string
	Group                    string
	CapacityProviderStrategy []CapacityProviderStrategyItem `check:"max=6"`
	EnableECSManagedTags     bool
	EnableExecuteCommand     bool
	PlacementConstraints     []PlacementConstraint `check:"max=10"`
	PlacementStrategy        []PlacementStrategy   `check:"max=5"`
	PropagateTags            string                `enum:"TASK_DEFINITION"`
	ReferenceId              string                `check:"max=1024"`
	Tags                     []Tag
}

// NetworkConfiguration is that of a task.
type NetworkConfiguration struct {
	AwsvpcConfiguration *AwsVpcConfiguration `name:"awsvpcConfiguration"`
}

// AwsVpcConfiguration is that of a task's interface.
type AwsVpcConfiguration struct {
	Subnets        []string `check:"required"`
	SecurityGroups []string
	AssignPublicIp string `enum:"ENABLED|DISABLED"`
}

// CapacityProviderStrategyItem is a part of a capacity provider strategy.
type CapacityProviderStrategyItem struct {
	CapacityProvider string `name:"capacityProvider" check:"required,min=1,max=255"`
	Weight           int32  `name:"weight" check:"min=0,max=1000"`
	Base             int32  `name:"base" check:"min=0,max=100000"`
}

// PlacementConstraint limits where a task runs.
type PlacementConstraint struct {
	Type       string `name:"type" enum:"distinctInstance|memberOf"`
	Expression string `name:"expression" check:"max=2000"`
}

// PlacementStrategy says where a task runs best.
type PlacementStrategy struct {
	Type  string `name:"type" enum:"random|spread|binpack"`
	Field string `name:"field" check:"max=255"`
}

// HttpParameters are for API destinations and API Gateway.
type HttpParameters struct {
	PathParameterValues   []string
	HeaderParameters      map[string]string `keycheck:"max=512" itemcheck:"max=512"`
	QueryStringParameters map[string]string `keycheck:"max=512" itemcheck:"max=512"`
}

// KinesisParameters are for streams of Amazon Kinesis.
type KinesisParameters struct {
	PartitionKeyPath string `check:"required,max=256"`
}

// RedshiftDataParameters are for Amazon Redshift.
type RedshiftDataParameters struct {
	SecretManagerArn string `check:"min=1,max=1600"`
	Database         string `check:"required,min=1,max=64"`
	DbUser           string `check:"min=1,max=128"`
	Sql              string `check:"min=1,max=100000" sensitive:"true"`
	StatementName    string `check:"min=1,max=500"`
	WithEvent        bool
	Sqls             []string `check:"max=40" sensitive:"true"`
}

// RunCommandParameters are for Systems Manager's Run Command.
type RunCommandParameters struct {
	RunCommandTargets []RunCommandTarget `check:"required,min=1,max=5"`
}

// RunCommandTarget says on which instances a command runs.
type RunCommandTarget struct {
	Key    string   `check:"required,min=1,max=128"`
	Values []string `check:"required,min=1,max=50" itemcheck:"min=1,max=256"`
}

// SageMakerPipelineParameters are for pipelines of Amazon SageMaker.
type SageMakerPipelineParameters struct {
	PipelineParameterList []SageMakerPipelineParameter `check:"max=200"`
}

// SageMakerPipelineParameter is one parameter of a pipeline.
type SageMakerPipelineParameter struct {
	Name  string `check:"required,min=1,max=256"`
	Value string `check:"required,max=1024"`
}
