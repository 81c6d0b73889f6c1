package s3

// PutBucketNotificationConfigurationInput is the input of PutBucketNotificationConfiguration.
type PutBucketNotificationConfigurationInput struct {
	Bucket                    string                     `rest:"path" check:"required"`
	ExpectedBucketOwner       string                     `rest:"header=x-amz-expected-bucket-owner"`
	NotificationConfiguration *NotificationConfiguration `rest:"body=NotificationConfiguration" check:"required"`
	SkipDestinationValidation *bool                      `rest:"header=x-amz-skip-destination-validation"`
}

// PutBucketNotificationConfigurationOutput is the output of PutBucketNotificationConfiguration.
type PutBucketNotificationConfigurationOutput struct{}

// GetBucketNotificationConfigurationInput is the input of GetBucketNotificationConfiguration.
type GetBucketNotificationConfigurationInput struct {
	Bucket              string `rest:"path" check:"required"`
	ExpectedBucketOwner string `rest:"header=x-amz-expected-bucket-owner"`
}

// GetBucketNotificationConfigurationOutput is the output of GetBucketNotificationConfiguration.
type GetBucketNotificationConfigurationOutput struct {
	_                            struct{}                      `rest:"root=NotificationConfiguration"`
	TopicConfigurations          []TopicConfiguration          `element:"TopicConfiguration,flat"`
	QueueConfigurations          []QueueConfiguration          `element:"QueueConfiguration,flat"`
	LambdaFunctionConfigurations []LambdaFunctionConfiguration `element:"CloudFunctionConfiguration,flat"`
	EventBridgeConfiguration     *EventBridgeConfiguration
}

// NotificationConfiguration is which events of a bucket are told, and to whom [S271].
type NotificationConfiguration struct {
	TopicConfigurations          []TopicConfiguration          `element:"TopicConfiguration,flat"`
	QueueConfigurations          []QueueConfiguration          `element:"QueueConfiguration,flat"`
	LambdaFunctionConfigurations []LambdaFunctionConfiguration `element:"CloudFunctionConfiguration,flat"`
	EventBridgeConfiguration     *EventBridgeConfiguration
}

// TopicConfiguration is which events a topic is told.
type TopicConfiguration struct {
	Id       string
	TopicArn string   `element:"Topic" check:"required"`
	Events   []string `element:"Event,flat"`
	Filter   *NotificationConfigurationFilter
}

// QueueConfiguration is which events a queue is told.
type QueueConfiguration struct {
	Id       string
	QueueArn string   `element:"Queue" check:"required"`
	Events   []string `element:"Event,flat"`
	Filter   *NotificationConfigurationFilter
}

// LambdaFunctionConfiguration is which events a function is told.
type LambdaFunctionConfiguration struct {
	Id                string
	LambdaFunctionArn string   `element:"CloudFunction" check:"required"`
	Events            []string `element:"Event,flat"`
	Filter            *NotificationConfigurationFilter
}

// EventBridgeConfiguration has all events told to EventBridge.
type EventBridgeConfiguration struct{}

// NotificationConfigurationFilter is the keys whose events are told.
type NotificationConfigurationFilter struct {
	Key *KeyFilter `element:"S3Key"`
}

// KeyFilter is what the keys begin and end with.
type KeyFilter struct {
	FilterRules []FilterRule `element:"FilterRule,flat"`
}

// FilterRule is a prefix or a suffix, as Name says.
type FilterRule struct {
	Name  string `check:"required"` // as the recordings have it, though not the model [S282]
	Value string `check:"required" out:"always"`
}
