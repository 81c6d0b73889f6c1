package lab

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/learn"
	"github.com/waxseal/waxseal/s3"
)

// recorded says what is wrong with what the learner has called since the start; empty:
// nothing.
func (c *checking) recorded(check *learn.Check) (failed string) {
	found := false
	for call := range c.real.Dispatcher.Records().Newest() {
		if !call.Time().After(c.started) {
			break
		}
		found = found || slices.ContainsFunc(call.Events(), func(e *trail.Event) bool { return matches(check.Recorded, e) })
	}
	return verdict(check, check.Recorded, found, "since the exercise was started")
}

// logged is recorded of the log files that trails have delivered.
func (c *checking) logged(ctx context.Context, check *learn.Check) (failed string, err error) {
	root, err := c.Identity.Root(ctx, c.Account(), c.Config().Region)
	if err != nil {
		return "", err
	}
	ctx = api.WithRequest(ctx, &api.Request{Caller: root, Account: c.Account(), Region: c.Config().Region, Time: c.Now(), SecureTransport: true})
	events, err := logFiles(ctx, c.S3, check.Logged.Bucket)
	if err != nil {
		return "", err
	}
	found := slices.ContainsFunc(events, func(e *trail.Event) bool { return matches(check.Logged, e) })
	return verdict(check, check.Logged, found, "in the log files of bucket "+check.Logged.Bucket), nil
}

// logFiles are the records in the log files of a bucket; a bucket that is not there has none.
func logFiles(ctx context.Context, from *s3.Service, bucket string) (events []*trail.Event, err error) {
	in := &s3.ListObjectsV2Input{Bucket: bucket}
	for {
		page, err := from.ListObjectsV2(ctx, in)
		if errors.Is(err, s3.ErrNoSuchBucket) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		for _, o := range page.Contents {
			if strings.HasSuffix(o.Key, ".json.gz") {
				events = append(events, logFile(ctx, from, bucket, o.Key)...)
			}
		}
		if page.NextContinuationToken == "" {
			return events, nil
		}
		in.ContinuationToken = &page.NextContinuationToken
	}
}

// logFile are the records in one object; one that is no log file has none.
func logFile(ctx context.Context, from *s3.Service, bucket, key string) []*trail.Event {
	out, err := from.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key})
	if err != nil {
		return nil
	}
	defer func() { _ = out.Body.Close() }()
	unpacked, err := gzip.NewReader(out.Body)
	if err != nil {
		return nil
	}
	var file struct{ Records []*trail.Event }
	if json.NewDecoder(io.LimitReader(unpacked, maxLogFile)).Decode(&file) != nil {
		return nil
	}
	return file.Records
}

// maxLogFile is how much of a log file is read: more than CloudTrail writes into one.
const maxLogFile = 64 << 20

// verdict is what is wrong where records were, or were not, found.
func verdict(check *learn.Check, e *learn.Event, found bool, where string) string {
	none := e.Expect == "none"
	if found != none {
		return ""
	}
	is := "no "
	if none {
		is = "a "
	}
	what := is + e.EventName
	if e.Resource != "" {
		what += " of " + e.Resource
	}
	if e.Principal != "" {
		what += " by " + e.Principal
	}
	return told(check, fmt.Sprintf("There is %s %s.", what, where))
}

// matches reports whether a record is as it is described. A service's own calls are
// nobody's.
func matches(wanted *learn.Event, e *trail.Event) bool {
	return e.EventName == wanted.EventName && e.UserIdentity.Type != "AWSService" &&
		(wanted.Principal == "" || trail.IsPrincipal(wanted.Principal, e.UserIdentity.Name())) &&
		(wanted.ErrorCode == nil || *wanted.ErrorCode == e.ErrorCode) &&
		(wanted.Resource == "" || slices.ContainsFunc(e.Resources, func(r trail.Resource) bool { return r.ARN == wanted.Resource }))
}
