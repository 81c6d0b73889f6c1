package cloudtrail

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

// Trail is a trail as GetTrail and DescribeTrails show it [T006].
type Trail struct {
	Name                       string
	S3BucketName               string
	S3KeyPrefix                string
	SnsTopicName               string
	SnsTopicARN                string
	IncludeGlobalServiceEvents bool
	IsMultiRegionTrail         bool
	HomeRegion                 string
	TrailARN                   string
	LogFileValidationEnabled   bool
	CloudWatchLogsLogGroupArn  string
	CloudWatchLogsRoleArn      string
	KmsKeyId                   string
	HasCustomEventSelectors    bool
	HasInsightSelectors        bool
	IsOrganizationTrail        bool
}

func (t *trailRecord) described() *Trail {
	return &Trail{
		Name: t.Name, S3BucketName: t.Bucket, S3KeyPrefix: t.Prefix, SnsTopicName: topicName(t.topicARN()), SnsTopicARN: t.topicARN(),
		IncludeGlobalServiceEvents: t.GlobalEvents, IsMultiRegionTrail: t.MultiRegion, HomeRegion: t.Region, TrailARN: t.ARN,
		LogFileValidationEnabled: t.Validation, KmsKeyId: t.Key, HasCustomEventSelectors: t.Selectors.custom(),
	}
}

// topicName is the name in a topic's ARN.
func topicName(topicARN string) string {
	return topicARN[strings.LastIndexByte(topicARN, ':')+1:]
}

// GetTrailInput is the input of GetTrail.
type GetTrailInput struct {
	Name string `check:"required"`
}

// GetTrailOutput is the output of GetTrail.
type GetTrailOutput struct{ Trail *Trail }

func (in *GetTrailInput) trail() string { return in.Name }

// GetTrail shows a trail. One of another region is given by its ARN.
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrail.html.
func (s *Service) GetTrail(ctx context.Context, in *GetTrailInput) (*GetTrailOutput, error) {
	return api.Do(ctx, in, onTrail(s, (*GetTrailInput).trail), s.getTrail)
}

func (s *Service) getTrail(_ context.Context, t *trailRecord, _ *GetTrailInput) (*GetTrailOutput, error) {
	return &GetTrailOutput{t.described()}, nil
}

// DescribeTrailsInput is the input of DescribeTrails. Its members begin in lower case [T007].
type DescribeTrailsInput struct {
	TrailNameList       []string `name:"trailNameList"`
	IncludeShadowTrails *bool    `name:"includeShadowTrails"` // true where it is left out
}

// DescribeTrailsOutput is the output of DescribeTrails.
type DescribeTrailsOutput struct {
	TrailList []Trail `name:"trailList"`
}

// DescribeTrails shows the trails of the region, with the multi-region trails of others,
// its shadow trails, or those that are named. A name that no trail has is left out [T008].
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html.
func (s *Service) DescribeTrails(ctx context.Context, in *DescribeTrailsInput) (*DescribeTrailsOutput, error) {
	r := api.RequestFrom(ctx)
	var named []trailID
	for _, name := range in.TrailNameList {
		id, err := readTrail(name, r.Account, r.Region)
		if err != nil {
			return nil, err
		}
		named = append(named, id)
	}
	all, err := s.accountTrails(ctx)
	if err != nil {
		return nil, err
	}
	shadows := in.IncludeShadowTrails == nil || *in.IncludeShadowTrails
	out := &DescribeTrailsOutput{TrailList: []Trail{}}
	for _, t := range all {
		switch {
		case len(named) > 0 && !slices.Contains(named, t.trailID()):
		case t.Region != r.Region && !shadows:
		case len(named) == 0 && !t.in(r.Region):
		default:
			out.TrailList = append(out.TrailList, *t.described())
		}
	}
	return out, nil
}

// accountTrails are all trails of the calling account, by region and name.
func (s *Service) accountTrails(ctx context.Context) (all []*trailRecord, err error) {
	r := api.RequestFrom(ctx)
	err = s.engine.View(ctx, func(tx store.Reader) error {
		all = nil
		for _, t := range s.trails.tables.trails.Scan(tx, r.Account+"\x00", "", store.All) {
			if arn.Partition(t.Region) == arn.Partition(r.Region) {
				all = append(all, t)
			}
		}
		return nil
	})
	return all, err
}

// ListTrailsInput is the input of ListTrails.
type ListTrailsInput struct{ NextToken string }

// ListTrailsOutput is the output of ListTrails.
type ListTrailsOutput struct {
	Trails    []TrailInfo
	NextToken string
}

// TrailInfo names a trail.
type TrailInfo struct {
	TrailARN   string
	Name       string
	HomeRegion string
}

// trailsPage is how many trails a page of ListTrails has. The caller does not say [T027].
const trailsPage = 100

// ListTrails lists the account's trails of all regions [T010].
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTrails.html.
func (s *Service) ListTrails(ctx context.Context, in *ListTrailsInput) (*ListTrailsOutput, error) {
	all, err := s.accountTrails(ctx)
	if err != nil {
		return nil, err
	}
	page, next, valid := resource.Page(all, func(t *trailRecord) string { return t.ARN }, in.NextToken, trailsPage)
	if !valid {
		return nil, ErrInvalidToken
	}
	out := &ListTrailsOutput{Trails: []TrailInfo{}, NextToken: next}
	for _, t := range page {
		out.Trails = append(out.Trails, TrailInfo{t.ARN, t.Name, t.Region})
	}
	return out, nil
}

// GetTrailStatusInput is the input of GetTrailStatus.
type GetTrailStatusInput struct {
	Name string `check:"required"`
}

func (in *GetTrailStatusInput) trail() string { return in.Name }

// GetTrailStatusOutput is the output of GetTrailStatus [T022]. A time is left out, and its
// text empty, where nothing of the kind has happened.
type GetTrailStatusOutput struct {
	IsLogging                          bool
	LatestDeliveryError                string // the code of what went wrong; empty: nothing did
	LatestNotificationError            string
	LatestDeliveryTime                 time.Time
	LatestNotificationTime             time.Time
	StartLoggingTime                   time.Time
	StopLoggingTime                    time.Time
	LatestCloudWatchLogsDeliveryError  string
	LatestCloudWatchLogsDeliveryTime   time.Time
	LatestDigestDeliveryTime           time.Time
	LatestDigestDeliveryError          string
	LatestDeliveryAttemptTime          string `out:"always"`
	LatestNotificationAttemptTime      string `out:"always"`
	LatestNotificationAttemptSucceeded string `out:"always"`
	LatestDeliveryAttemptSucceeded     string `out:"always"`
	TimeLoggingStarted                 string `out:"always"`
	TimeLoggingStopped                 string `out:"always"`
}

// GetTrailStatus tells whether a trail logs, and what became of its latest deliveries. A
// trail of another region is given by its ARN [T023].
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html.
func (s *Service) GetTrailStatus(ctx context.Context, in *GetTrailStatusInput) (*GetTrailStatusOutput, error) {
	return api.Do(ctx, in, onTrail(s, (*GetTrailStatusInput).trail), s.getTrailStatus)
}

func (s *Service) getTrailStatus(ctx context.Context, t *trailRecord, _ *GetTrailStatusInput) (*GetTrailStatusOutput, error) {
	var status statusRecord
	err := s.engine.View(ctx, func(r store.Reader) error {
		status = statusRecord{}
		if found := s.trails.tables.statuses.Get(r, t.ID); found != nil {
			status = *found
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &GetTrailStatusOutput{
		IsLogging:                          t.Logging,
		LatestDeliveryError:                status.Error,
		LatestNotificationError:            status.NotifyError,
		LatestDeliveryTime:                 status.Delivered,
		LatestNotificationTime:             status.Notified,
		StartLoggingTime:                   t.Started,
		StopLoggingTime:                    t.Stopped,
		LatestDigestDeliveryTime:           status.Digested,
		LatestDigestDeliveryError:          status.DigestError,
		LatestDeliveryAttemptTime:          isoTime(status.Attempted),
		LatestDeliveryAttemptSucceeded:     isoTime(status.Delivered),
		LatestNotificationAttemptTime:      isoTime(status.NotifyAttempted),
		LatestNotificationAttemptSucceeded: isoTime(status.Notified),
		TimeLoggingStarted:                 isoTime(t.Started),
		TimeLoggingStopped:                 isoTime(t.Stopped),
	}, nil
}

// isoTime is a time as texts tell it; empty: there is none.
func isoTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
