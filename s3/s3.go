package s3

import (
	"context"
	"log/slog"
	"slices"
	"sync"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/envelope"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/outbox"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// Config is what a Service works with. A field is required unless its comment says
// what its zero value means.
type Config struct {
	Engine store.Engine
	Clock  clock.Clock
	IDs    *ids.Source
	// HSM wraps the data keys of objects and the key of version ids.
	HSM *hsm.Module
	// KMS makes and opens the data keys of objects under KMS keys. Nil: such encryption is refused.
	KMS envelope.KMS
	// Names resolves the ARNs in policies. Nil: an ARN means the user or role that has it now.
	Names resource.Names
	// PrincipalExists reports whether a role, user or account exists. Nil: all do.
	PrincipalExists func(ctx context.Context, principal string) bool
	// StrictPrincipals refuses policies that name principals who do not exist.
	StrictPrincipals bool
	// Regions are those that there are; nil: AWS's.
	Regions *arn.Regions
	// Log takes warnings. Nil: they are dropped.
	Log *slog.Logger
	// Receivers take notifications, Buses those for EventBridge; Recorder keeps what became
	// of them. Nil where Idle: nothing is sent then.
	Receivers Receivers
	Buses     Buses
	Recorder  Recorder
	// Idle: nothing runs in the background, for a state that is being prepared.
	Idle bool
}

// Service implements the part of Amazon S3 that events and evidence need. It is safe for
// concurrent use. Close it when it is no longer needed.
type Service struct {
	engine  store.Engine
	clock   clock.Clock
	ids     *ids.Source
	hsm     *hsm.Module
	regions *arn.Regions
	log     *slog.Logger
	idle    bool

	buckets   *store.Table[bucket]
	objects   *store.Table[object]
	manifests *store.Table[manifest]
	uploads   *store.Table[upload]
	parts     *store.Table[part]
	sequence  sequencer
	versions  versionIDs
	blobs     blobs
	listeners []listener
	outbox    *outbox.Outbox[job]
	receivers Receivers
	buses     Buses
	recorder  Recorder
	policies  resource.Policies
	kms       envelope.KMS
	// bucketKeys are the bucket keys that are used again, by bucket.
	bucketKeys *envelope.Cache

	// work counts the goroutines in the background, and stop ends them.
	work sync.WaitGroup
	done context.Context
	stop context.CancelFunc
}

// How many decoded records are kept in memory: of objects, of uploads and of parts.
const (
	keptObjects = 1 << 12
	keptUploads = 1 << 8
)

// New is the service on the state that c.Engine holds.
func New(c Config) *Service {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Names == nil {
		c.Names = resource.AnyNames{}
	}
	s := &Service{
		engine: c.Engine, clock: c.Clock, ids: c.IDs, hsm: c.HSM, regions: c.Regions, log: c.Log, idle: c.Idle,
		buckets:   store.NewTable[bucket]("s3.bucket"),
		objects:   store.NewTable[object]("s3.object").Keeping(keptObjects),
		manifests: store.NewTable[manifest]("s3.manifest").Keeping(1),
		uploads:   store.NewTable[upload]("s3.upload").Keeping(keptUploads),
		parts:     store.NewTable[part]("s3.part").Keeping(keptUploads),
		sequence:  sequencer{clock: c.Clock},
		versions:  versionIDs{engine: c.Engine, hsm: c.HSM},
		blobs:     newBlobs(),
		policies:  newPolicies(&c),
		kms:       c.KMS, bucketKeys: envelope.NewCache(c.KMS, c.Clock),
	}
	s.receivers, s.buses, s.recorder = c.Receivers, c.Buses, c.Recorder
	s.outbox = s.newOutbox()
	s.listeners = []listener{s.notify}
	s.done, s.stop = context.WithCancel(context.Background())
	if !c.Idle {
		s.work.Go(s.sweepForever)
	}
	return s
}

// Close stops what runs in the background.
func (s *Service) Close() {
	s.stop()
	s.work.Wait()
	s.outbox.Close()
}

// Start begins to send notifications, with those that were left when the state was last
// used. What the service asks of others must be there by then.
func (s *Service) Start() { s.outbox.Start() }

// CatchUp sends the notifications that are due, where the service was not started.
func (s *Service) CatchUp(ctx context.Context) error { return s.outbox.Drain(ctx) }

// Refresh looks at what others have written to the state.
func (s *Service) Refresh(context.Context) error {
	s.outbox.Committed()
	return nil
}

const servicePrincipal = "s3.amazonaws.com"

// API describes the service to the dispatcher.
func (s *Service) API() api.Service {
	return api.Service{
		Name: "s3", Title: "S3", Principal: servicePrincipal,
		Dialects:     []api.Dialect{&api.RESTXML{Namespace: "http://s3.amazonaws.com/doc/2006-03-01/", Subresources: subresources, Lacking: lacking, Exists: s.exists, CheckDocument: checkDocument}},
		Unsigned:     true, // policies decide about those who do not sign
		Operations:   s.operations(),
		Denied:       denied,
		OwnerOnly:    denied,
		Invalid:      invalid,
		ResourceType: objectType, CompleteEvent: completeEvent, ResourcePolicy: policyeval.BucketPolicy,
		ConnectionKeys: connectionKeys,
	}
}

// operations is the service's table: that of each family.
func (s *Service) operations() []api.Operation {
	return slices.Concat(
		s.bucketOperations(),
		s.settingOperations(),
		s.objectOperations(),
		s.notificationOperations(),
		s.uploadOperations(),
		s.listOperations(),
		s.configOperations(),
		s.tagOperations(),
		s.absentOperations(),
	)
}

// subresources are the parameters that make a request one for a part of a bucket or object.
var subresources = []string{
	"abac", "accelerate", "acl", "analytics", "annotations", "annotation", "attributes", "cors", "delete", "encryption", "intelligent-tiering",
	"inventory", "legal-hold", "lifecycle", "location", "logging", "metadataConfiguration", "metadataTable", "metrics",
	"notification", "object-lock", "ownershipControls", "policy", "policyStatus", "publicAccessBlock", "replication",
	"renameObject", "requestPayment", "restore", "retention", "select", "session", "tagging", "torrent", "uploadId", "uploads",
	"versioning", "versions", "website",
}

// lacking are the methods by which AWS lets change what no bucket has here [S083].
var lacking = map[string][]string{
	"accelerate": {"PUT"}, "cors": {"PUT", "DELETE"}, "lifecycle": {"PUT", "DELETE"}, "logging": {"PUT"}, "object-lock": {"PUT"},
	"replication": {"PUT", "DELETE"}, "requestPayment": {"PUT"}, "website": {"PUT", "DELETE"},
}

func (s *Service) bucketOperations() []api.Operation {
	return []api.Operation{
		api.OpChecks("CreateBucket", s.CreateBucket, []string{
			"s3:CreateBucket", "s3:PutBucketAcl", "s3:PutBucketOwnershipControls", "s3:PutBucketObjectLockConfiguration",
			"s3:PutBucketVersioning", "s3:TagResource",
		}, s.createBucketChecks, api.HTTP("PUT /{Bucket}")),
		api.On("HeadBucket", s.headBucket, "s3:ListBucket", s.headBucketTarget, api.ReadOnly, api.Data, api.HTTP("HEAD /{Bucket}")),
		api.Op("ListBuckets", s.ListBuckets, "s3:ListAllMyBuckets", anything[*ListBucketsInput], api.ReadOnly, api.HTTP("GET /")),
		api.On("DeleteBucket", s.deleteBucket, "s3:DeleteBucket", onBucket[*DeleteBucketInput](s), api.HTTP("DELETE /{Bucket}"), api.NoContent),
		api.On("GetBucketLocation", s.getBucketLocation, "s3:GetBucketLocation", s.getBucketLocationTarget, api.ReadOnly, api.HTTP("GET /{Bucket}?location")),
	}
}

func (s *Service) objectOperations() []api.Operation {
	return []api.Operation{
		api.OnChecks("PutObject", s.putObject, []string{
			"s3:PutObject", "s3:PutObjectTagging", "s3:PutObjectAcl", "s3:PutObjectRetention", "s3:PutObjectLegalHold",
		}, s.putObjectChecks, api.Data, api.HTTP("PUT /{Bucket}/{Key+}")),
		api.OnChecks("CopyObject", s.copyObject, reads(
			"s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectTagging", "s3:PutObject", "s3:PutObjectTagging", "s3:PutObjectAcl",
			"s3:PutObjectRetention", "s3:PutObjectLegalHold",
		), s.copyObjectChecks, api.Data, api.HTTP("PUT /{Bucket}/{Key+}", "x-amz-copy-source")),
		api.OnChecks("GetObjectAttributes", s.getObjectAttributes, reads(
			"s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectAttributes", "s3:GetObjectVersionAttributes",
		), s.getObjectAttributesChecks, api.Data, api.ReadOnly, api.HTTP("GET /{Bucket}/{Key+}?attributes")),
		api.OnChecks("GetObject", s.getObject, reads("s3:GetObject", "s3:GetObjectVersion"), s.getObjectChecks, api.Data, api.ReadOnly, api.HTTP("GET /{Bucket}/{Key+}")),
		api.OnChecks("HeadObject", s.headObject, reads("s3:GetObject", "s3:GetObjectVersion"), s.headObjectChecks, api.Data, api.ReadOnly, api.HTTP("HEAD /{Bucket}/{Key+}")),
		api.OnChecks("DeleteObject", s.deleteObject, []string{
			"s3:DeleteObject", "s3:DeleteObjectVersion",
		}, s.deleteObjectChecks, api.Data, api.HTTP("DELETE /{Bucket}/{Key+}"), api.NoContent),
		api.OnChecks("DeleteObjects", s.deleteObjects, []string{
			"s3:DeleteObject", "s3:DeleteObjectVersion",
		}, s.deleteObjectsChecks, api.Data, api.HTTP("POST /{Bucket}?delete")),
	}
}

func (s *Service) listOperations() []api.Operation {
	return []api.Operation{
		api.On("ListObjects", s.listObjects, "s3:ListBucket", onBucket[*ListObjectsInput](s), api.Data, api.ReadOnly, api.HTTP("GET /{Bucket}")),
		api.On("ListObjectsV2", s.listObjectsV2, "s3:ListBucket", onBucket[*ListObjectsV2Input](s), api.Data, api.ReadOnly, api.HTTP("GET /{Bucket}?list-type=2")),
		api.On("ListObjectVersions", s.listObjectVersions, "s3:ListBucketVersions", onBucket[*ListObjectVersionsInput](s), api.Data, api.ReadOnly, api.HTTP("GET /{Bucket}?versions")),
	}
}

func (s *Service) configOperations() []api.Operation {
	return []api.Operation{
		api.On("PutBucketVersioning", s.putBucketVersioning, "s3:PutBucketVersioning", onBucket[*PutBucketVersioningInput](s), api.HTTP("PUT /{Bucket}?versioning")),
		api.On("GetBucketVersioning", s.getBucketVersioning, "s3:GetBucketVersioning", onBucket[*GetBucketVersioningInput](s), api.ReadOnly, api.HTTP("GET /{Bucket}?versioning")),
		api.On("PutBucketOwnershipControls", s.putBucketOwnershipControls, "s3:PutBucketOwnershipControls", onBucket[*PutBucketOwnershipControlsInput](s), api.HTTP("PUT /{Bucket}?ownershipControls")),
		api.On("GetBucketOwnershipControls", s.getBucketOwnershipControls, "s3:GetBucketOwnershipControls", onBucket[*GetBucketOwnershipControlsInput](s), api.ReadOnly, api.HTTP("GET /{Bucket}?ownershipControls")),
		api.On("DeleteBucketOwnershipControls", s.deleteBucketOwnershipControls, "s3:PutBucketOwnershipControls", onBucket[*DeleteBucketOwnershipControlsInput](s), api.HTTP("DELETE /{Bucket}?ownershipControls"), api.NoContent),
		api.On("GetBucketAcl", s.getBucketACL, "s3:GetBucketAcl", onBucket[*GetBucketAclInput](s), api.ReadOnly, api.HTTP("GET /{Bucket}?acl")),
		api.On("PutBucketAcl", s.putBucketACL, "s3:PutBucketAcl", s.putBucketACLTarget, api.HTTP("PUT /{Bucket}?acl")),
		api.OnChecks("GetObjectAcl", s.getObjectACL, reads("s3:GetObjectAcl", "s3:GetObjectVersionAcl"), s.getObjectACLChecks, api.Data, api.ReadOnly, api.HTTP("GET /{Bucket}/{Key+}?acl")),
		api.OnChecks("PutObjectAcl", s.putObjectACL, reads("s3:PutObjectAcl", "s3:PutObjectVersionAcl"), s.putObjectACLChecks, api.Data, api.HTTP("PUT /{Bucket}/{Key+}?acl")),
	}
}

func (s *Service) tagOperations() []api.Operation {
	return []api.Operation{
		api.On("PutBucketTagging", s.putBucketTagging, "s3:PutBucketTagging", onBucket[*PutBucketTaggingInput](s), api.HTTP("PUT /{Bucket}?tagging"), api.NoContent),
		api.On("GetBucketTagging", s.getBucketTagging, "s3:GetBucketTagging", onBucket[*GetBucketTaggingInput](s), api.ReadOnly, api.HTTP("GET /{Bucket}?tagging")),
		api.On("PutBucketAbac", s.putBucketABAC, "s3:PutBucketAbac", onBucket[*PutBucketAbacInput](s), api.HTTP("PUT /{Bucket}?abac")),
		api.On("GetBucketAbac", s.getBucketABAC, "s3:GetBucketAbac", onBucket[*GetBucketAbacInput](s), api.ReadOnly, api.HTTP("GET /{Bucket}?abac")),
		// [S230]
		api.On("DeleteBucketTagging", s.deleteBucketTagging, "s3:PutBucketTagging", onBucket[*DeleteBucketTaggingInput](s), api.HTTP("DELETE /{Bucket}?tagging"), api.NoContent),
		api.OnChecks("PutObjectTagging", s.putObjectTagging, reads("s3:PutObjectTagging", "s3:PutObjectVersionTagging"), s.putObjectTaggingChecks, api.Data, api.HTTP("PUT /{Bucket}/{Key+}?tagging")),
		api.OnChecks("GetObjectTagging", s.getObjectTagging, reads("s3:GetObjectTagging", "s3:GetObjectVersionTagging"), s.getObjectTaggingChecks, api.Data, api.ReadOnly, api.HTTP("GET /{Bucket}/{Key+}?tagging")),
		api.OnChecks("DeleteObjectTagging", s.deleteObjectTagging, reads("s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging"), s.deleteObjectTaggingChecks, api.Data, api.HTTP("DELETE /{Bucket}/{Key+}?tagging"), api.NoContent),
	}
}

// reads are the actions of a call that finds an object first: those of its own, and those
// by which the caller may learn that there is none.
func reads(actions ...string) []string {
	return append(actions, "s3:ListBucket", "s3:ListBucketVersions")
}

func (s *Service) uploadOperations() []api.Operation {
	return []api.Operation{
		api.OnChecks("CreateMultipartUpload", s.createMultipartUpload, []string{
			"s3:PutObject", "s3:PutObjectTagging", "s3:PutObjectAcl", "s3:PutObjectRetention", "s3:PutObjectLegalHold",
		}, s.createMultipartUploadChecks, api.Data, api.HTTP("POST /{Bucket}/{Key+}?uploads")),
		api.OnChecks("UploadPart", s.uploadPart, []string{"s3:PutObject"}, s.uploadPartChecks, api.Data, api.HTTP("PUT /{Bucket}/{Key+}?partNumber&uploadId")),
		api.OnChecks("UploadPartCopy", s.uploadPartCopy, reads("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"),
			s.uploadPartCopyChecks, api.Data, api.HTTP("PUT /{Bucket}/{Key+}?partNumber&uploadId", "x-amz-copy-source")),
		api.OnChecks("CompleteMultipartUpload", s.completeMultipartUpload, []string{"s3:PutObject"}, s.completeMultipartUploadChecks, api.Data, api.HTTP("POST /{Bucket}/{Key+}?uploadId")),
		api.OnChecks("AbortMultipartUpload", s.abortMultipartUpload, []string{"s3:AbortMultipartUpload"}, s.abortMultipartUploadChecks, api.Data, api.HTTP("DELETE /{Bucket}/{Key+}?uploadId"), api.NoContent),
		api.OnChecks("ListParts", s.listParts, []string{"s3:ListMultipartUploadParts"}, s.listPartsChecks, api.Data, api.ReadOnly, api.HTTP("GET /{Bucket}/{Key+}?uploadId")),
		api.On("ListMultipartUploads", s.listMultipartUploads, "s3:ListBucketMultipartUploads", onBucket[*ListMultipartUploadsInput](s), api.Data, api.ReadOnly, api.HTTP("GET /{Bucket}?uploads")),
	}
}
