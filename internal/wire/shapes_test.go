//nolint:revive // The fields carry AWS's own member names, as the services' shapes do.
package wire

import "time"

// Shapes of the tests: excerpts of AWS's, tagged as the services tag theirs.

type attributeValue struct {
	DataType         string `check:"required"`
	StringValue      *string
	BinaryValue      []byte
	StringListValues []string `query:"StringListValue,flat"`
	BinaryListValues [][]byte `query:"BinaryListValue,flat"`
}

type sendMessageInput struct {
	QueueUrl                string `check:"required"`
	MessageBody             string `check:"required" trail:"hide"`
	DelaySeconds            *int32
	MessageAttributes       map[string]attributeValue `query:"MessageAttribute,flat,key=Name,value=Value" trail:"hide"`
	MessageSystemAttributes map[string]attributeValue `query:"MessageSystemAttribute,flat,key=Name,value=Value"`
	MessageDeduplicationId  *string
	MessageGroupId          *string
}

type sendMessageOutput struct {
	MD5OfMessageBody             string
	MD5OfMessageAttributes       string
	MD5OfMessageSystemAttributes string
	MessageId                    string
	SequenceNumber               string
}

type batchEntry struct {
	Id                string `check:"required"`
	MessageBody       string `check:"required"`
	DelaySeconds      *int32
	MessageAttributes map[string]attributeValue `query:"MessageAttribute,flat,key=Name,value=Value"`
}

type sendMessageBatchInput struct {
	QueueUrl string       `check:"required"`
	Entries  []batchEntry `check:"required" query:"SendMessageBatchRequestEntry,flat"`
}

type receiveMessageInput struct {
	QueueUrl              string   `check:"required"`
	AttributeNames        []string `query:"AttributeName,flat"`
	MessageAttributeNames []string `query:"MessageAttributeName,flat"`
	MaxNumberOfMessages   *int32
	VisibilityTimeout     *int32
	WaitTimeSeconds       *int32
}

type message struct {
	MessageId              string
	ReceiptHandle          string
	MD5OfBody              string
	Body                   string
	Attributes             map[string]string `query:"Attribute,flat,key=Name,value=Value"`
	MD5OfMessageAttributes string
	MessageAttributes      map[string]attributeValue `query:"MessageAttribute,flat,key=Name,value=Value"`
}

type receiveMessageOutput struct {
	Messages []message `query:"Message,flat" accept:"messages"`
}

type createQueueInput struct {
	QueueName  string            `check:"required"`
	Attributes map[string]string `query:"Attribute,flat,key=Name,value=Value"`
	Tags       map[string]string `name:"tags" query:"Tag,flat,key=Key,value=Value"`
}

type getQueueAttributesInput struct {
	QueueUrl       string   `check:"required"`
	AttributeNames []string `query:"AttributeName,flat"`
}

type setQueueAttributesInput struct {
	QueueUrl   string            `check:"required"`
	Attributes map[string]string `check:"required" query:"Attribute,flat,key=Name,value=Value"`
}

type tagQueueInput struct {
	QueueUrl string            `check:"required"`
	Tags     map[string]string `check:"required" query:"Tag,flat,key=Key,value=Value"`
}

type untagQueueInput struct {
	QueueUrl string   `check:"required"`
	TagKeys  []string `check:"required" query:"TagKey,flat"`
}

type listQueuesOutput struct {
	NextToken string
	QueueUrls []string `query:"QueueUrl,flat" accept:"queueUrls"`
}

type tag struct {
	Key   string `check:"required,min=1,max=128"`
	Value string `check:"required,max=256"`
}

type createTopicInput struct {
	Name       string `check:"required"`
	Attributes map[string]string
	Tags       []tag
}

type createTopicOutput struct{ TopicArn string }

type publishInput struct {
	TopicArn          *string
	Message           string `check:"required" trail:"hide"`
	Subject           *string
	MessageAttributes map[string]attributeValue `query:",key=Name,value=Value"`
}

type publishBatchEntry struct {
	Id                string                    `check:"required"`
	Message           string                    `check:"required"`
	MessageAttributes map[string]attributeValue `query:",key=Name,value=Value"`
}

type publishBatchInput struct {
	TopicArn                   string              `check:"required"`
	PublishBatchRequestEntries []publishBatchEntry `check:"required"`
}

type subscribeInput struct {
	TopicArn              string `check:"required"`
	Protocol              string `check:"required"`
	Endpoint              *string
	Attributes            map[string]string
	ReturnSubscriptionArn bool
}

type getTopicAttributesOutput struct{ Attributes map[string]string }

type topic struct{ TopicArn string }

type listTopicsOutput struct {
	Topics    []topic
	NextToken string
}

type kmsTag struct {
	TagKey   string `check:"required,min=1,max=128"`
	TagValue string `check:"required,max=256"`
}

type createKeyInput struct {
	Description *string `check:"max=8192"`
	KeySpec     string  `enum:"RSA_2048|SYMMETRIC_DEFAULT"`
	KeyUsage    string  `enum:"ENCRYPT_DECRYPT|SIGN_VERIFY"`
	MultiRegion bool
	Tags        []kmsTag
}

type encryptInput struct {
	KeyId             string            `check:"required,min=1,max=2048"`
	Plaintext         []byte            `check:"required,min=1,max=4096" sensitive:"true" trail:"omit"`
	EncryptionContext map[string]string `keycheck:"max=64"`
	DryRun            bool
}

type generateDataKeyInput struct {
	KeyId         string   `check:"required"`
	NumberOfBytes *int32   `check:"min=1,max=1024"`
	GrantTokens   []string `check:"max=10" itemcheck:"min=1,max=8192"`
}

type keyMetadata struct {
	KeyId        string
	Arn          string
	CreationDate time.Time
	Enabled      bool
	Description  string `out:"always"`
	MultiRegion  bool
	DeletionDate time.Time
}

type describeKeyOutput struct{ KeyMetadata keyMetadata }

type listResourceTagsOutput struct {
	Tags       []kmsTag
	NextMarker string
	Truncated  bool
}

type policyDescriptor struct {
	Arn string `name:"arn"`
}

type assumeRoleInput struct {
	RoleArn           string `check:"required,min=20,max=2048" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u0085\\u00A0-\\uD7FF\\uE000-\\uFFFD\\u10000-\\u10FFFF]+"`
	RoleSessionName   string `check:"required,min=2,max=64" pattern:"[\\w+=,.@-]*"`
	DurationSeconds   *int32 `check:"min=900,max=43200"`
	PolicyArns        []policyDescriptor
	Tags              []tag    `check:"max=50"`
	TransitiveTagKeys []string `check:"max=50" itemcheck:"min=1,max=128" itempattern:"[a-z]+"`
}

type credentials struct {
	AccessKeyId, SecretAccessKey, SessionToken string
	Expiration                                 time.Time
}

type assumedRoleUser struct{ AssumedRoleId, Arn string }

type assumeRoleOutput struct {
	AssumedRoleUser  assumedRoleUser
	Credentials      *credentials
	PackedPolicySize int32 `out:"nonzero"`
}

type createRoleInput struct {
	Path                     *string
	RoleName                 string `check:"required,min=1,max=64"`
	AssumeRolePolicyDocument string `check:"required"`
	MaxSessionDuration       *int32
	Tags                     []tag
}

type tagUserInput struct {
	UserName string `check:"required"`
	Tags     []tag  `check:"required"`
}

type role struct {
	RoleName     string
	CreateDate   time.Time
	RoleLastUsed lastUsed
	Tags         []tag
}

type lastUsed struct {
	LastUsedDate time.Time
	Region       string
}

type getRoleOutput struct{ Role role }

type nothing struct{}

// memberless is an output that has no members and is printed all the same.
type memberless struct {
	_ struct{} `out:"result"`
}

type addPermissionInput struct {
	AWSAccountIds []string `trail:"name=AWSAccountIds"`
	Actions       []string
	Label         string
}

type keyInput struct{ KeyId string }
