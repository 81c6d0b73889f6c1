package cloudtrail

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEventSelectors(t *testing.T) {
	w := newTrailWorld(t)
	must[*CreateTrailOutput](t)(w.CreateTrail(here(), &CreateTrailInput{Name: "audit", S3BucketName: "logs"}))
	get := func() *GetEventSelectorsOutput {
		t.Helper()
		return must[*GetEventSelectorsOutput](t)(w.GetEventSelectors(here(), &GetEventSelectorsInput{TrailName: "audit"}))
	}
	custom := func() bool {
		t.Helper()
		return must[*GetTrailOutput](t)(w.GetTrail(here(), &GetTrailInput{Name: "audit"})).Trail.HasCustomEventSelectors
	}
	standard := []EventSelector{{
		ReadWriteType: "All", IncludeManagementEvents: ptr(true), DataResources: []DataResource{}, ExcludeManagementEventSources: []string{},
	}}
	if diff := cmp.Diff(&GetEventSelectorsOutput{auditARN, standard, nil}, get()); diff != "" || custom() {
		t.Error(diff)
	}
	advanced := []AdvancedEventSelector{{Name: "queues", FieldSelectors: []AdvancedFieldSelector{
		field(fieldCategory, categoryData), field(fieldType, "AWS::SQS::Queue"),
	}}}
	put := must[*PutEventSelectorsOutput](t)(w.PutEventSelectors(here(), &PutEventSelectorsInput{TrailName: auditARN, AdvancedEventSelectors: advanced}))
	if diff := cmp.Diff(&PutEventSelectorsOutput{auditARN, nil, advanced}, put); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(&GetEventSelectorsOutput{auditARN, nil, advanced}, get()); diff != "" || !custom() {
		t.Error(diff)
	}
	basic := []EventSelector{{DataResources: []DataResource{{"AWS::S3::Object", []string{"arn:aws:s3:::images/"}}}}}
	put = must[*PutEventSelectorsOutput](t)(w.PutEventSelectors(here(), &PutEventSelectorsInput{TrailName: "audit", EventSelectors: basic}))
	want := []EventSelector{{
		ReadWriteType: "All", IncludeManagementEvents: ptr(true), DataResources: basic[0].DataResources, ExcludeManagementEventSources: []string{},
	}}
	if diff := cmp.Diff(&PutEventSelectorsOutput{auditARN, want, nil}, put); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(&GetEventSelectorsOutput{auditARN, want, nil}, get()); diff != "" || !custom() {
		t.Error(diff)
	}
	for name, in := range map[string]PutEventSelectorsInput{
		"neither": {TrailName: "audit"},
		"both":    {TrailName: "audit", EventSelectors: basic, AdvancedEventSelectors: advanced},
	} {
		_, err := w.PutEventSelectors(here(), &in)
		refused(t, err, ErrInvalidEventSelectors, "")
		if diff := cmp.Diff(want, get().EventSelectors); diff != "" {
			t.Errorf("%s changed them: %s", name, diff)
		}
	}
	_, err := w.GetEventSelectors(here(), &GetEventSelectorsInput{TrailName: "nobody"})
	refused(t, err, ErrTrailNotFound, "")
}

func TestBasicSelectorsAreChecked(t *testing.T) {
	t.Parallel()
	data := func(kind string, values ...string) []EventSelector {
		return []EventSelector{{DataResources: []DataResource{{kind, values}}}}
	}
	many := make([]string, maxDataResources)
	for i := range many {
		many[i] = fmt.Sprintf("arn:aws:s3:::bucket-%d/", i)
	}
	for name, all := range map[string][]EventSelector{
		"five":              make([]EventSelector, 5),
		"all buckets":       data("AWS::S3::Object", "arn:aws:s3"),
		"a bucket":          data("AWS::S3::Object", "arn:aws:s3:::images/"),
		"a prefix":          data("AWS::S3::Object", "arn:aws:s3:::images/cats/"),
		"all buckets, long": data("AWS::S3::Object", "arn:aws-cn:s3"),
		"250":               data("AWS::S3::Object", many...),
		"functions":         data("AWS::Lambda::Function", "arn:aws:lambda", "arn:aws:lambda:us-east-1:123456789012:function:f"),
		"tables":            data("AWS::DynamoDB::Table", "arn:aws:dynamodb", "arn:aws:dynamodb:us-east-1:123456789012:table/t"),
		"without KMS":       {{ExcludeManagementEventSources: []string{"kms.amazonaws.com", "rdsdata.amazonaws.com"}}},
	} {
		if err := checkBasic(all); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, c := range map[string]struct {
		all  []EventSelector
		says string
	}{
		"six":                  {make([]EventSelector, 6), "5"},
		"251":                  {append(data("AWS::S3::Object", many...), data("AWS::S3::Object", "arn:aws:s3")...), "250"},
		"a way to read":        {[]EventSelector{{ReadWriteType: "Both"}}, "ReadWriteType"},
		"queues":               {data("AWS::SQS::Queue", "arn:aws:sqs"), "Value AWS::SQS::Queue for DataResources.Type is invalid."},
		"a bucket, no slash":   {data("AWS::S3::Object", "arn:aws:s3:::images"), "Value arn:aws:s3:::images for DataResources.Values is invalid."},
		"a wildcard":           {data("AWS::S3::Object", "arn:aws:s3:::*"), "Values"},
		"no bucket":            {data("AWS::S3::Object", "arn:aws:s3:::/x"), "Values"},
		"no ARN":               {data("AWS::S3::Object", "images/"), "Values"},
		"another service's":    {data("AWS::S3::Object", "arn:aws:lambda"), "Values"},
		"all functions, so":    {data("AWS::Lambda::Function", "arn:aws:lambda:*"), "Values"},
		"a table that is none": {data("AWS::DynamoDB::Table", "arn:aws:dynamodb:us-east-1:123456789012:t"), "Values"},
		"without SQS":          {[]EventSelector{{ExcludeManagementEventSources: []string{"sqs.amazonaws.com"}}}, "sqs.amazonaws.com"},
		"without what is not":  {[]EventSelector{{IncludeManagementEvents: ptr(false), ExcludeManagementEventSources: []string{"kms.amazonaws.com"}}}, "IncludeManagementEvents"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, checkBasic(c.all), ErrInvalidEventSelectors, c.says) })
	}
}

func TestAdvancedSelectorsAreChecked(t *testing.T) {
	t.Parallel()
	data, management := field(fieldCategory, categoryData), field(fieldCategory, categoryManagement)
	queues := field(fieldType, "AWS::SQS::Queue")
	values := make([]string, maxValues)
	for i := range values {
		values[i] = fmt.Sprint("arn:", i)
	}
	not := func(name string, values ...string) AdvancedFieldSelector {
		return AdvancedFieldSelector{Field: name, NotEquals: values}
	}
	for name, fields := range map[string][]AdvancedFieldSelector{
		"management":  {management},
		"without KMS": {management, field(fieldReadOnly, "false"), not(fieldSource, "kms.amazonaws.com", "rdsdata.amazonaws.com")},
		"queues":      {data, queues},
		"topics":      {data, field(fieldType, "AWS::SNS::Topic")},
		"every field": {
			data, queues, field(fieldReadOnly, "true"), not(fieldName, "SendMessage"), field(fieldSource, "sqs.amazonaws.com"), field(fieldEventType, "AwsApiCall"),
			{Field: fieldARN, StartsWith: []string{"a"}, EndsWith: []string{"b"}, NotStartsWith: []string{"c"}, NotEndsWith: []string{"d"}},
			not(fieldPrincipal, "arn:aws:iam::123456789012:role/r"), field(fieldConsole, "false"),
		},
		"498 values": {data, queues, field(fieldARN, values[:maxValues-2]...)},
	} {
		if err := checkAdvanced(advanced(fields...).Advanced); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, c := range map[string]struct {
		fields []AdvancedFieldSelector
		says   string
	}{
		"no category":            {[]AdvancedFieldSelector{queues}, "eventCategory"},
		"an unknown category":    {[]AdvancedFieldSelector{field(fieldCategory, "Insight")}, "Insight"},
		"two categories":         {[]AdvancedFieldSelector{field(fieldCategory, categoryData, categoryManagement)}, "one value"},
		"not a category":         {[]AdvancedFieldSelector{not(fieldCategory, categoryData)}, "Equals"},
		"no type":                {[]AdvancedFieldSelector{data}, "resources.type"},
		"an unknown type":        {[]AdvancedFieldSelector{data, field(fieldType, "AWS::SQS::Queues")}, "AWS::SQS::Queues"},
		"a type of management":   {[]AdvancedFieldSelector{management, queues}, "resources.type"},
		"an unknown field":       {[]AdvancedFieldSelector{data, queues, field("eventname", "x")}, "eventname"},
		"a field twice":          {[]AdvancedFieldSelector{data, queues, field(fieldName, "x"), not(fieldName, "y")}, "eventName"},
		"no operator":            {[]AdvancedFieldSelector{data, queues, {Field: fieldName}}, "eventName"},
		"neither true nor false": {[]AdvancedFieldSelector{data, queues, field(fieldReadOnly, "yes")}, "yes"},
		"only of a source":       {[]AdvancedFieldSelector{management, field(fieldSource, "kms.amazonaws.com")}, "NotEquals"},
		"without SQS":            {[]AdvancedFieldSelector{management, not(fieldSource, "sqs.amazonaws.com")}, "kms.amazonaws.com"},
		"501 values":             {[]AdvancedFieldSelector{data, queues, field(fieldARN, values[:maxValues-1]...)}, "500"},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, checkAdvanced(advanced(c.fields...).Advanced), ErrInvalidEventSelectors, c.says)
		})
	}
	refused(t, checkAdvanced(advanced(field(fieldCategory, categoryNetwork)).Advanced), ErrUnsupportedOperation, "")
}

func TestDataEventSelectors(t *testing.T) {
	t.Parallel()
	all, err := dataEventSelectors([]string{"arn:aws:sqs:us-east-1:123456789012:orders", "arn:aws:sns:us-east-1:123456789012:news", "arn:aws:s3:::images", "arn:aws:s3:::docs/a"})
	if err != nil {
		t.Fatal(err)
	}
	if err := checkAdvanced(all); err != nil {
		t.Error(err)
	}
	s := selectors{Advanced: all}
	for name, e := range allEvents {
		if got := s.selects(e); got != (name != "denied SendMessage") {
			t.Errorf("%s: %v", name, got)
		}
	}
	for _, text := range []string{"orders", "arn:aws:kms:us-east-1:123456789012:key/k", ""} {
		_, err := dataEventSelectors([]string{text})
		if err == nil {
			t.Errorf("%s is taken", text)
		}
	}
}
