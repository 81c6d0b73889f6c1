package cloudtrail

import (
	"context"
	"net/netip"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

const (
	// maxTrails is how many trails there may be in a region, the multi-region trails of
	// other regions counted [T015].
	maxTrails = 5
	// maxPrefix is the length of an S3KeyPrefix in characters [T019].
	maxPrefix = 200
	// maxTopic is the length of an SnsTopicName in characters.
	maxTopic = 256
)

// trailOperations are the operations on trails.
func trailOperations(s *Service) []api.Operation {
	return []api.Operation{
		api.Op("CreateTrail", s.CreateTrail, "cloudtrail:CreateTrail", s.newTrailTarget),
		api.On("UpdateTrail", s.updateTrail, "cloudtrail:UpdateTrail", onHomeTrail(s, (*UpdateTrailInput).trail), api.OwnerOnly),
		api.On("DeleteTrail", s.deleteTrail, "cloudtrail:DeleteTrail", onHomeTrail(s, (*DeleteTrailInput).trail), api.OwnerOnly),
		api.On("GetTrail", s.getTrail, "cloudtrail:GetTrail", onTrail(s, (*GetTrailInput).trail), api.OwnerOnly, api.ReadOnly),
		api.On("GetTrailStatus", s.getTrailStatus, "cloudtrail:GetTrailStatus", onTrail(s, (*GetTrailStatusInput).trail), api.OwnerOnly, api.ReadOnly),
		api.Op("DescribeTrails", s.DescribeTrails, "cloudtrail:DescribeTrails", onAny[*DescribeTrailsInput], api.ReadOnly),
		api.Op("ListTrails", s.ListTrails, "cloudtrail:ListTrails", onAny[*ListTrailsInput], api.ReadOnly),
		api.On("StartLogging", s.startLogging, "cloudtrail:StartLogging", onHomeTrail(s, (*StartLoggingInput).trail), api.OwnerOnly),
		api.On("StopLogging", s.stopLogging, "cloudtrail:StopLogging", onHomeTrail(s, (*StopLoggingInput).trail), api.OwnerOnly),
		api.On("PutEventSelectors", s.putEventSelectors, "cloudtrail:PutEventSelectors", onHomeTrail(s, (*PutEventSelectorsInput).trail), api.OwnerOnly),
		api.On("GetEventSelectors", s.getEventSelectors, "cloudtrail:GetEventSelectors", onTrail(s, (*GetEventSelectorsInput).trail), api.OwnerOnly, api.ReadOnly),
		api.On("AddTags", s.addTags, "cloudtrail:AddTags", s.addTagsTarget, api.OwnerOnly),
		api.On("RemoveTags", s.removeTags, "cloudtrail:RemoveTags", s.removeTagsTarget, api.OwnerOnly),
		api.OnChecks("ListTags", s.listTags, []string{"cloudtrail:ListTags"}, s.listTagsChecks, api.OwnerOnly, api.ReadOnly),
		api.Op("ListPublicKeys", s.ListPublicKeys, "cloudtrail:ListPublicKeys", onAny[*ListPublicKeysInput], api.ReadOnly),
	}
}

// CreateTrailInput is the input of CreateTrail. IncludeGlobalServiceEvents is true where
// it is left out, the other switches are false [T004].
type CreateTrailInput struct {
	Name                       string `check:"required"`
	S3BucketName               string `check:"required"`
	S3KeyPrefix                string
	SnsTopicName               string
	IncludeGlobalServiceEvents *bool
	IsMultiRegionTrail         *bool
	EnableLogFileValidation    *bool
	CloudWatchLogsLogGroupArn  string
	CloudWatchLogsRoleArn      string
	KmsKeyId                   string
	IsOrganizationTrail        *bool
	TagsList                   []Tag `check:"max=200"`
}

// CreateTrailOutput is the output of CreateTrail. It does not tell the home region [T003].
type CreateTrailOutput struct {
	Name                       string
	S3BucketName               string
	S3KeyPrefix                string
	SnsTopicName               string
	SnsTopicARN                string
	IncludeGlobalServiceEvents bool
	IsMultiRegionTrail         bool
	TrailARN                   string
	LogFileValidationEnabled   bool
	CloudWatchLogsLogGroupArn  string
	CloudWatchLogsRoleArn      string
	KmsKeyId                   string
	IsOrganizationTrail        bool
}

// UpdateTrailOutput is the output of UpdateTrail.
type UpdateTrailOutput CreateTrailOutput

// shown is a trail as CreateTrail and UpdateTrail answer it.
func (t *trailRecord) shown() CreateTrailOutput {
	return CreateTrailOutput{
		Name: t.Name, S3BucketName: t.Bucket, S3KeyPrefix: t.Prefix, SnsTopicName: topicName(t.topicARN()), SnsTopicARN: t.topicARN(),
		IncludeGlobalServiceEvents: t.GlobalEvents, IsMultiRegionTrail: t.MultiRegion, TrailARN: t.trailID().arn(),
		LogFileValidationEnabled: t.Validation, KmsKeyId: t.Key,
	}
}

// bucketName is the form of a bucket's name.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html.
var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// validBucket reports whether a bucket can have the name: it is not in the form of an IP
// address, and has no two adjacent periods.
func validBucket(name string) bool {
	_, err := netip.ParseAddr(name)
	return err != nil && bucketName.MatchString(name) && !strings.Contains(name, "..")
}

// settings are what CreateTrail and UpdateTrail set, nil what stays as it is.
type settings struct {
	bucket, prefix, topic, key            *string
	globalEvents, multiRegion, validation *bool
}

// apply is the trail with the settings, or the refusal of their combination.
func (c *settings) apply(t *trailRecord) error {
	set(&t.Bucket, c.bucket)
	set(&t.Prefix, c.prefix)
	set(&t.Topic, c.topic)
	set(&t.Key, c.key)
	set(&t.GlobalEvents, c.globalEvents)
	set(&t.MultiRegion, c.multiRegion)
	set(&t.Validation, c.validation)
	switch {
	case !validBucket(t.Bucket):
		return ErrInvalidS3BucketName.Withf("Invalid bucket name: %s", t.Bucket)
	case t.MultiRegion && !t.GlobalEvents:
		return ErrInvalidParameterCombination.With("Multi-Region trail must include global service events.") // [T020]
	case utf8.RuneCountInString(t.Prefix) > maxPrefix:
		return ErrInvalidS3Prefix.Withf("S3 prefix is too long. Maximum allowed length: %d characters.", maxPrefix)
	case utf8.RuneCountInString(t.Topic) > maxTopic || t.Topic != "" && !validTopic(t.topicARN()):
		return ErrInvalidSnsTopicName.Withf("Invalid SNS topic name: %s", t.Topic)
	}
	return nil
}

func set[T any](value *T, to *T) {
	if to != nil {
		*value = *to
	}
}

// unsupported refuses what trails do not have here. Log groups without their role, and
// the other way round, are refused as on AWS [T019].
func unsupported(group, role string, organization *bool) error {
	switch {
	case (group == "") != (role == ""):
		return ErrInvalidParameterCombination.With("CloudWatchLogsLogGroupArn and CloudWatchLogsRoleArn go together.")
	case group != "":
		return ErrUnsupportedOperation.With("Delivery to CloudWatch Logs is not supported.")
	case organization != nil && *organization:
		return ErrUnsupportedOperation.With("Organization trails are not supported.")
	}
	return nil
}

// CreateTrail makes a trail in its home region, the region of the call. It logs nothing
// until StartLogging.
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html.
func (s *Service) CreateTrail(ctx context.Context, in *CreateTrailInput) (*CreateTrailOutput, error) {
	r := api.RequestFrom(ctx)
	if err := checkTrailName(in.Name); err != nil {
		return nil, err
	}
	if err := unsupported(in.CloudWatchLogsLogGroupArn, in.CloudWatchLogsRoleArn, in.IsOrganizationTrail); err != nil {
		return nil, err
	}
	tags, err := addedTags(ctx, nil, in.TagsList)
	if err != nil {
		return nil, err
	}
	t := &trailRecord{
		ID: s.ids.UUID(), Account: r.Account, Region: r.Region, Name: in.Name, Tags: tags, GlobalEvents: true,
	}
	c := settings{
		bucket: &in.S3BucketName, prefix: &in.S3KeyPrefix, topic: &in.SnsTopicName, key: &in.KmsKeyId,
		globalEvents: in.IncludeGlobalServiceEvents, multiRegion: in.IsMultiRegionTrail, validation: in.EnableLogFileValidation,
	}
	if err := c.apply(t); err != nil {
		return nil, err
	}
	if err := s.admitted(ctx, t); err != nil {
		return nil, err
	}
	err = s.engine.Update(ctx, func(tx store.Tx) error {
		if s.trails.tables.trails.Get(tx, t.trailID().key()) != nil {
			return ErrTrailAlreadyExists.Withf("Trail %s already exists for customer: %s", t.Name, t.Account)
		}
		return s.trails.put(tx, t)
	})
	if err != nil {
		return nil, err
	}
	out := t.shown()
	return &out, nil
}

// put stores a trail, where there is room for it in each of its regions.
func (ts *trails) put(tx store.Tx, t *trailRecord) error {
	others := map[string]int{}
	everywhere := 0
	for _, other := range ts.tables.trails.Scan(tx, t.Account+"\x00", "", store.All) {
		switch {
		case other.trailID() == t.trailID():
		case other.MultiRegion:
			everywhere++
		default:
			others[other.Region]++
		}
	}
	for region, n := range others {
		if t.in(region) && n+everywhere >= maxTrails {
			return tooMany(t.Account, region)
		}
	}
	if everywhere >= maxTrails {
		return tooMany(t.Account, t.Region)
	}
	ts.tables.trails.Put(tx, t.trailID().key(), t)
	return nil
}

func tooMany(account, region string) error {
	return ErrMaximumNumberOfTrailsExceeded.Withf("User: %s already has %d trails in %s.", account, maxTrails, region)
}

// UpdateTrailInput is the input of UpdateTrail. What is left out stays as it is; an empty
// text takes away what it names.
type UpdateTrailInput struct {
	Name                       string `check:"required"`
	S3BucketName               *string
	S3KeyPrefix                *string
	SnsTopicName               *string
	IncludeGlobalServiceEvents *bool
	IsMultiRegionTrail         *bool
	EnableLogFileValidation    *bool
	CloudWatchLogsLogGroupArn  string
	CloudWatchLogsRoleArn      string
	KmsKeyId                   *string
	IsOrganizationTrail        *bool
}

func (in *UpdateTrailInput) trail() string { return in.Name }

// UpdateTrail changes a trail, whether it logs or not. A chain of digests ends or begins
// where log file validation is turned off or on [T048].
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateTrail.html.
func (s *Service) UpdateTrail(ctx context.Context, in *UpdateTrailInput) (*UpdateTrailOutput, error) {
	return api.Do(ctx, in, onHomeTrail(s, (*UpdateTrailInput).trail), s.updateTrail)
}

func (s *Service) updateTrail(ctx context.Context, t *trailRecord, in *UpdateTrailInput) (*UpdateTrailOutput, error) {
	if err := unsupported(in.CloudWatchLogsLogGroupArn, in.CloudWatchLogsRoleArn, in.IsOrganizationTrail); err != nil {
		return nil, err
	}
	c := settings{
		bucket: in.S3BucketName, prefix: in.S3KeyPrefix, topic: in.SnsTopicName, key: in.KmsKeyId,
		globalEvents: in.IncludeGlobalServiceEvents, multiRegion: in.IsMultiRegionTrail, validation: in.EnableLogFileValidation,
	}
	changed := *t
	if err := c.apply(&changed); err != nil {
		return nil, err
	}
	if err := s.admitted(ctx, &changed); err != nil {
		return nil, err
	}
	update := func() error {
		return s.changeTrail(ctx, t, func(tx store.Tx, t *trailRecord) error {
			if err := c.apply(t); err != nil {
				return err
			}
			t.Key = changed.Key // which is the ARN
			return s.trails.put(tx, t)
		})
	}
	if err := s.trails.settle(ctx, t.trailID(), update); err != nil {
		return nil, err
	}
	out := UpdateTrailOutput(changed.shown())
	return &out, nil
}

// changeTrail stores a trail as change makes it of a copy, where it is still the trail
// that the call was decided on. From then on events are logged as it says.
func (s *Service) changeTrail(ctx context.Context, t *trailRecord, change func(store.Tx, *trailRecord) error) error {
	err := s.engine.Update(ctx, func(tx store.Tx) error {
		if err := api.Confirm(tx, t, ErrTrailNotFound.Withf("Unknown trail: %s for the user: %s", t.ARN, t.Account)); err != nil {
			return err
		}
		changed := s.trails.tables.trails.Edit(tx, t.trailID().key())
		if err := change(tx, changed); err != nil {
			return err
		}
		s.trails.tables.trails.Put(tx, t.trailID().key(), changed)
		return nil
	})
	if err != nil {
		return err
	}
	return s.trails.reload(ctx)
}

// DeleteTrailInput is the input of DeleteTrail.
type DeleteTrailInput struct {
	Name string `check:"required"`
}

// DeleteTrailOutput is the output of DeleteTrail.
type DeleteTrailOutput struct {
	_ struct{} `out:"result"`
}

func (in *DeleteTrailInput) trail() string { return in.Name }

// DeleteTrail deletes a trail. One that logs is stopped first; what it delivered stays in
// the bucket [T021].
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeleteTrail.html.
func (s *Service) DeleteTrail(ctx context.Context, in *DeleteTrailInput) (*DeleteTrailOutput, error) {
	return api.Do(ctx, in, onHomeTrail(s, (*DeleteTrailInput).trail), s.deleteTrail)
}

func (s *Service) deleteTrail(ctx context.Context, t *trailRecord, _ *DeleteTrailInput) (*DeleteTrailOutput, error) {
	if t.Logging {
		if _, err := s.stopLogging(ctx, t, &StopLoggingInput{}); err != nil {
			return nil, err
		}
		_, stopped, err := s.resolveTrail(ctx, t.trailID(), nil)
		if err != nil {
			return nil, err
		}
		if stopped == nil || stopped.ID != t.ID || stopped.Logging {
			return nil, api.ErrChanged
		}
		t = stopped
	}
	err := s.engine.Update(ctx, func(tx store.Tx) error {
		if err := api.Confirm(tx, t, ErrTrailNotFound.Withf("Unknown trail: %s for the user: %s", t.ARN, t.Account)); err != nil {
			return err
		}
		s.trails.tables.trails.Delete(tx, t.trailID().key())
		s.trails.tables.statuses.Delete(tx, t.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.trails.wake() // to sweep what is left of it
	return &DeleteTrailOutput{}, s.trails.reload(ctx)
}
