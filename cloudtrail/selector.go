package cloudtrail

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// EventSelector is a basic event selector.
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html.
type EventSelector struct {
	ReadWriteType                 string // ReadOnly, WriteOnly or All, which is the default
	IncludeManagementEvents       *bool  // true where it is left out
	DataResources                 []DataResource
	ExcludeManagementEventSources []string
}

// DataResource is a kind of resources whose data events a basic selector takes.
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DataResource.html.
type DataResource struct {
	Type   string
	Values []string
}

// AdvancedEventSelector is what an event must be like to be logged.
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedEventSelector.html.
type AdvancedEventSelector struct {
	Name           string                  `check:"min=0,max=1000" pattern:".*"`
	FieldSelectors []AdvancedFieldSelector `check:"required,min=1"`
}

// AdvancedFieldSelector is a condition on one field of an event.
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html.
type AdvancedFieldSelector struct {
	Field         string   `check:"required,min=1,max=1000" pattern:"[\\w|\\d|\\.|_]+"`
	Equals        []string `check:"min=1" itemcheck:"min=1,max=2048" itempattern:".+"`
	StartsWith    []string `check:"min=1" itemcheck:"min=1,max=2048" itempattern:".+"`
	EndsWith      []string `check:"min=1" itemcheck:"min=1,max=2048" itempattern:".+"`
	NotEquals     []string `check:"min=1" itemcheck:"min=1,max=2048" itempattern:".+"`
	NotStartsWith []string `check:"min=1" itemcheck:"min=1,max=2048" itempattern:".+"`
	NotEndsWith   []string `check:"min=1" itemcheck:"min=1,max=2048" itempattern:".+"`
}

// The values of ReadWriteType.
const (
	readWriteAll       = "All"
	readWriteReadOnly  = "ReadOnly"
	readWriteWriteOnly = "WriteOnly"
)

// The fields of advanced selectors [T034].
const (
	fieldCategory  = "eventCategory"
	fieldReadOnly  = "readOnly"
	fieldName      = "eventName"
	fieldSource    = "eventSource"
	fieldEventType = "eventType"
	fieldType      = "resources.type"
	fieldARN       = "resources.ARN"
	fieldPrincipal = "userIdentity.arn"
	fieldConsole   = "sessionCredentialFromConsole"
)

// The values of eventCategory.
const (
	categoryManagement = "Management"
	categoryData       = "Data"
	categoryNetwork    = "NetworkActivity"
)

const (
	// maxSelectors and maxDataResources are the limits of basic selectors [T030].
	maxSelectors     = 5
	maxDataResources = 250
	// maxValues is how many values a trail's advanced selectors may have together [T035].
	maxValues = 500
)

// excludable are the event sources whose management events a trail may leave out [T032].
var excludable = []string{"kms.amazonaws.com", "rdsdata.amazonaws.com"}

// basicTypes are the types of resources that basic selectors know [T030].
var basicTypes = []string{"AWS::S3::Object", "AWS::Lambda::Function", "AWS::DynamoDB::Table"}

// dataTypes are the types of resources whose data events advanced selectors take. Those
// that no service here has are taken so that the configurations of real trails can be
// used as they are.
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html.
var dataTypes = append([]string{
	"AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::SNS::PlatformEndpoint",
	"AWS::S3::AccessPoint", "AWS::S3ObjectLambda::AccessPoint", "AWS::S3Outposts::Object", "AWS::S3Express::Object",
	"AWS::DynamoDB::Stream", "AWS::Kinesis::Stream", "AWS::Kinesis::StreamConsumer", "AWS::EC2::Snapshot",
	"AWS::SSMMessages::ControlChannel", "AWS::StepFunctions::StateMachine", "AWS::Cognito::IdentityPool",
}, basicTypes...)

// dataFields are the fields of selectors of data events, beside eventCategory and
// resources.type, which they must have.
var dataFields = []string{fieldReadOnly, fieldName, fieldSource, fieldEventType, fieldARN, fieldPrincipal, fieldConsole}

// checkBasic refuses basic selectors that AWS would refuse.
func checkBasic(all []EventSelector) error {
	if len(all) > maxSelectors {
		return ErrInvalidEventSelectors.Withf("A trail can have up to %d event selectors.", maxSelectors)
	}
	resources := 0
	for i := range all {
		n, err := all[i].check()
		if err != nil {
			return err
		}
		resources += n
	}
	if resources > maxDataResources {
		return ErrInvalidEventSelectors.Withf("A trail can have up to %d data resources across its event selectors.", maxDataResources)
	}
	return nil
}

// check refuses a basic selector that AWS would refuse, and counts its data resources.
func (b *EventSelector) check() (resources int, err error) {
	if b.ReadWriteType != "" && !slices.Contains([]string{readWriteAll, readWriteReadOnly, readWriteWriteOnly}, b.ReadWriteType) {
		return 0, ErrInvalidEventSelectors.Withf("Value %s for ReadWriteType is invalid.", b.ReadWriteType)
	}
	for _, source := range b.ExcludeManagementEventSources {
		if !slices.Contains(excludable, source) {
			return 0, ErrInvalidEventSelectors.Withf("Value %s for ExcludeManagementEventSources is invalid.", source)
		}
	}
	if len(b.ExcludeManagementEventSources) > 0 && !b.includesManagement() {
		return 0, ErrInvalidEventSelectors.With("ExcludeManagementEventSources requires IncludeManagementEvents.")
	}
	for _, d := range b.DataResources {
		if !slices.Contains(basicTypes, d.Type) {
			return 0, ErrInvalidEventSelectors.Withf("Value %s for DataResources.Type is invalid.", d.Type)
		}
		for _, v := range d.Values {
			if !d.valid(v) {
				return 0, ErrInvalidEventSelectors.Withf("Value %s for DataResources.Values is invalid.", v)
			}
		}
		resources += len(d.Values)
	}
	return resources, nil
}

// valid reports whether a value is the beginning of an ARN of the type: all buckets, a
// bucket with its slash, or a prefix in it [T031]; all functions or tables, or one.
func (d *DataResource) valid(value string) bool {
	p, rest, _ := strings.Cut(strings.TrimPrefix(value, "arn:"), ":")
	if !strings.HasPrefix(value, "arn:") || !strings.HasPrefix(p, "aws") || strings.Contains(value, "*") {
		return false
	}
	switch d.Type {
	case "AWS::S3::Object":
		object, ok := strings.CutPrefix(rest, "s3:::")
		bucket, _, slash := strings.Cut(object, "/")
		return rest == "s3" || ok && bucket != "" && slash
	case "AWS::Lambda::Function":
		return rest == "lambda" || strings.HasPrefix(rest, "lambda:") && strings.Contains(rest, ":function:")
	default:
		return rest == "dynamodb" || strings.HasPrefix(rest, "dynamodb:") && strings.Contains(rest, ":table/")
	}
}

// checkAdvanced refuses advanced selectors that AWS would refuse.
func checkAdvanced(all []AdvancedEventSelector) error {
	values := 0
	for i := range all {
		if err := all[i].check(); err != nil {
			return err
		}
		for j := range all[i].FieldSelectors {
			for _, list := range all[i].FieldSelectors[j].operators() {
				values += len(list)
			}
		}
	}
	if values > maxValues {
		return ErrInvalidEventSelectors.Withf("A trail can have up to %d values across its advanced event selectors.", maxValues)
	}
	return nil
}

// operators are the lists of values by operator.
func (f *AdvancedFieldSelector) operators() map[string][]string {
	return map[string][]string{
		"Equals": f.Equals, "StartsWith": f.StartsWith, "EndsWith": f.EndsWith,
		"NotEquals": f.NotEquals, "NotStartsWith": f.NotStartsWith, "NotEndsWith": f.NotEndsWith,
	}
}

// given are the names of the operators that have values, in order.
func (f *AdvancedFieldSelector) given() []string {
	var names []string
	for name, values := range f.operators() {
		if len(values) > 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (a *AdvancedEventSelector) check() error {
	fields := map[string]*AdvancedFieldSelector{}
	for i := range a.FieldSelectors {
		f := &a.FieldSelectors[i]
		if fields[f.Field] != nil {
			return ErrInvalidEventSelectors.Withf("The field %s is given more than once in a selector.", f.Field)
		}
		if len(f.given()) == 0 {
			return ErrInvalidEventSelectors.Withf("The field %s has no operator.", f.Field)
		}
		fields[f.Field] = f
	}
	category, err := fields[fieldCategory].only(fieldCategory, categoryManagement, categoryData, categoryNetwork)
	if err != nil {
		return err
	}
	allowed := dataFields
	switch category {
	case categoryNetwork:
		return ErrUnsupportedOperation.With("Network activity events are not supported.")
	case categoryManagement:
		allowed = []string{fieldReadOnly, fieldSource}
	default:
		if _, err := fields[fieldType].only(fieldType, dataTypes...); err != nil {
			return err
		}
		allowed = append([]string{fieldType}, allowed...)
	}
	for i := range a.FieldSelectors {
		if err := a.FieldSelectors[i].check(category, allowed); err != nil {
			return err
		}
	}
	return nil
}

// only is the one value of a field that every selector must have [T033].
func (f *AdvancedFieldSelector) only(field string, values ...string) (string, error) {
	switch {
	case f == nil:
		return "", ErrInvalidEventSelectors.Withf("A selector must have the field %s.", field)
	case !slices.Equal(f.given(), []string{"Equals"}) || len(f.Equals) != 1:
		return "", ErrInvalidEventSelectors.Withf("The field %s takes Equals with one value.", field)
	case !slices.Contains(values, f.Equals[0]):
		return "", ErrInvalidEventSelectors.Withf("Value %s for %s is invalid.", f.Equals[0], field)
	}
	return f.Equals[0], nil
}

// check refuses a field that selectors of the category do not have, and a value that it
// cannot have.
func (f *AdvancedFieldSelector) check(category string, allowed []string) error {
	if f.Field == fieldCategory {
		return nil
	}
	if !slices.Contains(allowed, f.Field) {
		return ErrInvalidEventSelectors.Withf("The field %s is not valid for the event category %s.", f.Field, category)
	}
	switch {
	case f.Field == fieldReadOnly || f.Field == fieldConsole:
		_, err := f.only(f.Field, "true", "false")
		return err
	case f.Field == fieldSource && category == categoryManagement:
		excludes := slices.Equal(f.given(), []string{"NotEquals"})
		if i := slices.IndexFunc(f.NotEquals, func(v string) bool { return !slices.Contains(excludable, v) }); !excludes || i >= 0 {
			return ErrInvalidEventSelectors.Withf("The field %s of management events takes NotEquals with %s.", fieldSource, strings.Join(excludable, " or "))
		}
	}
	return nil
}

// PutEventSelectorsInput is the input of PutEventSelectors.
type PutEventSelectorsInput struct {
	TrailName              string `check:"required"`
	EventSelectors         []EventSelector
	AdvancedEventSelectors []AdvancedEventSelector
}

// PutEventSelectorsOutput is the output of PutEventSelectors: the kind that is in use.
type PutEventSelectorsOutput struct {
	TrailARN               string
	EventSelectors         []EventSelector
	AdvancedEventSelectors []AdvancedEventSelector
}

func (in *PutEventSelectorsInput) trail() string { return in.TrailName }

// PutEventSelectors says which events a trail logs, in place of what was said before.
// Exactly one kind of selectors is given [T029].
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html.
func (s *Service) PutEventSelectors(ctx context.Context, in *PutEventSelectorsInput) (*PutEventSelectorsOutput, error) {
	return api.Do(ctx, in, onHomeTrail(s, (*PutEventSelectorsInput).trail), s.putEventSelectors)
}

func (s *Service) putEventSelectors(ctx context.Context, t *trailRecord, in *PutEventSelectorsInput) (*PutEventSelectorsOutput, error) {
	if (len(in.EventSelectors) > 0) == (len(in.AdvancedEventSelectors) > 0) {
		return nil, ErrInvalidEventSelectors.With("Specify either EventSelectors or AdvancedEventSelectors.")
	}
	if err := checkBasic(in.EventSelectors); err != nil {
		return nil, err
	}
	if err := checkAdvanced(in.AdvancedEventSelectors); err != nil {
		return nil, err
	}
	err := s.changeTrail(ctx, t, func(_ store.Tx, t *trailRecord) error {
		t.Selectors = selectors{Basic: filled(in.EventSelectors), Advanced: in.AdvancedEventSelectors}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &PutEventSelectorsOutput{t.ARN, filled(in.EventSelectors), in.AdvancedEventSelectors}, nil
}

// filled are basic selectors with the defaults of what was left out.
func filled(given []EventSelector) []EventSelector {
	all := slices.Clone(given)
	for i := range all {
		b, yes := &all[i], true
		if b.ReadWriteType == "" {
			b.ReadWriteType = readWriteAll
		}
		if b.IncludeManagementEvents == nil {
			b.IncludeManagementEvents = &yes
		}
		b.DataResources = append([]DataResource{}, b.DataResources...)
		b.ExcludeManagementEventSources = append([]string{}, b.ExcludeManagementEventSources...)
	}
	return all
}

// GetEventSelectorsInput is the input of GetEventSelectors.
type GetEventSelectorsInput struct {
	TrailName string `check:"required"`
}

// GetEventSelectorsOutput is the output of GetEventSelectors: the kind that is in use.
type GetEventSelectorsOutput struct {
	TrailARN               string
	EventSelectors         []EventSelector
	AdvancedEventSelectors []AdvancedEventSelector
}

func (in *GetEventSelectorsInput) trail() string { return in.TrailName }

// GetEventSelectors shows which events a trail logs.
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html.
func (s *Service) GetEventSelectors(ctx context.Context, in *GetEventSelectorsInput) (*GetEventSelectorsOutput, error) {
	return api.Do(ctx, in, onTrail(s, (*GetEventSelectorsInput).trail), s.getEventSelectors)
}

func (s *Service) getEventSelectors(_ context.Context, t *trailRecord, _ *GetEventSelectorsInput) (*GetEventSelectorsOutput, error) {
	return &GetEventSelectorsOutput{t.ARN, t.Selectors.basic(), t.Selectors.Advanced}, nil
}

// dataEventSelectors are selectors that take every management event and the data events
// of the resources of the ARNs, for fixture files. A bucket stands for its objects.
func dataEventSelectors(arns []string) ([]AdvancedEventSelector, error) {
	all := []AdvancedEventSelector{{
		Name:           "Management events",
		FieldSelectors: []AdvancedFieldSelector{{Field: fieldCategory, Equals: []string{categoryManagement}}},
	}}
	for _, text := range arns {
		kind, startsWith := "", text
		switch service := serviceOf(text); service {
		case "sqs":
			kind = "AWS::SQS::Queue"
		case "sns":
			kind = "AWS::SNS::Topic"
		case "s3":
			kind = "AWS::S3::Object"
			if !strings.Contains(text, "/") {
				startsWith += "/"
			}
		default:
			return nil, fmt.Errorf("%s is not the ARN of a queue, a topic, a bucket or its objects", text)
		}
		of := AdvancedFieldSelector{Field: fieldARN, Equals: []string{text}}
		if kind == "AWS::S3::Object" {
			of = AdvancedFieldSelector{Field: fieldARN, StartsWith: []string{startsWith}}
		}
		all = append(all, AdvancedEventSelector{
			Name: "Data events of " + text,
			FieldSelectors: []AdvancedFieldSelector{
				{Field: fieldCategory, Equals: []string{categoryData}}, {Field: fieldType, Equals: []string{kind}}, of,
			},
		})
	}
	return all, nil
}
