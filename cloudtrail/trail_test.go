package cloudtrail

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
)

const auditARN = "arn:aws:cloudtrail:us-east-1:123456789012:trail/audit"

func TestCreateTrail(t *testing.T) {
	w := newTrailWorld(t)
	out := must[*CreateTrailOutput](t)(w.CreateTrail(here(), &CreateTrailInput{Name: "audit", S3BucketName: "logs"}))
	want := &CreateTrailOutput{Name: "audit", S3BucketName: "logs", IncludeGlobalServiceEvents: true, TrailARN: auditARN}
	if diff := cmp.Diff(want, out); diff != "" {
		t.Error(diff)
	}
	if s := w.status("audit"); s.IsLogging || s.TimeLoggingStarted != "" || !s.StartLoggingTime.IsZero() {
		t.Errorf("a new trail's status is %+v", s)
	}
	all := must[*CreateTrailOutput](t)(w.CreateTrail(here(), &CreateTrailInput{
		Name: "all", S3BucketName: "logs", S3KeyPrefix: "p", SnsTopicName: "news", KmsKeyId: "alias/k", IsMultiRegionTrail: ptr(true),
		EnableLogFileValidation: ptr(true), TagsList: []Tag{{"team", "audit"}},
	}))
	want = &CreateTrailOutput{
		Name: "all", S3BucketName: "logs", S3KeyPrefix: "p", SnsTopicName: "news", SnsTopicARN: "arn:aws:sns:us-east-1:123456789012:news",
		IncludeGlobalServiceEvents: true, IsMultiRegionTrail: true, LogFileValidationEnabled: true,
		TrailARN: "arn:aws:cloudtrail:us-east-1:123456789012:trail/all", KmsKeyId: "arn:aws:kms:us-east-1:123456789012:key/of-k",
	}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Error(diff)
	}
	got := must[*GetTrailOutput](t)(w.GetTrail(here(), &GetTrailInput{Name: all.TrailARN}))
	if got.Trail.HomeRegion != region || got.Trail.HasCustomEventSelectors || got.Trail.HasInsightSelectors || got.Trail.KmsKeyId != all.KmsKeyId {
		t.Errorf("GetTrail shows %+v", got.Trail)
	}
}

func TestCreateTrailRefuses(t *testing.T) {
	w := newTrailWorld(t)
	w.around.close("closed", ErrInsufficientS3BucketPolicy.With("Incorrect S3 bucket policy is detected for bucket: closed"))
	w.around.close("gone", ErrS3BucketDoesNotExist)
	w.around.close("arn:aws:sns:us-east-1:123456789012:mute", &api.Error{Code: "AuthorizationError"})
	for key, code := range map[string]string{
		"alias/closed": "AccessDeniedException", "alias/gone": "NotFoundException", "alias/off": "DisabledException",
		"no-key": "InvalidArnException", "alias/deleted": "KMSInvalidStateException",
	} {
		w.around.close(key, &api.Error{Code: code, Message: code})
	}
	must[*CreateTrailOutput](t)(w.CreateTrail(here(), &CreateTrailInput{Name: "audit", S3BucketName: "logs"}))
	for name, c := range map[string]struct {
		in   CreateTrailInput
		want *api.Error
		says string
	}{
		"a name":                    {CreateTrailInput{Name: "a"}, ErrInvalidTrailName, "Trail name too short."},
		"a name taken":              {CreateTrailInput{Name: "audit"}, ErrTrailAlreadyExists, "Trail audit already exists for customer: 123456789012"},
		"a bucket's name":           {CreateTrailInput{Name: "new", S3BucketName: "B!"}, ErrInvalidS3BucketName, "B!"},
		"a bucket like an address":  {CreateTrailInput{Name: "new", S3BucketName: "192.168.1.1"}, ErrInvalidS3BucketName, "192.168.1.1"},
		"a bucket with two periods": {CreateTrailInput{Name: "new", S3BucketName: "lo..gs"}, ErrInvalidS3BucketName, "lo..gs"},
		"a closed bucket":           {CreateTrailInput{Name: "new", S3BucketName: "closed"}, ErrInsufficientS3BucketPolicy, "closed"},
		"no bucket":                 {CreateTrailInput{Name: "new", S3BucketName: "gone"}, ErrS3BucketDoesNotExist, ""},
		"a prefix":                  {CreateTrailInput{Name: "new", S3KeyPrefix: strings.Repeat("p", 201)}, ErrInvalidS3Prefix, "200"},
		"no global events":          {CreateTrailInput{Name: "new", IsMultiRegionTrail: ptr(true), IncludeGlobalServiceEvents: ptr(false)}, ErrInvalidParameterCombination, "Multi-Region trail must include global service events."},
		"a topic's name":            {CreateTrailInput{Name: "new", SnsTopicName: "a b"}, ErrInvalidSnsTopicName, "a b"},
		"no topic's ARN":            {CreateTrailInput{Name: "new", SnsTopicName: "arn:aws:sqs:us-east-1:123456789012:q"}, ErrInvalidSnsTopicName, "sqs"},
		"a closed topic":            {CreateTrailInput{Name: "new", SnsTopicName: "mute"}, ErrInsufficientSnsTopicPolicy, "SNS Topic does not exist or the topic policy is incorrect!"},
		"a closed key":              {CreateTrailInput{Name: "new", KmsKeyId: "alias/closed"}, ErrInsufficientEncryptionPolicy, "Insufficient permissions to access S3 bucket logs or KMS key alias/closed."},
		"no key":                    {CreateTrailInput{Name: "new", KmsKeyId: "alias/gone"}, ErrKmsKeyNotFound, ""},
		"a disabled key":            {CreateTrailInput{Name: "new", KmsKeyId: "alias/off"}, ErrKmsKeyDisabled, ""},
		"no key's ARN":              {CreateTrailInput{Name: "new", KmsKeyId: "no-key"}, ErrInvalidKmsKeyID, ""},
		"a deleted key":             {CreateTrailInput{Name: "new", KmsKeyId: "alias/deleted"}, ErrKms, ""},
		"a group, no role":          {CreateTrailInput{Name: "new", CloudWatchLogsLogGroupArn: "g"}, ErrInvalidParameterCombination, ""},
		"CloudWatch Logs":           {CreateTrailInput{Name: "new", CloudWatchLogsLogGroupArn: "g", CloudWatchLogsRoleArn: "r"}, ErrUnsupportedOperation, "CloudWatch"},
		"an organization":           {CreateTrailInput{Name: "new", IsOrganizationTrail: ptr(true)}, ErrUnsupportedOperation, "rganization"},
		"a tag twice":               {CreateTrailInput{Name: "new", TagsList: []Tag{{"a", "1"}, {"a", "2"}}}, ErrInvalidTagParameter, ""},
		"a tag of AWS":              {CreateTrailInput{Name: "new", TagsList: []Tag{{"aws:a", "1"}}}, ErrInvalidTagParameter, "aws:"},
		"too many tags":             {CreateTrailInput{Name: "new", TagsList: manyTags(51)}, ErrTagsLimitExceeded, "50"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.in.S3BucketName == "" {
				c.in.S3BucketName = "logs"
			}
			_, err := w.CreateTrail(here(), &c.in)
			refused(t, err, c.want, c.says)
			_, err = w.GetTrail(here(), &GetTrailInput{Name: "new"})
			refused(t, err, ErrTrailNotFound, "Unknown trail: new for the user: 123456789012")
		})
	}
}

func manyTags(n int) []Tag {
	tags := make([]Tag, n)
	for i := range tags {
		tags[i] = Tag{fmt.Sprint("key-", i), "v"}
	}
	return tags
}

func TestTrailsOfARegionAreFive(t *testing.T) {
	w := newTrailWorld(t)
	create := func(region, name string, everywhere bool) error {
		_, err := w.CreateTrail(as(account, region), &CreateTrailInput{Name: name, S3BucketName: "logs", IsMultiRegionTrail: &everywhere})
		return err
	}
	for i := range 3 {
		if err := create(region, fmt.Sprint("here-", i), false); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 2 {
		if err := create("eu-west-1", fmt.Sprint("everywhere-", i), true); err != nil {
			t.Fatal(err)
		}
	}
	refused(t, create(region, "sixth", false), ErrMaximumNumberOfTrailsExceeded, "User: 123456789012 already has 5 trails in us-east-1.")
	refused(t, create("eu-west-1", "sixth", true), ErrMaximumNumberOfTrailsExceeded, "us-east-1")
	for i := range 3 {
		if err := create("eu-west-1", fmt.Sprint("there-", i), false); err != nil {
			t.Fatal(err)
		}
	}
	refused(t, create("eu-west-1", "sixth", false), ErrMaximumNumberOfTrailsExceeded, "eu-west-1")
	_, err := w.UpdateTrail(here(), &UpdateTrailInput{Name: "here-0", IsMultiRegionTrail: ptr(true)})
	refused(t, err, ErrMaximumNumberOfTrailsExceeded, "eu-west-1")
	if err := create("cn-north-1", "other-partition", false); err != nil {
		t.Error(err)
	}
}

func TestUpdateTrail(t *testing.T) {
	w := newTrailWorld(t)
	must[*CreateTrailOutput](t)(w.CreateTrail(here(), &CreateTrailInput{
		Name: "audit", S3BucketName: "logs", S3KeyPrefix: "p", SnsTopicName: "news", KmsKeyId: "alias/k", EnableLogFileValidation: ptr(true),
	}))
	out := must[*UpdateTrailOutput](t)(w.UpdateTrail(here(), &UpdateTrailInput{Name: auditARN}))
	want := &UpdateTrailOutput{
		Name: "audit", S3BucketName: "logs", S3KeyPrefix: "p", SnsTopicName: "news", SnsTopicARN: "arn:aws:sns:us-east-1:123456789012:news",
		IncludeGlobalServiceEvents: true, LogFileValidationEnabled: true, TrailARN: auditARN,
		KmsKeyId: "arn:aws:kms:us-east-1:123456789012:key/of-arn:aws:kms:us-east-1:123456789012:key/of-k",
	}
	if diff := cmp.Diff(want, out); diff != "" {
		t.Errorf("nothing changed: %s", diff)
	}
	out = must[*UpdateTrailOutput](t)(w.UpdateTrail(here(), &UpdateTrailInput{
		Name: "audit", S3BucketName: ptr("more"), S3KeyPrefix: ptr(""), SnsTopicName: ptr(""), KmsKeyId: ptr(""),
		IsMultiRegionTrail: ptr(true), EnableLogFileValidation: ptr(false),
	}))
	want = &UpdateTrailOutput{Name: "audit", S3BucketName: "more", IncludeGlobalServiceEvents: true, IsMultiRegionTrail: true, TrailARN: auditARN}
	if diff := cmp.Diff(want, out); diff != "" {
		t.Error(diff)
	}
	_, err := w.UpdateTrail(here(), &UpdateTrailInput{Name: "audit", IncludeGlobalServiceEvents: ptr(false)})
	refused(t, err, ErrInvalidParameterCombination, "")
	_, err = w.UpdateTrail(here(), &UpdateTrailInput{Name: "audit", IsOrganizationTrail: ptr(true)})
	refused(t, err, ErrUnsupportedOperation, "")
	w.around.close("more", ErrInsufficientS3BucketPolicy)
	_, err = w.UpdateTrail(here(), &UpdateTrailInput{Name: "audit"})
	refused(t, err, ErrInsufficientS3BucketPolicy, "")
	_, err = w.UpdateTrail(here(), &UpdateTrailInput{Name: "nobody"})
	refused(t, err, ErrTrailNotFound, "Unknown trail: nobody for the user: 123456789012")
}

// A multi-region trail is shown in every region of its partition, and changed in its own.
func TestShadowTrails(t *testing.T) {
	w := newTrailWorld(t)
	must[*CreateTrailOutput](t)(w.CreateTrail(here(), &CreateTrailInput{Name: "audit", S3BucketName: "logs", IsMultiRegionTrail: ptr(true)}))
	must[*CreateTrailOutput](t)(w.CreateTrail(here(), &CreateTrailInput{Name: "here-only", S3BucketName: "logs"}))
	must[*CreateTrailOutput](t)(w.CreateTrail(as(account, "eu-west-1"), &CreateTrailInput{Name: "there-only", S3BucketName: "logs"}))
	hereOnly := strings.ReplaceAll(auditARN, "audit", "here-only")
	no := false
	for name, c := range map[string]struct {
		region string
		in     DescribeTrailsInput
		want   []string
	}{
		"all of the region":       {region, DescribeTrailsInput{}, []string{"audit", "here-only"}},
		"with shadow trails":      {"eu-west-1", DescribeTrailsInput{}, []string{"there-only", "audit"}},
		"without shadow trails":   {"eu-west-1", DescribeTrailsInput{IncludeShadowTrails: &no}, []string{"there-only"}},
		"another region":          {"ap-south-1", DescribeTrailsInput{}, []string{"audit"}},
		"another partition":       {"cn-north-1", DescribeTrailsInput{}, nil},
		"by name":                 {region, DescribeTrailsInput{TrailNameList: []string{"here-only"}}, []string{"here-only"}},
		"a shadow trail by name":  {"eu-west-1", DescribeTrailsInput{TrailNameList: []string{"audit"}}, nil},
		"by ARN":                  {"eu-west-1", DescribeTrailsInput{TrailNameList: []string{hereOnly, auditARN}}, []string{"audit", "here-only"}},
		"by ARN, without shadows": {"eu-west-1", DescribeTrailsInput{TrailNameList: []string{auditARN}, IncludeShadowTrails: &no}, nil},
		"nobody":                  {region, DescribeTrailsInput{TrailNameList: []string{"nobody"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			out := must[*DescribeTrailsOutput](t)(w.DescribeTrails(as(account, c.region), &c.in))
			var names []string
			for _, trail := range out.TrailList {
				names = append(names, trail.Name)
			}
			if diff := cmp.Diff(c.want, names); diff != "" || out.TrailList == nil {
				t.Error(diff)
			}
		})
	}
	there := as(account, "eu-west-1")
	if got := must[*GetTrailOutput](t)(w.GetTrail(there, &GetTrailInput{Name: auditARN})); got.Trail.HomeRegion != region {
		t.Errorf("GetTrail shows %+v", got.Trail)
	}
	must[*GetTrailStatusOutput](t)(w.GetTrailStatus(there, &GetTrailStatusInput{Name: auditARN}))
	_, err := w.GetTrailStatus(there, &GetTrailStatusInput{Name: "audit"})
	refused(t, err, ErrTrailNotFound, "Unknown trail: audit")
	for name, change := range map[string]func(context.Context) error{
		"UpdateTrail": func(ctx context.Context) error {
			_, err := w.UpdateTrail(ctx, &UpdateTrailInput{Name: auditARN})
			return err
		},
		"DeleteTrail": func(ctx context.Context) error {
			_, err := w.DeleteTrail(ctx, &DeleteTrailInput{Name: auditARN})
			return err
		},
		"StartLogging": func(ctx context.Context) error {
			_, err := w.StartLogging(ctx, &StartLoggingInput{Name: auditARN})
			return err
		},
		"StopLogging": func(ctx context.Context) error {
			_, err := w.StopLogging(ctx, &StopLoggingInput{Name: auditARN})
			return err
		},
		"PutEventSelectors": func(ctx context.Context) error {
			_, err := w.PutEventSelectors(ctx, &PutEventSelectorsInput{TrailName: auditARN})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) { refused(t, change(there), ErrInvalidHomeRegion, region) })
	}
	list := must[*ListTrailsOutput](t)(w.ListTrails(there, &ListTrailsInput{}))
	want := []TrailInfo{
		{"arn:aws:cloudtrail:eu-west-1:123456789012:trail/there-only", "there-only", "eu-west-1"},
		{auditARN, "audit", region}, {hereOnly, "here-only", region},
	}
	if diff := cmp.Diff(want, list.Trails); diff != "" || list.NextToken != "" {
		t.Error(diff)
	}
	_, err = w.ListTrails(there, &ListTrailsInput{NextToken: "x"})
	refused(t, err, ErrInvalidToken, "")
}

func TestListTrailsPages(t *testing.T) {
	w := newTrailWorld(t)
	const trails = 5 * 22
	for i := range 22 {
		for j := range 5 {
			must[*CreateTrailOutput](t)(w.CreateTrail(as(account, fmt.Sprintf("us-test-%d", i)), &CreateTrailInput{Name: fmt.Sprint("trail-", j), S3BucketName: "logs"}))
		}
	}
	first := must[*ListTrailsOutput](t)(w.ListTrails(here(), &ListTrailsInput{}))
	second := must[*ListTrailsOutput](t)(w.ListTrails(here(), &ListTrailsInput{NextToken: first.NextToken}))
	if len(first.Trails) != trailsPage || len(second.Trails) != trails-trailsPage || second.NextToken != "" {
		t.Errorf("%d and %d trails", len(first.Trails), len(second.Trails))
	}
}

func TestStartAndStopLogging(t *testing.T) {
	w := newTrailWorld(t)
	must[*CreateTrailOutput](t)(w.CreateTrail(here(), &CreateTrailInput{Name: "audit", S3BucketName: "logs"}))
	start, stop := w.clock.Now(), w.clock.Now().Add(time.Minute)
	must[*StopLoggingOutput](t)(w.StopLogging(here(), &StopLoggingInput{Name: "audit"}))
	must[*StartLoggingOutput](t)(w.StartLogging(here(), &StartLoggingInput{Name: "audit"}))
	w.clock.Advance(time.Minute)
	must[*StartLoggingOutput](t)(w.StartLogging(here(), &StartLoggingInput{Name: auditARN}))
	if s := w.status("audit"); !s.IsLogging || !s.StartLoggingTime.Equal(start) || s.TimeLoggingStopped != "" {
		t.Errorf("the status is %+v", s)
	}
	must[*StopLoggingOutput](t)(w.StopLogging(here(), &StopLoggingInput{Name: "audit"}))
	if s := w.status("audit"); s.IsLogging || !s.StopLoggingTime.Equal(stop) || s.TimeLoggingStarted != "2026-03-01T12:00:00Z" {
		t.Errorf("the status is %+v", s)
	}
	for _, name := range []string{"nobody", strings.ReplaceAll(auditARN, "audit", "nobody")} {
		_, err := w.StartLogging(here(), &StartLoggingInput{Name: name})
		refused(t, err, ErrTrailNotFound, "Unknown trail: "+name+" for the user: 123456789012")
	}
}

func TestTrailTags(t *testing.T) {
	w := newTrailWorld(t)
	must[*CreateTrailOutput](t)(w.CreateTrail(here(), &CreateTrailInput{Name: "audit", S3BucketName: "logs", TagsList: []Tag{{"team", "a"}, {"cost", "1"}}}))
	must[*AddTagsOutput](t)(w.AddTags(here(), &AddTagsInput{ResourceId: auditARN, TagsList: []Tag{{"team", "b"}, {Key: "empty"}}}))
	must[*RemoveTagsOutput](t)(w.RemoveTags(here(), &RemoveTagsInput{ResourceId: auditARN, TagsList: []Tag{{"cost", "whatever"}, {Key: "unknown"}}}))
	out := must[*ListTagsOutput](t)(w.ListTags(here(), &ListTagsInput{ResourceIdList: []string{auditARN}}))
	want := []ResourceTag{{auditARN, []Tag{{"team", "b"}, {Key: "empty"}}}}
	if diff := cmp.Diff(want, out.ResourceTagList); diff != "" {
		t.Error(diff)
	}
	for name, c := range map[string]struct {
		err  error
		want *api.Error
	}{
		"a name":        {second(w.AddTags(here(), &AddTagsInput{ResourceId: "audit"})), ErrCloudTrailARNInvalid},
		"nobody":        {second(w.AddTags(here(), &AddTagsInput{ResourceId: auditARN + "s"})), ErrResourceNotFound},
		"too many":      {second(w.AddTags(here(), &AddTagsInput{ResourceId: auditARN, TagsList: manyTags(49)})), ErrTagsLimitExceeded},
		"reserved":      {second(w.RemoveTags(here(), &RemoveTagsInput{ResourceId: auditARN, TagsList: []Tag{{Key: "aws:x"}}})), ErrInvalidTagParameter},
		"no ARNs":       {second(w.ListTags(here(), &ListTagsInput{ResourceIdList: []string{}})), ErrInvalidParameter},
		"too many ARNs": {second(w.ListTags(here(), &ListTagsInput{ResourceIdList: make([]string, 21)})), ErrInvalidParameter},
		"a token":       {second(w.ListTags(here(), &ListTagsInput{ResourceIdList: []string{auditARN}, NextToken: "x"})), ErrInvalidToken},
		"one of none":   {second(w.ListTags(here(), &ListTagsInput{ResourceIdList: []string{auditARN, auditARN + "s"}})), ErrResourceNotFound},
		"a data store":  {second(w.ListTags(here(), &ListTagsInput{ResourceIdList: []string{strings.Replace(auditARN, "trail/", "eventdatastore/", 1)}})), ErrCloudTrailARNInvalid},
	} {
		t.Run(name, func(t *testing.T) { refused(t, c.err, c.want, "") })
	}
}

func second[T any](_ T, err error) error { return err }

func TestListPublicKeys(t *testing.T) {
	w := newTrailWorld(t)
	list := func(in ListPublicKeysInput) []PublicKey {
		t.Helper()
		return must[*ListPublicKeysOutput](t)(w.ListPublicKeys(here(), &in)).PublicKeyList
	}
	now := w.clock.Now()
	first := list(ListPublicKeysInput{})
	if len(first) != 1 || first[0].ValidityStartTime.After(now) || !first[0].ValidityEndTime.After(now) || len(first[0].Fingerprint) != 32 {
		t.Fatalf("%+v", first)
	}
	if diff := cmp.Diff(first, list(ListPublicKeysInput{StartTime: ptr(now.Add(-time.Hour))})); diff != "" {
		t.Errorf("another key: %s", diff)
	}
	elsewhere := must[*ListPublicKeysOutput](t)(w.ListPublicKeys(as(account, "eu-west-1"), &ListPublicKeysInput{})).PublicKeyList
	if len(elsewhere) != 1 || elsewhere[0].Fingerprint == first[0].Fingerprint {
		t.Errorf("another region has the key %+v", elsewhere)
	}
	w.restart()
	if diff := cmp.Diff(first, list(ListPublicKeysInput{})); diff != "" {
		t.Errorf("after a restart: %s", diff)
	}
	w.clock.Advance(keyPeriod)
	next := list(ListPublicKeysInput{})
	if len(next) != 1 || next[0].Fingerprint == first[0].Fingerprint || !next[0].ValidityStartTime.Equal(first[0].ValidityEndTime) {
		t.Errorf("a period later: %+v", next)
	}
	if both := list(ListPublicKeysInput{StartTime: &now, EndTime: ptr(w.clock.Now())}); len(both) != 2 {
		t.Errorf("of both periods: %+v", both)
	}
	if none := list(ListPublicKeysInput{StartTime: ptr(now.AddDate(-1, 0, 0)), EndTime: ptr(now.AddDate(-1, 1, 0))}); len(none) != 0 {
		t.Errorf("of a year ago: %+v", none)
	}
	_, err := w.ListPublicKeys(here(), &ListPublicKeysInput{StartTime: ptr(w.clock.Now()), EndTime: &now})
	refused(t, err, ErrInvalidTimeRange, "")
	_, err = w.ListPublicKeys(here(), &ListPublicKeysInput{NextToken: "x"})
	refused(t, err, ErrInvalidToken, "")
}
