package cloudtrail

import (
	"testing"

	"github.com/waxseal/waxseal/internal/trail"
)

// Events that selectors are asked about.
var (
	createQueue = &trail.Event{
		EventCategory: categoryManagement, ManagementEvent: true, EventName: "CreateQueue", EventSource: "sqs.amazonaws.com",
		EventType: "AwsApiCall", Resources: []trail.Resource{{Type: "AWS::SQS::Queue", ARN: "arn:aws:sqs:us-east-1:123456789012:orders"}},
	}
	decrypt = &trail.Event{
		EventCategory: categoryManagement, ManagementEvent: true, EventName: "Decrypt", EventSource: "kms.amazonaws.com",
		EventType: "AwsApiCall", ReadOnly: true,
	}
	sendMessage = &trail.Event{
		EventCategory: categoryData, EventName: "SendMessage", EventSource: "sqs.amazonaws.com", EventType: "AwsApiCall",
		UserIdentity: trail.UserIdentity{ARN: "arn:aws:iam::123456789012:user/ann"},
		Resources:    []trail.Resource{{Type: "AWS::SQS::Queue", ARN: "arn:aws:sqs:us-east-1:123456789012:orders"}},
	}
	deniedSend = &trail.Event{
		EventCategory: categoryData, EventName: "SendMessage", EventSource: "sqs.amazonaws.com", EventType: "AwsApiCall", ErrorCode: "AccessDenied",
	}
	publish = &trail.Event{
		EventCategory: categoryData, EventName: "Publish", EventSource: "sns.amazonaws.com", EventType: "AwsApiCall",
		Resources: []trail.Resource{{Type: "AWS::SNS::Topic", ARN: "arn:aws:sns:us-east-1:123456789012:news"}},
	}
	putObject = &trail.Event{
		EventCategory: categoryData, EventName: "PutObject", EventSource: "s3.amazonaws.com", EventType: "AwsApiCall",
		Resources: []trail.Resource{{Type: "AWS::S3::Object", ARN: "arn:aws:s3:::images/cats/1.png"}, {Type: "AWS::S3::Bucket", ARN: "arn:aws:s3:::images"}},
	}
	allEvents = map[string]*trail.Event{
		"CreateQueue": createQueue, "Decrypt": decrypt, "SendMessage": sendMessage, "denied SendMessage": deniedSend,
		"Publish": publish, "PutObject": putObject,
	}
)

func advanced(fields ...AdvancedFieldSelector) selectors {
	return selectors{Advanced: []AdvancedEventSelector{{FieldSelectors: fields}}}
}

func field(name string, equals ...string) AdvancedFieldSelector {
	return AdvancedFieldSelector{Field: name, Equals: equals}
}

func TestSelectorsSelect(t *testing.T) {
	t.Parallel()
	no := false
	data, management := field(fieldCategory, categoryData), field(fieldCategory, categoryManagement)
	queues := field(fieldType, "AWS::SQS::Queue")
	for name, c := range map[string]struct {
		selectors
		want []string
	}{
		"by default":               {selectors{}, []string{"CreateQueue", "Decrypt"}},
		"reads":                    {selectors{Basic: []EventSelector{{ReadWriteType: readWriteReadOnly}}}, []string{"Decrypt"}},
		"writes":                   {selectors{Basic: []EventSelector{{ReadWriteType: readWriteWriteOnly}}}, []string{"CreateQueue"}},
		"without KMS":              {selectors{Basic: []EventSelector{{ExcludeManagementEventSources: []string{"kms.amazonaws.com"}}}}, []string{"CreateQueue"}},
		"two, any of":              {selectors{Basic: []EventSelector{{ReadWriteType: readWriteReadOnly}, {ReadWriteType: readWriteWriteOnly}}}, []string{"CreateQueue", "Decrypt"}},
		"objects":                  {selectors{Basic: []EventSelector{{IncludeManagementEvents: &no, DataResources: []DataResource{{"AWS::S3::Object", []string{"arn:aws:s3"}}}}}}, []string{"PutObject"}},
		"of a bucket":              {selectors{Basic: []EventSelector{{IncludeManagementEvents: &no, DataResources: []DataResource{{"AWS::S3::Object", []string{"arn:aws:s3:::images/"}}}}}}, []string{"PutObject"}},
		"of a prefix":              {selectors{Basic: []EventSelector{{IncludeManagementEvents: &no, DataResources: []DataResource{{"AWS::S3::Object", []string{"arn:aws:s3:::images/cats/"}}}}}}, []string{"PutObject"}},
		"of another":               {selectors{Basic: []EventSelector{{IncludeManagementEvents: &no, DataResources: []DataResource{{"AWS::S3::Object", []string{"arn:aws:s3:::images/dogs/"}}}}}}, nil},
		"objects read":             {selectors{Basic: []EventSelector{{ReadWriteType: readWriteReadOnly, IncludeManagementEvents: &no, DataResources: []DataResource{{"AWS::S3::Object", []string{"arn:aws:s3"}}}}}}, nil},
		"management":               {advanced(management), []string{"CreateQueue", "Decrypt"}},
		"management, KMS left out": {advanced(management, AdvancedFieldSelector{Field: fieldSource, NotEquals: []string{"kms.amazonaws.com"}}), []string{"CreateQueue"}},
		"queues":                   {advanced(data, queues), []string{"SendMessage", "denied SendMessage"}},
		"one queue":                {advanced(data, queues, field(fieldARN, "arn:aws:sqs:us-east-1:123456789012:orders")), []string{"SendMessage"}},
		"either queue":             {advanced(data, queues, field(fieldARN, "arn:aws:sqs:us-east-1:123456789012:other", "arn:aws:sqs:us-east-1:123456789012:orders")), []string{"SendMessage"}},
		"wildcards are none":       {advanced(data, queues, field(fieldARN, "arn:aws:sqs:us-east-1:123456789012:*")), nil},
		"queues that begin so":     {advanced(data, queues, AdvancedFieldSelector{Field: fieldARN, StartsWith: []string{"arn:aws:sqs:us-east-1:"}}), []string{"SendMessage"}},
		"queues that end so":       {advanced(data, queues, AdvancedFieldSelector{Field: fieldARN, EndsWith: []string{":nobody", ":orders"}}), []string{"SendMessage"}},
		"not that queue":           {advanced(data, queues, AdvancedFieldSelector{Field: fieldARN, NotEquals: []string{"x", "arn:aws:sqs:us-east-1:123456789012:orders"}}), []string{"denied SendMessage"}},
		"none that begins so":      {advanced(data, queues, AdvancedFieldSelector{Field: fieldARN, NotStartsWith: []string{"arn:aws:sqs:"}}), []string{"denied SendMessage"}},
		"none that ends so":        {advanced(data, queues, AdvancedFieldSelector{Field: fieldARN, NotEndsWith: []string{":orders"}}), []string{"denied SendMessage"}},
		"begins but does not end":  {advanced(data, queues, AdvancedFieldSelector{Field: fieldARN, StartsWith: []string{"arn:aws:sqs:"}, NotEndsWith: []string{":orders"}}), nil},
		"by name":                  {advanced(data, queues, AdvancedFieldSelector{Field: fieldName, StartsWith: []string{"Receive"}}), nil},
		"by principal":             {advanced(data, queues, AdvancedFieldSelector{Field: fieldPrincipal, EndsWith: []string{":user/ann"}}), []string{"SendMessage"}},
		"by source":                {advanced(data, queues, field(fieldSource, "sqs.amazonaws.com")), []string{"SendMessage", "denied SendMessage"}},
		"by type":                  {advanced(data, queues, field(fieldEventType, "AwsServiceEvent")), nil},
		"from a console":           {advanced(data, queues, field(fieldConsole, "true")), nil},
		"that only read":           {advanced(data, queues, field(fieldReadOnly, "true")), nil},
		"topics":                   {advanced(data, field(fieldType, "AWS::SNS::Topic")), []string{"Publish"}},
		"objects of a bucket":      {advanced(data, field(fieldType, "AWS::S3::Object"), AdvancedFieldSelector{Field: fieldARN, StartsWith: []string{"arn:aws:s3:::images/"}}), []string{"PutObject"}},
		"bucket's own ARN":         {advanced(data, field(fieldType, "AWS::S3::Object"), field(fieldARN, "arn:aws:s3:::images")), nil},
		"management and queues": {selectors{Advanced: []AdvancedEventSelector{
			{FieldSelectors: []AdvancedFieldSelector{management}}, {FieldSelectors: []AdvancedFieldSelector{data, queues}},
		}}, []string{"CreateQueue", "Decrypt", "SendMessage", "denied SendMessage"}},
	} {
		t.Run(name, func(t *testing.T) {
			wanted := map[string]bool{}
			for _, event := range c.want {
				wanted[event] = true
			}
			for event, e := range allEvents {
				if got := c.selects(e); got != wanted[event] {
					t.Errorf("%s: %v", event, got)
				}
				if !e.ManagementEvent && wanted[event] && !c.takesData() {
					t.Errorf("%s is selected, though no data events are said to be", event)
				}
			}
		})
	}
}

func TestCustomSelectors(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	for name, c := range map[string]struct {
		selectors
		want bool
	}{
		"none":          {selectors{}, false},
		"the default":   {selectors{Basic: []EventSelector{{ReadWriteType: readWriteAll, IncludeManagementEvents: &yes}}}, false},
		"writes":        {selectors{Basic: []EventSelector{{ReadWriteType: readWriteWriteOnly}}}, true},
		"no management": {selectors{Basic: []EventSelector{{IncludeManagementEvents: &no}}}, true},
		"without KMS":   {selectors{Basic: []EventSelector{{ExcludeManagementEventSources: []string{"kms.amazonaws.com"}}}}, true},
		"data":          {selectors{Basic: []EventSelector{{DataResources: []DataResource{{"AWS::S3::Object", []string{"arn:aws:s3"}}}}}}, true},
		"two":           {selectors{Basic: []EventSelector{{}, {}}}, true},
		"advanced":      {advanced(field(fieldCategory, categoryManagement)), true},
	} {
		if got := c.custom(); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
