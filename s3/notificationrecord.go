package s3

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/policyeval"
)

// notice is what happened to an object, as it is kept until everybody is told. It has the
// names of the object and of who did it, which the state holds anyway, and nothing of the
// object's body or metadata: so it is not encrypted, whatever the object is.
type notice struct {
	Event           string // such as ObjectCreated:Put
	Time            time.Time
	Bucket          string
	Account, Region string // the bucket's
	// Generated are the bucket's tags that AWS's services have made.
	Generated map[string]string `json:",omitempty"`
	Key       string
	Size      int64  `json:",omitempty"`
	ETag      string `json:",omitempty"`
	VersionID string `json:",omitempty"` // none: the null version
	Sequence  uint64 `json:",omitempty"`
	RequestID string
	SourceIP  string
	// Principal is the caller as records name it, and Requester as EventBridge's events do.
	Principal, Requester string
	TraceHeader, BaseURL string `json:",omitempty"`
}

// newNotice is the notice of a change that a request has made.
func newNotice(r *api.Request, c *change) *notice {
	n := &notice{
		Event: c.event, Time: c.at, Bucket: c.bucket.Name, Account: c.bucket.Account, Region: c.bucket.Region,
		Key: c.object.Key, Size: c.object.Size, ETag: c.object.ETag, VersionID: c.object.told(), Sequence: c.sequence,
		RequestID: r.ID, SourceIP: r.SourceIP, Principal: principalID(r.Caller), Requester: requester(r), TraceHeader: r.TraceHeader, BaseURL: r.PublicURL(),
	}
	for _, t := range c.bucket.Tags {
		if strings.HasPrefix(t.Key, "aws:") { // [S303]
			if n.Generated == nil {
				n.Generated = map[string]string{}
			}
			n.Generated[t.Key] = t.Value
		}
	}
	return n
}

// emptyETag is the ETag of no bytes, which that of a delete marker is said to be.
const emptyETag = "d41d8cd98f00b204e9800998ecf8427e"

// customerID is how S3 names an account in its records: a customer id, which is neither
// the account's number nor its canonical user id [S309]. Here it is made of the number.
func customerID(account string) string {
	sum := sha256.Sum256([]byte("customer " + account))
	return "A" + base32.StdEncoding.EncodeToString(sum[:])[:13]
}

// principalID is how records name who made a change [S309]. AWS does not say how they
// name who is no user, role or root user: services and nobody are called by their names.
func principalID(c *api.Caller) string {
	switch c.Type {
	case policyeval.Root:
		return customerID(c.Account)
	case policyeval.Service, policyeval.Anonymous:
		return "AWS:" + c.DisplayName()
	default:
		return "AWS:" + cmp.Or(c.UserID, c.ID)
	}
}

// requester is how EventBridge's events name who made a change: its account, or a
// service's name [S321].
func requester(r *api.Request) string {
	if r.Caller.Type == policyeval.Service {
		return r.Caller.Service
	}
	return cmp.Or(r.Caller.Account, r.Caller.DisplayName())
}

// is reports whether the notice is of one of a kind of events, such as ObjectCreated.
func (n *notice) is(kind string) bool { return strings.HasPrefix(n.Event, kind+":") }

func (n *notice) bucketARN() string { return bucketARN(n.Region, n.Bucket) }

// size is the size as it is told: of what was created, and of nothing else [S305] [S306].
func (n *notice) size() *int64 {
	if n.is("ObjectCreated") {
		return &n.Size
	}
	return nil
}

// etag is the ETag as it is told: none of what is gone, but that of a marker [S306] [S324].
func (n *notice) etag() string {
	switch {
	case n.Event == removedMarker:
		return emptyETag
	case n.is("ObjectRemoved"):
		return ""
	}
	return n.ETag
}

// sequencer is the place of the change among those of its key: tags have none [S308].
func (n *notice) sequencer(form string) string {
	if n.is("ObjectTagging") {
		return ""
	}
	return fmt.Sprintf(form, n.Sequence)
}

// record is one record of a notification, in AWS's order of members [S302].
type record struct {
	EventVersion      string            `json:"eventVersion"`
	EventSource       string            `json:"eventSource"`
	AWSRegion         string            `json:"awsRegion"`
	EventTime         string            `json:"eventTime"`
	EventName         string            `json:"eventName"`
	UserIdentity      recordPrincipal   `json:"userIdentity"`
	RequestParameters recordParameters  `json:"requestParameters"`
	ResponseElements  map[string]string `json:"responseElements"`
	S3                recordEntity      `json:"s3"`
}

type recordPrincipal struct {
	PrincipalID string `json:"principalId"`
}

type recordParameters struct {
	SourceIPAddress string `json:"sourceIPAddress"`
}

type recordEntity struct {
	SchemaVersion   string       `json:"s3SchemaVersion"`
	ConfigurationID string       `json:"configurationId"`
	Bucket          recordBucket `json:"bucket"`
	Object          recordObject `json:"object"`
}

type recordBucket struct {
	Name          string            `json:"name"`
	OwnerIdentity recordPrincipal   `json:"ownerIdentity"`
	ARN           string            `json:"arn"`
	Generated     map[string]string `json:"awsGeneratedTags,omitempty"`
}

type recordObject struct {
	Key       string `json:"key"`
	Size      *int64 `json:"size,omitempty"`
	ETag      string `json:"eTag,omitempty"`
	VersionID string `json:"versionId,omitempty"`
	Sequencer string `json:"sequencer,omitempty"`
}

// recordVersion is the version of the records' form [S303].
const recordVersion = "2.5"

// milliseconds is how records and test events write times.
const milliseconds = "2006-01-02T15:04:05.000Z"

// message is the body of a notification: one record [S301].
func (n *notice) message(configurationID string) string {
	r := record{
		EventVersion: recordVersion, EventSource: "aws:s3", AWSRegion: n.Region,
		EventTime: n.Time.UTC().Format(milliseconds), EventName: n.Event,
		UserIdentity: recordPrincipal{n.Principal}, RequestParameters: recordParameters{n.SourceIP},
		ResponseElements: map[string]string{"x-amz-request-id": n.RequestID, "x-amz-id-2": api.HostID(n.RequestID)},
		S3: recordEntity{
			SchemaVersion: "1.0", ConfigurationID: configurationID,
			Bucket: recordBucket{n.Bucket, recordPrincipal{customerID(n.Account)}, n.bucketARN(), n.Generated},
			Object: recordObject{Key: formEncoded(n.Key), Size: n.size(), ETag: n.etag(), VersionID: n.VersionID, Sequencer: n.sequencer("%018X")},
		},
	}
	return marshal(map[string][]record{"Records": {r}})
}

// formEncoded is a key as records have it: as in a form, but for slashes [S304].
func formEncoded(key string) string { return strings.ReplaceAll(url.QueryEscape(key), "%2F", "/") }

// marshal is a value as JSON, in which keys stay as they are.
func marshal(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("s3: " + err.Error()) // texts and numbers can always be marshaled
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// testEvent is what a destination is sent when it becomes one [S300].
func testEvent(r *api.Request, bucket string, at time.Time) string {
	return marshal(struct{ Service, Event, Time, Bucket, RequestId, HostId string }{
		"Amazon S3", "s3:TestEvent", at.UTC().Format(milliseconds), bucket, r.ID, api.HostID(r.ID),
	})
}

// BridgeEvent is an event for the default event bus of a bucket's account and region [S320].
type BridgeEvent struct {
	ID              string // the same where an event is put again
	Account, Region string
	Time            time.Time
	DetailType      string
	Resources       []string
	Detail          string // a JSON object
	TraceHeader     string
}

// BridgeSource is the source of S3's events.
const BridgeSource = "aws.s3"

// bridgeNames are the detail types and reasons of events [S323].
var bridgeNames = map[string]struct{ detailType, reason, deletion string }{
	createdPut:      {"Object Created", "PutObject", ""},
	createdPost:     {"Object Created", "POST Object", ""},
	createdCopy:     {"Object Created", "CopyObject", ""},
	createdComplete: {"Object Created", "CompleteMultipartUpload", ""},
	removedDelete:   {"Object Deleted", "DeleteObject", "Permanently Deleted"},
	removedMarker:   {"Object Deleted", "DeleteObject", "Delete Marker Created"},
	taggingPut:      {"Object Tags Added", "", ""},
	taggingDelete:   {"Object Tags Deleted", "", ""},
}

// bridgeDetail is the detail of an event [S321].
type bridgeDetail struct {
	Version      string       `json:"version"`
	EventVersion string       `json:"event-version"`
	Bucket       bridgeBucket `json:"bucket"`
	Object       bridgeObject `json:"object"`
	RequestID    string       `json:"request-id"`
	Requester    string       `json:"requester"`
	SourceIP     string       `json:"source-ip-address,omitempty"`
	Reason       string       `json:"reason,omitempty"`
	Deletion     string       `json:"deletion-type,omitempty"`
}

type bridgeBucket struct {
	Name      string            `json:"name"`
	Generated map[string]string `json:"aws-generated-tags,omitempty"`
}

type bridgeObject struct {
	Key       string `json:"key"`
	Size      *int64 `json:"size,omitempty"`
	ETag      string `json:"etag,omitempty"`
	VersionID string `json:"version-id,omitempty"`
	Sequencer string `json:"sequencer,omitempty"`
}

// bridgeVersion is the version of the details' form [S321].
const bridgeVersion = "1.1"

// bridgeEvent is the notice as EventBridge is told of it. Keys are not encoded there [S322].
func (n *notice) bridgeEvent() *BridgeEvent {
	names := bridgeNames[n.Event]
	detail := bridgeDetail{
		Version: "0", EventVersion: bridgeVersion, Bucket: bridgeBucket{n.Bucket, n.Generated},
		Object:    bridgeObject{Key: n.Key, Size: n.size(), ETag: n.etag(), VersionID: n.VersionID, Sequencer: n.sequencer("%016x")},
		RequestID: n.RequestID, Requester: n.Requester, SourceIP: n.SourceIP, Reason: names.reason, Deletion: names.deletion,
	}
	return &BridgeEvent{
		Account: n.Account, Region: n.Region, Time: n.Time, DetailType: names.detailType,
		Resources: []string{n.bucketARN()}, Detail: marshal(detail), TraceHeader: n.TraceHeader,
	}
}

// defaultBus is the event bus that events of a bucket go to [S325].
func (n *notice) defaultBus() string {
	return arn.New("events", n.Region, n.Account, "event-bus/default").String()
}
